// What the engine tells of itself, for metrics and logs. It writes no log of its own, and works
// the same when nobody listens.

export type KafkaEvent =
  /** An append call was answered. */
  | {
      readonly type: 'append'
      readonly topic: string
      readonly latencyMs: number
      readonly written: number
      readonly refused: number
      readonly unknown: number
    }
  /** A Produce request was answered. */
  | {
      readonly type: 'produce'
      readonly broker: number
      readonly latencyMs: number
      readonly batches: number
      readonly records: number
      readonly bytes: number
    }
  /** A batch was not written by this attempt, and what is done about it. */
  | {
      readonly type: 'batch-failed'
      readonly topic: string
      readonly partition: number
      /** Kafka's name of the error, or `CONNECTION`. */
      readonly error: string
      readonly then: 'repeat' | 'rebuild' | 'give-up'
      readonly records: number
    }
  /** A broker's quota: nothing is sent to it for this long. */
  | { readonly type: 'throttled'; readonly broker: number; readonly throttleMs: number }
  | { readonly type: 'broker-found'; readonly broker: number; readonly address: string }
  /** The cluster does not list it any more. */
  | { readonly type: 'broker-lost'; readonly broker: number }
  /** A connection for writing could not be opened; told at every attempt. */
  | { readonly type: 'broker-unreachable'; readonly broker: number; readonly reason: string }
  /** The metadata were refreshed, or could not be. */
  | { readonly type: 'metadata'; readonly ok: boolean; readonly latencyMs: number }
  /** A topic known until now was deleted, or made again. */
  | { readonly type: 'topic-lost'; readonly topic: string }

export type OnKafkaEvent = (event: KafkaEvent) => void
