// The calls that are not about records: what each does, in what order it refuses, and its texts.

import { arnOf, NOW_MS, startBridge, type Bridge, type Members } from './bridge.ts'

const FAILS = 'failed to satisfy constraint: '
const MISSING = 'Stream none under account 000000000000 not found.'
const [RNF, IAE, VALIDATION] = [
  'ResourceNotFoundException',
  'InvalidArgumentException',
  'ValidationException',
]

const StreamName = 'orders'
const StreamARN = arnOf('orders')

async function summaryOf({ call }: Bridge, input: Members = { StreamName }): Promise<Members> {
  const { json } = await call('DescribeStreamSummary', input)
  return json['StreamDescriptionSummary'] as Members
}

async function statusOf(bridge: Bridge): Promise<unknown> {
  return (await summaryOf(bridge))['StreamStatus']
}

function broken(value: string, member: string, constraint: string): string {
  return `1 validation error detected: Value ${value} at '${member}' ${FAILS}${constraint}`
}

/** Everything that names a stream, with what else it needs. */
const ABOUT_A_STREAM: readonly (readonly [string, Members])[] = [
  ['DescribeStream', {}],
  ['DescribeStreamSummary', {}],
  ['ListShards', {}],
  ['DeleteStream', {}],
  ['UpdateShardCount', { TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' }],
  ['SplitShard', { ShardToSplit: 'shardId-000000000000', NewStartingHashKey: '10' }],
  [
    'MergeShards',
    { ShardToMerge: 'shardId-000000000000', AdjacentShardToMerge: 'shardId-000000000001' },
  ],
  ['IncreaseStreamRetentionPeriod', { RetentionPeriodHours: 48 }],
  ['DecreaseStreamRetentionPeriod', { RetentionPeriodHours: 24 }],
  ['AddTagsToStream', { Tags: { a: 'b' } }],
  ['RemoveTagsFromStream', { TagKeys: ['a'] }],
  ['ListTagsForStream', {}],
  ['EnableEnhancedMonitoring', { ShardLevelMetrics: ['ALL'] }],
  ['DisableEnhancedMonitoring', { ShardLevelMetrics: ['ALL'] }],
  ['StartStreamEncryption', { EncryptionType: 'KMS', KeyId: 'k' }],
  ['StopStreamEncryption', { EncryptionType: 'KMS', KeyId: 'k' }],
  ['UpdateStreamWarmThroughput', { WarmThroughputMiBps: 1 }],
]

const BY_ARN: readonly (readonly [string, Members])[] = [
  ['UpdateStreamMode', { StreamModeDetails: { StreamMode: 'ON_DEMAND' } }],
  ['UpdateMaxRecordSize', { MaxRecordSizeInKiB: 2048 }],
  ['UpdateStreamRecordDistributionStrategy', { RecordDistributionStrategy: 'USER_PARTITION_KEY' }],
]

const BY_RESOURCE: readonly (readonly [string, Members])[] = [
  ['TagResource', { Tags: { a: 'b' } }],
  ['UntagResource', { TagKeys: ['a'] }],
  ['ListTagsForResource', {}],
  ['GetResourcePolicy', {}],
  ['PutResourcePolicy', { Policy: '{}' }],
  ['DeleteResourcePolicy', {}],
]

describe('how streams are named', () => {
  const bridge = startBridge({ orders: 2 })

  test.each(ABOUT_A_STREAM)(
    '%s: a missing stream, by name, by ARN, by both',
    async (name, rest) => {
      const names = [{ StreamName: 'none' }, { StreamARN: arnOf('none') }]
      for (const each of [...names, { ...names[0], ...names[1] }]) {
        expect(await bridge.refusal(name, { ...rest, ...each })).toEqual([RNF, MISSING, 400])
      }
    },
  )

  test.each(BY_ARN)('%s: a missing stream', async (name, rest) => {
    expect(await bridge.refusal(name, { ...rest, StreamARN: arnOf('none') })).toEqual([
      ...[RNF, MISSING, 400],
    ])
  })

  test.each(BY_RESOURCE)('%s: a missing stream, and what is none', async (name, rest) => {
    const ResourceARN = arnOf('none')
    expect(await bridge.refusal(name, { ...rest, ResourceARN })).toEqual([RNF, MISSING, 400])
    for (const other of [
      'arn:aws:kinesis:us-east-1:000000000000:queue/q',
      `${StreamARN}/consumer/c:1`,
    ]) {
      expect(await bridge.refusal(name, { ...rest, ResourceARN: other })).toEqual([
        ...[RNF, `Resource ${other} not found.`, 400],
      ])
    }
  })

  test.each(ABOUT_A_STREAM)('%s: names that disagree, and none at all', async (name, rest) => {
    expect(await bridge.refusal(name, { ...rest, StreamName, StreamARN: arnOf('other') })).toEqual([
      ...[IAE, 'StreamARN and StreamName name different streams: other and orders', 400],
    ])
    const [type, message] = await bridge.refusal(name, rest)
    expect([type, message]).toEqual(
      name === 'ListShards'
        ? [IAE, 'Either NextToken or StreamName should be provided.']
        : [VALIDATION, broken('null', 'streamName', 'Member must not be null')],
    )
  })

  test('a StreamId is ignored, and never shown', async () => {
    const summary = await summaryOf(bridge, { StreamName, StreamId: 'x' })
    expect(summary['StreamName']).toBe('orders')
    expect(JSON.stringify(summary)).not.toContain('StreamId')
  })

  test('account and region of an ARN do not matter, unless they are pinned', async () => {
    const elsewhere = { StreamARN: arnOf('orders', 'eu-west-1', '123456789012') }
    expect((await bridge.call('DescribeStreamSummary', elsewhere)).status).toBe(200)

    const pinned = startBridge(
      { orders: 1 },
      { pinned: { account: '123456789012', region: 'eu-west-1' } },
    )
    expect((await pinned.call('DescribeStreamSummary', elsewhere)).status).toBe(200)
    expect((await pinned.call('DescribeStreamSummary', { StreamName })).status).toBe(200)
    for (const StreamARN of [
      arnOf('orders', 'us-east-1', '123456789012'),
      arnOf('orders', 'eu-west-1', '000000000001'),
    ]) {
      const [type] = await pinned.refusal('DescribeStreamSummary', { StreamARN })
      expect(type).toBe(RNF)
    }
  })
})

describe('CreateStream', () => {
  test('with tags, a mode and a size, which are shown', async () => {
    const bridge = startBridge()
    const created = await bridge.call('CreateStream', {
      StreamName,
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      Tags: { team: 'blue', stage: '' },
      MaxRecordSizeInKiB: 2048,
      WarmThroughputMiBps: 10,
    })

    expect([created.status, created.text]).toEqual([200, ''])
    expect(await summaryOf(bridge)).toEqual({
      StreamName,
      StreamARN,
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      RetentionPeriodHours: 24,
      StreamCreationTimestamp: NOW_MS / 1000,
      EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
      EncryptionType: 'NONE',
      OpenShardCount: 4,
      ConsumerCount: 0,
      RecordDistributionStrategy: 'USER_PARTITION_KEY',
      MaxRecordSizeInKiB: 2048,
    })
    expect((await bridge.call('ListTagsForStream', { StreamName })).json).toEqual({
      Tags: [
        { Key: 'stage', Value: '' },
        { Key: 'team', Value: 'blue' },
      ],
      HasMoreTags: false,
    })
    expect((await bridge.call('ListStreams')).json['StreamSummaries']).toEqual([
      expect.objectContaining({ StreamName, StreamModeDetails: { StreamMode: 'ON_DEMAND' } }),
    ])
  })

  test.each<[string, Members, string, string]>([
    [
      'a size out of range',
      { ShardCount: 1, MaxRecordSizeInKiB: 1023 },
      VALIDATION,
      broken(
        "'1023'",
        'maxRecordSizeInKiB',
        'Member must have value greater than or equal to 1024',
      ),
    ],
    [
      'an unknown mode',
      { StreamModeDetails: { StreamMode: 'X' } },
      VALIDATION,
      broken(
        "'X'",
        'streamModeDetails.streamMode',
        'Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]',
      ),
    ],
    [
      'neither shards nor a mode',
      {},
      VALIDATION,
      broken('null', 'shardCount', 'Member must not be null'),
    ],
    [
      'no shards where they are provisioned',
      { StreamModeDetails: { StreamMode: 'PROVISIONED' } },
      IAE,
      'ShardCount is required for a stream in PROVISIONED mode',
    ],
    [
      'tags with other characters',
      { ShardCount: 1, Tags: { 'a:b': 'c' } },
      IAE,
      'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.',
    ],
    [
      'a strategy without keys',
      { ShardCount: 1, RecordDistributionStrategy: 'AUTO' },
      IAE,
      'RecordDistributionStrategy AUTO is not supported here: records go where their partition keys say. Use USER_PARTITION_KEY.',
    ],
  ])('%s', async (_, input, type, message) => {
    const bridge = startBridge()
    expect(await bridge.refusal('CreateStream', { StreamName, ...input })).toEqual([
      ...[type, message, 400],
    ])
    expect(await bridge.log.list()).toEqual([])
  })
})

describe('UpdateShardCount', () => {
  const ScalingType = 'UNIFORM_SCALING'

  test('adds shards, and the stream is UPDATING until all instances know of them', async () => {
    const bridge = startBridge({ orders: 2 })
    const grown = await bridge.call('UpdateShardCount', {
      ...{ StreamName, TargetShardCount: 3.7, ScalingType },
    })

    expect(grown.json).toEqual({
      ...{ StreamName, CurrentShardCount: 2, TargetShardCount: 3, StreamARN },
    })
    expect(await statusOf(bridge)).toBe('UPDATING')
    expect(
      await bridge.refusal('UpdateShardCount', { StreamName, TargetShardCount: 4, ScalingType }),
    ).toEqual([
      'ResourceInUseException',
      'Stream orders under account 000000000000 not ACTIVE, instead in state UPDATING',
      400,
    ])
    const put = { StreamName, PartitionKey: 'a', Data: 'QQ==' }
    expect((await bridge.call('PutRecord', put)).status).toBe(200)
    bridge.pass(3999)
    expect(await statusOf(bridge)).toBe('UPDATING')
    bridge.pass(1)
    expect(await statusOf(bridge)).toBe('ACTIVE')
    expect((await summaryOf(bridge))['OpenShardCount']).toBe(3)
  })

  test('to as many as there are changes nothing', async () => {
    const bridge = startBridge({ orders: 2 })
    const input = { StreamName, TargetShardCount: 2, ScalingType }
    expect((await bridge.call('UpdateShardCount', input)).json).toMatchObject({
      ...{ CurrentShardCount: 2, TargetShardCount: 2 },
    })
    expect(await statusOf(bridge)).toBe('ACTIVE')
  })

  test.each<[string, Members, string, string]>([
    [
      'to fewer',
      { TargetShardCount: 1, ScalingType },
      IAE,
      'Stream orders cannot shrink from 2 shards to 1: they are the partitions of a Kafka topic, which are never taken away. Create a stream with 1 shards and let the producers write there.',
    ],
    [
      'to more than allowed',
      { TargetShardCount: 1001, ScalingType },
      'LimitExceededException',
      'A stream may have 1000 shards at most here, not 1001',
    ],
    [
      'by another type',
      { TargetShardCount: 3, ScalingType: 'X' },
      VALIDATION,
      broken("'X'", 'scalingType', 'Member must satisfy enum value set: [UNIFORM_SCALING]'),
    ],
    [
      'to none',
      { TargetShardCount: 0, ScalingType },
      VALIDATION,
      broken("'0'", 'targetShardCount', 'Member must have value greater than or equal to 1'),
    ],
  ])('%s', async (_, input, type, message) => {
    const bridge = startBridge({ orders: 2 })
    expect(await bridge.refusal('UpdateShardCount', { StreamName, ...input })).toEqual([
      ...[type, message, 400],
    ])
    expect(await statusOf(bridge)).toBe('ACTIVE')
  })

  test('of a stranger’s stream is not permitted', async () => {
    const bridge = startBridge({ orders: 2 }, { streams: { manage: 'own' } })
    const [type] = await bridge.refusal('UpdateShardCount', {
      ...{ StreamName, TargetShardCount: 4, ScalingType },
    })
    expect(type).toBe('AccessDeniedException')
  })
})

describe('SplitShard and MergeShards', () => {
  const bridge = startBridge({ orders: 2 })
  const NewStartingHashKey = '10'
  const noShard = (id: string) =>
    `Could not find shard ${id} in stream orders under account 000000000000.`

  test.each<[string, Members, string, string]>([
    ['SplitShard', { ShardToSplit: 'x', NewStartingHashKey }, RNF, noShard('x')],
    [
      'SplitShard',
      { ShardToSplit: 'shardId-7', NewStartingHashKey },
      RNF,
      noShard('shardId-000000000007'),
    ],
    [
      'SplitShard',
      { ShardToSplit: '1', NewStartingHashKey },
      IAE,
      'A single shard cannot be split: shards are the partitions of a Kafka topic, and share the hash keys evenly. UpdateShardCount adds shards to the stream.',
    ],
    [
      'MergeShards',
      { ShardToMerge: 'shardId-0', AdjacentShardToMerge: 'shardId-2' },
      RNF,
      noShard('shardId-000000000002'),
    ],
    [
      'MergeShards',
      { ShardToMerge: 'shardId-000000000000', AdjacentShardToMerge: 'shardId-000000000001' },
      IAE,
      'Shards cannot be merged: they are the partitions of a Kafka topic, which are never taken away. Create a stream with fewer shards and let the producers write there.',
    ],
    [
      'SplitShard',
      { ShardToSplit: 'shardId-0', NewStartingHashKey: '01' },
      VALIDATION,
      broken(
        "'01'",
        'newStartingHashKey',
        'Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})',
      ),
    ],
  ])('%s %j', async (operation, input, type, message) => {
    expect(await bridge.refusal(operation, { StreamName, ...input })).toEqual([type, message, 400])
  })

  test('an id that is none comes before a stream that is missing', async () => {
    const input = { StreamName: 'none', ShardToSplit: 'x', NewStartingHashKey }
    expect((await bridge.refusal('SplitShard', input))[1]).toBe(
      'Could not find shard x in stream none under account 000000000000.',
    )
  })
})

describe('retention', () => {
  const INCREASE = 'IncreaseStreamRetentionPeriod'
  const DECREASE = 'DecreaseStreamRetentionPeriod'

  test('goes up and down, and the same again changes nothing', async () => {
    const bridge = startBridge()
    await bridge.call('CreateStream', { StreamName, ShardCount: 1 })
    const hours = async () => (await summaryOf(bridge))['RetentionPeriodHours']
    const steps = [
      [INCREASE, 8760],
      [INCREASE, 8760],
      [DECREASE, 25],
      [DECREASE, 25],
    ] as const
    for (const [operation, RetentionPeriodHours] of steps) {
      const reply = await bridge.call(operation, { StreamName, RetentionPeriodHours })
      expect([reply.status, reply.text, await hours()]).toEqual([200, '', RetentionPeriodHours])
    }
    expect((await bridge.log.describe('orders')).retentionMs).toBe(25 * 3_600_000)
  })

  test.each<[string, number | undefined, string, string]>([
    [
      INCREASE,
      23,
      IAE,
      'Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.',
    ],
    [
      DECREASE,
      1,
      IAE,
      'Minimum allowed retention period is 24 hours. Requested retention period (1 hours) is too short.',
    ],
    [
      INCREASE,
      24,
      IAE,
      'Requested retention period (24 hours) for stream orders can not be shorter than existing retention period (168 hours). Use DecreaseRetentionPeriod API.',
    ],
    [
      DECREASE,
      169,
      IAE,
      'Requested retention period (169 hours) for stream orders can not be longer than existing retention period (168 hours). Use IncreaseRetentionPeriod API.',
    ],
    [
      INCREASE,
      8761,
      VALIDATION,
      broken("'8761'", 'retentionPeriodHours', 'Member must have value less than or equal to 8760'),
    ],
    [
      INCREASE,
      undefined,
      VALIDATION,
      broken('null', 'retentionPeriodHours', 'Member must not be null'),
    ],
  ])('%s to %j', async (operation, RetentionPeriodHours, type, message) => {
    const bridge = startBridge({ orders: 1 })
    expect(await bridge.refusal(operation, { StreamName, RetentionPeriodHours })).toEqual([
      ...[type, message, 400],
    ])
  })
})

describe('tags', () => {
  test('are added, replaced, removed and listed page by page', async () => {
    const bridge = startBridge({ orders: 1 })
    const list = async (input: Members = {}) =>
      (await bridge.call('ListTagsForStream', { StreamName, ...input })).json
    expect(await list()).toEqual({ Tags: [], HasMoreTags: false })

    await bridge.call('AddTagsToStream', { StreamName, Tags: { b: '1', a: '1', ключ: 'é/=+-_ @' } })
    await bridge.call('AddTagsToStream', { StreamARN, Tags: { b: '2', __proto__x: 'y' } })
    expect(await list({ Limit: 2 })).toEqual({
      Tags: [
        { Key: '__proto__x', Value: 'y' },
        { Key: 'a', Value: '1' },
      ],
      HasMoreTags: true,
    })
    expect(await list({ ExclusiveStartTagKey: 'a' })).toEqual({
      Tags: [
        { Key: 'b', Value: '2' },
        { Key: 'ключ', Value: 'é/=+-_ @' },
      ],
      HasMoreTags: false,
    })
    await bridge.call('RemoveTagsFromStream', { StreamName, TagKeys: ['a', 'unknown', 'ключ'] })
    expect((await list())['Tags']).toHaveLength(2)
  })

  test('by ARN are those by name', async () => {
    const bridge = startBridge({ orders: 1 })
    const ResourceARN = StreamARN
    for (const [operation, input] of [
      ['TagResource', { ResourceARN, Tags: { a: '1', b: '2' } }],
      ['UntagResource', { ResourceARN, TagKeys: ['a'] }],
    ] as const) {
      const { status, text } = await bridge.call(operation, input)
      expect([status, text]).toEqual([200, ''])
    }
    const Tags = [{ Key: 'b', Value: '2' }]
    expect((await bridge.call('ListTagsForResource', { ResourceARN })).json).toEqual({ Tags })
    expect((await bridge.call('ListTagsForStream', { StreamName })).json['Tags']).toEqual(Tags)
  })

  test('go with the stream', async () => {
    const bridge = startBridge()
    const make = () => bridge.call('CreateStream', { StreamName, ShardCount: 1 })
    await make()
    await bridge.call('AddTagsToStream', { StreamName, Tags: { a: '1' } })
    await bridge.call('DeleteStream', { StreamName })
    await make()
    expect((await bridge.call('ListTagsForStream', { StreamName })).json['Tags']).toEqual([])
  })

  const many = (count: number, prefix = 'k') =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, 'v']))
  const KEYS =
    'Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]'
  const VALUES =
    'Map value must satisfy constraint: [Member must have length less than or equal to 256, Member must have length greater than or equal to 0]'
  const ELEMENTS =
    'Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]'
  const ILLEGAL =
    "under account 000000000000 because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'."
  const INVALID =
    'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.'

  test.each<[string, Members, string, string]>([
    ['AddTagsToStream', {}, VALIDATION, broken('null', 'tags', 'Member must not be null')],
    [
      'AddTagsToStream',
      { Tags: {} },
      VALIDATION,
      broken("'{}'", 'tags', 'Member must have length greater than or equal to 1'),
    ],
    ['AddTagsToStream', { Tags: { '': 'x' } }, VALIDATION, broken("'{=x}'", 'tags', KEYS)],
    [
      'AddTagsToStream',
      { Tags: { a: 'x'.repeat(257) } },
      VALIDATION,
      broken(`'{a=${'x'.repeat(257)}}'`, 'tags', VALUES),
    ],
    ['AddTagsToStream', { Tags: { 'a!': 'x' } }, IAE, INVALID],
    [
      'AddTagsToStream',
      { Tags: { a: '%' } },
      IAE,
      `Failed to add tags to stream orders ${ILLEGAL}`,
    ],
    [
      'AddTagsToStream',
      { Tags: many(51) },
      IAE,
      'Failed to add tags to stream orders under account 000000000000 because a given stream cannot have more than 10 tags associated with it.',
    ],
    [
      'RemoveTagsFromStream',
      { TagKeys: [] },
      VALIDATION,
      broken("'[]'", 'tagKeys', 'Member must have length greater than or equal to 1'),
    ],
    [
      'RemoveTagsFromStream',
      { TagKeys: ['a', ''] },
      VALIDATION,
      broken("'[a, ]'", 'tagKeys', ELEMENTS),
    ],
    ['RemoveTagsFromStream', { TagKeys: ['a!'] }, IAE, INVALID],
    [
      'RemoveTagsFromStream',
      { TagKeys: ['%'] },
      IAE,
      `Failed to remove tags from stream orders ${ILLEGAL}`,
    ],
    [
      'ListTagsForStream',
      { Limit: 51 },
      VALIDATION,
      broken("'51'", 'limit', 'Member must have value less than or equal to 50'),
    ],
  ])('%s %j', async (operation, input, type, message) => {
    const bridge = startBridge({ orders: 1 })
    expect(await bridge.refusal(operation, { StreamName, ...input })).toEqual([type, message, 400])
  })

  test('fifty there may be in all', async () => {
    const bridge = startBridge({ orders: 1 })
    const add = (Tags: Members) => bridge.call('AddTagsToStream', { StreamName, Tags })
    expect((await add(many(49))).status).toBe(200)
    expect((await add(many(2, 'x'))).status).toBe(400)
    expect((await add(many(1, 'x'))).status).toBe(200)
    expect((await add(many(49))).status).toBe(200)
  })
})

