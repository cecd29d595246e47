// Reading: positions and records, what every dialect's cursor, iterator or location is made of.
//
// * A shard is read from an ordinal on, without a consumer group. What was never stored for good is
//   not seen, and gaps mean the next record.
// * A position is resolved to an ordinal when it is given, "latest" too.
// * What is too old to be there is reported, not skipped: vendors differ in what they do then.

import { about } from './about.ts'
import { BridgeError } from './errors.ts'
import type { ReadResult, Reads, StoredRecord } from './log.ts'
import type { Note, Position, StreamRef } from './model.ts'
import type { Streams } from './streams.ts'
import { isSameTopic, shortTopicId } from './token.ts'

/** Where a reader wants to begin. */
export type Start =
  | { readonly by: 'at' | 'after'; readonly ordinal: number }
  | { readonly by: 'oldest' | 'latest' }
  | { readonly by: 'time'; readonly timestampMs: number }

export interface ShardRef {
  readonly stream: StreamRef
  readonly shard: number
}

/** Where reading begins. */
export interface Located {
  /** The first record wanted; it may not be there yet, or no longer. */
  readonly ordinal: number
  /** The first ordinal that is still there, and the next one that readers will get. */
  readonly oldest: number
  readonly latest: number
  /** The topic's id, short, for a token. */
  readonly topic: Buffer
}

/** Where to read from. */
export interface From extends ShardRef {
  readonly ordinal: number
  /** As the token has it; absent: whatever topic there is. */
  readonly topic?: Buffer | undefined
}

export interface ReadLimits {
  readonly recordsMax: number
  /** Of data, keys and notes; a first record that is larger comes all the same. */
  readonly bytesMax: number
  /** How long to wait for a record while there is none. */
  readonly waitMs: number
  /** Milliseconds since 1970: when an answer must be there. */
  readonly deadlineMs: number
  /** Takes room for what the answer keeps, until the caller is done with it: a lease's `grow`. */
  readonly hold: (bytes: number) => void
}

export interface ReadRecord {
  readonly position: Position
  readonly data: Buffer
  /** Absent: it has none. */
  readonly key?: string
  readonly notes: readonly Note[]
}

export interface Reading {
  readonly state: 'read'
  readonly records: readonly ReadRecord[]
  /** Where to go on. It moves past what is not seen, even when there are no records. */
  readonly next: number
  /** How many records, at most, a reader could still get now. */
  readonly behind: number
  /** The age of the next record that a reader could get now; 0: there is none. */
  readonly behindMs: number
}

/** The ordinal is older than all that is still there, or newer than all that can be. */
export interface Outside {
  readonly state: 'expired' | 'beyond'
  readonly oldest: number
  readonly latest: number
}

/**
 * Both reject with BridgeError: `stream-not-found`, `shard-not-found`, `unavailable`; reading also
 * with `throttled` where there is no room, and `invalid-position` for a topic that is no more.
 */
export interface Reader {
  readonly locate: (shard: ShardRef, start: Start, deadlineMs: number) => Promise<Located>
  readonly read: (from: From, limits: ReadLimits) => Promise<Reading | Outside>
}

export function createReader(reads: Reads, streams: Streams, now: () => number): Reader {
  return {
    locate: ({ stream, shard }, start, deadlineMs) =>
      about(stream, async () => {
        const { topic } = streams.routeOf(stream)
        const { start: oldest, end: latest, topicId } = await reads.bounds(topic, shard, deadlineMs)
        const ordinal =
          start.by === 'time'
            ? await reads.offsetAt(topic, { ...start, partition: shard }, deadlineMs)
            : resolve(start, { oldest, latest })
        return { ordinal, oldest, latest, topic: shortTopicId(topicId) }
      }),

    read: ({ stream, shard, ordinal, topic: short }, { deadlineMs, ...limits }) =>
      about(stream, async () => {
        const { topic } = streams.routeOf(stream)
        const wish = { ...limits, partition: shard, offset: ordinal }
        const result = await reads.read(topic, wish, deadlineMs)
        if (short !== undefined && !isSameTopic(short, result.topicId)) {
          throw new BridgeError('invalid-position', 'The stream was deleted and made again')
        }
        return toReading(result, shard, now())
      }),
  }
}

type Fixed = Exclude<Start, { by: 'time' }>

function resolve(start: Fixed, { oldest, latest }: Pick<Located, 'oldest' | 'latest'>): number {
  switch (start.by) {
    case 'at':
      return start.ordinal
    case 'after':
      return start.ordinal + 1
    case 'oldest':
      return oldest
    case 'latest':
      return latest
  }
}

function toReading(result: ReadResult, shard: number, nowMs: number): Reading | Outside {
  if (result.state !== 'read') {
    const state = result.state === 'below' ? 'expired' : 'beyond'
    return { state, oldest: result.start, latest: result.end }
  }
  const { records, next, nextTimestampMs, end } = result
  const isBehind = nextTimestampMs !== undefined
  return {
    state: 'read',
    records: records.map((record) => toRecord(record, shard)),
    next,
    behind: isBehind ? end - next : 0,
    behindMs: isBehind ? Math.max(0, nowMs - nextTimestampMs) : 0,
  }
}

const NOTHING = Buffer.alloc(0)

function toRecord(record: StoredRecord, shard: number): ReadRecord {
  const { offset, timestampMs, key, value, headers } = record
  return {
    position: { shard, ordinal: offset, timestampMs },
    data: value ?? NOTHING,
    ...(key !== null && { key: key.toString('utf8') }),
    notes: headers,
  }
}
