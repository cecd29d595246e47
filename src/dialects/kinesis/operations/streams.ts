// The calls about streams as wholes: CreateStream, DeleteStream, DescribeStream,
// DescribeStreamSummary, ListStreams (docs: API version 2013-12-02).
//
// * A stream is UPDATING while instances may not know of new shards yet.
// * DescribeStreamSummary never names a StreamId: SDKs that echo one leave the configured endpoint.
// * ListStreams pages by NextToken as well as by name: botocore follows the token only.

import type { Ask, Input, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { StreamRef } from '../../../core/model.ts'
import type { StreamPlan, StreamState, Streams } from '../../../core/streams.ts'
import { arnOf } from '../arns.ts'
import { countConsumers } from '../consumers.ts'
import { encodeReply } from '../encode.ts'
import { newer, type Facts } from '../facts.ts'
import { SHARD_CREATED_MS } from '../sequence.ts'
import { changeSettings, settingsOf, type Mode, type Settings } from '../settings.ts'
import { pageOfShards, parseShardId, showShard, statusOf } from '../shards.ts'
import { recordBytesAllowed } from '../sizes.ts'
import { toInteger } from '../words.ts'
import { addTags, refuseTags } from './tags.ts'

type Perform = Operation['perform']

/** Shards of an on-demand stream at its creation. */
const ON_DEMAND_SHARDS = 4
const PAGE_DEFAULT = 100
const SHARDS_PAGE_MAX = 100
const HOURS_FOR_EVER = 8760 * 100
const RETENTION_HOURS = 24
const KIB = 1024

interface Described {
  readonly state: StreamState
  readonly settings: Settings
}

async function describeFor({ input, call, streams }: Ask, facts: Facts): Promise<Described> {
  const ref = facts.streamOf(input, call.head)
  const state = await streams.describe(ref)
  return { state, settings: await settingsOf(streams, ref) }
}

function describe(
  { state, settings }: Described,
  facts: Facts,
  { input, call }: Ask,
): Record<string, unknown> {
  return {
    StreamName: facts.nameOf(state.ref, input),
    StreamARN: arnOf(state.ref, facts, call.head),
    StreamStatus: statusOf(state),
    ...newer(facts, { StreamModeDetails: { StreamMode: settings.mode } }),
    RetentionPeriodHours: Math.min(state.retentionHours, HOURS_FOR_EVER),
    StreamCreationTimestamp: new Date(state.createdAtMs ?? SHARD_CREATED_MS),
    EnhancedMonitoring: [{ ShardLevelMetrics: settings.metrics }],
    EncryptionType: 'NONE',
    ...(facts.showsWriteQuota && { WriteQuotaKbPerSec: settings.writeQuota }),
  }
}

export function createDescribeStream(facts: Facts): Perform {
  return async function describeStream(ask) {
    const described = await describeFor(ask, facts)
    const { state } = described
    const limit = Math.min(Number(ask.input['Limit'] ?? PAGE_DEFAULT), SHARDS_PAGE_MAX)
    const after = parseShardId(ask.input['ExclusiveStartShardId'])
    const { shards, more } = pageOfShards(state, { after, limit })
    return encodeReply(ask.call.head, {
      StreamDescription: {
        ...describe(described, facts, ask),
        Shards: shards.map((shard) => showShard(shard, state, facts)),
        HasMoreShards: more,
      },
    })
  }
}

export function createDescribeStreamSummary(facts: Facts): Perform {
  return async function describeStreamSummary(ask) {
    const described = await describeFor(ask, facts)
    const { ref, shards, recordBytesMax } = described.state
    const consumers = await countConsumers(ask, ref, facts)
    const bytes = recordBytesAllowed(facts.limits, recordBytesMax)
    return encodeReply(ask.call.head, {
      StreamDescriptionSummary: {
        ...describe(described, facts, ask),
        OpenShardCount: shards.length,
        ConsumerCount: consumers,
        ...newer(facts, {
          RecordDistributionStrategy: 'USER_PARTITION_KEY',
          MaxRecordSizeInKiB: Math.floor(bytes / KIB),
        }),
      },
    })
  }
}

export function createListStreams(facts: Facts): Perform {
  return async function listStreams(ask) {
    const { input, call, streams } = ask
    const limit = Math.min(Number(input['Limit'] ?? PAGE_DEFAULT), 10_000)
    const after = readToken(input['NextToken']) ?? startOf(ask, facts)
    const all = await streams.list(facts.name)
    const rest = all.filter(({ name }) => after === undefined || name > after)
    const page = rest.slice(0, limit)
    const more = rest.length > page.length
    const last = page.at(-1)
    return encodeReply(call.head, {
      StreamNames: page.map(({ name }) => name),
      HasMoreStreams: more,
      ...(more && last && { NextToken: toToken(last.name) }),
      ...(facts.newerMembers && {
        StreamSummaries: await Promise.all(page.map((ref) => summarise(ref, facts, ask))),
      }),
    })
  }
}

function startOf({ input, call }: Ask, facts: Facts): string | undefined {
  const { ExclusiveStartStreamName: name } = input
  return typeof name === 'string' ? facts.streamOf({ StreamName: name }, call.head).name : undefined
}

async function summarise(ref: StreamRef, facts: Facts, { call, streams }: Ask) {
  return {
    StreamName: ref.name,
    StreamARN: arnOf(ref, facts, call.head),
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: await modeOf(streams, ref) },
  }
}

