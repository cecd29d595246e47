// Consumers and their subscriptions: the AWS SDK for JavaScript over HTTP/2, and bytes in chunks over
// HTTP/1.1.

import { request as httpRequest } from 'node:http'
import { crc32 } from 'node:zlib'
import * as sdk from '@aws-sdk/client-kinesis'
import { decodeCbor } from '../../../src/dialects/shared/cbor.ts'
import { encodeCbor } from '../../../src/dialects/shared/cbor-write.ts'
import { startBridge, type Bridge } from '../../support/bridge.ts'
import { failureOf } from '../../support/failure.ts'
import { uniqueName } from '../../support/unique.ts'
import { until } from '../../support/until.ts'

const ACCOUNT = '000000000000'

let bridge: Bridge
let client: sdk.KinesisClient
beforeAll(async () => {
  bridge = await startBridge()
  client = clientOf(bridge)
})
afterAll(async () => {
  client.destroy()
  await bridge[Symbol.asyncDispose]()
})

function clientOf({ url }: Bridge): sdk.KinesisClient {
  const credentials = { accessKeyId: 'AK', secretAccessKey: 'SK' }
  return new sdk.KinesisClient({ endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1 })
}

interface Registered {
  readonly StreamARN: string
  readonly ConsumerARN: string
  readonly topic: string
}

async function register(ConsumerName = 'reader', on = bridge, by = client): Promise<Registered> {
  const topic = uniqueName('events')
  await on.log.create(topic, { partitions: 2 })
  const StreamARN = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/${topic}`
  const { Consumer } = await by.send(
    new sdk.RegisterStreamConsumerCommand({ StreamARN, ConsumerName }),
  )
  return { StreamARN, ConsumerARN: Consumer!.ConsumerARN!, topic }
}

function put(topic: string, text: string, partition = 0) {
  const message = { partition, key: Buffer.from('k'), value: Buffer.from(text) }
  return bridge.log.append(topic, [message], Date.now() + 5000)
}

type Position = sdk.StartingPosition
const OLDEST: Position = { Type: 'TRIM_HORIZON' }

async function subscribe(ConsumerARN: string, StartingPosition = OLDEST, by = client) {
  const ShardId = 'shardId-000000000000'
  const command = new sdk.SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition })
  const hangUp = new AbortController()
  const { EventStream } = await by.send(command, { abortSignal: hangUp.signal })
  const events = EventStream![Symbol.asyncIterator]() as AsyncIterator<
    sdk.SubscribeToShardEventStream,
    undefined
  >
  return { next: () => events.next(), close: () => hangUp.abort() }
}

type Events = Awaited<ReturnType<typeof subscribe>>

/** The next event that has records. */
async function nextRecords(events: Events): Promise<sdk.SubscribeToShardEvent> {
  for (;;) {
    const { value, done } = await events.next()
    if (done === true) throw new Error('the stream has ended')
    const event = value.SubscribeToShardEvent
    if (event && event.Records!.length > 0) return event
  }
}

const textsOf = ({ Records }: sdk.SubscribeToShardEvent) =>
  Records!.map(({ Data }) => Buffer.from(Data!).toString())

describe('consumers', () => {
  test('are registered, described, listed, counted and forgotten', async () => {
    const { StreamARN, ConsumerARN, topic } = await register('one')
    expect(ConsumerARN).toMatch(new RegExp(`^${StreamARN}/consumer/one:\\d+$`))
    const { Consumer } = await client.send(
      new sdk.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'two' }),
    )
    expect(Consumer).toMatchObject({ ConsumerName: 'two', ConsumerStatus: 'CREATING' })

    const described = await client.send(new sdk.DescribeStreamConsumerCommand({ ConsumerARN }))
    const named = { StreamARN, ConsumerName: 'one' }
    expect(described.ConsumerDescription).toEqual({
      ...{ ...named, ConsumerARN, ConsumerStatus: 'ACTIVE' },
      ConsumerCreationTimestamp: expect.any(Date) as Date,
    })
    expect(
      (await client.send(new sdk.DescribeStreamConsumerCommand(named))).ConsumerDescription,
    ).toEqual(described.ConsumerDescription)

    const listed: string[] = []
    const paging = { client, pageSize: 1 }
    for await (const page of sdk.paginateListStreamConsumers(paging, { StreamARN })) {
      listed.push(...page.Consumers!.map(({ ConsumerName }) => ConsumerName!))
    }
    expect(listed).toEqual(['one', 'two'])
    const summary = new sdk.DescribeStreamSummaryCommand({ StreamName: topic })
    const count = async () => (await client.send(summary)).StreamDescriptionSummary!.ConsumerCount
    expect(await count()).toBe(2)
    await client.send(new sdk.DeregisterStreamConsumerCommand({ ConsumerARN }))
    expect(await count()).toBe(1)
    expect(
      await failureOf(client.send(new sdk.DescribeStreamConsumerCommand({ ConsumerARN }))),
    ).toBeInstanceOf(sdk.ResourceNotFoundException)
  })

  test('have names of their own, and are twenty at the most', async () => {
    const { StreamARN } = await register('c0')
    const add = (ConsumerName: string) =>
      client.send(new sdk.RegisterStreamConsumerCommand({ StreamARN, ConsumerName }))
    expect(await failureOf(add('c0'))).toBeInstanceOf(sdk.ResourceInUseException)
    for (let i = 1; i < 20; i++) await add(`c${i}`)
    expect(await failureOf(add('c20'))).toBeInstanceOf(sdk.LimitExceededException)
  })

  test('keep their stream from being deleted, unless that is wanted', async () => {
    const StreamName = uniqueName('kept')
    const StreamARN = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/${StreamName}`
    await client.send(new sdk.CreateStreamCommand({ StreamName, ShardCount: 1 }))
    await client.send(new sdk.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'reader' }))
    const remove = (EnforceConsumerDeletion?: boolean) =>
      client.send(new sdk.DeleteStreamCommand({ StreamName, EnforceConsumerDeletion }))
    expect(await failureOf(remove())).toBeInstanceOf(sdk.ResourceInUseException)
    await remove(true)
    await bridge.log.create(StreamName, { partitions: 1 })
    const listed = await client.send(new sdk.ListStreamConsumersCommand({ StreamARN }))
    expect(listed.Consumers).toEqual([])
  })
})

