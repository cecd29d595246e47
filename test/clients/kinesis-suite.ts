// What every client of the Kinesis wire must see, in Amazon's and in Yandex' dialect: the same calls
// with the same members, whatever language makes them.

import { failureOf } from '../support/failure.ts'
import { readTopic, expectStored, type Acknowledged } from '../support/reader.ts'
import type { Service } from '../support/service.ts'
import { uniqueName } from '../support/unique.ts'
import type { KinesisAnswer, Place } from './places.ts'

/** A client under test. `call` takes and gives members as the vendor's documentation names them. */
export interface KinesisClientUnderTest extends AsyncDisposable {
  readonly call: <Output>(operation: string, input: object) => Promise<Output>
  /** The error's class, as programs that catch it name it. */
  readonly typeOf: (error: unknown) => string
}

export interface KinesisSuiteOptions {
  readonly service: () => Service
  readonly connect: (service: Service) => Promise<KinesisClientUnderTest>
  /** How a stream is named by its last part. */
  readonly nameOf: (stream: string) => string
  readonly placeOf: (answer: KinesisAnswer) => Place
}

interface PutRecordsOutput {
  readonly FailedRecordCount: number
  readonly Records: KinesisAnswer[]
}

interface Shard {
  readonly ShardId: string
  readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string }
}

interface DescribeStreamOutput {
  readonly StreamDescription: {
    readonly StreamName: string
    readonly StreamStatus: string
    readonly Shards: Shard[]
  }
}

interface Sent {
  readonly Data: Buffer
  readonly PartitionKey: string
  readonly ExplicitHashKey?: string
}

const SHARDS = 4

/** Where Amazon's cut of MD5 puts these keys among four shards. */
const SHARD_OF_KEY: Readonly<Record<string, number>> = { a: 0, b: 2, e: 3, f: 2, é: 1, ключ: 3 }

/** Every byte there is, and none. */
const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))

export function kinesisSuite({ service, connect, nameOf, placeOf }: KinesisSuiteOptions): void {
  function acknowledged(
    { Data, PartitionKey, ExplicitHashKey }: Sent,
    answer: KinesisAnswer,
  ): Acknowledged {
    const { partition, offset } = placeOf(answer)
    return {
      ...{ partition, offset, key: PartitionKey, value: Data },
      headers: ExplicitHashKey ? { 'tributary-explicit-hash-key': ExplicitHashKey } : {},
    }
  }

  async function createStream(client: KinesisClientUnderTest, prefix: string): Promise<string> {
    const stream = uniqueName(prefix)
    await client.call('CreateStream', { StreamName: nameOf(stream), ShardCount: SHARDS })
    return stream
  }

  test('what was put lies in Kafka where the answers say, in order', async () => {
    await using client = await connect(service())
    const stream = await createStream(client, 'puts')
    const StreamName = nameOf(stream)
    const answers: Acknowledged[] = []

    for (const PartitionKey of Object.keys(SHARD_OF_KEY)) {
      const sent = { PartitionKey, Data: Buffer.from(`one of ${PartitionKey}`) }
      const answer = await client.call<KinesisAnswer>('PutRecord', { StreamName, ...sent })
      answers.push(acknowledged(sent, answer))
    }
    const many = Array.from({ length: 500 }, (_, i): Sent => ({
      PartitionKey: `key ${i % 50}`,
      Data: Buffer.from(`record ${i}`),
    }))
    const odd = [ALL_BYTES, Buffer.alloc(0), Buffer.alloc(300_000, 'x')].map((Data): Sent => ({
      PartitionKey: 'odd',
      Data,
    }))
    for (const Records of [many, odd]) {
      const output = await client.call<PutRecordsOutput>('PutRecords', { StreamName, Records })
      expect(output.FailedRecordCount).toBe(0)
      expect(output.Records).toHaveLength(Records.length)
      answers.push(...Records.map((sent, i) => acknowledged(sent, output.Records[i]!)))
    }

    expectStored(answers, await readTopic(service().brokers, stream))
    const shardOfKey = answers.slice(0, 6).map(({ key, partition }) => [key, partition])
    expect(Object.fromEntries(shardOfKey)).toEqual(SHARD_OF_KEY)
  })

  test('an explicit hash key at either end of a shard’s range lands in that shard', async () => {
    await using client = await connect(service())
    const stream = await createStream(client, 'hashes')
    const StreamName = nameOf(stream)

    const { StreamDescription } = await client.call<DescribeStreamOutput>('DescribeStream', {
      StreamName,
    })
    const ranges = StreamDescription.Shards.map(({ HashKeyRange }) => HashKeyRange)
    const Records = ranges
      .flatMap(({ StartingHashKey, EndingHashKey }) => [StartingHashKey, EndingHashKey])
      .map((ExplicitHashKey): Sent => ({
        ExplicitHashKey,
        PartitionKey: 'the same',
        Data: Buffer.from(ExplicitHashKey),
      }))
    const single = await client.call<KinesisAnswer>('PutRecord', { StreamName, ...Records[2] })
    const batch = await client.call<PutRecordsOutput>('PutRecords', { StreamName, Records })

    const answers = [
      acknowledged(Records[2]!, single),
      ...Records.map((sent, i) => acknowledged(sent, batch.Records[i]!)),
    ]
    expect(answers.map(({ partition }) => partition)).toEqual([1, 0, 0, 1, 1, 2, 2, 3, 3])
    expectStored(answers, await readTopic(service().brokers, stream))
  })

  test('a stream is created, described, listed and deleted', async () => {
    await using client = await connect(service())
    const stream = await createStream(client, 'life')
    const StreamName = nameOf(stream)

    const { StreamDescription } = await client.call<DescribeStreamOutput>('DescribeStream', {
      StreamName,
    })
    expect(StreamDescription).toMatchObject({ StreamName, StreamStatus: 'ACTIVE' })
    expect(StreamDescription.Shards).toHaveLength(SHARDS)
    const list = { ExclusiveStartStreamName: 'life-', Limit: 100 }
    const { StreamNames } = await client.call<{ StreamNames: string[] }>('ListStreams', list)
    expect(StreamNames).toContain(stream)

    const again = client.call('CreateStream', { StreamName, ShardCount: 1 })
    expect(client.typeOf(await failureOf(again))).toBe('ResourceInUseException')
    await client.call('DeleteStream', { StreamName })
  })

  test('a stream that is not there is ResourceNotFoundException', async () => {
    await using client = await connect(service())
    const StreamName = nameOf(uniqueName('none'))
    const record: Sent = { PartitionKey: 'a', Data: Buffer.from('x') }

    const failures = [
      await failureOf(client.call('PutRecord', { StreamName, ...record })),
      await failureOf(client.call('PutRecords', { StreamName, Records: [record] })),
      await failureOf(client.call('DescribeStream', { StreamName })),
      await failureOf(client.call('DeleteStream', { StreamName })),
    ]

    for (const failure of failures) {
      expect(client.typeOf(failure)).toBe('ResourceNotFoundException')
    }
  })
}