describe('settings that are remembered and shown', () => {
  test('the mode', async () => {
    const bridge = startBridge({ orders: 1 })
    const StreamModeDetails = { StreamMode: 'ON_DEMAND' }
    const reply = await bridge.call('UpdateStreamMode', { StreamARN, StreamModeDetails })
    expect([reply.status, reply.text]).toEqual([200, ''])
    expect(await summaryOf(bridge)).toMatchObject({ StreamStatus: 'ACTIVE', StreamModeDetails })
    expect((await bridge.call('DescribeLimits')).json).toEqual({
      ShardLimit: 1_000_000,
      OpenShardCount: 1,
      OnDemandStreamCount: 1,
      OnDemandStreamCountLimit: 1_000_000,
    })
    expect(await bridge.refusal('UpdateStreamMode', { StreamARN })).toEqual([
      ...[VALIDATION, broken('null', 'streamModeDetails', 'Member must not be null'), 400],
    ])
  })

  test('metrics', async () => {
    const bridge = startBridge({ orders: 1 })
    const change = async (operation: string, ...ShardLevelMetrics: string[]) =>
      (await bridge.call(operation, { StreamName, ShardLevelMetrics })).json
    expect(await change('EnableEnhancedMonitoring', 'OutgoingBytes', 'IncomingBytes')).toEqual({
      StreamName,
      StreamARN,
      CurrentShardLevelMetrics: [],
      DesiredShardLevelMetrics: ['IncomingBytes', 'OutgoingBytes'],
    })
    expect(await change('DisableEnhancedMonitoring', 'IncomingBytes')).toMatchObject({
      CurrentShardLevelMetrics: ['IncomingBytes', 'OutgoingBytes'],
      DesiredShardLevelMetrics: ['OutgoingBytes'],
    })
    expect((await summaryOf(bridge))['EnhancedMonitoring']).toEqual([
      { ShardLevelMetrics: ['OutgoingBytes'] },
    ])
    const all = await change('EnableEnhancedMonitoring', 'ALL')
    expect(all['DesiredShardLevelMetrics']).toHaveLength(7)
    const none = await change('DisableEnhancedMonitoring', 'ALL')
    expect(none['DesiredShardLevelMetrics']).toEqual([])
    const ShardLevelMetrics = ['X']
    expect(
      await bridge.refusal('EnableEnhancedMonitoring', { StreamName, ShardLevelMetrics }),
    ).toEqual([
      VALIDATION,
      broken(
        "'[X]'",
        'shardLevelMetrics',
        'Member must satisfy constraint: [Member must satisfy enum value set: [IncomingBytes, IncomingRecords, OutgoingBytes, OutgoingRecords, WriteProvisionedThroughputExceeded, ReadProvisionedThroughputExceeded, IteratorAgeMilliseconds, ALL]]',
      ),
      400,
    ])
  })

  test('the strategy, of which there is one', async () => {
    const bridge = startBridge({ orders: 1 })
    const set = (RecordDistributionStrategy: string) =>
      bridge.refusal('UpdateStreamRecordDistributionStrategy', {
        ...{ StreamARN, RecordDistributionStrategy },
      })
    expect((await set('USER_PARTITION_KEY'))[2]).toBe(200)
    expect((await set('AUTO'))[0]).toBe(IAE)
  })
})

