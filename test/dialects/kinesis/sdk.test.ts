// Amazon's SDK for JavaScript, unmodified, over both of its handlers.

import {
  CreateStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { startBridge } from '../../support/bridge.ts'

const HANDLERS = {
  'HTTP/2 with prior knowledge (its default)': {},
  'HTTP/1.1': { requestHandler: new NodeHttpHandler() },
}

function clientOf(endpoint: string, extra: object): KinesisClient {
  return new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
    ...extra,
  })
}

describe.each(Object.entries(HANDLERS))('%s', (_, extra) => {
  test('puts single and many, and reads the shards that placement used', async () => {
    await using bridge = await startBridge({ topics: { orders: 4 } })
    const client = clientOf(bridge.url, extra)

    const one = await client.send(
      new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'a', Data: Buffer.from('one') }),
    )
    const many = await client.send(
      new PutRecordsCommand({
        StreamName: 'orders',
        Records: ['a', 'b', 'e', 'f'].map((key) => ({
          PartitionKey: key,
          Data: Buffer.from(`data of ${key}`),
        })),
      }),
    )
    const { Shards } = await client.send(new ListShardsCommand({ StreamName: 'orders' }))
    client.destroy()

    expect(one.ShardId).toBe('shardId-000000000000')
    expect(one.SequenceNumber).toMatch(/^\d{56}$/)
    expect(many.FailedRecordCount).toBe(0)
    expect(many.Records?.map(({ ShardId }) => ShardId?.at(-1))).toEqual(['0', '2', '3', '2'])
    expect(Shards?.map(({ HashKeyRange }) => HashKeyRange?.StartingHashKey)).toEqual([
      '0',
      '85070591730234615865843651857942052864',
      '170141183460469231731687303715884105728',
      '255211775190703847597530955573826158592',
    ])
    expect(
      bridge.log
        .messages('orders')
        .map(({ value }) => value.toString())
        .sort(),
    ).toEqual(['data of a', 'data of b', 'data of e', 'data of f', 'one'].sort())
  })

  test('creates, describes and lists streams', async () => {
    await using bridge = await startBridge()
    const client = clientOf(bridge.url, extra)

    await client.send(new CreateStreamCommand({ StreamName: 'new', ShardCount: 3 }))
    const { StreamDescription } = await client.send(
      new DescribeStreamCommand({ StreamName: 'new' }),
    )
    const summary = await client.send(new DescribeStreamSummaryCommand({ StreamName: 'new' }))
    const list = await client.send(new ListStreamsCommand())
    client.destroy()

    expect(StreamDescription).toMatchObject({ StreamName: 'new', StreamStatus: 'ACTIVE' })
    expect(StreamDescription?.Shards).toHaveLength(3)
    expect(summary.StreamDescriptionSummary?.OpenShardCount).toBe(3)
    expect(list.StreamNames).toEqual(['new'])
  })

  test('a missing stream is ResourceNotFoundException', async () => {
    await using bridge = await startBridge()
    const client = clientOf(bridge.url, extra)

    const put = client.send(
      new PutRecordCommand({ StreamName: 'none', PartitionKey: 'a', Data: Buffer.from('x') }),
    )

    await expect(put).rejects.toThrow(ResourceNotFoundException)
    await expect(put).rejects.toThrow('Stream none under account 000000000000 not found.')
    client.destroy()
  })

  test('many large bodies at once', async () => {
    await using bridge = await startBridge({ topics: { orders: 4 } })
    const client = clientOf(bridge.url, extra)
    const data = Buffer.alloc(700_000, 7)

    const puts = Array.from({ length: 20 }, (_, i) =>
      client.send(
        new PutRecordCommand({ StreamName: 'orders', PartitionKey: `k${i}`, Data: data }),
      ),
    )
    const replies = await Promise.all(puts)
    client.destroy()

    expect(replies).toHaveLength(20)
    expect(bridge.log.messages('orders').every(({ value }) => value.equals(data))).toBe(true)
  })
})
