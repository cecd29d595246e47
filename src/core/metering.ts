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
  if (stored === 0) return
  all.put.requests++
  all.put.requestMs += Math.max(0, ms)
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
      const minute = (): StreamMinute => minuteOf(metering, from.stream)
      try {
        const result = await reader.read(from, limits)
        if (result.state === 'read') {
          countRead(minute(), from.shard, result.records)
          countRequest(minute(), metering.now() - startedMs)
        }
        return result
      } catch (error) {
        if (isThrottled(error)) minute().all.get.throttled++
        throw error
      }
    },
  }
}

function countRead({ all, of }: StreamMinute, shard: number, records: readonly ReadRecord[]): void {
  for (const record of records) {
    const bytes = contentBytes(record)
    add(all.get, bytes)
    add(of(shard).get, bytes)
  }
}

function countRequest({ all }: StreamMinute, ms: number): void {
  all.get.requests++
  all.get.requestMs += Math.max(0, ms)
}

function add(tally: Tally, bytes: number): void {
  tally.records++
  tally.bytes += bytes
}
