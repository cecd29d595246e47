// Reading: iterators and records on the wire, in both dialects and both encodings.

import * as sdk from '@aws-sdk/client-kinesis'
import { readIterator, writeIterator } from '../../../src/dialects/kinesis/iterator.ts'
import { formatSequence } from '../../../src/dialects/kinesis/sequence.ts'
import { decodeCbor } from '../../../src/dialects/shared/cbor.ts'
import { encodeCbor } from '../../../src/dialects/shared/cbor-write.ts'
import { startBridge, type Bridge } from '../../support/bridge.ts'
import { failureOf } from '../../support/failure.ts'
import { uniqueName } from '../../support/unique.ts'

const JSON_1_1 = 'application/x-amz-json-1.1'
const CBOR_1_1 = 'application/x-amz-cbor-1.1'
const ACCOUNT = '000000000000'
const MINUTE_MS = 60_000

let bridge: Bridge
beforeAll(async () => {
  bridge = await startBridge({ topics: {} })
})
afterAll(() => bridge[Symbol.asyncDispose]())

interface Answer {
  readonly status: number
  readonly type: string | null
  readonly body: Record<string, unknown>
}

async function post(operation: string, body: Buffer, type: string) {
  const headers = { 'content-type': type, 'x-amz-target': `Kinesis_20131202.${operation}` }
  const response = await fetch(bridge.url, { method: 'POST', headers, body })
  const bytes = Buffer.from(await response.arrayBuffer())
  return { status: response.status, type: response.headers.get('content-type'), bytes }
}

async function call(operation: string, input: object): Promise<Answer> {
  const { bytes, ...reply } = await post(operation, Buffer.from(JSON.stringify(input)), JSON_1_1)
  const text = bytes.toString()
  return { ...reply, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} }
}

interface Got {
  readonly Records: {
    readonly SequenceNumber: string
    readonly ApproximateArrivalTimestamp: number
    readonly Data: string
    readonly PartitionKey: string
  }[]
  readonly NextShardIterator: string
  readonly MillisBehindLatest: number
}

async function newStream(shards = 1): Promise<string> {
  const name = uniqueName('reads')
  await bridge.log.create(name, { partitions: shards })
  return name
}

function put(StreamName: string, text: string, PartitionKey = 'k') {
  const Data = Buffer.from(text).toString('base64')
  return call('PutRecord', { StreamName, PartitionKey, Data })
}

async function iterator(StreamName: string, wanted: object): Promise<string> {
  const input = { StreamName, ShardId: 'shardId-000000000000', ...wanted }
  const { body } = await call('GetShardIterator', input)
  expect(body).toEqual({ ShardIterator: expect.any(String) as string })
  return String(body['ShardIterator'])
}

async function records(ShardIterator: string, wanted: object = {}): Promise<Got> {
  const { status, body } = await call('GetRecords', { ShardIterator, ...wanted })
  expect({ status, body }).toMatchObject({ status: 200 })
  return body as unknown as Got
}

function textsOf({ Records }: Got): string[] {
  return Records.map(({ Data }) => Buffer.from(Data, 'base64').toString())
}

const OLDEST = { ShardIteratorType: 'TRIM_HORIZON' }

