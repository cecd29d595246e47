// Puts and reads as they pass, counted for whoever asks what went through a stream (traffic.ts).

import { BridgeError } from './errors.ts'
import type { Incoming, Outcome } from './ingest.ts'
import type { StreamRef } from './model.ts'
import type { Reader, ReadRecord } from './read.ts'
import { contentBytes } from './sizes.ts'
import type { Streams } from './streams.ts'
import type { StreamMinute, Tally, Traffic } from './traffic.ts'

export interface Metering {
  readonly traffic: Traffic
  readonly streams: Pick<Streams, 'routeOf'>
  readonly now: () => number
}

/** The minute of a stream that an operation may touch. */
export function minuteOf({ traffic, streams }: Metering, stream: StreamRef): StreamMinute {
  return traffic.minuteOf(streams.routeOf(stream).topic)
}

interface Passed {
  readonly records: readonly Incoming[]
  readonly outcomes: readonly Outcome[]
  readonly ms: number
}

/** Counts what was stored; a put of which nothing was is no request that succeeded. */
export function countPut({ all, of }: StreamMinute, { records, outcomes, ms }: Passed): void {
  const before = all.put.records
  for (let i = 0; i < outcomes.length; i++) {
    const outcome = outcomes[i]
    const record = records[i]
    if (!outcome?.stored || !record || record instanceof BridgeError) continue
    const bytes = contentBytes(record)
    add(all.put, bytes)
    add(of(outcome.shard).put, bytes)
  }
  const stored = all.put.records - before
  if (stored < outcomes.length && outcomes.some(isThrottled)) all.put.throttled++
  if (stored > 0) countRequest(all.put, ms)
}

/** Of a record's outcome, and of what a call was refused with. */
export function isThrottled(what: unknown): boolean {
  return (what as { readonly code?: unknown } | undefined)?.code === 'throttled'
}

export function meterReader(reader: Reader, metering: Metering): Reader {
  return {
    locate: reader.locate,
    async read(from, limits) {
      const startedMs = metering.now()
      try {
        const result = await reader.read(from, limits)
        if (result.state === 'read') {
          const ms = metering.now() - startedMs
          const { records } = result
          countRead(minuteOf(metering, from.stream), { shard: from.shard, records, ms })
        }
        return result
      } catch (error) {
        if (isThrottled(error)) minuteOf(metering, from.stream).all.get.throttled++
        throw error
      }
    },
  }
}

interface Read {
  readonly shard: number
  readonly records: readonly ReadRecord[]
  readonly ms: number
}

function countRead({ all, of }: StreamMinute, { shard, records, ms }: Read): void {
  for (const record of records) {
    const bytes = contentBytes(record)
    add(all.get, bytes)
    add(of(shard).get, bytes)
  }
  countRequest(all.get, ms)
}

function countRequest(tally: Tally, ms: number): void {
  tally.requests++
  tally.requestMs += Math.max(0, ms)
}

function add(tally: Tally, bytes: number): void {
  tally.records++
  tally.bytes += bytes
}
