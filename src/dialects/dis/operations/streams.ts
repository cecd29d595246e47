// DescribeStream, ListStreams, CreateStream, DeleteStream, UpdatePartitionCount and UpdateStream
// (docs: "Stream Management").
//
// * `update_partition_counts` is never shown: the vendor's clients disagree on its types, and the
//   Go SDK loses the whole reply over it.
// * What a topic has no place for (stream and data type, schema, automatic scaling, tags) is taken
//   and not kept; streams are shown as COMMON and BLOB.
// * Partitions grow and never shrink. Asking for as many as there are changes nothing, so that a
//   repeated call succeeds.

import type { Ask, Input, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { StreamRef } from '../../../core/model.ts'
import type { StreamState } from '../../../core/streams.ts'
import { encodeEmpty, encodeReply, REFINED } from '../encode.ts'
import { DIALECT, type Facts } from '../facts.ts'
import { onStream, streamNamed, textOf } from '../names.ts'
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
function summarise({ ref, id, active, retentionHours, createdAtMs }: StreamState): Members {
  return {
    stream_id: id,
    stream_name: ref.name,
    create_time: createdAtMs ?? CREATED_MS,
    retention_period: Math.min(retentionHours, HOURS_FOR_EVER),
    status: active ? 'RUNNING' : 'CREATING',
    stream_type: 'COMMON',
    data_type: 'BLOB',
    auto_scale_enabled: false,
    tags: [],
    sys_tags: [],
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
      ...summarise(state),
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
  return async function listStreams({ input, streams }) {
    const after = textOf(input, 'start_stream_name') ?? ''
    const limit = Number(input['limit'] ?? STREAMS_PAGE_DEFAULT)
    const project = textOf(input, 'project_id')
    const all = await streams.list(DIALECT, project === undefined ? {} : { project })
    const rest = all.filter(({ name }) => name > after)
    const page = rest.slice(0, limit)
    const states = await Promise.all(page.map((ref) => describeIfThere(streams, ref)))
    return encodeReply({
      total_number: all.length,
      stream_names: page.map(({ name }) => name),
      has_more_streams: rest.length > page.length,
      stream_info_list: states.flatMap((state) =>
        state ? [{ ...summarise(state), partition_count: state.shards.length }] : [],
      ),
    })
  }
}

/** Nothing for a stream that was deleted since it was listed. */
async function describeIfThere(
  streams: Ask['streams'],
  ref: StreamRef,
): Promise<StreamState | undefined> {
  try {
    return await streams.describe(ref)
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'stream-not-found') return undefined
    throw error
  }
}

export function createCreateStream({ limits }: Facts): Perform {
  return async function createStream({ input, streams }) {
    await streams.create(streamNamed(textOf(input, 'stream_name') ?? '', input), {
      shards: Number(input['partition_count']),
      retentionHours: Number(input['data_duration'] ?? RETENTION_HOURS_DEFAULT),
      recordBytesMax: limits.recordBytesMax,
    })
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
    if (hours === undefined) {
      throw new BridgeError('not-supported', 'Only data_duration can be changed here.')
    }
    const name = await onStream(ask, async (stream) => {
      await streams.retain(stream, Number(hours))
      return stream.name
    })
    return encodeReply({ stream_name: name, target_data_type: 'BLOB' })
  }
}
