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