describe('iterators', () => {
  test('begin at the oldest record, after the newest, at and after a number, and at a time', async () => {
    const StreamName = await newStream()
    const numbers: string[] = []
    for (const text of ['one', 'two', 'three']) {
      numbers.push(String((await put(StreamName, text)).body['SequenceNumber']))
    }
    const latest = await iterator(StreamName, { ShardIteratorType: 'LATEST' })
    await put(StreamName, 'four')

    const from = async (wanted: object) =>
      textsOf(await records(await iterator(StreamName, wanted)))
    const StartingSequenceNumber = numbers[1]
    expect(textsOf(await records(latest))).toEqual(['four'])
    expect(await from(OLDEST)).toEqual(['one', 'two', 'three', 'four'])
    const at = { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber }
    expect(await from(at)).toEqual(['two', 'three', 'four'])
    const after = { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber }
    expect(await from(after)).toEqual(['three', 'four'])
    const time = { ShardIteratorType: 'AT_TIMESTAMP' }
    expect(await from({ ...time, Timestamp: 0 })).toHaveLength(4)
    expect(await from({ ...time, Timestamp: (Date.now() - 1) / 1000 })).toEqual(
      expect.not.arrayContaining(['one', 'two', 'three', 'four', 'five']),
    )
  })

  test('begin with the shard at or after the number that begins it', async () => {
    const StreamName = await newStream()
    await put(StreamName, 'first')
    const { body } = await call('ListShards', { StreamName })
    const [shard] = body['Shards'] as { SequenceNumberRange: { StartingSequenceNumber: string } }[]
    const { StartingSequenceNumber } = shard!.SequenceNumberRange
    for (const ShardIteratorType of ['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER']) {
      const wanted = { ShardIteratorType, StartingSequenceNumber }
      expect(textsOf(await records(await iterator(StreamName, wanted)))).toEqual(['first'])
    }
  })

  test.each([1, 13, 14, 127, 128])(
    'have the form of the service’s own: a name of %i',
    async (n) => {
      const StreamName = 'n'.repeat(n)
      await bridge.log.create(StreamName, { partitions: 1 })
      const text = await iterator(StreamName, OLDEST)
      const bytes = Buffer.from(text, 'base64')
      expect(text.length).toBeLessThanOrEqual(512)
      expect(bytes.subarray(0, 8).toString('hex')).toBe('0000000000000001')
      expect(bytes).toHaveLength(152 + Math.floor((n + 2) / 16) * 16)
    },
  )

  const at = 'AT_SEQUENCE_NUMBER'
  const must = (specified: string) =>
    `Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified ${specified}.`
  const invalid = (number: string) =>
    `StartingSequenceNumber ${number} used in GetShardIterator on shard shardId-000000000000 in stream S under account ${ACCOUNT} is invalid`
  const genuine = '49647060812288014558888668248263847763900017820167045122'
  const ours = formatSequence({ shard: 0, ordinal: 5, timestampMs: 1_700_000_000_000 })
  const RNF = 'ResourceNotFoundException'
  const IAE = 'InvalidArgumentException'

  test.each<[object, string, string]>([
    [{ ShardId: 'x' }, RNF, `Could not find shard x in stream S under account ${ACCOUNT}.`],
    [
      { ShardId: 'shardId-2147483648' },
      RNF,
      `Could not find shard shardId-2147483648 in stream S under account ${ACCOUNT}.`,
    ],
    [
      { ShardId: 'shardId-7' },
      RNF,
      `Shard shardId-000000000007 in stream S under account ${ACCOUNT} does not exist`,
    ],
    [
      { StreamName: 'none', ShardIteratorType: at },
      RNF,
      `Shard shardId-000000000000 in stream none under account ${ACCOUNT} does not exist`,
    ],
    [{ ShardIteratorType: at }, IAE, must(`${at} and no StartingSequenceNumber`)],
    [{ StartingSequenceNumber: '0' }, IAE, must('TRIM_HORIZON and also a StartingSequenceNumber')],
    [
      { ShardIteratorType: at, StartingSequenceNumber: '9'.repeat(57) },
      IAE,
      `${invalid('9'.repeat(57))}.`,
    ],
    [
      { ShardIteratorType: at, StartingSequenceNumber: '0' },
      IAE,
      `${invalid('0')} because it did not come from this stream.`,
    ],
    [
      { ShardIteratorType: at, StartingSequenceNumber: genuine },
      IAE,
      `${invalid(genuine)} because it did not come from this stream.`,
    ],
    [
      { ShardIteratorType: at, StartingSequenceNumber: ours, ShardId: 'shardId-1' },
      IAE,
      'Invalid StartingSequenceNumber. It encodes shardId-000000000000, while it was used in a call to a shard with shardId-000000000001',
    ],
    [
      { ShardIteratorType: 'AT_TIMESTAMP' },
      IAE,
      'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.',
    ],
  ])('%j is refused', async (wanted, __type, message) => {
    const StreamName = await newStream(2)
    const input = { StreamName, ShardId: 'shardId-000000000000', ...OLDEST, ...wanted }
    const { status, body } = await call('GetShardIterator', input)
    expect(status).toBe(400)
    expect(body).toEqual({ __type, message: message.replace('stream S', `stream ${StreamName}`) })
  })

  test('a time to come is refused', async () => {
    const StreamName = await newStream()
    const wanted = { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: Date.now() / 1000 + 60 }
    const input = { StreamName, ShardId: 'shardId-000000000000', ...wanted }
    const { body } = await call('GetShardIterator', input)
    expect(body['message']).toMatch(
      /^The timestampInMillis parameter cannot be greater than the currentTimestampInMillis\. timestampInMillis: \d{13}, currentTimestampInMillis: \d{13}$/,
    )
  })

  test('expire after five minutes, in the service’s words', async () => {
    const StreamName = await newStream()
    const token = readIterator(await iterator(StreamName, OLDEST))!
    const given = (givenMs: number) => writeIterator({ ...token, givenMs })
    await records(given(Date.now() - 4.9 * MINUTE_MS))

    const expired = async (givenMs: number) =>
      (await call('GetRecords', { ShardIterator: given(givenMs) })).body
    expect(await expired(Date.now() - 5.1 * MINUTE_MS)).toMatchObject({
      __type: 'ExpiredIteratorException',
    })
    expect((await expired(Date.parse('2015-01-22T01:22:02Z')))['message']).toMatch(
      /^Iterator expired\. The iterator was created at time Thu Jan 22 01:22:02 UTC 2015 while right now it is [A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4} which is further in the future than the tolerated delay of 300000 milliseconds\.$/,
    )
    expect((await expired(Date.now() + 5.1 * MINUTE_MS))['message']).toBe('Invalid ShardIterator.')
  })

  test('that are none, or were changed, are invalid', async () => {
    const good = await iterator(await newStream(), OLDEST)
    const changed = Buffer.from(good, 'base64')
    changed[20]! ^= 1
    const texts = ['x', 'AAAAAAAAAAE=', good.slice(0, -4), changed.toString('base64'), `${good} `]
    for (const ShardIterator of texts) {
      const { body } = await call('GetRecords', { ShardIterator })
      expect(body).toEqual({
        __type: 'InvalidArgumentException',
        message: 'Invalid ShardIterator.',
      })
    }
  })

  test('are invalid once their stream was deleted and made again', async () => {
    const StreamName = await newStream()
    const ShardIterator = await iterator(StreamName, OLDEST)
    await bridge.log.remove(StreamName)
    expect((await call('GetRecords', { ShardIterator })).body).toEqual({
      __type: 'ResourceNotFoundException',
      message: `Shard shardId-000000000000 in stream ${StreamName} under account ${ACCOUNT} does not exist`,
    })
    await bridge.log.create(StreamName, { partitions: 1 })
    expect((await call('GetRecords', { ShardIterator })).body).toEqual({
      __type: 'InvalidArgumentException',
      message: 'Invalid ShardIterator. The stream was deleted and made again.',
    })
  })
})

