// ListShards (docs: API version 2013-12-02): the shards, all open, page by page. A token carries
// all that a following page needs, so that any instance can serve it, and lives five minutes.

import type { Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { StreamRef } from '../../../core/model.ts'
import { encodeReply } from '../encode.ts'
import type { Facts } from '../facts.ts'
import { readPageToken, writePageToken } from '../page-token.ts'
import { pageOfShards, parseShardId, showShard } from '../shards.ts'

const PAGE_MAX = 1000

export function createListShards(facts: Facts): Operation['perform'] {
  return async function listShards({ input, call, streams }) {
    const { receivedAtMs: nowMs } = call
    const limit = Math.min(Number(input['MaxResults'] ?? PAGE_MAX), PAGE_MAX)
    const { stream, after } = startOf()
    const state = await streams.describe(stream)
    const { shards, more } = pageOfShards(state, { after, limit })
    const last = shards.at(-1)?.shard ?? 0
    return encodeReply(call.head, {
      Shards: shards.map((shard) => showShard(shard, state, facts)),
      ...(more && { NextToken: writePageToken({ stream, after: last, givenAtMs: nowMs }) }),
    })

    function startOf(): { stream: StreamRef; after: number | undefined } {
      const token = input['NextToken']
      const named = (input['StreamName'] ?? input['StreamARN'] ?? null) !== null
      if (typeof token === 'string') {
        if (named) throw together()
        return readPageToken(token, { dialect: facts.name, isAfter: isShard, nowMs })
      }
      if (!named) throw neither()
      return { stream: facts.streamOf(input, call.head), after: startShard(input) }
    }
  }
}

function startShard(input: Readonly<Record<string, unknown>>): number | undefined {
  const filter = input['ShardFilter'] as { Type?: string; ShardId?: string } | null | undefined
  const after = filter?.Type === 'AFTER_SHARD_ID' ? filter.ShardId : undefined
  return parseShardId(after ?? input['ExclusiveStartShardId'])
}

function isShard(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function together(): BridgeError {
  return new BridgeError(
    'invalid-argument',
    'NextToken and StreamName cannot be provided together.',
  )
}

function neither(): BridgeError {
  return new BridgeError('invalid-argument', 'Either NextToken or StreamName should be provided.')
}
