// KPL aggregates become their user records.

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { readAggregate } from '../../../src/dialects/kinesis/aggregate.ts'
import { startBridge, type Bridge } from '../../support/bridge.ts'

interface UserRecord {
  readonly key: string
  readonly data: Buffer
  readonly hash?: string
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes])
}

function seal(message: Buffer): Buffer {
  const digest = createHash('md5').update(message).digest()
  return Buffer.concat([Buffer.from('f3899ac2', 'hex'), message, digest])
}

function aggregate(records: readonly UserRecord[]): Buffer {
  const keys = [...new Set(records.map(({ key }) => key))]
  const hashes = [...new Set(records.flatMap(({ hash }) => hash ?? []))]
  return seal(
    Buffer.concat([
      ...keys.map((key) => field(1, Buffer.from(key))),
      ...hashes.map((hash) => field(2, Buffer.from(hash))),
      ...records.map(({ key, data, hash }) => {
        const indexes = [0x08, ...varint(keys.indexOf(key))]
        if (hash !== undefined) indexes.push(0x10, ...varint(hashes.indexOf(hash)))
        return field(3, Buffer.concat([Buffer.from(indexes), field(3, data)]))
      }),
    ]),
  )
}

const VECTOR = Buffer.from(
  'f3899ac20a01610a016212033132331a07080010001a01411a0508011a0142c5d0c87d3a3c02eb389531c511de809b',
  'hex',
)

function opened(data: Buffer) {
  return readAggregate(data)
    ?.open()
    .map(({ key, data: bytes, notes }) => ({
      key,
      data: bytes.toString(),
      notes: notes.map(({ name, value }) => `${name}=${value.toString()}`),
    }))
}

test('a known aggregate: a record without a hash key has none', () => {
  expect(opened(VECTOR)).toEqual([
    {
      key: 'a',
      data: 'A',
      notes: ['tributary-kpl-index=0', 'tributary-explicit-hash-key=123'],
    },
    { key: 'b', data: 'B', notes: ['tributary-kpl-index=1'] },
  ])
})

const userRecord = fc.record({
  key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }),
  data: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
})

test('any records are read back as they were put in', () => {
  fc.assert(
    fc.property(fc.array(userRecord, { minLength: 1, maxLength: 20 }), (records) => {
      const bundle = readAggregate(aggregate(records))
      expect(bundle?.count).toBe(records.length)
      expect(bundle?.open().map(({ key, data }) => ({ key, data }))).toEqual(records)
    }),
  )
})

test('any other data are no aggregate', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(readAggregate(Buffer.from(bytes))).toBeUndefined()
      // Sealed right, and unsound or without records inside: never thrown.
      expect(() => readAggregate(seal(Buffer.from(bytes)))).not.toThrow()
    }),
    { numRuns: 1000 },
  )
})

test.each([
  ['a wrong digest', Buffer.concat([VECTOR.subarray(0, -1), Buffer.of(0)])],
  ['cut short', VECTOR.subarray(0, 15)],
  ['no records', seal(field(1, Buffer.from('a')))],
  ['a key index beyond the table', seal(field(3, Buffer.from([0x08, 5, 0x1a, 0])))],
  ['no data', seal(Buffer.concat([field(1, Buffer.from('a')), field(3, Buffer.from([0x08, 0]))]))],
])('%s is no aggregate', (_, data) => {
  expect(readAggregate(data)).toBeUndefined()
})

async function put(bridge: Bridge, records: readonly object[]) {
  const reply = await fetch(bridge.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Kinesis_20131202.PutRecords',
    },
    body: JSON.stringify({ StreamName: 'orders', Records: records }),
  })
  return (await reply.json()) as { FailedRecordCount: number; Records: { ShardId: string }[] }
}

const USERS: UserRecord[] = ['x', 'y', 'z'].map((key) => ({ key, data: Buffer.from(`of ${key}`) }))

test('user records lie in the shard of the whole, in order, and are answered as one', async () => {
  await using bridge = await startBridge({ topics: { orders: 4 } })
  const outer = {
    Data: aggregate(USERS).toString('base64'),
    PartitionKey: 'a',
    ExplicitHashKey: '0',
  }
  const plain = { Data: 'QQ==', PartitionKey: 'a' }

  const { FailedRecordCount, Records } = await put(bridge, [plain, outer, plain])

  expect(FailedRecordCount).toBe(0)
  expect(Records).toHaveLength(3)
  const ordinals = Records.map(({ ShardId, SequenceNumber }: Record<string, string>) => [
    ShardId,
    Number.parseInt(BigInt(SequenceNumber!).toString(16).slice(11, 27), 16),
  ])
  expect(ordinals).toEqual([0, 1, 4].map((ordinal) => ['shardId-000000000000', ordinal]))
  expect(
    bridge.log
      .messages('orders')
      .map(({ partition, key, value }) => [partition, key?.toString(), value.toString()]),
  ).toEqual([
    [0, 'a', 'A'],
    [0, 'x', 'of x'],
    [0, 'y', 'of y'],
    [0, 'z', 'of z'],
    [0, 'a', 'A'],
  ])
})

test('what would not fit one batch of the topic is stored as it came', async () => {
  await using bridge = await startBridge({ topics: { orders: 1 } })
  await bridge.log.configure('orders', { messageBytesMax: 1000 })
  const many = Array.from({ length: 30 }, (_, i) => ({ key: `k${i}`, data: Buffer.from('x') }))
  const data = aggregate(many)

  await put(bridge, [{ Data: data.toString('base64'), PartitionKey: 'a' }])

  expect(bridge.log.messages('orders').map(({ value }) => value)).toEqual([data])
})

test('a stream may keep its aggregates whole', async () => {
  await using bridge = await startBridge({
    topics: { orders: 1 },
    environment: { TRIBUTARY_STREAMS_DEAGGREGATE: 'others-*' },
  })
  await put(bridge, [{ Data: VECTOR.toString('base64'), PartitionKey: 'a' }])
  expect(bridge.log.messages('orders')).toMatchObject([{ value: VECTOR }])
})

test('tiny records that would fill the memory are refused before they are made', async () => {
  await using bridge = await startBridge({
    topics: { orders: 1 },
    environment: { TRIBUTARY_MEMORY_BYTES_MAX: `${2 ** 20}` },
  })
  const many = Array.from({ length: 4000 }, () => ({ key: 'k', data: Buffer.alloc(0) }))
  const Data = aggregate(many).toString('base64')
  const { FailedRecordCount } = await put(
    bridge,
    Array.from({ length: 10 }, () => ({ Data, PartitionKey: 'a' })),
  )
  expect(FailedRecordCount).toBeGreaterThan(5)
})
