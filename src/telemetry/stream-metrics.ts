// Metrics by stream, client and principal. Their labels come from outside, so each has as many values as
// it may have, and what comes later is counted under one name.

import { Counter, type Registry } from 'prom-client'
import type { Finished } from './finished.ts'
import { createRows, tellSum } from './sums.ts'

/** Stands for all values beyond the bound. */
export const REST = '(other)'

export function countStreams(registry: Registry, streamsMax: number): (end: Finished) => void {
  const labelNames = ['dialect', 'stream']
  const rows = createRows((dialect, stream) => {
    return { labels: { dialect, stream }, records: 0, bytes: 0 }
  })
  tellSum(registry, {
    name: 'tributary_stream_records_total',
    help: 'Records acknowledged, by stream.',
    labelNames,
    values: () => rows.all().map(({ labels, records }) => [labels, records]),
  })
  tellSum(registry, {
    name: 'tributary_stream_bytes_total',
    help: 'Data and keys of the records of puts, decoded, by stream.',
    labelNames,
    values: () => rows.all().map(({ labels, bytes }) => [labels, bytes]),
  })
  const failures = new Counter({
    name: 'tributary_stream_failed_records_total',
    help: 'Records that were not acknowledged, by stream and code.',
    labelNames: [...labelNames, 'code'],
    registers: [registry],
  })
  const bound = createBound(streamsMax)

  return ({ account, stored, storedBytes }) => {
    if (!account.decided) return
    const { dialect } = account
    const stream = bound(account.stream)
    for (const [code, count] of account.failures) failures.inc({ dialect, stream, code }, count)
    const row = rows.of(dialect, stream)
    row.records += stored
    row.bytes += storedBytes
  }
}

export function countClients(registry: Registry): (end: Finished) => void {
  const rows = createRows((dialect, client) => ({ labels: { dialect, client }, requests: 0 }))
  tellSum(registry, {
    name: 'tributary_client_requests_total',
    help: 'Requests by family of client, as its user agent tells.',
    labelNames: ['dialect', 'client'],
    values: () => rows.all().map(({ labels, requests }) => [labels, requests]),
  })
  const throttled = new Counter({
    name: 'tributary_throttled_requests_total',
    help: 'Requests refused for load or quota, by principal; none where credentials are not verified.',
    labelNames: ['dialect', 'principal'],
    registers: [registry],
  })
  const bound = createBound(PRINCIPALS_MAX)
  return ({ account: { dialect }, family, code, principal }) => {
    rows.of(dialect, family).requests++
    if (code === 'throttled') throttled.inc({ dialect, principal: bound(principal) })
  }
}

const PRINCIPALS_MAX = 1000

/** Lets the first values through. */
function createBound(valuesMax: number): (value: string) => string {
  const values = new Set<string>()
  return (value) => {
    if (values.has(value)) return value
    if (values.size >= valuesMax) return REST
    values.add(value)
    return value
  }
}
