// What an account has: DescribeLimits, DescribeAccountSettings, and the queues and channels of which
// there are none (docs: API version 2013-12-02).

import type { Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { StreamRef } from '../../../core/model.ts'
import type { Streams } from '../../../core/streams.ts'
import { encodeReply } from '../encode.ts'
import { newer, type Facts } from '../facts.ts'
import { settingsOf } from '../settings.ts'

type Perform = Operation['perform']

/** The vendor's largest: nothing but Kafka limits the shards of all streams together. */
const LIMIT_MAX = 1_000_000

interface Counted {
  readonly shards: number
  readonly onDemand: number
}

export function createDescribeLimits(facts: Facts): Perform {
  return async function describeLimits({ call, streams }) {
    const all = await streams.list(facts.name)
    const counted = await Promise.all(all.map((ref) => count(streams, ref)))
    const sum = (of: keyof Counted): number => counted.reduce((total, each) => total + each[of], 0)
    return encodeReply(call.head, {
      ShardLimit: LIMIT_MAX,
      OpenShardCount: sum('shards'),
      ...newer(facts, {
        OnDemandStreamCount: sum('onDemand'),
        OnDemandStreamCountLimit: LIMIT_MAX,
      }),
    })
  }
}

/** A stream may be gone since it was listed. */
async function count(streams: Streams, ref: StreamRef): Promise<Counted> {
  try {
    const { shards } = await streams.summarise(ref)
    const { mode } = await settingsOf(streams, ref)
    return { shards, onDemand: mode === 'ON_DEMAND' ? 1 : 0 }
  } catch (error) {
    if (!(error instanceof BridgeError && error.code === 'stream-not-found')) throw error
    return { shards: 0, onDemand: 0 }
  }
}

export function createDescribeAccountSettings(): Perform {
  return ({ call }) =>
    Promise.resolve(
      encodeReply(call.head, { MinimumThroughputBillingCommitment: { Status: 'DISABLED' } }),
    )
}

export function createListQueues(): Perform {
  return ({ call }) => Promise.resolve(encodeReply(call.head, { QueueSummaries: [] }))
}

export function createListChannels(): Perform {
  return ({ call }) => Promise.resolve(encodeReply(call.head, { ChannelSummaries: [] }))
}
