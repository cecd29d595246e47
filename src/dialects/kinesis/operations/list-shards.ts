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
import { pageOfShards, parseShardId, showShard } from '../shards.ts'

const TOKEN_LIVES_MS = 300_000
const PAGE_MAX = 1000

interface Token {
  readonly stream: StreamRef
  readonly after: number
  readonly givenAtMs: number
}

function writeToken({ stream, after, givenAtMs }: Token): string {
  const members = [stream.dialect, stream.name, stream.parts, after, givenAtMs]
  return Buffer.from(JSON.stringify(members)).toString('base64url')
}

function readToken(text: string, dialect: string): Token {
  const invalid = new BridgeError('invalid-position', 'Invalid NextToken.')
  let members: unknown
  try {
    members = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    throw invalid
  }
  if (!Array.isArray(members)) throw invalid
  const [owner, name, parts, after, givenAtMs] = members as unknown[]
  const sound =
    owner === dialect &&
    typeof name === 'string' &&
    isParts(parts) &&
    Number.isSafeInteger(after) &&
    Number.isSafeInteger(givenAtMs)
  if (!sound) throw invalid
  return {
    stream: { dialect, name, parts },
    after: Number(after),
    givenAtMs: Number(givenAtMs),
  }
}

function isParts(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((part) => typeof part === 'string')
  )
}

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
      ...(more && { NextToken: writeToken({ stream, after: last, givenAtMs: nowMs }) }),
    })

    function startOf(): { stream: StreamRef; after: number | undefined } {
      const token = input['NextToken']
      const named = (input['StreamName'] ?? input['StreamARN'] ?? null) !== null
      if (typeof token === 'string') {
        if (named) throw together('StreamName')
        const other = START_MEMBERS.find((member) => (input[member] ?? null) !== null)
        if (other !== undefined) throw together(other)
        return fresh(readToken(token, facts.name), nowMs)
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

function fresh(token: Token, nowMs: number): Token {
  if (nowMs - token.givenAtMs <= TOKEN_LIVES_MS) return token
  throw new BridgeError('expired-position', 'The provided NextToken is expired.')
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
