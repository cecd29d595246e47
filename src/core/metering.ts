// Puts and reads as they pass, counted for whoever asks what went through a stream (traffic.ts).

import { BridgeError } from './errors.ts'
import type { Outcome, Put } from './ingest.ts'
import type { InboundRecord, StreamRef } from './model.ts'
import type { Reader, ReadRecord } from './read.ts'
import type { Streams } from './streams.ts'
import type { Share, Traffic, Way } from './traffic.ts'

export interface Metering {
  readonly traffic: Traffic
  readonly streams: Pick<Streams, 'routeOf'>
  readonly now: () => number
}

type Shards = Map<number, { records: number; bytes: number }>

export function meterPut(put: Put, metering: Metering): Put {
  return async (stream, records, options) => {
    const meter = startMeter(metering, stream, 'put')
    try {
      const outcomes = await put(stream, records, options)
      meter(shareOfPut(records, outcomes))
      return outcomes
    } catch (error) {
      if (isThrottled(error)) meter({ throttled: 1 })
      throw error
    }
  }
}

export function meterReader(reader: Reader, metering: Metering): Reader {
  return {
    locate: reader.locate,
    async read(from, limits) {
      const meter = startMeter(metering, from.stream, 'get')
      try {
        const result = await reader.read(from, limits)
        if (result.state === 'read') meter(shareOfRead(from.shard, result.records))
        return result
      } catch (error) {
        if (isThrottled(error)) meter({ throttled: 1 })
        throw error
      }
    },
  }
}

/** Begins to take the time of one request. */
function startMeter({ traffic, streams, now }: Metering, stream: StreamRef, way: Way) {
  const startedMs = now()
  return (share: Omit<Share, 'topic' | 'way'>): void => {
    const { topic } = streams.routeOf(stream)
    const requestMs = share.requests === undefined ? 0 : Math.max(0, now() - startedMs)
    traffic.count({ ...share, topic, way, requestMs })
  }
}

function isThrottled(error: unknown): boolean {
  return error instanceof BridgeError && error.code === 'throttled'
}

function shareOfPut(
  records: readonly (InboundRecord | BridgeError)[],
  outcomes: readonly Outcome[],
): Omit<Share, 'topic' | 'way'> {
  const shards: Shards = new Map()
  let throttled = 0
  for (const [i, outcome] of outcomes.entries()) {
    const record = records[i]
    if (outcome.stored && record && !(record instanceof Error)) {
      addTo(shards, outcome.shard, record.data.length + (record.key?.length ?? 0))
    } else if (!outcome.stored && outcome.code === 'throttled') throttled = 1
  }
  const sum = sumOf(shards)
  return { ...sum, shards, requests: sum.records > 0 ? 1 : 0, throttled }
}

function shareOfRead(shard: number, records: readonly ReadRecord[]): Omit<Share, 'topic' | 'way'> {
  const shards: Shards = new Map()
  for (const { data, key } of records) addTo(shards, shard, data.length + (key?.length ?? 0))
  return { ...sumOf(shards), shards, requests: 1 }
}

function addTo(shards: Shards, shard: number, bytes: number): void {
  const sum = shards.get(shard)
  if (!sum) shards.set(shard, { records: 1, bytes })
  else {
    sum.records++
    sum.bytes += bytes
  }
}

function sumOf(shards: Shards): { records: number; bytes: number } {
  const sum = { records: 0, bytes: 0 }
  for (const { records, bytes } of shards.values()) {
    sum.records += records
    sum.bytes += bytes
  }
  return sum
}
