// ListShards (docs: API version 2013-12-02): the shards, all open, page by page.
//
// * A token carries all that a following page needs, so that any instance can serve it, and lives five
//   minutes.
// * Shards are never closed, and when one was added is not known: whatever time a filter names, the
//   shards of now are those that cover all hash keys, and whoever reads from then must read them all.
// * StreamCreationTimestamp is not looked at: there is one stream of a name.

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
    refuseFilter(input['ShardFilter'], nowMs)
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
        if (named) throw together('StreamName')
        const other = START_MEMBERS.find((member) => (input[member] ?? null) !== null)
        if (other !== undefined) throw together(other)
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

/** What says where the first page begins. */
const START_MEMBERS = ['ExclusiveStartShardId', 'StreamCreationTimestamp'] as const

function together(member: string): BridgeError {
  return invalid(`NextToken and ${member} cannot be provided together.`)
}

function neither(): BridgeError {
  return invalid('Either NextToken or StreamName should be provided.')
}

function invalid(sentence: string): BridgeError {
  return new BridgeError('invalid-argument', sentence)
}

interface Filter {
  readonly Type: string
  readonly ShardId?: string | null
  readonly Timestamp?: number | Date | null
}

const WITH_SHARD: readonly string[] = ['AFTER_SHARD_ID']
const WITH_TIME: readonly string[] = ['AT_TIMESTAMP', 'FROM_TIMESTAMP']

function refuseFilter(value: unknown, nowMs: number): void {
  if (value === undefined || value === null) return
  const { Type: type, ShardId: shard, Timestamp: time } = value as Filter
  refuseMember('ShardId', { type, given: shard, types: WITH_SHARD })
  refuseMember('Timestamp', { type, given: time, types: WITH_TIME })
  if (time === undefined || time === null) return
  const timeMs = time instanceof Date ? time.getTime() : time * 1000
  if (timeMs <= nowMs) return
  throw invalid(
    `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${timeMs}, currentTimestampInMillis: ${nowMs}`,
  )
}

interface Given {
  readonly type: string
  readonly given: unknown
  /** The types that need the member; all others refuse it. */
  readonly types: readonly string[]
}

function refuseMember(member: string, { type, given, types }: Given): void {
  const isGiven = (given ?? null) !== null
  if (isGiven === types.includes(type)) return
  throw invalid(
    isGiven
      ? `${member} can only be provided with a ShardFilter of type ${types.join(' or ')}, not ${type}.`
      : `${member} must be provided with a ShardFilter of type ${type}.`,
  )
}
