// Target → partition. Shard i is partition i; the ranges reported to producers are exactly the
// ranges that placement uses, since producers such as the KPL compare the two.

import { BridgeError } from './errors.ts'
import type { HashRange, HashSpace, InboundRecord, PlaceKey, Target } from './model.ts'
import type { TopicShape } from './log.ts'

/** The width of all shards but the last, which takes the remainder too. */
function widthOf(space: HashSpace, shards: number): bigint {
  return space.divided / BigInt(shards)
}

/** The shard whose range contains `hash`. */
export function shardOfHash(hash: bigint, space: HashSpace, shards: number): number {
  const shard = Number(hash / widthOf(space, shards))
  return Math.min(shard, shards - 1)
}

/** Numbers of shards whose boundaries are kept; what is used comes back. */
const KNOWN_MAX = 100

/** How many bits of a hash tell its shard, unless it lies as near to a boundary as makes no difference. */
const HEAD_BITS = 48n
/** How many heads there are. */
const HEADS = 2 ** Number(HEAD_BITS)

/**
 * Places hashes of `bits` bits by their first 48, which a number holds; `whole` is asked for the
 * hash itself only where those are also a boundary's.
 */
export function createHeadPlacing(space: HashSpace, bits: bigint) {
  const starts = new Map<number, Float64Array>()

  function startsOf(shards: number): Float64Array {
    let known = starts.get(shards)
    if (!known) {
      const width = widthOf(space, shards)
      const drop = bits - HEAD_BITS
      known = Float64Array.from({ length: shards }, (_, i) => Number((width * BigInt(i)) >> drop))
      if (starts.size >= KNOWN_MAX) starts.clear()
      starts.set(shards, known)
    }
    return known
  }

  return (head: number, shards: number, whole: () => bigint): number => {
    const firsts = startsOf(shards)
    let shard = Math.min(shards - 1, Math.floor((head / HEADS) * shards))
    while (shard > 0 && head < (firsts[shard] ?? 0)) shard--
    while (shard < shards - 1 && head >= (firsts[shard + 1] ?? Infinity)) shard++
    return head === firsts[shard] ? shardOfHash(whole(), space, shards) : shard
  }
}

/** The range of one shard, as ListShards and its siblings report it. */
export function rangeOfShard(shard: number, space: HashSpace, shards: number): HashRange {
  const width = widthOf(space, shards)
  const first = width * BigInt(shard)
  const last = shard === shards - 1 ? space.last : first + width - 1n
  return { first, last }
}

/**
 * Kafka's own default partitioner for keys: murmur2 of the UTF-8 bytes, made positive, modulo the
 * number of partitions (`org.apache.kafka.common.utils.Utils#murmur2`, `BuiltInPartitioner`).
 */
export const placeAsKafka: PlaceKey = (key, shards) =>
  (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % shards

function murmur2(bytes: Buffer): number {
  const m = 0x5bd1e995
  const whole = bytes.length & ~3
  let h = 0x9747b28c ^ bytes.length
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(bytes.readInt32LE(i), m)
    k = Math.imul(k ^ (k >>> 24), m)
    h = Math.imul(h, m) ^ k
  }
  const rest = bytes.length - whole
  if (rest > 0) h = Math.imul(h ^ bytes.readUIntLE(whole, rest), m)
  h = Math.imul(h ^ (h >>> 13), m)
  return h ^ (h >>> 15)
}

/** The target of a record that does not care. */
export const ANYWHERE: Target = { by: 'any' }

/** Gives the next partition of a topic to such a record. */
export type Spread = (topic: string, shape: TopicShape) => number

/** How many topics a process remembers its turn in; with one more all start anew. */
const TURNS_MAX = 10_000

/**
 * Strict round robin per topic within this process, from shard 0 and going on across requests, as
 * v3io's is; partitions without a leader are passed over while others have one.
 */
export function createSpread(): Spread {
  const turns = new Map<string, number>()
  return (topic, { partitions, leaderless }) => {
    const turn = (turns.get(topic) ?? 0) % partitions
    const partition = firstWithLeader(turn, partitions, leaderless)
    if (turns.size >= TURNS_MAX && !turns.has(topic)) turns.clear()
    turns.set(topic, partition + 1)
    return partition
  }
}

function firstWithLeader(turn: number, partitions: number, leaderless: readonly number[]): number {
  if (leaderless.length === 0 || leaderless.length >= partitions) return turn
  let partition = turn
  while (leaderless.includes(partition)) partition = (partition + 1) % partitions
  return partition
}

export interface Placement {
  readonly topic: string
  readonly shape: TopicShape
  readonly spread: Spread
  /** Places keys instead of the dialect's own function, where a stream is set to `native`. */
  readonly placeKey?: PlaceKey | undefined
}

type Placed = Pick<InboundRecord, 'target' | 'key'>

/** The partition of a record. Throws BridgeError `shard-not-found` for a shard there is not. */
export function place({ target, key }: Placed, placement: Placement): number {
  const { topic, shape, spread, placeKey } = placement
  switch (target.by) {
    case 'shard':
      if (target.shard >= 0 && target.shard < shape.partitions) return target.shard
      throw new BridgeError('shard-not-found', `There is no shard ${target.shard}`)
    case 'hash':
      return shardOfHash(target.hash, target.space, shape.partitions)
    case 'key':
      return (placeKey ?? target.place)(key ?? '', shape.partitions)
    case 'any':
      return spread(topic, shape)
  }
}
