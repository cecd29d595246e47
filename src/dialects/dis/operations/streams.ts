// DescribeStream, ListStreams, CreateStream, DeleteStream, UpdatePartitionCount and UpdateStream
// (docs: "Stream Management").
//
// * `update_partition_counts` is never shown: the vendor's clients disagree on its types, and the
//   Go SDK loses the whole reply over it.
// * What a topic has no place for (stream and data type, schema, tags) is kept beside the stream and
//   shown again. Automatic scaling is taken and not kept: nothing scales here.
// * What is kept must be known before a stream is created that has more than everybody's: otherwise
//   the stream would be there without it, and could not be created once more.
// * Partitions grow and never shrink. Asking for as many as there are changes nothing, so that a
//   repeated call succeeds.

import type { Ask, Input, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { StreamRef } from '../../../core/model.ts'
import type { StreamSummary } from '../../../core/streams.ts'
import { encodeEmpty, encodeReply, REFINED } from '../encode.ts'
import { DIALECT, type Facts } from '../facts.ts'
import { onStream, streamNamed, textOf } from '../names.ts'
import {
  changeSettings,
  DEFAULT_SETTINGS,
  isSystemTag,
  readSettings,
  readTags,
  setTags,
  settingsIn,
  tagsIn,
} from '../settings.ts'
import { parseShardId, showShard } from '../shards.ts'

type Perform = Operation['perform']
type Members = Record<string, unknown>

const SHARDS_PAGE_DEFAULT = 100
const STREAMS_PAGE_DEFAULT = 10
const RETENTION_HOURS_DEFAULT = 24
/** What is shown for "never deleted": a hundred years. */
const HOURS_FOR_EVER = 8760 * 100
/** Shown where nobody knows when a stream was made: 2020-01-01T00:00:00Z. */
const CREATED_MS = 1_577_836_800_000

/** What the page of one stream and the list of all show alike. */
async function summarise(
  ask: Ask,
  { ref, id, active, retentionHours, createdAtMs }: Omit<StreamSummary, 'shards'>,
): Promise<Members> {
  const { settings, tags } = await keptOf(ask, ref)
  return {
    stream_id: id,
    stream_name: ref.name,
    create_time: createdAtMs ?? CREATED_MS,
    retention_period: Math.min(retentionHours, HOURS_FOR_EVER),
    status: active ? 'RUNNING' : 'CREATING',
    ...settings,
    auto_scale_enabled: false,
    tags: tags.filter((tag) => !isSystemTag(tag)),
    sys_tags: tags.filter(isSystemTag),
  }
}

const NOT_KNOWN: readonly string[] = ['unavailable', 'not-permitted']

/** What is kept beside a stream; where that cannot be read now, what everybody has. */
async function keptOf(ask: Ask, ref: StreamRef) {
  try {
    return { settings: await readSettings(ask, ref), tags: await readTags(ask, ref) }
  } catch (error) {
    if (!(error instanceof BridgeError && NOT_KNOWN.includes(error.code))) throw error
    return { settings: DEFAULT_SETTINGS, tags: [] }
  }
}

export function createDescribeStream(): Perform {
  return async function describeStream(ask) {
    const { input, streams } = ask
    const after = startOf(input)
    const limit = Number(input['limit_partitions'] ?? SHARDS_PAGE_DEFAULT)
    const state = await onStream(ask, (stream) => streams.describe(stream))
    const { shards } = state
    const rest = shards.filter(({ shard }) => shard > after)
    return encodeReply({
      ...(await summarise(ask, state)),
      last_modified_time: state.createdAtMs ?? CREATED_MS,
      writable_partition_count: shards.length,
      readable_partition_count: shards.length,
      partitions: rest.slice(0, limit).map((shard) => showShard(shard, state)),
      has_more_partitions: rest.length > limit,
    })
  }
}

/** The partition after which a page begins; -1: from the first. */
function startOf(input: Input): number {
  const id = textOf(input, 'start_partitionId')
  if (id === undefined) return -1
  const shard = parseShardId(id)
  if (shard !== undefined) return shard
  throw new BridgeError('invalid-argument', 'start_partitionId', { as: REFINED.shardId })
}

export function createListStreams(): Perform {
  return async function listStreams(ask) {
    const { input, streams } = ask
    const after = textOf(input, 'start_stream_name') ?? ''
    const limit = Number(input['limit'] ?? STREAMS_PAGE_DEFAULT)
    const project = textOf(input, 'project_id')
    const all = await streams.list(DIALECT, project === undefined ? {} : { project })
    const rest = all.filter(({ name }) => name > after)
    const page = rest.slice(0, limit)
    const infos = await Promise.all(page.map((ref) => summariseIfThere(ask, ref)))
    return encodeReply({
      total_number: all.length,
      stream_names: page.map(({ name }) => name),
      has_more_streams: rest.length > page.length,
      stream_info_list: infos.flatMap((info) => (info ? [info] : [])),
    })
  }
}

/** Nothing for a stream that was deleted since it was listed. */
async function summariseIfThere(ask: Ask, ref: StreamRef): Promise<Members | undefined> {
  try {
    const summary = await ask.streams.summarise(ref)
    return { ...(await summarise(ask, summary)), partition_count: summary.shards }
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'stream-not-found') return undefined
    throw error
  }
}

