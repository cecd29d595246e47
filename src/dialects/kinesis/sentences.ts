// What an operation itself refuses, in the service's sentences (recorded by kinesalite against the
// service), and what only this one must say.
//
// * A child of this dialect has words of its own for some of it.

export interface Sentences {
  readonly unknownOperation: (name: string) => string
  readonly streamExists: (name: string, account: string) => string
  readonly hashKey: (text: string) => string
  readonly requestTooLarge: (bytes: number, bytesMax: number) => string
  readonly cannotShrink: (name: string, from: number, to: number) => string
  readonly notLonger: (name: string, wanted: number, existing: number) => string
  readonly notShorter: (name: string, wanted: number, existing: number) => string
}

export const SENTENCES: Sentences = {
  unknownOperation: () => '',
  streamExists: (name, account) => `Stream ${name} under account ${account} already exists.`,
  hashKey: (text) =>
    `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${text}`,
  requestTooLarge: (_bytes, bytesMax) =>
    `Records size exceeds ${Math.floor(bytesMax / 2 ** 20)} MB limit`,
  cannotShrink: (name, from, to) =>
    `Stream ${name} cannot shrink from ${from} shards to ${to}: they are the partitions of a Kafka topic, which are never taken away. Create a stream with ${to} shards and let the producers write there.`,
  notLonger: (name, wanted, existing) =>
    `Requested retention period (${wanted} hours) for stream ${name} can not be shorter than existing retention period (${existing} hours). Use DecreaseRetentionPeriod API.`,
  notShorter: (name, wanted, existing) =>
    `Requested retention period (${wanted} hours) for stream ${name} can not be longer than existing retention period (${existing} hours). Use IncreaseRetentionPeriod API.`,
}

/** Of a request that would cut single shards. */
export const CUTS = {
  split:
    'A single shard cannot be split: shards are the partitions of a Kafka topic, and share the hash keys evenly. UpdateShardCount adds shards to the stream.',
  merge:
    'Shards cannot be merged: they are the partitions of a Kafka topic, which are never taken away. Create a stream with fewer shards and let the producers write there.',
} as const

/** A shard that is not there. */
export function noShard(id: string, name: string, account: string): string {
  return `Could not find shard ${id} in stream ${name} under account ${account}.`
}

/** A stream that cannot be changed at present. */
export function notActive(name: string, account: string, status: string): string {
  return `Stream ${name} under account ${account} not ACTIVE, instead in state ${status}`
}
