// Metrics by stream, client and principal. Their labels come from outside, so each has as many values as
// it may have, and what comes later is counted under one name.

import { Counter, type Registry } from 'prom-client'
import type { Finished } from './finished.ts'

/** Stands for all values beyond the bound. */
export const REST = '(other)'

export function countStreams(registry: Registry, streamsMax: number): (end: Finished) => void {
  const registers = [registry]
  const labelNames = ['dialect', 'stream']
  const records = new Counter({
    name: 'tributary_stream_records_total',
    help: 'Records acknowledged, by stream.',
    ...{ labelNames, registers },
  })
  const bytes = new Counter({
    name: 'tributary_stream_bytes_total',
    help: 'Data and keys of the records of puts, decoded, by stream.',
    ...{ labelNames, registers },
  })
  const failures = new Counter({
    name: 'tributary_stream_failed_records_total',
    help: 'Records that were not acknowledged, by stream and code.',
    labelNames: [...labelNames, 'code'],
    registers,
  })
  const bound = createBound(streamsMax)

  return ({ account }) => {
    if (!account.decided) return
    const { dialect } = account
    const stream = bound(account.stream)
    let failed = 0
    for (const [code, count] of account.failures) {
      failed += count
      failures.inc({ dialect, stream, code }, count)
    }
    records.inc({ dialect, stream }, account.records - failed)
    bytes.inc({ dialect, stream }, account.bytes)
  }
}

export function countClients(registry: Registry): (end: Finished) => void {
  const registers = [registry]
  const clients = new Counter({
    name: 'tributary_client_requests_total',
    help: 'Requests by family of client, as its user agent tells.',
    labelNames: ['dialect', 'client'],
    registers,
  })
  const throttled = new Counter({
    name: 'tributary_throttled_requests_total',
    help: 'Requests refused for load or quota, by principal; none where credentials are not verified.',
    labelNames: ['dialect', 'principal'],
    registers,
  })
  const bound = createBound(PRINCIPALS_MAX)
  return ({ account: { dialect }, family, code, principal }) => {
    clients.inc({ dialect, client: family })
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