export function createCreateStream({ limits }: Facts): Perform {
  return async function createStream(ask) {
    const { input, streams, shelf } = ask
    const stream = streamNamed(textOf(input, 'stream_name') ?? '', input)
    const settings = settingsIn(input)
    const tags = [...tagsIn(input, 'tags'), ...tagsIn(input, 'sys_tags')]
    const hasMore = Object.keys(settings).length + tags.length > 0
    if (hasMore) shelf.get('')
    await streams.create(stream, {
      shards: Number(input['partition_count']),
      retentionHours: Number(input['data_duration'] ?? RETENTION_HOURS_DEFAULT),
      recordBytesMax: limits.recordBytesMax,
    })
    if (Object.keys(settings).length > 0) await changeSettings(ask, stream, settings)
    await setTags(ask, stream, tags)
    return encodeEmpty(201)
  }
}

export function createDeleteStream(): Perform {
  return async function deleteStream(ask) {
    await onStream(ask, (stream) => ask.streams.remove(stream))
    return encodeEmpty(204)
  }
}

export function createUpdatePartitionCount(): Perform {
  return async function updatePartitionCount(ask) {
    const { input, streams } = ask
    const target = Number(input['target_partition_count'])
    const { ref, shards } = await onStream(ask, (stream) => streams.describe(stream))
    if (target < shards.length) throw shrinking(shards.length)
    if (target > shards.length) await streams.grow(ref, target)
    return encodeReply({
      stream_name: ref.name,
      current_partition_count: shards.length,
      target_partition_count: target,
    })
  }
}

function shrinking(shards: number): BridgeError {
  return new BridgeError(
    'cannot-shrink',
    `target_partition_count must be at least ${shards}: partitions on Kafka grow and never shrink. Create another stream with fewer partitions and let producers write to it instead.`,
  )
}

export function createUpdateStream(): Perform {
  return async function updateStream(ask) {
    const { input, streams } = ask
    const hours = input['data_duration'] ?? undefined
    const settings = settingsIn({
      data_type: input['data_type'],
      data_schema: input['data_schema'],
    })
    const type = textOf(input, 'data_type')
    if (hours === undefined && type === undefined && Object.keys(settings).length === 0) {
      throw new BridgeError(
        'not-supported',
        'data_duration, data_type and data_schema can be changed here, and nothing scales by itself.',
      )
    }
    return onStream(ask, async (stream) => {
      if (hours !== undefined) await streams.retain(stream, Number(hours))
      const change = { ...settings, ...(type !== undefined && { data_type: type }) }
      if (Object.keys(change).length > 0) await changeSettings(ask, stream, change)
      const { data_type: shown } = await readSettings(ask, stream)
      return encodeReply({ stream_name: stream.name, target_data_type: shown })
    })
  }
}
