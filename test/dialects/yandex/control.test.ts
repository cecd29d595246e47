// What Yandex has in words, members, headers and operations of its own.

import { crc32 } from 'node:zlib'
import { startBridge, type Bridge, type Members, type Sent } from '../kinesis/bridge.ts'

const DATABASE = '/ru-central1/folder/database'
const StreamName = `${DATABASE}/orders`
const TOKEN: Sent = { headers: { 'x-yacloud-subjecttoken': 't' } }
const [IAE, VALIDATION] = ['InvalidArgumentException', 'ValidationException']

async function described({ call }: Bridge): Promise<Members> {
  return (await call('DescribeStream', { StreamName })).json['StreamDescription'] as Members
}

describe('puts', () => {
  const record = { PartitionKey: 'k', Data: 'QQ==' }
  const put = (bridge: Bridge, changed: Members) =>
    bridge.refusal('PutRecords', { StreamName, Records: [record, { ...record, ...changed }] })

  test.each<[string, Members, string, string]>([
    ['no key', { PartitionKey: null }, VALIDATION, 'Empty partition key'],
    ['an empty key', { PartitionKey: '' }, VALIDATION, 'Empty partition key'],
    [
      'a long key',
      { PartitionKey: 'k'.repeat(257) },
      VALIDATION,
      `Partition key is too long: ${'k'.repeat(257)}`,
    ],
    [
      'large data',
      { Data: Buffer.alloc(1_048_577) },
      VALIDATION,
      'Data of size of 1048577 bytes exceed limit of 1048576 bytes',
    ],
    [
      'a hash key that is none',
      { ExplicitHashKey: 'x' },
      VALIDATION,
      'x is not a valid 128 bit decimal',
    ],
    [
      'a hash key beyond the space',
      { ExplicitHashKey: `${2n ** 128n}` },
      IAE,
      `${2n ** 128n} is not a valid 128 bit decimal`,
    ],
  ])('%s', async (_, changed, type, message) => {
    expect(await put(startBridge({ orders: 1 }), changed)).toEqual([type, message, 400])
  })

  test('no stream’s name comes first, then too many records, then the first bad record', async () => {
    const { refusal } = startBridge({ orders: 1 })
    const Records = Array.from({ length: 501 }, () => ({ Data: '' }))
    expect((await refusal('PutRecords', { Records }, TOKEN))[1]).toBe('Stream name is empty')
    expect((await refusal('PutRecords', { StreamName, Records }))[1]).toBe(
      'Too many records in a single PutRecords request: 501 > 500',
    )
    expect((await refusal('PutRecords', { StreamName, Records: Records.slice(1) }))[1]).toBe(
      'Empty partition key',
    )
  })

  test('five megabytes in all', async () => {
    const Records = Array.from({ length: 6 }, () => ({ ...record, Data: Buffer.alloc(900_000) }))
    const { refusal } = startBridge({ orders: 1 })
    expect(await refusal('PutRecords', { StreamName, Records })).toEqual([
      IAE,
      'Total size of PutRecords request of 5400006 bytes exceed limit of 5242880 bytes',
      400,
    ])
  })
})

describe('CreateStream', () => {
  test('with a retention and a quota, which are shown', async () => {
    const bridge = startBridge()
    const extras = { RetentionPeriodHours: 12, WriteQuotaKbPerSec: 512 }
    expect((await bridge.call('CreateStream', { StreamName, ShardCount: 2, ...extras })).text).toBe(
      '',
    )

    expect(await described(bridge)).toMatchObject({
      ...{ StreamName, StreamStatus: 'ACTIVE', EncryptionType: 'NONE', HasMoreShards: false },
      ...extras,
    })
    const { retentionMs } = await bridge.log.describe('orders')
    expect(retentionMs).toBe(12 * 3_600_000)
  })

  test('a day and a megabyte a second, unless it says otherwise', async () => {
    const bridge = startBridge()
    await bridge.call('CreateStream', { StreamName, ShardCount: 1 })
    expect(await described(bridge)).toMatchObject({
      ...{ RetentionPeriodHours: 24, WriteQuotaKbPerSec: 1024 },
    })
  })

  test.each<[string, Members, string, string]>([
    [
      'that is there',
      { ShardCount: 1 },
      'ResourceInUseException',
      'Stream with name orders already exists',
    ],
    [
      'by megabytes',
      { ShardCount: 1, RetentionStorageMegabytes: 10 },
      IAE,
      'Retention is in hours here, not in megabytes: use RetentionPeriodHours.',
    ],
    [
      'with shards that come by themselves',
      {
        ShardCount: 1,
        PartitioningSettings: {
          AutoPartitioningSettings: { Strategy: 'AUTO_PARTITIONING_STRATEGY_SCALE_UP' },
        },
      },
      IAE,
      'Shards are not split by themselves here: use UpdateShardCount.',
    ],
  ])('%s', async (_, input, type, message) => {
    const { refusal } = startBridge({ orders: 1 })
    expect(await refusal('CreateStream', { StreamName, ...input })).toEqual([type, message, 400])
  })
})

