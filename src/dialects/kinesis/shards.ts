// Shards as the describing calls show them. The hash ranges are those that placement uses.

import type { ShardState, StreamState } from '../../core/streams.ts'
import { rangeOfShard } from '../../core/placement.ts'
import type { Facts } from './facts.ts'
import { HASH_SPACE } from './placement.ts'

export function showShard(
  { shard }: ShardState,
  { shards }: StreamState,
  facts: Facts,
): Record<string, unknown> {
  const range = rangeOfShard(shard, HASH_SPACE, shards.length)
  return {
    ShardId: facts.shardId(shard),
    HashKeyRange: {
      StartingHashKey: range.first.toString(),
      EndingHashKey: range.last.toString(),
    },
    SequenceNumberRange: { StartingSequenceNumber: facts.startOfShard(shard) },
  }
}

/** A stream is served while it is UPDATING, and not yet while it is CREATING. */
export function statusOf({ active, growing }: StreamState): 'CREATING' | 'UPDATING' | 'ACTIVE' {
  if (growing) return 'UPDATING'
  return active ? 'ACTIVE' : 'CREATING'
}

const SHARD_MAX = 2 ** 31 - 1

/** The shard that a call names, whether there is one or not. Nothing for what is no id. */
export function resolveShard(id: string): number | undefined {
  const [whole, part = ''] = id.split('-')
  const digits = part === '' ? (whole ?? '') : part
  const shard = /^\d+$/.test(digits) ? Number(digits) : Infinity
  return shard <= SHARD_MAX ? shard : undefined
}

/** The shard of an id: what follows the first hyphen, in digits. Nothing for any other text. */
export function parseShardId(id: unknown): number | undefined {
  const digits = typeof id === 'string' ? /^[^-]*-(\d{1,12})$/.exec(id)?.[1] : undefined
  return digits === undefined ? undefined : Number(digits)
}

export interface Page {
  /** The shard after which the page begins; absent: from the first. */
  readonly after: number | undefined
  readonly limit: number
}

export function pageOfShards(
  { shards }: StreamState,
  { after = -1, limit }: Page,
): { shards: readonly ShardState[]; more: boolean } {
  const rest = shards.filter(({ shard }) => shard > after)
  return { shards: rest.slice(0, limit), more: rest.length > limit }
}
