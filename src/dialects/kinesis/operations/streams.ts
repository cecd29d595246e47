// The calls about streams as wholes: CreateStream, DeleteStream, DescribeStream,
// DescribeStreamSummary, ListStreams (docs: API version 2013-12-02).
//
// * DescribeStreamSummary never names a StreamId: SDKs that echo one leave the configured endpoint.
// * ListStreams pages by NextToken as well as by name: botocore follows the token only.

import type { Ask, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { StreamRef } from '../../../core/model.ts'
import type { StreamState } from '../../../core/streams.ts'
import { streamArn } from '../arn.ts'
import { countConsumers } from '../consumers.ts'
import { encodeReply } from '../encode.ts'
import type { Facts } from '../facts.ts'
import { SHARD_CREATED_MS } from '../sequence.ts'
import { pageOfShards, parseShardId, showShard } from '../shards.ts'

type Perform = Operation['perform']

/** Shards of an on-demand stream at its creation. */
const ON_DEMAND_SHARDS = 4
const PAGE_DEFAULT = 100
const SHARDS_PAGE_MAX = 100
const HOURS_FOR_EVER = 8760 * 100

function statusOf({ active }: StreamState): string {
  return active ? 'ACTIVE' : 'CREATING'
}

function describe(state: StreamState, facts: Facts, ask: Ask): Record<string, unknown> {
  return {
    StreamName: facts.nameOf(state.ref, ask.input),
    StreamARN: streamArn(state.ref, facts, ask),
    StreamStatus: statusOf(state),
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
    RetentionPeriodHours: Math.min(state.retentionHours, HOURS_FOR_EVER),
    StreamCreationTimestamp: new Date(state.createdAtMs ?? SHARD_CREATED_MS),
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
  }
}

export function createDescribeStream(facts: Facts): Perform {
  return async function describeStream(ask) {
    const state = await ask.streams.describe(facts.streamOf(ask.input, ask.call.head))
    const limit = Math.min(Number(ask.input['Limit'] ?? PAGE_DEFAULT), SHARDS_PAGE_MAX)
    const after = parseShardId(ask.input['ExclusiveStartShardId'])
    const { shards, more } = pageOfShards(state, { after, limit })
    return encodeReply(ask.call.head, {
      StreamDescription: {
        ...describe(state, facts, ask),
        Shards: shards.map((shard) => showShard(shard, state, facts)),
        HasMoreShards: more,
      },
    })
  }
}

export function createDescribeStreamSummary(facts: Facts): Perform {
  return async function describeStreamSummary(ask) {
    const stream = facts.streamOf(ask.input, ask.call.head)
    const state = await ask.streams.describe(stream)
    const consumers = await countConsumers(ask, stream, facts)
    return encodeReply(ask.call.head, {
      StreamDescriptionSummary: {
        ...describe(state, facts, ask),
        OpenShardCount: state.shards.length,
        ConsumerCount: consumers,
        RecordDistributionStrategy: 'USER_PARTITION_KEY',
        MaxRecordSizeInKiB: Math.floor(facts.limits.recordBytesMax / 1024),
      },
    })
  }
}

export function createListStreams(facts: Facts): Perform {
  return async function listStreams(ask) {
    const { input } = ask
    const limit = Math.min(Number(input['Limit'] ?? PAGE_DEFAULT), 10_000)
    const after = readToken(input['NextToken']) ?? input['ExclusiveStartStreamName']
    const all = await ask.streams.list(facts.name)
    const rest = all.filter(({ name }) => typeof after !== 'string' || name > after)
    const page = rest.slice(0, limit)
    const more = rest.length > page.length
    const last = page.at(-1)
    return encodeReply(ask.call.head, {
      StreamNames: page.map(({ name }) => name),
      HasMoreStreams: more,
      ...(more && last && { NextToken: Buffer.from(last.name).toString('base64url') }),
      StreamSummaries: page.map((ref) => ({
        StreamName: ref.name,
        StreamARN: streamArn(ref, facts, ask),
        StreamStatus: 'ACTIVE',
        StreamModeDetails: { StreamMode: 'PROVISIONED' },
      })),
    })
  }
}

function readToken(token: unknown): string | undefined {
  return typeof token === 'string' ? Buffer.from(token, 'base64url').toString('utf8') : undefined
}

export function createCreateStream(facts: Facts): Perform {
  return async function createStream({ input, call, streams }) {
    const shards = input['ShardCount'] ?? onDemandShards(input['StreamModeDetails'])
    const recordKiB = Number(input['MaxRecordSizeInKiB'] ?? facts.limits.recordBytesMax / 1024)
    await streams.create(facts.streamOf(input, call.head), {
      shards: Math.floor(Number(shards)),
      retentionHours: 24,
      recordBytesMax: recordKiB * 1024,
    })
    return encodeReply(call.head)
  }
}

function onDemandShards(details: unknown): number {
  if ((details as { StreamMode: string }).StreamMode === 'ON_DEMAND') return ON_DEMAND_SHARDS
  throw new BridgeError(
    'invalid-argument',
    'ShardCount is required for a stream in PROVISIONED mode',
  )
}

export function createDeleteStream(facts: Facts): Perform {
  return async function deleteStream(ask) {
    const { input, call, streams } = ask
    const stream = facts.streamOf(input, call.head)
    if (input['EnforceConsumerDeletion'] !== true) await refuseConsumers(ask, stream, facts)
    await streams.remove(stream)
    return encodeReply(call.head)
  }
}

async function refuseConsumers(ask: Ask, stream: StreamRef, facts: Facts): Promise<void> {
  if ((await countConsumers(ask, stream, facts)) === 0) return
  throw new BridgeError(
    'stream-in-use',
    `Stream ${stream.name} under account ${facts.accountId} has consumers: deregister them first, or set EnforceConsumerDeletion.`,
  )
}
