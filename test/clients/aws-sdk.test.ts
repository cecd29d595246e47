// Amazon's SDK for JavaScript, version 3, over both of its handlers: HTTP/2 with prior knowledge, which
// is its default, and HTTP/1.1.

import * as sdk from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { readTopic } from '../support/reader.ts'
import { serviceOfFile } from '../support/service.ts'
import { uniqueName } from '../support/unique.ts'
import { kinesisSuite, type KinesisClientUnderTest } from './kinesis-suite.ts'
import { placeInKinesis } from './places.ts'

const service = serviceOfFile()

function clientOf(extra: object): sdk.KinesisClient {
  return new sdk.KinesisClient({
    endpoint: service().url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
    ...extra,
  })
}

type Command = new (input: object) => Parameters<sdk.KinesisClient['send']>[0]

const COMMANDS = sdk as unknown as Readonly<Record<string, Command>>

function underTest(extra: object): KinesisClientUnderTest {
  const client = clientOf(extra)
  return {
    call: <Output>(operation: string, input: object) =>
      client.send(new COMMANDS[`${operation}Command`]!(input)) as Promise<Output>,
    typeOf: (error) => (error as Error).constructor.name,
    [Symbol.asyncDispose]() {
      client.destroy()
      return Promise.resolve()
    },
  }
}

const HANDLERS = {
  'HTTP/2 with prior knowledge': {},
  'HTTP/1.1': { requestHandler: new NodeHttpHandler() },
}

describe.each(Object.entries(HANDLERS))('%s', (_, extra) => {
  kinesisSuite({
    service,
    connect: () => Promise.resolve(underTest(extra)),
    nameOf: (stream) => stream,
    placeOf: placeInKinesis,
  })

  test('the SDK’s own waiters see a stream come and go', async () => {
    const client = clientOf(extra)
    const StreamName = uniqueName('waited-for')
    const waiter = { client, minDelay: 1, maxDelay: 1, maxWaitTime: 20 }

    await client.send(new sdk.CreateStreamCommand({ StreamName, ShardCount: 2 }))
    const came = await sdk.waitUntilStreamExists(waiter, { StreamName })
    await client.send(new sdk.DeleteStreamCommand({ StreamName }))
    const went = await sdk.waitUntilStreamNotExists(waiter, { StreamName })
    client.destroy()

    expect([came.state, went.state]).toEqual(['SUCCESS', 'SUCCESS'])
  })

  test('ListShards, the summary and every page of the list agree with DescribeStream', async () => {
    const client = clientOf(extra)
    const names = [uniqueName('page'), uniqueName('page'), uniqueName('page')]
    for (const StreamName of names) {
      await client.send(new sdk.CreateStreamCommand({ StreamName, ShardCount: 3 }))
    }
    const [StreamName] = names

    const { Shards } = await client.send(new sdk.ListShardsCommand({ StreamName }))
    const { StreamDescription } = await client.send(new sdk.DescribeStreamCommand({ StreamName }))
    const { StreamDescriptionSummary } = await client.send(
      new sdk.DescribeStreamSummaryCommand({ StreamName }),
    )
    const listed: string[] = []
    for await (const page of sdk.paginateListStreams({ client, pageSize: 2 }, {})) {
      listed.push(...(page.StreamNames ?? []))
    }
    client.destroy()

    expect(Shards).toHaveLength(3)
    expect(StreamDescription?.Shards).toEqual(Shards)
    expect(StreamDescriptionSummary?.OpenShardCount).toBe(3)
    expect(listed).toEqual(expect.arrayContaining(names))
    expect(listed).toEqual([...new Set(listed)].sort())
  })

  test('the time in a sequence number is the record’s time in Kafka', async () => {
    const client = clientOf(extra)
    const StreamName = uniqueName('times')
    await client.send(new sdk.CreateStreamCommand({ StreamName, ShardCount: 1 }))

    const beforeMs = Date.now()
    const answer = await client.send(
      new sdk.PutRecordCommand({ StreamName, PartitionKey: 'a', Data: Buffer.from('x') }),
    )
    const afterMs = Date.now()
    client.destroy()

    const [record] = await readTopic(service().brokers, StreamName)
    expect(record?.timestampMs).toBeGreaterThanOrEqual(beforeMs)
    expect(record?.timestampMs).toBeLessThanOrEqual(afterMs)
    expect(placeInKinesis(answer).seconds).toBe(Math.floor(record!.timestampMs / 1000))
  })

  test('calls that follow one another are stored in that order; so are those at once, each whole', async () => {
    const client = clientOf(extra)
    const StreamName = uniqueName('order')
    await client.send(new sdk.CreateStreamCommand({ StreamName, ShardCount: 1 }))
    const put = (call: number) =>
      client.send(
        new sdk.PutRecordsCommand({
          StreamName,
          Records: [0, 1, 2].map((i) => ({
            PartitionKey: 'k',
            Data: Buffer.from(`${call}.${i}`),
          })),
        }),
      )

    for (let call = 0; call < 10; call++) await put(call)
    await Promise.all(Array.from({ length: 20 }, (_, i) => put(10 + i)))
    client.destroy()

    const stored = (await readTopic(service().brokers, StreamName)).map(({ value }) =>
      String(value),
    )
    const calls = [...new Set(stored.map((each) => each.split('.')[0]))].map(Number)
    expect(stored).toEqual(calls.flatMap((call) => [0, 1, 2].map((i) => `${call}.${i}`)))
    expect(calls.slice(0, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(calls).toHaveLength(30)
  })
})
