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
  readonly key: Buffer | null
  readonly value: Buffer
  /** Milliseconds since 1970; absent: the time of appending. */
  readonly timestampMs?: number
  readonly headers?: readonly Header[]
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