describe('operations of its own', () => {
  test('UpdateStream changes what it names', async () => {
    const bridge = startBridge({ orders: 1 })
    const changed = { RetentionPeriodHours: 48, WriteQuotaKbPerSec: 2048 }
    const StreamModeDetails = { StreamMode: 'ON_DEMAND' }
    const input = { StreamName, TargetShardCount: 3, StreamModeDetails, ...changed }
    const reply = await bridge.call('UpdateStream', input)

    expect([reply.status, reply.text]).toEqual([200, ''])
    const stream = await described(bridge)
    expect(stream).toMatchObject({ StreamStatus: 'UPDATING', StreamModeDetails, ...changed })
    expect(stream['Shards']).toHaveLength(3)
    bridge.pass(4000)
    expect((await bridge.call('UpdateStream', { StreamName })).status).toBe(200)
    expect(await described(bridge)).toMatchObject({ StreamStatus: 'ACTIVE', ...changed })
  })

  test('SetWriteQuota and SetStreamRetentionPeriod', async () => {
    const bridge = startBridge({ orders: 1 })
    await bridge.call('SetWriteQuota', { StreamName, WriteQuotaKbPerSec: 128 })
    await bridge.call('SetStreamRetentionPeriod', { StreamName, RetentionPeriodHours: 5 })
    expect(await described(bridge)).toMatchObject({
      ...{ WriteQuotaKbPerSec: 128, RetentionPeriodHours: 5 },
    })
  })

  test.each(['UpdateStream', 'SetWriteQuota', 'SetStreamRetentionPeriod'])(
    '%s: a missing stream, and none at all',
    async (operation) => {
      const { refusal } = startBridge()
      const rest = { WriteQuotaKbPerSec: 1, RetentionPeriodHours: 1 }
      expect(await refusal(operation, { ...rest, StreamName: `${DATABASE}/none` })).toEqual([
        ...['ResourceNotFoundException', 'Stream none under account 000000000000 not found.', 400],
      ])
      expect(await refusal(operation, rest, TOKEN)).toEqual([
        ...[VALIDATION, 'Stream name is empty', 400],
      ])
    },
  )
})

test.each<[string, Members, string]>([
  [
    'UpdateShardCount',
    { TargetShardCount: 1, ScalingType: 'UNIFORM_SCALING' },
    'Shard count must be non-decreasing, old value is 2 new value is 1',
  ],
  [
    'IncreaseStreamRetentionPeriod',
    { RetentionPeriodHours: 24 },
    'Retention period is not greater than provided: 604800 <= 86400',
  ],
  [
    'DecreaseStreamRetentionPeriod',
    { RetentionPeriodHours: 169 },
    'Retention period is not less than provided: 604800 <= 608400',
  ],
])('%s against its direction', async (operation, input, message) => {
  const { refusal } = startBridge({ orders: 2 })
  expect(await refusal(operation, { StreamName, ...input })).toEqual([IAE, message, 400])
})

describe('the wire', () => {
  test('every reply carries the checksum of its body', async () => {
    const { call } = startBridge({ orders: 1 })
    const calls: readonly (readonly [string, Members])[] = [
      ['DescribeStream', { StreamName }],
      ['DescribeStream', { StreamName: `${DATABASE}/none` }],
      ['SetWriteQuota', { StreamName, WriteQuotaKbPerSec: 1 }],
      ['PutRecords', { StreamName, Records: [] }],
      ['PutRecords', { StreamName, Records: [{ PartitionKey: 'a', Data: 'YQ==' }] }],
    ]
    for (const [operation, input] of calls) {
      const { headers, text } = await call(operation, input)
      expect(headers['x-amz-crc32']).toBe(String(crc32(text)))
    }
  })

  test('an operation that nobody knows, and none', async () => {
    const { refusal } = startBridge()
    expect(await refusal('Fly', {}, TOKEN)).toEqual([
      ...['InvalidAction', 'Missing method name Fly', 400],
    ])
    expect((await refusal('', {}, TOKEN))[0]).toBe('MissingAction')
    expect((await refusal('CreateQueue', {}, TOKEN))[0]).toBe('InvalidAction')
  })

  test('plain JSON, a database in the path and a folder in the query', async () => {
    const { call } = startBridge({ orders: 1 })
    const reply = await call(
      'PutRecord',
      { StreamName: 'orders', PartitionKey: 'k', Data: 'QQ==' },
      { path: `${DATABASE}?folderId=b1g`, headers: { 'content-type': 'application/json' } },
    )
    expect(reply.json).toEqual({
      ...{ ShardId: 'shard-000000', SequenceNumber: '0', EncryptionType: 'NONE' },
    })
  })

  test('a list goes on after a path', async () => {
    const { call } = startBridge({ a: 1, b: 1, c: 1 })
    const list = async (ExclusiveStartStreamName: string) =>
      (await call('ListStreams', { ExclusiveStartStreamName }, TOKEN)).json['StreamNames']
    expect(await list(`${DATABASE}/a`)).toEqual(['b', 'c'])
    expect(await list('b')).toEqual(['c'])
  })

  test('a path for an ARN', async () => {
    const { call } = startBridge({ orders: 1 })
    const StreamModeDetails = { StreamMode: 'ON_DEMAND' }
    const input = { StreamARN: StreamName, StreamModeDetails }
    expect((await call('UpdateStreamMode', input, TOKEN)).status).toBe(200)
    expect((await call('DescribeStream', { StreamARN: StreamName }, TOKEN)).status).toBe(200)
  })
})
