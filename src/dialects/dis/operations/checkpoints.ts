// CommitCheckpoint, GetCheckpoint, DeleteCheckpoint (docs: "Checkpoint Management") and
// DescribeConsumerState ("Querying App Consumption Status").
//
// * A checkpoint is whatever number the consumer gave, mostly that of the record it wants next: it is
//   not held against what the partition has.
// * Where nothing was committed the number is -1: the Kafka adapter throws on an error there.
// * A commit that names a member of the app's group must come from a member, and of the generation
//   that holds the partitions. While the group is being joined anew, that is still the last one: a
//   consumer may commit what it has read before its partitions go to another.

import type { Ask, Input, Operation, Reply } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { StreamRef } from '../../../core/model.ts'
import {
  findApp,
  forgetCheckpoints,
  readCheckpoint,
  writeCheckpoint,
  type App,
  type Checkpoint,
} from '../apps.ts'
import { encodeEmpty, encodeReply, REFINED } from '../encode.ts'
import type { Groups } from '../groups/groups.ts'
import { looseTextOf, onStream, textOf } from '../names.ts'
import { formatShardId, parseShardId } from '../shards.ts'

type Perform = Operation['perform']

const CHECKPOINT_TYPE = 'LAST_READ'
const NOTHING: Checkpoint = { sequence: '-1', metadata: '' }
const STATES_PAGE_DEFAULT = 100
const SEQUENCE_MAX = 2n ** 63n - 1n

/** Throws BridgeError for what is no partition's id. */
function shardIn(input: Input, member: string): number | undefined {
  const id = looseTextOf(input, member)
  if (id === undefined) return undefined
  const shard = parseShardId(id)
  if (shard !== undefined) return shard
  throw new BridgeError('invalid-argument', member, { as: REFINED.shardId })
}

function mustShardIn(input: Input): number {
  const shard = shardIn(input, 'partition_id')
  if (shard !== undefined) return shard
  throw new BridgeError('invalid-argument', 'partition_id', { as: REFINED.shardId })
}

function sequenceIn(input: Input): string {
  const text = looseTextOf(input, 'sequence_number') ?? ''
  if (/^\d{1,19}$/.test(text) && BigInt(text) <= SEQUENCE_MAX) return BigInt(text).toString()
  throw new BridgeError('invalid-argument', 'It must be decimal digits.', { as: REFINED.sequence })
}

async function refuseMissingShard(ask: Ask, stream: StreamRef, shard: number): Promise<void> {
  const { shards } = await ask.streams.summarise(stream)
  if (shard < shards) return
  throw new BridgeError('shard-not-found', formatShardId(shard))
}

export function createCommitCheckpoint(groups: Groups): Perform {
  return async function commitCheckpoint(ask) {
    const { input } = ask
    const shard = mustShardIn(input)
    const to = { sequence: sequenceIn(input), metadata: textOf(input, 'metadata') ?? '' }
    const app = findApp(ask)
    const client = textOf(input, 'client_id')
    const generation = input['generation_id']
    if (client !== undefined) await groups.fence(ask, app, { client, generation })
    await onStream(ask, async (stream) => {
      await refuseMissingShard(ask, stream, shard)
      await writeCheckpoint(ask, app, { stream, shard, to })
    })
    return encodeEmpty(201)
  }
}

export function createGetCheckpoint(): Perform {
  return async function getCheckpoint(ask) {
    const shard = mustShardIn(ask.input)
    const app = findApp(ask)
    const kept = await onStream(ask, async (stream) => {
      await refuseMissingShard(ask, stream, shard)
      return readCheckpoint(ask, app, { stream, shard })
    })
    const { sequence, metadata } = kept ?? NOTHING
    return encodeReply({ sequence_number: sequence, metadata })
  }
}

export function createDeleteCheckpoint(): Perform {
  return async function deleteCheckpoint(ask) {
    const shard = shardIn(ask.input, 'partition_id')
    const app = findApp(ask)
    await onStream(ask, async (stream) => {
      await refuseMissingShard(ask, stream, shard ?? 0)
      if (shard === undefined) await forgetCheckpoints(ask, app, stream)
      else await writeCheckpoint(ask, app, { stream, shard, to: undefined })
    })
    return encodeEmpty(204)
  }
}

export function createDescribeConsumerState(): Perform {
  return async function describeConsumerState(ask) {
    const after = shardIn(ask.input, 'start_partition_id') ?? -1
    const limit = Number(ask.input['limit'] ?? STATES_PAGE_DEFAULT)
    const app = findApp(ask)
    return onStream(ask, (stream) => showState(ask, app, { stream, after, limit }))
  }
}

interface Page {
  readonly stream: StreamRef
  readonly after: number
  readonly limit: number
}

async function showState(ask: Ask, app: App, { stream, after, limit }: Page): Promise<Reply> {
  const { shards } = await ask.streams.describe(stream)
  const rest = shards.filter(({ shard }) => shard > after)
  const states = rest.slice(0, limit).map(async ({ shard, first, next }) => {
    const { sequence, metadata } = (await readCheckpoint(ask, app, { stream, shard })) ?? NOTHING
    return {
      partition_id: formatShardId(shard),
      sequence_number: sequence,
      metadata,
      latest_offset: next,
      earliest_offset: first,
      checkpoint_type: CHECKPOINT_TYPE,
      status: 'ACTIVE',
    }
  })
  return encodeReply({
    has_more: rest.length > limit,
    stream_name: stream.name,
    app_name: app.name,
    partition_consuming_states: await Promise.all(states),
  })
}
