// Reading with vendors' clients what lies in Kafka: the AWS SDK for JavaScript over both of its handlers,
// boto3 in both dialects, and the aws command line.

import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { Kafka, logLevel } from 'kafkajs'
import { failureOf } from '../support/failure.ts'
import { notRun } from '../support/not-run.ts'
import { runProgram } from '../support/program.ts'
import {
  PYTHON_WITHIN_MS,
  providePython,
  pythonAbsence,
  startPythonClient,
  type PythonError,
} from '../support/python.ts'
import { serviceOfFile, startService } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { uniqueName } from '../support/unique.ts'

const service = serviceOfFile()

interface Reader extends AsyncDisposable {
  /** `call` names an operation as Amazon's documentation does. */
  readonly call: <Output>(operation: string, input: object) => Promise<Output>
  readonly typeOf: (error: unknown) => string
  /** A time as the client takes it, and in seconds as it gives it. */
  readonly time: (seconds: number) => unknown
  readonly seconds: (time: unknown) => number
}

type Command = new (input: object) => Parameters<sdk.KinesisClient['send']>[0]
const COMMANDS = sdk as unknown as Readonly<Record<string, Command>>

function clientOf(extra: object = {}): sdk.KinesisClient {
  return new sdk.KinesisClient({
    endpoint: service().url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
    ...extra,
  })
}

function javaScript(extra: object): Reader {
  const client = clientOf(extra)
  return {
    call: <Output>(operation: string, input: object) =>
      client.send(new COMMANDS[`${operation}Command`]!(input)) as Promise<Output>,
    typeOf: (error) => (error as Error).constructor.name,
    time: (seconds) => new Date(seconds * 1000),
    seconds: (time) => (time as Date).getTime() / 1000,
    [Symbol.asyncDispose]() {
      client.destroy()
      return Promise.resolve()
    },
  }
}

