// The replies that are written by hand have the bytes that they would have if they were encoded.

import fc from 'fast-check'
import type { Head } from '../../../src/core/dialect.ts'
import { encodeReply } from '../../../src/dialects/kinesis/encode.ts'
import { createPutReplies } from '../../../src/dialects/kinesis/put-reply.ts'
import { formatSequence } from '../../../src/dialects/kinesis/sequence.ts'

const DIALECTS = [
  {
    shardId: (shard: number) => `shardId-${String(shard).padStart(12, '0')}`,
    sequenceNumber: formatSequence,
    showsEncryption: false,
  },
  {
    shardId: (shard: number) => `shard-${String(shard).padStart(6, '0')}`,
    sequenceNumber: ({ ordinal }: { ordinal: number }) => String(ordinal),
    showsEncryption: true,
  },
]

const position = fc.record({
  shard: fc.nat(5000),
  ordinal: fc.oneof(fc.nat(1000), fc.nat(Number.MAX_SAFE_INTEGER)),
  timestampMs: fc.date({ noInvalidDate: true }).map((date) => date.getTime()),
})

const CASES = DIALECTS.flatMap((facts) =>
  ['application/x-amz-json-1.1', 'application/x-amz-cbor-1.1'].map((type) => {
    const headers = { 'content-type': type }
    const head: Head = { method: 'POST', target: '/', path: '/', query: '', headers }
    return { type, head, facts, encryption: facts.showsEncryption && { EncryptionType: 'NONE' } }
  }),
)

describe.each(CASES)('$type, encryption: $facts.showsEncryption', ({ head, facts, encryption }) => {
  const replies = createPutReplies(facts)
  const encoded = (members: Readonly<Record<string, unknown>>) => {
    const { body, ...reply } = encodeReply(head, { ...members, ...encryption })
    return { ...reply, body: Buffer.from(body) }
  }

  test('to PutRecord', () => {
    fc.assert(
      fc.property(position, (given) => {
        const { body, ...reply } = replies.one(head, given)
        expect({ ...reply, body: Buffer.from(body) }).toEqual(
          encoded({
            ShardId: facts.shardId(given.shard),
            SequenceNumber: facts.sequenceNumber(given),
          }),
        )
      }),
    )
  })

  test('to PutRecords', () => {
    const some = fc.oneof(
      fc.array(position, { minLength: 1, maxLength: 30 }),
      fc.array(position, { minLength: 250, maxLength: 260 }),
    )
    fc.assert(
      fc.property(some, (given) => {
        const { body, ...reply } = replies.many(head, given)
        const records = given.map((each) => ({
          SequenceNumber: facts.sequenceNumber(each),
          ShardId: facts.shardId(each.shard),
        }))
        expect({ ...reply, body: Buffer.from(body) }).toEqual(
          encoded({ FailedRecordCount: 0, Records: records }),
        )
      }),
    )
  })
})
