// The port to the one partition that state lives in. Kafka implements it in production, an array in
// tests, which compacts when it is told to.
//
// The partition is compacted: of the messages of one key the last is kept for ever, a null value
// removes its key, and any earlier one may be missing at any time. Offsets stay what they were.

/** A message to append. */
export interface StateMessage {
  readonly key: string
  /** null: a tombstone, which removes the key. */
  readonly value: string | null
}

/** A message as it lies in the partition, whoever wrote it. */
export interface StateRecord {
  readonly offset: number
  /** Milliseconds since 1970, as the writer's clock had it. */
  readonly timestampMs: number
  /** Bytes that are no UTF-8 read as U+FFFD. */
  readonly key: string | null
  readonly value: string | null
}

/** What is there from an offset on. */
export interface StateRead {
  /** The topic's: one that was made again has another. Empty where brokers give none. */
  readonly id: string
  /** In the order of their offsets; none where there is nothing new. */
  readonly records: readonly StateRecord[]
  /** The offset to read on from, which may be beyond the last record's successor. */
  readonly next: number
  /** The offset behind the last message that was there when this was read. */
  readonly end: number
}

export interface StateLog {
  /** The topic's name, for sentences. */
  readonly topic: string
  /**
   * Appends messages in their order and resolves when they are stored. Makes the topic where it is
   * missing. Rejects with BridgeError by `deadlineMs` (milliseconds since 1970): `unavailable`
   * (not written), `undecided` (nobody knows), `not-permitted` (a right that Kafka denies us).
   */
  readonly append: (messages: readonly StateMessage[], deadlineMs: number) => Promise<void>
  /**
   * Reads on; where nothing is there yet, waits for a while. `start`: from the first offset there
   * is. Rejects with BridgeError: `stream-not-found` (no such topic), `expired-position` (no such
   * offset any more), `not-permitted`, `unavailable`.
   */
  readonly read: (from: number | 'start') => Promise<StateRead>
}
