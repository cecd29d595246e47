// Where reading a shard begins: the five kinds, and what is wrong with one, in the service's words
// (kinesalite, actions/getShardIterator.js). A missing stream or shard is answered before that.

import type { Ask } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { StreamRef } from '../../core/model.ts'
import type { Located, Start } from '../../core/read.ts'
import type { Facts } from './facts.ts'

/** The members of a call that say it. */
export interface Wanted {
  readonly type: string
  readonly sequenceNumber: unknown
  /** Seconds since 1970, or a date. */
  readonly timestamp: unknown
}

export interface Place {
  readonly stream: StreamRef
  readonly shard: number
}

const SHARDS_MAX = 2 ** 31

/** The shard that a call names. Throws BridgeError `shard-not-found`. */
export function shardNamed(id: string, { name }: StreamRef, { accountId }: Facts): number {
  const digits = id.split('-')[1] ?? id
  const shard = /^\d+$/.test(digits) ? Number(digits) : SHARDS_MAX
  if (shard < SHARDS_MAX) return shard
  throw new BridgeError(
    'shard-not-found',
    `Could not find shard ${id} in stream ${name} under account ${accountId}.`,
  )
}

/** Rejects with BridgeError in the service's words. */
export async function locate(
  { reader, call }: Ask,
  place: Place,
  { facts, wanted }: { readonly facts: Facts; readonly wanted: Wanted },
): Promise<Located> {
  return orMissing(place, facts, async () => {
    let start: Start
    try {
      start = startOf(wanted, { place, facts, nowMs: call.receivedAtMs })
    } catch (error) {
      await reader.locate(place, { by: 'oldest' }, call.deadlineMs)
      throw error
    }
    return reader.locate(place, start, call.deadlineMs)
  })
}

/** A missing stream is told as its missing shard. */
export async function orMissing<T>(
  { stream, shard }: Place,
  { accountId, shardId }: Facts,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const isMissing = error instanceof BridgeError && MISSING.includes(error.code)
    if (!isMissing) throw error
    throw new BridgeError(
      'shard-not-found',
      `Shard ${shardId(shard)} in stream ${stream.name} under account ${accountId} does not exist`,
      { subject: stream.name, cause: error },
    )
  }
}

const MISSING: readonly BridgeError['code'][] = ['stream-not-found', 'shard-not-found']

interface Circumstances {
  readonly place: Place
  readonly facts: Facts
  readonly nowMs: number
}

function startOf({ type, sequenceNumber, timestamp }: Wanted, about: Circumstances): Start {
  const has = typeof sequenceNumber === 'string'
  switch (type) {
    case 'TRIM_HORIZON':
    case 'LATEST':
      if (has) throw mustEither(`${type} and also a StartingSequenceNumber`)
      return { by: type === 'LATEST' ? 'latest' : 'oldest' }
    case 'AT_TIMESTAMP':
      return { by: 'time', timestampMs: timeOf(timestamp, about.nowMs) }
    default:
      if (!has) throw mustEither(`${type} and no StartingSequenceNumber`)
      return bySequence(sequenceNumber, type === 'AFTER_SEQUENCE_NUMBER', about)
  }
}

function invalid(message: string): BridgeError {
  return new BridgeError('invalid-argument', message)
}

function mustEither(specified: string): BridgeError {
  return invalid(
    `Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified ${specified}.`,
  )
}

function timeOf(timestamp: unknown, nowMs: number): number {
  if (timestamp === undefined || timestamp === null) {
    throw invalid(
      'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.',
    )
  }
  const timestampMs =
    timestamp instanceof Date ? timestamp.getTime() : Math.round(Number(timestamp) * 1000)
  if (timestampMs <= nowMs) return timestampMs
  throw invalid(
    `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${timestampMs}, currentTimestampInMillis: ${nowMs}`,
  )
}

function bySequence(text: string, isAfter: boolean, { place, facts }: Circumstances): Start {
  const { stream, shard } = place
  const read = facts.readSequence(text)
  const used = `StartingSequenceNumber ${text} used in GetShardIterator on shard ${facts.shardId(shard)} in stream ${stream.name} under account ${facts.accountId} is invalid`
  if (!read) throw invalid(`${used}.`)
  if (read.shard !== undefined && read.shard !== shard) {
    throw invalid(
      `Invalid StartingSequenceNumber. It encodes ${facts.shardId(read.shard)}, while it was used in a call to a shard with ${facts.shardId(shard)}`,
    )
  }
  if (read.isForeign) throw invalid(`${used} because it did not come from this stream.`)
  return { by: isAfter && !read.isBetween ? 'after' : 'at', ordinal: read.ordinal }
}