describe('large records', () => {
  const data = (kib: number) => Buffer.alloc(kib * 1024, 'x')
  const put = (bridge: Bridge, Data: Buffer) =>
    bridge.refusal('PutRecord', { StreamName, PartitionKey: 'k', Data })

  test('are taken once the stream is told to', async () => {
    const bridge = startBridge()
    await bridge.call('CreateStream', { StreamName, ShardCount: 1 })
    expect((await put(bridge, data(1024)))[2]).toBe(200)
    expect(await put(bridge, data(1025))).toEqual([
      VALIDATION,
      broken(
        "'java.nio.HeapByteBuffer[pos=0 lim=1049600 cap=1049600]'",
        'data',
        'Member must have length less than or equal to 1048576',
      ),
      400,
    ])

    const larger = await bridge.call('UpdateMaxRecordSize', {
      StreamARN,
      MaxRecordSizeInKiB: 10_240,
    })

    expect([larger.status, larger.text]).toEqual([200, ''])
    expect((await summaryOf(bridge))['MaxRecordSizeInKiB']).toBe(10_240)
    expect(await statusOf(bridge)).toBe('UPDATING')
    expect((await put(bridge, data(10_000)))[2]).toBe(200)
    expect((await put(bridge, data(10_240)))[2]).toBe(200)
    expect((await put(bridge, Buffer.concat([data(10_240), Buffer.of(1)])))[1]).toContain(
      'Member must have length less than or equal to 10485760',
    )
    expect(bridge.log.messages('orders').map(({ value }) => value.length / 1024)).toEqual([
      ...[1024, 10_000, 10_240],
    ])
    bridge.pass(4000)
    expect(await statusOf(bridge)).toBe('ACTIVE')
  })

  test('in their places', async () => {
    const bridge = startBridge({ orders: 1 })
    const record = (kib: number) => ({ PartitionKey: 'k', Data: data(kib) })
    const Records = [record(1), record(1025), record(1), record(1026)]
    const [type, message] = await bridge.refusal('PutRecords', { StreamName, Records })
    expect(type).toBe(VALIDATION)
    expect(message).toMatch(
      /^2 validation errors detected: .*'records\.2\.member\.data'.*'records\.4\.member\.data'/,
    )
    expect(bridge.log.messages('orders')).toEqual([])
  })

  test('of a missing stream are of a missing stream', async () => {
    expect((await put(startBridge(), data(2000)))[0]).toBe(RNF)
  })

  test('ten megabytes in all', async () => {
    const bridge = startBridge()
    await bridge.call('CreateStream', { StreamName, ShardCount: 1 })
    const record = { PartitionKey: 'key!', Data: data(1024) }
    const Records = Array.from({ length: 10 }, () => record)
    expect(await bridge.refusal('PutRecords', { StreamName, Records })).toEqual([
      ...[IAE, 'Records size exceeds 10 MB limit', 400],
    ])
    expect(
      (await bridge.call('PutRecords', { StreamName, Records: Records.slice(1) })).status,
    ).toBe(200)
  })

  test.each([1023, 10_241])('a size of %d KiB is out of range', async (MaxRecordSizeInKiB) => {
    const bridge = startBridge({ orders: 1 })
    const [type, message] = await bridge.refusal('UpdateMaxRecordSize', {
      ...{ StreamARN, MaxRecordSizeInKiB },
    })
    expect([type, message]).toEqual([
      VALIDATION,
      expect.stringContaining(`Value '${MaxRecordSizeInKiB}' at 'maxRecordSizeInKiB'`) as string,
    ])
  })
})

