// Partitions as the vendor writes them. The hash ranges shown are those that placement uses.
//
// * An id is always written `shardId-` and ten digits: the Kafka adapter reads it from its first 0.
// * The second number of `sequence_number_range` is the next one to be given: the Kafka adapter
//   takes it for the position of the newest record's successor.
// * A partition is ACTIVE from the start. The Python SDK counts the active ones once per process to
//   cut its batches, so a leader that is away for a moment must not make one disappear.

import { rangeOfShard } from '../../core/placement.ts'
import type { ShardState, StreamState } from '../../core/streams.ts'
import { HASH_SPACE } from './placement.ts'

export function formatShardId(shard: number): string {
  return `shardId-${shard.toString().padStart(10, '0')}`
}

/** The partition of `shardId-` and digits, or of digits alone; nothing for any other text. */
export function parseShardId(id: string): number | undefined {
  const digits = /^(?:shardId-)?(\d+)$/i.exec(id)?.[1]
  return digits === undefined ? undefined : Math.min(Number(digits), Number.MAX_SAFE_INTEGER)
}

export function showShard(
  { shard, first, next }: ShardState,
  { shards }: StreamState,
): Record<string, unknown> {
  const range = rangeOfShard(shard, HASH_SPACE, shards.length)
  return {
    status: 'ACTIVE',
    partition_id: formatShardId(shard),
    hash_range: `[${range.first} : ${range.last}]`,
    sequence_number_range: `[${first} : ${next}]`,
    parent_partitions: '',
  }
}
