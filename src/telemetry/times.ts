// A histogram of times by labels, in Prometheus' form. prom-client's own looks its labels up anew for each
// value, which for a single record costs as much as decoding it; here whoever counts keeps the row.

import type { Histogram, Registry } from 'prom-client'
import { bucketOf } from './buckets.ts'

/** The times of one set of labels. */
export interface Row {
  readonly observe: (seconds: number) => void
}

export interface Times {
  /** The row of these labels, made when it is first asked for. */
  readonly row: (labels: Readonly<Record<string, string>>) => Row
}

export interface TimesOptions {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly buckets: readonly number[]
  readonly registry: Registry
}

interface Counts {
  readonly labels: Readonly<Record<string, string>>
  /** Values in each bucket alone; the last one: beyond all. */
  readonly inBucket: Float64Array
  sum: number
}

export function createTimes(options: TimesOptions): Times {
  const { name, help, labelNames, buckets, registry } = options
  const rows: Counts[] = []
  const metric = {
    ...{ name, help, labelNames, type: 'histogram', aggregator: 'sum' },
    get: () => ({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: rows.flatMap(valuesOf),
    }),
    reset: () => rows.splice(0),
  }
  // The registry asks a metric for no more than this.
  registry.registerMetric(metric as unknown as Histogram)

  function valuesOf({ labels, inBucket, sum }: Counts) {
    let count = 0
    const cumulated = Array.from(inBucket, (value, i) => {
      count += value
      const le = buckets[i] ?? '+Inf'
      return { labels: { le, ...labels }, value: count, metricName: `${name}_bucket` }
    })
    return [
      ...cumulated,
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ]
  }

  return {
    row(labels) {
      const counts: Counts = { labels, inBucket: new Float64Array(buckets.length + 1), sum: 0 }
      rows.push(counts)
      return {
        observe(seconds) {
          const bucket = bucketOf(seconds, buckets)
          counts.inBucket[bucket] = (counts.inBucket[bucket] ?? 0) + 1
          counts.sum += seconds
        },
      }
    },
  }
}