describe('PutRecord', () => {
  const record = { StreamName, PartitionKey: 'k', Data: 'QQ==' }
  const bad = { ExplicitHashKey: `${2n ** 128n}`, SequenceNumberForOrdering: '9'.repeat(57) }

  test('a bad hash key comes before a bad order number, and a missing stream before both', async () => {
    const { refusal } = startBridge({ orders: 1 })
    expect((await refusal('PutRecord', { ...record, ...bad }))[1]).toContain('ExplicitHashKey')
    expect((await refusal('PutRecord', { ...record, ...bad, StreamName: 'none' }))[1]).toBe(MISSING)
  })

  test('dry, stores nothing', async () => {
    const bridge = startBridge({ orders: 1 })
    const dry = [
      'DryRunOperationException',
      'The request was rejected because the DryRun parameter was specified.',
      400,
    ]
    const many = { StreamName, Records: [{ PartitionKey: 'k', Data: '' }], DryRun: true }
    expect(await bridge.refusal('PutRecord', { ...record, DryRun: true })).toEqual(dry)
    expect(await bridge.refusal('PutRecords', many)).toEqual(dry)
    expect((await bridge.refusal('PutRecords', { ...many, StreamName: 'none' }))[0]).toBe(RNF)
    expect(bridge.log.messages('orders')).toEqual([])
    expect((await bridge.call('PutRecord', { ...record, DryRun: false })).status).toBe(200)
  })
})

