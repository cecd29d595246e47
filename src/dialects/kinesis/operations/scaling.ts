// UpdateShardCount, which adds shards and takes none away; SplitShard and MergeShards, which are
// refused once it is known that they could be meant (docs: API version 2013-12-02).
//
// * The stream is UPDATING until all instances know of the new shards.
// * A stream of either mode grows by this call only.

import type { Ask, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { StreamState } from '../../../core/streams.ts'
import { arnOf } from '../arns.ts'
import { encodeReply } from '../encode.ts'
import { newer, type Facts } from '../facts.ts'
import { CUTS, noShard, notActive } from '../sentences.ts'
import { resolveShard, statusOf } from '../shards.ts'
import { toInteger } from '../words.ts'

type Perform = Operation['perform']

function refuseUnlessActive(state: StreamState, { accountId }: Facts): void {
  const status = statusOf(state)
  if (status === 'ACTIVE') return
  throw new BridgeError('stream-in-use', notActive(state.ref.name, accountId, status))
}

export function createUpdateShardCount(facts: Facts): Perform {
  return async function updateShardCount({ input, call, streams }) {
    const ref = facts.streamOf(input, call.head)
    const target = toInteger(Number(input['TargetShardCount']))
    const state = await streams.describe(ref)
    refuseUnlessActive(state, facts)
    const current = state.shards.length
    if (target < current) {
      const sentence = facts.sentences.cannotShrink(ref.name, current, target)
      throw new BridgeError('cannot-shrink', sentence)
    }
    if (target > current) await streams.grow(ref, target)
    return encodeReply(call.head, {
      StreamName: facts.nameOf(state.ref, input),
      CurrentShardCount: current,
      TargetShardCount: target,
      ...newer(facts, { StreamARN: arnOf(state.ref, facts, call.head) }),
    })
  }
}

/** Refuses to cut the shards that some members name, if there are such. */
function cutting(members: readonly string[], sentence: string, facts: Facts): Perform {
  return async ({ input, call, streams }: Ask) => {
    const ref = facts.streamOf(input, call.head)
    const ids = members.map((member) => String(input[member]))
    const missing = (id: string): BridgeError =>
      new BridgeError('shard-not-found', noShard(id, ref.name, facts.accountId))
    const shards = ids.map((id) => {
      const shard = resolveShard(id)
      if (shard === undefined) throw missing(id)
      return shard
    })
    const state = await streams.describe(ref)
    refuseUnlessActive(state, facts)
    const beyond = shards.find((shard) => shard >= state.shards.length)
    if (beyond !== undefined) throw missing(facts.shardId(beyond))
    throw new BridgeError('not-supported', sentence)
  }
}

export function createSplitShard(facts: Facts): Perform {
  return cutting(['ShardToSplit'], CUTS.split, facts)
}

export function createMergeShards(facts: Facts): Perform {
  return cutting(['ShardToMerge', 'AdjacentShardToMerge'], CUTS.merge, facts)
}