async function python(region: string): Promise<Reader> {
  const client = await startPythonClient('boto3', { endpoint: service().url, region })
  return {
    call: (operation, input) =>
      client.call(operation.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase(), input),
    typeOf: (error) => (error as PythonError).type,
    time: (seconds) => ({ seconds }),
    seconds: (time) => (time as { seconds: number }).seconds,
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}

/** As the clients give it; Python's bytes travel as base64. */
type Data = Uint8Array | { readonly bytes: string }

interface Got {
  readonly Records: {
    readonly SequenceNumber: string
    readonly ApproximateArrivalTimestamp: unknown
    readonly Data: Data
    readonly PartitionKey: string
  }[]
  readonly NextShardIterator: string
  readonly MillisBehindLatest: number
}

const textOf = (data: Data) =>
  (data instanceof Uint8Array ? Buffer.from(data) : Buffer.from(data.bytes, 'base64')).toString()

interface Options {
  readonly connect: () => Promise<Reader>
  readonly path: string
  readonly shardId: string
}

function suite({ connect, path, shardId: ShardId }: Options): void {
  async function read(client: Reader, named: object, Limit: number): Promise<Got['Records']> {
    const all: Got['Records'] = []
    let { ShardIterator } = await client.call<{ ShardIterator: string }>('GetShardIterator', named)
    for (;;) {
      const got = await client.call<Got>('GetRecords', { ShardIterator, Limit })
      all.push(...got.Records)
      ShardIterator = got.NextShardIterator
      if (got.Records.length === 0 && got.MillisBehindLatest === 0) return all
    }
  }

  test('every type of iterator, page by page: numbers, data, keys and times as they were put', async () => {
    await using client = await connect()
    const StreamName = path + uniqueName('reads')
    await client.call('CreateStream', { StreamName, ShardCount: 1 })
    const latest = { StreamName, ShardId, ShardIteratorType: 'LATEST' }
    const { ShardIterator } = await client.call<{ ShardIterator: string }>(
      'GetShardIterator',
      latest,
    )
    const startS = Date.now() / 1000
    const texts = Array.from({ length: 25 }, (_, i) => `record ${i}`)
    const answers: { SequenceNumber: string }[] = []
    for (const text of texts) {
      const put = { StreamName, PartitionKey: `k ${text}`, Data: Buffer.from(text) }
      answers.push(await client.call('PutRecord', put))
    }

    const from = async (ShardIteratorType: string, more: object = {}, Limit = 10) =>
      read(client, { StreamName, ShardId, ShardIteratorType, ...more }, Limit)
    const all = await from('TRIM_HORIZON')
    expect(all.map(({ Data }) => textOf(Data))).toEqual(texts)
    expect(all.map(({ SequenceNumber }) => SequenceNumber)).toEqual(
      answers.map(({ SequenceNumber }) => SequenceNumber),
    )
    expect(all.map(({ PartitionKey }) => PartitionKey)).toEqual(texts.map((text) => `k ${text}`))
    for (const { ApproximateArrivalTimestamp: time } of all) {
      expect(client.seconds(time)).toBeGreaterThanOrEqual(startS - 0.01)
      expect(client.seconds(time)).toBeLessThanOrEqual(Date.now() / 1000 + 0.01)
    }
    const StartingSequenceNumber = answers[9]!.SequenceNumber
    expect(await from('AT_SEQUENCE_NUMBER', { StartingSequenceNumber })).toHaveLength(16)
    expect(await from('AFTER_SEQUENCE_NUMBER', { StartingSequenceNumber })).toHaveLength(15)
    const seconds = client.seconds(all[12]!.ApproximateArrivalTimestamp)
    const timed = await from('AT_TIMESTAMP', { Timestamp: client.time(seconds) }, 10_000)
    expect(timed.length).toBeGreaterThanOrEqual(13)
    expect(timed.length).toBeLessThan(25)
    const tail = await client.call<Got>('GetRecords', { ShardIterator, Limit: 1 })
    expect(tail.Records.map(({ Data }) => textOf(Data))).toEqual(texts.slice(0, 1))
  })

  test('what is wrong surfaces as the client’s classes', async () => {
    await using client = await connect()
    const StreamName = path + uniqueName('wrong')
    await client.call('CreateStream', { StreamName, ShardCount: 1 })
    const typeOf = async (operation: string, input: object) =>
      client.typeOf(await failureOf(client.call(operation, input)))
    const type = { ShardIteratorType: 'TRIM_HORIZON' }
    const none = { StreamName: `${path}none`, ShardId, ...type }
    expect(await typeOf('GetShardIterator', none)).toBe('ResourceNotFoundException')
    const noShard = { StreamName, ShardId: 'shardId-000000000009', ...type }
    expect(await typeOf('GetShardIterator', noShard)).toBe('ResourceNotFoundException')
    const noNumber = { StreamName, ShardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER' }
    expect(await typeOf('GetShardIterator', noNumber)).toBe('InvalidArgumentException')
    expect(await typeOf('GetRecords', { ShardIterator: 'none' })).toBe('InvalidArgumentException')
  })
}

const AMAZON = { path: '', shardId: 'shardId-000000000000' }
const YANDEX = { path: '/ru-central1/folder/database/', shardId: 'shard-000000' }

describe('the AWS SDK for JavaScript over HTTP/2', () => {
  suite({ ...AMAZON, connect: () => Promise.resolve(javaScript({})) })
})
describe('the AWS SDK for JavaScript over HTTP/1.1', () => {
  const requestHandler = new NodeHttpHandler()
  suite({ ...AMAZON, connect: () => Promise.resolve(javaScript({ requestHandler })) })
})

function pythonSuites(): void {
  let bin = ''
  beforeAll(async () => {
    bin = await providePython()
  }, PYTHON_WITHIN_MS)

  describe('boto3', () => suite({ ...AMAZON, connect: () => python('us-east-1') }))
  describe('boto3, Yandex', () => suite({ ...YANDEX, connect: () => python('ru-central1') }))

  test('boto3 subscribes over HTTP/1.1', async () => {
    await using client = await python('us-east-1')
    const StreamName = uniqueName('subscribed')
    await client.call('CreateStream', { StreamName, ShardCount: 1 })
    const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`
    const { Consumer } = await client.call<{ Consumer: { ConsumerARN: string } }>(
      'RegisterStreamConsumer',
      { StreamARN, ConsumerName: 'reader' },
    )
    await client.call('PutRecord', { StreamName, PartitionKey: 'k', Data: Buffer.from('one') })
    const event = await client.call<Got>('SubscribeToShard', {
      ...{ ConsumerARN: Consumer.ConsumerARN, ShardId: AMAZON.shardId },
      StartingPosition: { Type: 'TRIM_HORIZON' },
    })
    expect(event.Records.map(({ Data }) => textOf(Data))).toEqual(['one'])
  })

  test('the aws command line', async () => {
    const aws = async (...words: string[]) => {
      const endpoint = ['--endpoint-url', service().url, '--region', 'us-east-1']
      const { status, stdout, stderr } = await runProgram(
        [join(bin, 'aws'), ...endpoint, '--output', 'json', 'kinesis', ...words],
        { environment: { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' } },
      )
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      return stdout === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>)
    }
    const named = ['--stream-name', uniqueName('cli')]
    await aws('create-stream', ...named, '--shard-count', '1')
    const put = await aws('put-record', ...named, '--partition-key', 'a', '--data', 'one')
    const { ShardIterator } = await aws(
      ...['get-shard-iterator', ...named, '--shard-id', AMAZON.shardId],
      ...['--shard-iterator-type', 'TRIM_HORIZON'],
    )
    const got = await aws('get-records', '--shard-iterator', String(ShardIterator))
    expect(got['Records']).toMatchObject([
      { SequenceNumber: put['SequenceNumber'], PartitionKey: 'a' },
    ])
  })
}

const absence = pythonAbsence()
if (absence === undefined) pythonSuites()
else notRun('boto3 and the aws command line', absence)

describe('what only Kafka does', () => {
  const kafka = () => new Kafka({ brokers: [...sharedBrokers()], logLevel: logLevel.NOTHING })

  async function newStream(client: sdk.KinesisClient): Promise<string> {
    const StreamName = uniqueName('kafka')
    await client.send(new sdk.CreateStreamCommand({ StreamName, ShardCount: 1 }))
    return StreamName
  }

  async function oldest(client: sdk.KinesisClient, StreamName: string): Promise<string> {
    const place = {
      StreamName,
      ShardId: AMAZON.shardId,
      ShardIteratorType: 'TRIM_HORIZON',
    } as const
    return (await client.send(new sdk.GetShardIteratorCommand(place))).ShardIterator!
  }

  const textsAt = async (client: sdk.KinesisClient, ShardIterator: string) =>
    (await client.send(new sdk.GetRecordsCommand({ ShardIterator }))).Records!.map(({ Data }) =>
      textOf(Data!),
    )

  const put = (client: sdk.KinesisClient, StreamName: string, text: string) =>
    client.send(
      new sdk.PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from(text) }),
    )

  test('aborted transactions are not read, committed ones are', async () => {
    const client = clientOf()
    const topic = await newStream(client)
    const producer = kafka().producer({ transactionalId: topic, maxInFlightRequests: 1 })
    await producer.connect()
    for (const fate of ['abort', 'commit'] as const) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ key: null, value: fate }] })
      await transaction[fate]()
    }
    await producer.disconnect()
    await put(client, topic, 'put')
    const place = await oldest(client, topic)
    const { Records } = await client.send(new sdk.GetRecordsCommand({ ShardIterator: place }))
    client.destroy()
    expect(Records!.map(({ Data, PartitionKey }) => [PartitionKey, textOf(Data!)])).toEqual([
      ['-', 'commit'],
      ['k', 'put'],
    ])
  })

  test('what retention has taken is skipped; a topic made again makes its iterators invalid', async () => {
    const client = clientOf()
    const topic = await newStream(client)
    for (const text of ['one', 'two', 'three']) await put(client, topic, text)
    const place = await oldest(client, topic)
    const admin = kafka().admin()
    await admin.connect()
    // It deletes nothing of a topic that it has not looked at.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
    await admin.disconnect()
    expect(await textsAt(client, place)).toEqual(['three'])

    await client.send(new sdk.DeleteStreamCommand({ StreamName: topic }))
    await client.send(new sdk.CreateStreamCommand({ StreamName: topic, ShardCount: 1 }))
    await put(client, topic, 'of another stream')
    const failure = await failureOf(textsAt(client, place))
    client.destroy()
    expect(failure).toBeInstanceOf(sdk.InvalidArgumentException)
  })
})

interface Subscribed {
  readonly next: () => Promise<sdk.SubscribeToShardEvent | undefined>
  readonly close: () => void
}

async function subscribe(
  client: sdk.KinesisClient,
  ConsumerARN: string,
  StartingPosition: sdk.StartingPosition,
): Promise<Subscribed> {
  const hangUp = new AbortController()
  const { EventStream } = await client.send(
    new sdk.SubscribeToShardCommand({ ConsumerARN, ShardId: AMAZON.shardId, StartingPosition }),
    { abortSignal: hangUp.signal },
  )
  const events = EventStream![Symbol.asyncIterator]() as AsyncIterator<
    sdk.SubscribeToShardEventStream,
    undefined
  >
  return {
    next: async () => (await events.next()).value?.SubscribeToShardEvent,
    close: () => hangUp.abort(),
  }
}

test('a subscription sends what is put; it ends, with the place to go on, when the service stops', async () => {
  const environment = { KAFKA_BROKERS: sharedBrokers().join() }
  await using first = await startService({ environment })
  await using second = await startService({ environment })
  const client = clientOf({ endpoint: first.url })
  const other = clientOf({ endpoint: second.url })
  const StreamName = uniqueName('followed')
  await client.send(new sdk.CreateStreamCommand({ StreamName, ShardCount: 1 }))
  const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`
  const { Consumer } = await client.send(
    new sdk.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'reader' }),
  )
  const { ConsumerARN } = Consumer!
  const put = (text: string) =>
    other.send(new sdk.PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from(text) }))
  const texts: string[] = []
  let place = ''
  const take = (event: sdk.SubscribeToShardEvent) => {
    texts.push(...event.Records!.map(({ Data }) => textOf(Data!)))
    place = event.ContinuationSequenceNumber!
  }

  const events = await subscribe(client, ConsumerARN!, { Type: 'TRIM_HORIZON' })
  for (const text of ['one', 'two']) {
    await put(text)
    const event = await events.next()
    take(event!)
  }
  first.signal('SIGTERM')
  for (let event = await events.next(); event; event = await events.next()) take(event)
  await put('three')
  const start = { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: place } as const
  const again = await subscribe(other, ConsumerARN!, start)
  take((await again.next())!)
  again.close()
  client.destroy()
  other.destroy()

  expect(await first.ended()).toBe(0)
  expect(texts).toEqual(['one', 'two', 'three'])
  expect(first.stdout()).toContain('"operation":"SubscribeToShard"')
}, 60_000)