describe('ListShards', () => {
  const ids = ({ json }: { json: Members }) =>
    (json['Shards'] as { ShardId: string }[]).map(({ ShardId }) => Number(ShardId.slice(-2)))

  test.each<[Members, number[]]>([
    [{ Type: 'AFTER_SHARD_ID', ShardId: 'shardId-000000000001' }, [2]],
    [{ Type: 'AT_TRIM_HORIZON' }, [0, 1, 2]],
    [{ Type: 'FROM_TRIM_HORIZON' }, [0, 1, 2]],
    [{ Type: 'AT_LATEST' }, [0, 1, 2]],
    [{ Type: 'AT_TIMESTAMP', Timestamp: NOW_MS / 1000 }, [0, 1, 2]],
    [{ Type: 'FROM_TIMESTAMP', Timestamp: 0.5 }, [0, 1, 2]],
  ])('%j', async (ShardFilter, expected) => {
    const bridge = startBridge({ orders: 3 })
    expect(ids(await bridge.call('ListShards', { StreamName, ShardFilter }))).toEqual(expected)
  })

  const tooLate = (NOW_MS + 1) / 1000
  test.each<[Members, string, string]>([
    [
      { ShardFilter: { Type: 'AFTER_SHARD_ID' } },
      IAE,
      'ShardId must be provided with a ShardFilter of type AFTER_SHARD_ID.',
    ],
    [
      { ShardFilter: { Type: 'AT_LATEST', ShardId: 'shardId-1' } },
      IAE,
      'ShardId can only be provided with a ShardFilter of type AFTER_SHARD_ID, not AT_LATEST.',
    ],
    [
      { ShardFilter: { Type: 'AT_TIMESTAMP' } },
      IAE,
      'Timestamp must be provided with a ShardFilter of type AT_TIMESTAMP.',
    ],
    [
      { ShardFilter: { Type: 'AT_LATEST', Timestamp: 1 } },
      IAE,
      'Timestamp can only be provided with a ShardFilter of type AT_TIMESTAMP or FROM_TIMESTAMP, not AT_LATEST.',
    ],
    [
      { ShardFilter: { Type: 'FROM_TIMESTAMP', Timestamp: tooLate } },
      IAE,
      `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${NOW_MS + 1}, currentTimestampInMillis: ${NOW_MS}`,
    ],
    [
      { ShardFilter: {} },
      VALIDATION,
      broken('null', 'shardFilter.type', 'Member must not be null'),
    ],
  ])('%j', async (input, type, message) => {
    const bridge = startBridge({ orders: 3 })
    expect(await bridge.refusal('ListShards', { StreamName, ...input })).toEqual([
      ...[type, message, 400],
    ])
  })

  test('a token goes on where its page ended, alone, for five minutes', async () => {
    const bridge = startBridge({ orders: 3 })
    const first = await bridge.call('ListShards', { StreamName, MaxResults: 2 })
    const { NextToken } = first.json
    expect(ids(first)).toEqual([0, 1])
    bridge.pass(300_000)
    expect(ids(await bridge.call('ListShards', { NextToken, MaxResults: 2 }))).toEqual([2])
    for (const member of ['ExclusiveStartShardId', 'StreamCreationTimestamp', 'StreamName']) {
      const value = member === 'StreamCreationTimestamp' ? 1 : 'shardId-1'
      expect(await bridge.refusal('ListShards', { NextToken, [member]: value })).toEqual([
        ...[IAE, `NextToken and ${member} cannot be provided together.`, 400],
      ])
    }
    bridge.pass(1)
    expect((await bridge.refusal('ListShards', { NextToken }))[0]).toBe('ExpiredNextTokenException')
  })

  test('a stream of an ARN alone, and a token of a stream that is gone', async () => {
    const bridge = startBridge({ orders: 3 })
    const { NextToken } = (await bridge.call('ListShards', { StreamARN, MaxResults: 1 })).json
    await bridge.call('DeleteStream', { StreamName })
    expect((await bridge.refusal('ListShards', { NextToken }))[0]).toBe(RNF)
  })
})

