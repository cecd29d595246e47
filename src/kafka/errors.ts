// Kafka's error codes: one table of what each means for a batch. Nobody else gives a code a
// meaning, but topics.ts, which words those of the catalogue.
//
// * `stored`: whether the batch may lie in the log although the answer is an error. Codes that a
//   leader can give after it appended are `perhaps`: NOT_LEADER among them, since a leader that is
//   deposed while it waits for its followers answers so for a batch that the next leader may have.
//   What is not in the table is `perhaps`, too: it is never wrong, only slower.
// * `cure`: what may help. `again`: later. `route`: at another broker, after asking who leads.
//   `fence`: under a new epoch. `split`: without the record that is to blame.

import type { Refusal } from '../core/log.ts'

export interface Meaning {
  readonly name: string
  readonly cure: 'again' | 'route' | 'fence' | 'split'
  readonly stored: 'never' | 'perhaps'
  /** For `split`: what a record is that is refused by itself. */
  readonly reason?: Extract<Refusal, 'too-large' | 'malformed'>
}

export const NONE = 0
/** Kafka denies us a right, to a topic or altogether. */
export const TOPIC_AUTHORIZATION_FAILED = 29
export const CLUSTER_AUTHORIZATION_FAILED = 31
export const OFFSET_OUT_OF_RANGE = 1
export const UNKNOWN_TOPIC = 3
export const INVALID_TOPIC = 17
export const TOPIC_EXISTS = 36
export const INVALID_PARTITIONS = 37

const MEANINGS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [2, { name: 'CORRUPT_MESSAGE', cure: 'again', stored: 'never' }],
  [3, { name: 'UNKNOWN_TOPIC_OR_PARTITION', cure: 'route', stored: 'perhaps' }],
  [5, { name: 'LEADER_NOT_AVAILABLE', cure: 'route', stored: 'never' }],
  [6, { name: 'NOT_LEADER_OR_FOLLOWER', cure: 'route', stored: 'perhaps' }],
  [7, { name: 'REQUEST_TIMED_OUT', cure: 'route', stored: 'perhaps' }],
  [8, { name: 'BROKER_NOT_AVAILABLE', cure: 'route', stored: 'perhaps' }],
  [9, { name: 'REPLICA_NOT_AVAILABLE', cure: 'route', stored: 'perhaps' }],
  [10, { name: 'MESSAGE_TOO_LARGE', cure: 'split', stored: 'never', reason: 'too-large' }],
  [14, { name: 'COORDINATOR_LOAD_IN_PROGRESS', cure: 'again', stored: 'never' }],
  [15, { name: 'COORDINATOR_NOT_AVAILABLE', cure: 'again', stored: 'never' }],
  [17, { name: 'INVALID_TOPIC_EXCEPTION', cure: 'again', stored: 'never' }],
  [18, { name: 'RECORD_LIST_TOO_LARGE', cure: 'split', stored: 'never', reason: 'too-large' }],
  [19, { name: 'NOT_ENOUGH_REPLICAS', cure: 'again', stored: 'never' }],
  [20, { name: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', cure: 'again', stored: 'perhaps' }],
  [
    TOPIC_AUTHORIZATION_FAILED,
    { name: 'TOPIC_AUTHORIZATION_FAILED', cure: 'again', stored: 'never' },
  ],
  [
    CLUSTER_AUTHORIZATION_FAILED,
    { name: 'CLUSTER_AUTHORIZATION_FAILED', cure: 'again', stored: 'never' },
  ],
  [32, { name: 'INVALID_TIMESTAMP', cure: 'split', stored: 'never', reason: 'malformed' }],
  [43, { name: 'UNSUPPORTED_FOR_MESSAGE_FORMAT', cure: 'split', stored: 'never' }],
  [45, { name: 'OUT_OF_ORDER_SEQUENCE_NUMBER', cure: 'fence', stored: 'never' }],
  // The broker has this sequence already and does not say where: not to be sent again.
  [46, { name: 'DUPLICATE_SEQUENCE_NUMBER', cure: 'fence', stored: 'perhaps' }],
  [47, { name: 'INVALID_PRODUCER_EPOCH', cure: 'fence', stored: 'never' }],
  [56, { name: 'KAFKA_STORAGE_ERROR', cure: 'route', stored: 'perhaps' }],
  [59, { name: 'UNKNOWN_PRODUCER_ID', cure: 'fence', stored: 'never' }],
  [72, { name: 'LISTENER_NOT_FOUND', cure: 'route', stored: 'never' }],
  [74, { name: 'FENCED_LEADER_EPOCH', cure: 'route', stored: 'perhaps' }],
  [75, { name: 'UNKNOWN_LEADER_EPOCH', cure: 'again', stored: 'perhaps' }],
  [87, { name: 'INVALID_RECORD', cure: 'split', stored: 'never', reason: 'malformed' }],
  [89, { name: 'THROTTLING_QUOTA_EXCEEDED', cure: 'again', stored: 'never' }],
  [90, { name: 'PRODUCER_FENCED', cure: 'fence', stored: 'never' }],
  [100, { name: 'UNKNOWN_TOPIC_ID', cure: 'route', stored: 'perhaps' }],
  [103, { name: 'INCONSISTENT_TOPIC_ID', cure: 'route', stored: 'perhaps' }],
])

/** What a code other than 0 means for a batch. */
export function meaningOf(code: number): Meaning {
  return MEANINGS.get(code) ?? { name: `error ${code}`, cure: 'again', stored: 'perhaps' }
}
