// Metrics in Prometheus' form (docs/operations.md says what each means). Labels have few values:
// dialects, operations and codes are closed sets.

import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { KafkaEvent } from '../kafka/events.ts'
import { countKafka } from './kafka-metrics.ts'
import { SECONDS } from './buckets.ts'
import { createTimes, type Row } from './times.ts'
import type { Finished } from './finished.ts'
import { countClients, countStreams } from './stream-metrics.ts'
import { createRows, tellSum, type Rows } from './sums.ts'

export interface Metrics {
  readonly registry: Registry
  readonly finished: (request: Finished) => void
  readonly kafka: (event: KafkaEvent) => void
  /** A KPL aggregate, and whether it became its user records. */
  readonly bundle: (fate: 'opened' | 'kept') => void
}

export interface Sources {
  readonly bytesHeld: () => number
  readonly connections: () => number
  readonly state: () => {
    readonly known: boolean
    readonly trouble: unknown
    readonly bytes: number
    readonly foreign: number
  }
  readonly kafka: () => {
    readonly connected: boolean
    readonly lastWrittenMs: number | undefined
    readonly partitionsBusy: number
    readonly appendsMax: number
  }
}

export interface MetricsOptions {
  readonly sources: Sources
  /** Streams with metrics of their own. */
  readonly streamsMax: number
  /** The memory budget. */
  readonly bytesMax: number
  readonly version: string
}

export function createMetrics(options: MetricsOptions): Metrics {
  const { streamsMax, version } = options
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  gauges(options, registry)
  tellVersion(version, registry)
  const aggregates = new Counter({
    name: 'tributary_kpl_aggregates_total',
    help: 'KPL aggregates: opened into their user records, or kept, since those exceed one batch.',
    labelNames: ['fate'],
    registers: [registry],
  })
  const counts = [
    countRequests(registry),
    countStreams(registry, streamsMax),
    countClients(registry),
  ]
  return {
    registry,
    bundle: (fate) => aggregates.inc({ fate }),
    finished(end) {
      for (const count of counts) count(end)
    },
    kafka: countKafka(registry),
  }
}

const CALL = ['dialect', 'operation'] as const

/** What is counted of one operation. */
interface Counts {
  readonly labels: { readonly dialect: string; readonly operation: string }
  readonly times: Row
  readonly statuses: Map<number, number>
  records: number
  bytes: number
}

function countRequests(registry: Registry): Metrics['finished'] {
  const rows = createOperationRows(registry)
  const failures = new Counter({
    name: 'tributary_failures_total',
    help: 'Requests and records that failed, by code; scope says which of the two.',
    labelNames: [...CALL, 'scope', 'code'],
    registers: [registry],
  })

  return ({ account, stored, storedBytes, status, code, ms }) => {
    const { dialect, operation } = account
    const counts = rows.of(dialect, operation)
    counts.statuses.set(status, (counts.statuses.get(status) ?? 0) + 1)
    counts.times.observe(ms / 1000)
    counts.records += stored
    counts.bytes += storedBytes
    if (code) failures.inc({ dialect, operation, scope: 'request', code })
    for (const [each, count] of account.failures) {
      failures.inc({ dialect, operation, scope: 'record', code: each }, count)
    }
  }
}

function createOperationRows(registry: Registry): Rows<Counts> {
  const times = createTimes({
    name: 'tributary_request_duration_seconds',
    help: 'From the head of a request to the last byte of its answer.',
    labelNames: CALL,
    buckets: SECONDS,
    registry,
  })
  const rows = createRows((dialect, operation): Counts => {
    const labels = { dialect, operation }
    return { labels, times: times.row(labels), statuses: new Map(), records: 0, bytes: 0 }
  })
  tellSum(registry, {
    name: 'tributary_requests_total',
    help: 'Requests answered, by HTTP status.',
    labelNames: [...CALL, 'status'],
    values: () =>
      rows
        .all()
        .flatMap(({ labels, statuses }) =>
          Array.from(statuses, ([status, count]) => [{ ...labels, status }, count] as const),
        ),
  })
  tellSum(registry, {
    name: 'tributary_records_total',
    help: 'Records acknowledged, that is: stored in Kafka.',
    labelNames: CALL,
    values: () => rows.all().map(({ labels, records }) => [labels, records]),
  })
  tellSum(registry, {
    name: 'tributary_record_bytes_total',
    help: 'Data and keys of the records of puts, decoded.',
    labelNames: CALL,
    values: () => rows.all().map(({ labels, bytes }) => [labels, bytes]),
  })
  return rows
}

function gauges({ sources, bytesMax }: MetricsOptions, registry: Registry): void {
  const each: readonly (readonly [string, string, () => number])[] = [
    ['tributary_bytes_in_flight', 'Bytes of the memory budget in use.', sources.bytesHeld],
    ['tributary_bytes_in_flight_max', 'The memory budget, in bytes.', () => bytesMax],
    ['tributary_connections', 'Open connections on the data ports.', sources.connections],
    [
      'tributary_kafka_connected',
      'Whether Kafka answered when it was last asked.',
      () => Number(sources.kafka().connected),
    ],
    [
      'tributary_kafka_last_append_timestamp_seconds',
      'When a record was last stored; 0: not yet.',
      () => (sources.kafka().lastWrittenMs ?? 0) / 1000,
    ],
    [
      'tributary_kafka_partitions_in_flight',
      'Partitions for which something waits or is under way.',
      () => sources.kafka().partitionsBusy,
    ],
    [
      'tributary_kafka_partition_appends_in_flight_max',
      'Appends that wait or are under way for the busiest partition.',
      () => sources.kafka().appendsMax,
    ],
    [
      'tributary_state_followed',
      'Whether what instances share is known and followed.',
      () => Number(sources.state().known && sources.state().trouble === undefined),
    ],
    ['tributary_state_bytes', 'Memory that it takes, roughly.', () => sources.state().bytes],
    [
      'tributary_state_foreign_records',
      'Records in its topic that are not ours, as read since the topic was last begun.',
      () => sources.state().foreign,
    ],
  ]
  for (const [name, help, read] of each) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      collect: () => gauge.set(read()),
    })
  }
}

function tellVersion(version: string, registry: Registry): void {
  const build = new Gauge({
    name: 'tributary_build_info',
    help: 'The version, as a label of 1.',
    labelNames: ['version'],
    registers: [registry],
  })
  build.set({ version }, 1)
}