describe('the account', () => {
  test('its limits count the shards of all streams', async () => {
    const bridge = startBridge({ orders: 3, more: 4 })
    expect((await bridge.call('DescribeLimits')).json).toMatchObject({
      ...{ OpenShardCount: 7, OnDemandStreamCount: 0 },
    })
  })

  test('its settings, queues and channels are none', async () => {
    const { call } = startBridge()
    expect((await call('DescribeAccountSettings')).json).toEqual({
      MinimumThroughputBillingCommitment: { Status: 'DISABLED' },
    })
    expect((await call('ListQueues')).json).toEqual({ QueueSummaries: [] })
    expect((await call('ListChannels')).json).toEqual({ ChannelSummaries: [] })
  })
})

describe('refused', () => {
  const ResourceARN = StreamARN
  const policy =
    'There are no resource policies here: who may do what is said in the service’s credentials file.'
  const encryption =
    'Streams are not encrypted by this service: records lie in Kafka as they came. Encrypt the brokers’ disks, or data before it is put.'
  const key = { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }

  test.each<[string, Members, string]>([
    ['StartStreamEncryption', { StreamName, ...key }, encryption],
    ['StopStreamEncryption', { StreamName, ...key }, encryption],
    ['PutResourcePolicy', { ResourceARN, Policy: '{}' }, policy],
    ['DeleteResourcePolicy', { ResourceARN }, policy],
    [
      'UpdateStreamWarmThroughput',
      { StreamName, WarmThroughputMiBps: 5 },
      'There is no throughput to be kept warm here: Kafka takes what its brokers can.',
    ],
    [
      'UpdateAccountSettings',
      {},
      'There is nothing to be committed to here: the account has no bill.',
    ],
    [
      'CreateChannel',
      { ChannelName: 'c' },
      'There are no channels here: let a connector on Kafka move the records.',
    ],
    [
      'ReceiveQueueRecords',
      { QueueARN: 'q' },
      'There are no queues here: read the stream, or its topic on Kafka.',
    ],
  ])('%s', async (operation, input, sentence) => {
    const { refusal } = startBridge({ orders: 1 })
    expect(await refusal(operation, input)).toEqual([IAE, sentence, 400])
  })

  test('a policy that nobody gave is an empty one', async () => {
    const { call } = startBridge({ orders: 1 })
    expect((await call('GetResourcePolicy', { ResourceARN })).json).toEqual({ Policy: '{}' })
  })

  test('what nobody knows', async () => {
    const { call } = startBridge()
    expect((await call('Fly')).text).toBe('{"__type":"UnknownOperationException"}')
    expect((await call('UpdateStream', { StreamName })).text).toBe(
      '{"__type":"UnknownOperationException"}',
    )
  })
})

test('members that were added of late can be switched off', async () => {
  const bridge = startBridge(
    { orders: 1 },
    { environment: { TRIBUTARY_DIALECTS_KINESIS_NEWER_MEMBERS: 'false' } },
  )
  const calls: readonly (readonly [string, Members])[] = [
    ['DescribeStream', { StreamName }],
    ['DescribeStreamSummary', { StreamName }],
    ['ListStreams', {}],
    ['DescribeLimits', {}],
    ['UpdateShardCount', { StreamName, TargetShardCount: 1, ScalingType: 'UNIFORM_SCALING' }],
  ]
  const members: string[] = []
  for (const [operation, input] of calls) {
    const { text } = await bridge.call(operation, input)
    members.push(...[...text.matchAll(/"(\w+)":/g)].map(([, name = '']) => name))
  }
  expect(members).toContain('EncryptionType')
  for (const name of [
    ...['StreamModeDetails', 'RecordDistributionStrategy', 'MaxRecordSizeInKiB'],
    ...['StreamSummaries', 'OnDemandStreamCount', 'OnDemandStreamCountLimit'],
  ]) {
    expect(members).not.toContain(name)
  }
})