describe('a subscription', () => {
  test('sends what is there, and what comes', async () => {
    const { ConsumerARN, topic } = await register()
    await put(topic, 'one')
    await put(topic, 'two')
    const events = await subscribe(ConsumerARN)
    const first = await nextRecords(events)
    expect(textsOf(first)).toEqual(['one', 'two'])
    expect(first.Records![0]).toMatchObject({ PartitionKey: 'k' })
    expect(first.MillisBehindLatest).toBe(0)

    await put(topic, 'three')
    expect(textsOf(await nextRecords(events))).toEqual(['three'])
    events.close()
  })

  test('goes on at, or after, the number of an event: nothing is lost, nothing comes twice', async () => {
    const first = await register()
    await put(first.topic, 'one')
    const events = await subscribe(first.ConsumerARN)
    const { ContinuationSequenceNumber: SequenceNumber } = await nextRecords(events)
    events.close()
    await put(first.topic, 'two')
    for (const Type of ['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const) {
      const { Consumer } = await client.send(
        new sdk.RegisterStreamConsumerCommand({ StreamARN: first.StreamARN, ConsumerName: Type }),
      )
      const again = await subscribe(Consumer!.ConsumerARN!, { Type, SequenceNumber })
      expect(textsOf(await nextRecords(again))).toEqual(['two'])
      again.close()
    }
  })

  test('says where to go on while nothing comes', async () => {
    const { ConsumerARN } = await register()
    const events = await subscribe(ConsumerARN, { Type: 'LATEST' })
    const { value } = await events.next()
    expect(value?.SubscribeToShardEvent).toMatchObject({
      Records: [],
      MillisBehindLatest: 0,
      ContinuationSequenceNumber: expect.stringMatching(/^\d{56}$/) as string,
    })
    events.close()
  })

  test('stops reading and gives back its memory as soon as its client is gone', async () => {
    const { ConsumerARN } = await register()
    await until(() => bridge.bytesHeld() === 0)
    const events = await subscribe(ConsumerARN)
    expect(bridge.bytesHeld()).toBeGreaterThan(0)
    const goneMs = Date.now()
    events.close()
    await until(() => bridge.bytesHeld() === 0)
    expect(Date.now() - goneMs).toBeLessThan(1000)
    expect(bridge.lives.at(-1)!.life.account.operation).toBe('SubscribeToShard')
  })

  test('is the consumer’s only one of the shard for five seconds; then another takes its place', async () => {
    const { ConsumerARN, topic } = await register()
    const startedMs = Date.now()
    const events = await subscribe(ConsumerARN)
    expect(await failureOf(subscribe(ConsumerARN))).toMatchObject({
      name: 'ResourceInUseException',
      message: `Another active subscription exists for this consumer: ${ACCOUNT}:${topic}:shardId-000000000000:reader`,
    })
    const rest = (async () => {
      for (;;) if ((await events.next()).done === true) return undefined
    })()
    const failed = failureOf(rest)
    await until(() => Date.now() - startedMs > 5500, 10_000)
    const second = await subscribe(ConsumerARN)
    expect(await failed).toMatchObject({ name: 'ResourceInUseException' })
    await put(topic, 'for the second')
    expect(textsOf(await nextRecords(second))).toEqual(['for the second'])
    second.close()
  }, 20_000)

  test('ends with a failure that it names when its stream is deleted', async () => {
    const { ConsumerARN, topic } = await register()
    const events = await subscribe(ConsumerARN)
    await bridge.log.remove(topic)
    const rest = (async () => {
      for (;;) if ((await events.next()).done === true) return undefined
    })()
    expect(await failureOf(rest)).toBeInstanceOf(sdk.ResourceNotFoundException)
  })

  test('of nobody, or of no shard, is refused', async () => {
    const { ConsumerARN, StreamARN } = await register()
    const other = `${StreamARN}/consumer/other:1`
    expect(await failureOf(subscribe(other))).toBeInstanceOf(sdk.ResourceNotFoundException)
    const late = ConsumerARN.replace(/\d+$/, '1')
    expect(await failureOf(subscribe(late))).toBeInstanceOf(sdk.ResourceNotFoundException)
    const type = { Type: 'AT_SEQUENCE_NUMBER' } as const
    expect(await failureOf(subscribe(ConsumerARN, type))).toBeInstanceOf(
      sdk.InvalidArgumentException,
    )
  })

  test('for which there is no memory is refused in plain words', async () => {
    await using small = await startBridge({
      environment: { TRIBUTARY_MEMORY_BYTES_MAX: `${2 ** 20}` },
    })
    const own = clientOf(small)
    const open: Events[] = []
    const subscribeAll = async () => {
      for (let i = 0; i < 16; i++) {
        const { ConsumerARN } = await register('reader', small, own)
        open.push(await subscribe(ConsumerARN, OLDEST, own))
      }
    }
    expect(await failureOf(subscribeAll())).toMatchObject({
      name: 'LimitExceededException',
      message: 'There is no memory for another subscription at present.',
    })
    expect(open.length).toBeGreaterThan(2)
    for (const events of open) events.close()
    await until(() => small.bytesHeld() === 0)
  })
})

interface Message {
  readonly headers: Readonly<Record<string, string>>
  readonly payload: Buffer
}

/** The whole messages in some bytes, checked by their checksums. */
function readMessages(bytes: Buffer): Message[] {
  const messages: Message[] = []
  let at = 0
  while (at + 4 <= bytes.length && at + bytes.readUInt32BE(at) <= bytes.length) {
    const message = bytes.subarray(at, at + bytes.readUInt32BE(at))
    expect(message.readUInt32BE(8)).toBe(crc32(message.subarray(0, 8)))
    expect(message.readUInt32BE(message.length - 4)).toBe(crc32(message.subarray(0, -4)))
    const end = 12 + message.readUInt32BE(4)
    const headers: Record<string, string> = {}
    for (let i = 12; i < end;) {
      const name = message.toString('latin1', i + 1, i + 1 + message[i]!)
      i += 1 + name.length
      expect(message[i]).toBe(7)
      const length = message.readUInt16BE(i + 1)
      headers[name] = message.toString('utf8', i + 3, i + 3 + length)
      i += 3 + length
    }
    messages.push({ headers, payload: message.subarray(end, -4) })
    at += message.length
  }
  return messages
}

describe('on the wire', () => {
  test.each([
    [
      'application/x-amz-json-1.1',
      'application/json',
      JSON.stringify,
      (bytes: Buffer) => JSON.parse(bytes.toString()) as unknown,
    ],
    ['application/x-amz-cbor-1.1', 'application/cbor', encodeCbor, decodeCbor],
  ])('%s in chunks over HTTP/1.1', async (type, payloadType, write, read) => {
    const { ConsumerARN, topic } = await register()
    await put(topic, 'one')
    const StartingPosition = { Type: 'TRIM_HORIZON' }
    const body = write({ ConsumerARN, ShardId: 'shardId-000000000000', StartingPosition })
    const request = httpRequest(bridge.url, {
      method: 'POST',
      headers: { 'content-type': type, 'x-amz-target': 'Kinesis_20131202.SubscribeToShard' },
    })
    request.end(body)
    const chunks: Buffer[] = []
    const headers = await new Promise((resolve, reject) => {
      request.once('error', reject)
      request.once('response', (response) => {
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', () => undefined)
        resolve(response.headers)
      })
    })
    await until(() => readMessages(Buffer.concat(chunks)).length >= 2)
    request.destroy()

    expect(headers).toMatchObject({
      'content-type': 'application/vnd.amazon.eventstream',
      'transfer-encoding': 'chunked',
    })
    const [initial, event] = readMessages(Buffer.concat(chunks))
    const common = { ':message-type': 'event', ':content-type': payloadType }
    expect(initial!.headers).toEqual({ ...common, ':event-type': 'initial-response' })
    expect(read(initial!.payload)).toEqual({})
    expect(event!.headers).toEqual({ ...common, ':event-type': 'SubscribeToShardEvent' })
    const { Records } = read(event!.payload) as { Records: { Data: string | Buffer }[] }
    const [{ Data } = { Data: '' }] = Records
    expect((typeof Data === 'string' ? Buffer.from(Data, 'base64') : Data).toString()).toBe('one')
  })
})
