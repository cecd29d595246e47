// CreateStream, DescribeStream, UpdateStream (docs: "Streaming Web API").
//
// * Creating and updating answer 204, whatever the vendor's pages say: mlrun and storey take nothing
//   else. An existing stream is a 409.

import type { Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import { encodeEmpty, encodeReply } from '../encode.ts'
import type { Limits } from '../facts.ts'
import { streamOf } from '../names.ts'

type Perform = Operation['perform']

const SHARDS_DEFAULT = 1
const HOURS_DEFAULT = 24
/** Shown for a topic that keeps its records for ever: clients want an integer. */
const HOURS_FOR_EVER = 8760 * 100

export function shownHours(retentionHours: number): number {
  return Math.min(retentionHours, HOURS_FOR_EVER)
}

export function createCreateStream({ recordBytesMax }: Limits): Perform {
  return async function createStream({ input, call, streams }) {
    await streams.create(streamOf(input, call.head), {
      shards: Number(input['ShardCount'] ?? 0) || SHARDS_DEFAULT,
      retentionHours: Number(input['RetentionPeriodHours'] ?? 0) || HOURS_DEFAULT,
      recordBytesMax,
    })
    return encodeEmpty(204)
  }
}

export function createDescribeStream(): Perform {
  return async function describeStream({ input, call, streams }) {
    const { shards, retentionHours } = await streams.describe(streamOf(input, call.head))
    return encodeReply({
      ShardCount: shards.length,
      RetentionPeriodHours: shownHours(retentionHours),
    })
  }
}

export function createUpdateStream({ shardsMax }: Limits): Perform {
  return async function updateStream({ input, call, streams }) {
    const stream = streamOf(input, call.head)
    const wanted = Number(input['ShardCount'])
    const { shards } = await streams.describe(stream)
    if (wanted <= shards.length) {
      throw new BridgeError(
        'cannot-shrink',
        `The stream has ${shards.length} shards; their number can only be raised`,
      )
    }
    if (wanted > shardsMax) {
      throw new BridgeError('limit-exceeded', `A stream may have ${shardsMax} shards at most`)
    }
    await streams.grow(stream, wanted)
    return encodeEmpty(204)
  }
}
