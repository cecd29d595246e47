// The reply that is written by hand has the bytes that it would have if it were encoded.

import fc from 'fast-check'
import type { Head } from '../../../src/core/dialect.ts'
import { encodeLike } from '../../../src/dialects/dis/encode.ts'
import { writePutResults } from '../../../src/dialects/dis/protobuf.ts'
import { createPutReply } from '../../../src/dialects/dis/put-reply.ts'

const position = fc.record({
  shard: fc.nat(5000),
  ordinal: fc.oneof(fc.nat(1000), fc.nat(Number.MAX_SAFE_INTEGER)),
  timestampMs: fc.nat(),
})

test.each(['application/json', 'application/x-protobuf'])('in %s', (type) => {
  const headers = { 'content-type': type }
  const head: Head = { method: 'POST', target: '/', path: '/', query: '', headers }
  const writeReply = createPutReply()
  fc.assert(
    fc.property(fc.array(position, { minLength: 1, maxLength: 50 }), (given) => {
      const { body, ...reply } = writeReply(head, given)
      const records = given.map(({ shard, ordinal }) => ({
        partition_id: `shardId-${String(shard).padStart(10, '0')}`,
        sequence_number: String(ordinal),
      }))
      const members = { failed_record_count: 0, records }
      expect({ ...reply, body: Buffer.from(body) }).toEqual(
        encodeLike(head, members, writePutResults),
      )
    }),
  )
})
