// GetShardIterator (docs: API version 2013-12-02): the place is resolved to a record when it is asked
// for, LATEST too.

import type { Operation } from '../../../core/dialect.ts'
import { encodeReply } from '../encode.ts'
import type { Facts } from '../facts.ts'
import { writeIterator } from '../iterator.ts'
import { locate, shardNamed } from '../start.ts'

export function createGetShardIterator(facts: Facts): Operation['perform'] {
  return async function getShardIterator(ask) {
    const { input, call } = ask
    const stream = facts.streamOf(input, call.head)
    const shard = shardNamed(String(input['ShardId']), stream, facts)
    const wanted = {
      type: String(input['ShardIteratorType']),
      sequenceNumber: input['StartingSequenceNumber'],
      timestamp: input['Timestamp'],
    }
    const { ordinal, topic } = await locate(ask, { stream, shard }, { facts, wanted })
    return encodeReply(call.head, {
      ShardIterator: writeIterator({
        dialect: facts.name,
        stream: facts.pathOf(stream),
        shard,
        ordinal,
        topic,
        givenMs: call.receivedAtMs,
      }),
    })
  }
}