describe('records', () => {
  test('are those that were put: numbers, data, keys and times', async () => {
    const StreamName = await newStream()
    const beforeMs = Date.now()
    const { body } = await put(StreamName, 'ünï', 'ключ')
    const got = await records(await iterator(StreamName, OLDEST))
    const [record] = got.Records
    expect(record).toEqual({
      SequenceNumber: body['SequenceNumber'],
      ApproximateArrivalTimestamp: expect.any(Number) as number,
      Data: Buffer.from('ünï').toString('base64'),
      PartitionKey: 'ключ',
    })
    const timeMs = record!.ApproximateArrivalTimestamp * 1000
    expect(timeMs).toBeGreaterThanOrEqual(beforeMs - 0.001)
    expect(timeMs).toBeLessThanOrEqual(Date.now() + 0.001)
    expect(Object.keys(got)).toEqual(['Records', 'NextShardIterator', 'MillisBehindLatest'])
  })

  test('without a key have a hyphen, without data none', async () => {
    const StreamName = await newStream()
    const message = { partition: 0, key: null, value: Buffer.alloc(0), timestampMs: 1234 }
    await bridge.log.append(StreamName, [message], Date.now() + 1000)
    const { Records } = await records(await iterator(StreamName, OLDEST))
    expect(Records).toMatchObject([
      { PartitionKey: '-', Data: '', ApproximateArrivalTimestamp: 1.234 },
    ])
  })

  test('come in pages, until there are no more; then the place is kept', async () => {
    const StreamName = await newStream()
    for (let i = 0; i < 5; i++) await put(StreamName, String(i))
    bridge.log.burn(StreamName, 0, 2)
    let next = await iterator(StreamName, OLDEST)
    const pages: string[][] = []
    const behind: boolean[] = []
    for (let i = 0; i < 4; i++) {
      const got = await records(next, { Limit: 2 })
      pages.push(textsOf(got))
      behind.push(got.MillisBehindLatest > 0)
      next = got.NextShardIterator
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    expect(pages).toEqual([['0', '1'], ['2', '3'], ['4'], []])
    expect(behind).toEqual([true, true, false, false])
    await put(StreamName, 'later')
    expect(textsOf(await records(next))).toEqual(['later'])
  })

  test('that retention has deleted are skipped', async () => {
    const StreamName = await newStream()
    for (let i = 0; i < 4; i++) await put(StreamName, String(i))
    const ShardIterator = await iterator(StreamName, OLDEST)
    bridge.log.deleteBefore(StreamName, 0, 2)
    expect(textsOf(await records(ShardIterator))).toEqual(['2', '3'])
  })

  test('of several megabytes come within ten, whole, over as many answers as it takes', async () => {
    const StreamName = await newStream()
    const value = Buffer.alloc(2 ** 20 - 4096, 'x')
    for (let i = 0; i < 14; i++) {
      const message = { partition: 0, key: Buffer.from(String(i)), value }
      await bridge.log.append(StreamName, [message], Date.now() + 1000)
    }
    let next = await iterator(StreamName, OLDEST)
    const keys: string[] = []
    let calls = 0
    while (keys.length < 14 && calls < 14) {
      calls++
      const got = await records(next)
      const bytes = got.Records.reduce((sum, { Data }) => sum + (Data.length * 3) / 4, 0)
      expect(bytes).toBeLessThanOrEqual(10 * 2 ** 20)
      keys.push(...got.Records.map(({ PartitionKey }) => PartitionKey))
      next = got.NextShardIterator
    }
    expect(keys).toEqual(Array.from({ length: 14 }, (_, i) => String(i)))
    expect(calls).toBeLessThanOrEqual(3)
    expect(bridge.bytesHeld()).toBe(0)
  })

  test('in CBOR: data as bytes, times in whole milliseconds, large answers too', async () => {
    const StreamName = await newStream()
    const value = Buffer.alloc(300_000, 7)
    for (let i = 0; i < 3; i++) {
      const message = { partition: 0, key: Buffer.from('k'), value, timestampMs: 1_700_000_000_123 }
      await bridge.log.append(StreamName, [message], Date.now() + 1000)
    }
    for (const [Limit, count] of [
      [undefined, 3],
      [1, 1],
    ] as const) {
      const asked = encodeCbor({
        ...{ StreamName, ShardId: 'shardId-000000000000', ShardIteratorType: 'AT_TIMESTAMP' },
        Timestamp: new Date(1_700_000_000_000),
      })
      const { bytes } = await post('GetShardIterator', asked, CBOR_1_1)
      const { ShardIterator } = decodeCbor(bytes) as { ShardIterator: string }
      const got = await post('GetRecords', encodeCbor({ ShardIterator, Limit }), CBOR_1_1)
      expect(got.type).toBe(CBOR_1_1)
      const { Records, MillisBehindLatest } = decodeCbor(got.bytes) as Record<string, unknown>
      expect(Records).toHaveLength(count)
      for (const record of Records as { Data: Buffer; ApproximateArrivalTimestamp: Date }[]) {
        expect(record.Data.equals(value)).toBe(true)
        expect(record.ApproximateArrivalTimestamp).toEqual(new Date(1_700_000_000_123))
      }
      expect(Number.isInteger(MillisBehindLatest)).toBe(true)
    }
  })

  test('of a stream named beside the iterator: it must be the same', async () => {
    const StreamName = await newStream()
    const ShardIterator = await iterator(StreamName, OLDEST)
    const arn = (name: string) => `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/${name}`
    await records(ShardIterator, { StreamARN: arn(StreamName) })
    const { body } = await call('GetRecords', { ShardIterator, StreamARN: arn('other') })
    expect(body['__type']).toBe('InvalidArgumentException')
  })

  test('as they come in KPL aggregates are read one by one, each under its own key', async () => {
    const StreamName = await newStream()
    // Two records, a/"A" with an explicit hash key and b/"B" without (aws-kinesis-agg).
    const aggregate =
      'f3899ac20a01610a016212033132331a07080010001a01411a0508011a0142c5d0c87d3a3c02eb389531c511de809b'
    const Data = Buffer.from(aggregate, 'hex').toString('base64')
    const { body } = await call('PutRecord', { StreamName, PartitionKey: 'a', Data })
    const got = await records(await iterator(StreamName, OLDEST))
    expect(textsOf(got)).toEqual(['A', 'B'])
    expect(got.Records.map(({ PartitionKey }) => PartitionKey)).toEqual(['a', 'b'])
    expect(got.Records[0]!.SequenceNumber).toBe(body['SequenceNumber'])
  })
})

test('the validator’s limits', async () => {
  expect((await call('GetRecords', { Limit: 0 })).body['message']).toBe(
    "2 validation errors detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1; Value null at 'shardIterator' failed to satisfy constraint: Member must not be null",
  )
  expect(
    (await call('GetShardIterator', { ShardIteratorType: 'NEWEST', StreamName: 's' })).body[
      'message'
    ],
  ).toBe(
    "2 validation errors detected: Value null at 'shardId' failed to satisfy constraint: Member must not be null; Value 'NEWEST' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]",
  )
})

describe('yandex', () => {
  const path = (name: string) => `/ru-central1/folder/database/${name}`

  test('reads by offsets; its iterators alone tell the dialect', async () => {
    const name = await newStream()
    const StreamName = path(name)
    const puts = [await put(StreamName, 'one'), await put(StreamName, 'two')]
    expect(puts.map(({ body }) => body['SequenceNumber'])).toEqual(['0', '1'])
    const input = {
      StreamName,
      ShardId: 'shard-000000',
      ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
    }
    const { body } = await call('GetShardIterator', { ...input, StartingSequenceNumber: '0' })
    const { Records, NextShardIterator } = await records(String(body['ShardIterator']))
    expect(Records).toMatchObject([{ SequenceNumber: '1', PartitionKey: 'k' }])
    expect((await records(NextShardIterator)).Records).toEqual([])
    const lives = bridge.lives.slice(-2).map(({ life }) => life.account)
    expect(lives).toMatchObject([
      { dialect: 'yandex', operation: 'GetRecords', stream: name, records: 1 },
      { dialect: 'yandex', operation: 'GetRecords', stream: name, records: 0 },
    ])
  })

  test('the next page of shards needs no name', async () => {
    const StreamName = path(await newStream(3))
    const { body } = await call('ListShards', { StreamName, MaxResults: 2 })
    const next = await call('ListShards', { NextToken: body['NextToken'] })
    expect(next.body['Shards']).toMatchObject([{ ShardId: 'shard-000002' }])
  })

  test('an iterator of a stream of Amazon’s is invalid at its own endpoint', async () => {
    const ShardIterator = await iterator(await newStream(), OLDEST)
    const response = await fetch(`${bridge.url}/ru-central1/folder/database`, {
      method: 'POST',
      headers: { 'content-type': JSON_1_1, 'x-amz-target': 'Kinesis_20131202.GetRecords' },
      body: JSON.stringify({ ShardIterator }),
    })
    expect(await response.text()).toContain('Invalid ShardIterator.')
  })
})

describe('who may read', () => {
  const CREDENTIALS = `
principals:
  - name: reader
    aws: [{ accessKeyId: READER, secretAccessKey: secret }]
    allow: [{ actions: [read], streams: [open, shut] }]
  - name: stranger
    aws: [{ accessKeyId: STRANGER, secretAccessKey: secret }]
    allow: [{ actions: [read], streams: [open] }, { actions: [put], streams: [shut] }]
`
  const ShardId = 'shardId-000000000000'

  test('is asked of the stream inside an iterator, as if it had been named; and of consumers', async () => {
    await using guarded = await startBridge({
      topics: { open: 1, shut: 1 },
      credentials: CREDENTIALS,
    })
    const clientOf = (accessKeyId: string) =>
      new sdk.KinesisClient({
        ...{ endpoint: guarded.url, region: 'us-east-1', maxAttempts: 1 },
        credentials: { accessKeyId, secretAccessKey: 'secret' },
      })
    const [reader, stranger] = [clientOf('READER'), clientOf('STRANGER')]
    const begin = { ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const
    const given = async (StreamName: string) =>
      reader.send(new sdk.GetShardIteratorCommand({ StreamName, ...begin }))
    const get = ({ ShardIterator }: { ShardIterator?: string | undefined }) =>
      stranger.send(new sdk.GetRecordsCommand({ ShardIterator }))

    expect(await get(await given('open'))).toMatchObject({ Records: [] })
    const denied = (operation: string) => ({
      name: 'AccessDeniedException',
      message: `User: arn:aws:iam::${ACCOUNT}:user/stranger is not authorized to perform: kinesis:${operation} on resource: arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/shut because no identity-based policy allows the kinesis:${operation} action`,
    })
    expect(await failureOf(get(await given('shut')))).toMatchObject(denied('GetRecords'))
    const StreamARN = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/shut`
    const consumer = { StreamARN, ConsumerName: 'c' }
    const { Consumer } = await reader.send(new sdk.RegisterStreamConsumerCommand(consumer))
    const subscribe = new sdk.SubscribeToShardCommand({
      ...{ ConsumerARN: Consumer!.ConsumerARN, ShardId },
      StartingPosition: { Type: 'LATEST' },
    })
    expect(await failureOf(stranger.send(subscribe))).toMatchObject(denied('SubscribeToShard'))
    const remove = new sdk.DeregisterStreamConsumerCommand(consumer)
    expect(await failureOf(stranger.send(remove))).toMatchObject(denied('DeregisterStreamConsumer'))
    reader.destroy()
    stranger.destroy()
  })
})

describe('many readers', () => {
  test('take turns for the half of memory that is theirs; puts find the other half', async () => {
    await using small = await startBridge({
      topics: { busy: 1 },
      environment: { TRIBUTARY_MEMORY_BYTES_MAX: `${4 * 2 ** 20}` },
    })
    const value = Buffer.alloc(700_000, 'x')
    for (let i = 0; i < 3; i++) {
      await small.log.append('busy', [{ partition: 0, key: null, value }], Date.now() + 1000)
    }
    const send = async (operation: string, input: object) => {
      const headers = { 'content-type': JSON_1_1, 'x-amz-target': `Kinesis_20131202.${operation}` }
      const init = { method: 'POST', headers, body: JSON.stringify(input) }
      const response = await fetch(small.url, init)
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    }
    const from = { StreamName: 'busy', ShardId: 'shardId-0', ...OLDEST }
    const { ShardIterator } = (await send('GetShardIterator', from)).body
    const reads = Array.from({ length: 12 }, () => send('GetRecords', { ShardIterator, Limit: 1 }))
    const puts = Array.from({ length: 12 }, () =>
      send('PutRecord', { StreamName: 'busy', PartitionKey: 'k', Data: 'QQ==' }),
    )
    const statuses = (await Promise.all([...reads, ...puts])).map(({ status }) => status)
    expect(statuses.slice(12)).toEqual(Array.from({ length: 12 }, () => 200))
    expect(small.bytesHeld()).toBe(0)
    expect(statuses.slice(0, 12)).toEqual(Array.from({ length: 12 }, () => 200))
  })
})