/** A stream may be gone since it was listed. */
async function modeOf(streams: Streams, ref: StreamRef): Promise<Mode> {
  try {
    return (await settingsOf(streams, ref)).mode
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'stream-not-found') return 'PROVISIONED'
    throw error
  }
}

function toToken(name: string): string {
  return Buffer.from(name).toString('base64url')
}

function readToken(token: unknown): string | undefined {
  return typeof token === 'string' ? Buffer.from(token, 'base64url').toString('utf8') : undefined
}

export function createCreateStream(facts: Facts): Perform {
  return async function createStream({ input, call, streams }) {
    const ref = facts.streamOf(input, call.head)
    const tags = (input['Tags'] ?? {}) as Record<string, string>
    const mode = modeIn(input['StreamModeDetails'])
    const plan = planOf(input, facts)
    refuseStrategy(input['RecordDistributionStrategy'])
    refuseTags(Object.entries(tags).flat(), 'add tags to', { ref, facts })
    await streams.create(ref, plan)
    if (mode === 'ON_DEMAND') await changeSettings(streams, ref, () => ({ mode }))
    if (Object.keys(tags).length > 0) await addTags(streams, tags, { ref, facts })
    return encodeReply(call.head)
  }
}

function planOf(input: Input, { limits, retentionHoursOf }: Facts): StreamPlan {
  const shards = input['ShardCount'] ?? onDemandShards(modeIn(input['StreamModeDetails']))
  const recordKiB = input['MaxRecordSizeInKiB']
  return {
    shards: toInteger(Number(shards)),
    retentionHours: toInteger(retentionHoursOf?.(input) ?? RETENTION_HOURS),
    recordBytesMax:
      typeof recordKiB === 'number' ? toInteger(recordKiB) * KIB : limits.recordBytesMax,
  }
}

/** The mode that a call names, if it names one. */
export function modeIn(details: unknown): Mode | undefined {
  return (details as { StreamMode?: Mode } | null | undefined)?.StreamMode
}

function onDemandShards(mode: Mode | undefined): number {
  if (mode === 'ON_DEMAND') return ON_DEMAND_SHARDS
  throw new BridgeError(
    'invalid-argument',
    'ShardCount is required for a stream in PROVISIONED mode',
  )
}

/** Throws BridgeError for a strategy by which keys would not tell their shards. */
export function refuseStrategy(strategy: unknown): void {
  if (strategy !== 'AUTO') return
  throw new BridgeError(
    'invalid-argument',
    'RecordDistributionStrategy AUTO is not supported here: records go where their partition keys say. Use USER_PARTITION_KEY.',
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
