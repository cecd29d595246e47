// The narrow ports to the log. Kafka implements them in production, arrays in tests; both pass
// the suite in test/support/log-suite.ts.
//
// Words: topic, partition, offset. An offset is a JavaScript number: exact up to 2^53, which a
// partition reaches after nine million billion records.

/** A header of a message: names are ASCII, values raw bytes. */
export interface Header {
  readonly name: string
  readonly value: Buffer
}

/** One message, placed: the partition is always explicit. */
export interface Message {
  readonly partition: number
  /** A text stands for its UTF-8. */
  readonly key: Buffer | string | null
  /** null: removes its key from a compacted topic. */
  readonly value: Buffer | null
  /** Milliseconds since 1970; absent: the time of appending. */
  readonly timestampMs?: number | undefined
  readonly headers?: readonly Header[] | undefined
  /** Belongs into one batch with the message before it, which goes to the same partition. */
  readonly joined?: true | undefined
}

/** How many bytes a key takes in Kafka. */
export function bytesOfKey(key: Message['key']): number {
  if (key === null) return 0
  return typeof key === 'string' ? Buffer.byteLength(key) : key.length
}

/** Why a message was not written. The first three are permanent for this message. */
export type Refusal =
  | 'too-large' // the topic's or the broker's limit
  | 'malformed' // Kafka named this very record as bad
  | 'topic-missing' // the topic is gone
  | 'partition-missing' // the topic has no such partition
  | 'throttled' // no room: Kafka's quota, or ours
  | 'unavailable' // no leader, too few replicas, no right of ours, no connection: transient

/**
 * What became of one message. `unknown` is the honest third: it was sent, and no answer tells
 * whether it was written.
 */
export type Appended =
  | { readonly state: 'written'; readonly offset: number; readonly timestampMs: number }
  | { readonly state: 'refused'; readonly reason: Refusal; readonly detail: string }
  | {
      readonly state: 'unknown'
      readonly detail: string
      /** Resolves, never rejects, when the fate of what is still under way is known. */
      readonly later?: Promise<Appended>
    }

/** What placement needs to know of a topic. */
export interface TopicShape {
  /** Kafka's topic id where the broker gives one: a topic made again has another. */
  readonly id: string
  readonly partitions: number
  /** Partitions that have no leader at present. */
  readonly leaderless: readonly number[]
  /** `max.message.bytes`: the largest batch, in bytes as Kafka counts them. */
  readonly messageBytesMax: number
  /** `retention.ms`; -1: for ever. */
  readonly retentionMs: number
}

/** The way in: shape, then append. */
export interface Log {
  /**
   * The shape of a topic, at most `metadataMaxAgeMs` old. Rejects with BridgeError
   * `stream-not-found` when brokers agree that there is none, `unavailable` when none answers
   * before `deadlineMs` (milliseconds since 1970).
   */
  readonly shape: (topic: string, deadlineMs: number) => Promise<TopicShape>

  /** The same where it is known and young enough, without waiting; nothing where it is not. */
  readonly shapeNow: (topic: string) => TopicShape | undefined

  /**
   * Appends messages of one topic, in the order given per partition. Resolves with one result
   * per message, in place, no later than `deadlineMs`; never rejects for a message's sake.
   * What is undecided by then is `unknown`, and goes on being written until the log gives it up.
   */
  readonly append: (
    topic: string,
    messages: readonly Message[],
    deadlineMs: number,
  ) => Promise<readonly Appended[]>
}

/** One partition as the catalogue shows it. */
export interface PartitionState {
  readonly partition: number
  readonly hasLeader: boolean
  /** First offset still there, and the next one to be written. */
  readonly startOffset: number
  readonly endOffset: number
}

/** A topic as the catalogue shows it. */
export interface TopicState {
  readonly id: string
  readonly partitions: readonly PartitionState[]
  /** `retention.ms`; -1: for ever. */
  readonly retentionMs: number
  readonly messageBytesMax: number
}

export interface TopicPlan {
  readonly partitions: number
  readonly retentionMs?: number
  readonly messageBytesMax?: number
  /** Default: min(3, brokers). */
  readonly replicationFactor?: number
  /** Of each key the last message is kept for ever, and others go in time. */
  readonly compacted?: true
}

/**
 * The catalogue's side. All reject with BridgeError: `stream-not-found`, `stream-exists`,
 * `invalid-name`, `limit-exceeded`, `unavailable`, and `not-permitted` for a right that Kafka
 * denies us.
 */
export interface Topics {
  /** Names of all topics, internal ones included. */
  readonly list: () => Promise<readonly string[]>
  readonly describe: (topic: string) => Promise<TopicState>
  /** Resolves once Kafka has accepted the topic, which may be before it can be written. */
  readonly create: (topic: string, plan: TopicPlan) => Promise<void>
  /** Raises the number of partitions; `limit-exceeded` when `partitions` is not larger. */
  readonly grow: (topic: string, partitions: number) => Promise<void>
  readonly configure: (topic: string, change: TopicChange) => Promise<void>
  readonly remove: (topic: string) => Promise<void>
}

/** What may change about a topic; absent members stay as they are. */
export interface TopicChange {
  readonly retentionMs?: number
  readonly messageBytesMax?: number
}

/** A record as it lies in a partition. */
export interface StoredRecord {
  readonly offset: number
  /** Milliseconds since 1970; where the topic keeps the time of appending, that one. */
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly Header[]
}

export interface ReadWish {
  readonly partition: number
  /** The first record wanted; where there is none, the next one is meant. */
  readonly offset: number
  /** Of keys, values and headers; a first record that is larger comes all the same. */
  readonly bytesMax: number
  readonly recordsMax: number
  /** How long to wait for a record while there is none. */
  readonly waitMs: number
  /**
   * Takes room for bytes that the answer may keep, before they are asked for. The caller gives them
   * back when it is done with the answer. What it throws, the read rejects with.
   */
  readonly hold: (bytes: number) => void
}

/**
 * What a reader of committed records gets. `start` is the first offset still there, `end` the one
 * up to which everything is decided.
 */
export type ReadResult =
  | {
      readonly state: 'read'
      readonly topicId: string
      readonly records: readonly StoredRecord[]
      /** Where the next record to be got lies; at least `end` when there is none at present. */
      readonly next: number
      /** The time of the record at `next`; absent: there is none at present. */
      readonly nextTimestampMs?: number
      readonly start: number
      readonly end: number
    }
  /** The offset wanted is below the first that is still there, or beyond the last. */
  | {
      readonly state: 'below' | 'beyond'
      readonly topicId: string
      readonly start: number
      readonly end: number
    }

/** Where a partition begins and ends for a reader of committed records. */
export interface PartitionBounds {
  readonly topicId: string
  readonly start: number
  readonly end: number
}

/**
 * The way out, without consumer groups: records of transactions that were aborted or are still
 * open are not seen. All reject with BridgeError: `stream-not-found`, `shard-not-found` for a
 * partition that the topic does not have, and `unavailable` when no answer was had by the deadline
 * or the records cannot be read.
 */
export interface Reads {
  /** Never resolves with nothing while there is something. */
  readonly read: (topic: string, wish: ReadWish, deadlineMs: number) => Promise<ReadResult>
  readonly bounds: (
    topic: string,
    partition: number,
    deadlineMs: number,
  ) => Promise<PartitionBounds>
  /** The first offset of a record with this time or a later one; the end where there is none. */
  readonly offsetAt: (
    topic: string,
    when: { readonly partition: number; readonly timestampMs: number },
    deadlineMs: number,
  ) => Promise<number>
}
