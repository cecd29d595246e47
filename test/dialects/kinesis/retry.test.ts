// A call whose reply was lost on the way: the SDK sends it again, and Kafka holds its records once.

import { KinesisClient, PutRecordCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { connect, createServer, type AddressInfo } from 'node:net'
import { startBridge } from '../../support/bridge.ts'

/** What is shorter is HTTP/2's own talk before the reply. */
const REPLY_BYTES_MIN = 150

/** Passes requests on, and cuts the connection in place of the first `cuts` replies. */
async function startCutter(port: number, cuts: number) {
  let left = cuts
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    client.pipe(upstream)
    upstream.on('data', (chunk: Buffer) => {
      if (left > 0 && chunk.length >= REPLY_BYTES_MIN) {
        left--
        client.resetAndDestroy()
      } else client.write(chunk)
    })
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined)
      socket.on('close', () => [client, upstream].forEach((each) => each.destroy()))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    left: () => left,
    [Symbol.dispose]: () => server.close(),
  }
}

describe.each([
  ['HTTP/2', {}],
  ['HTTP/1.1', { requestHandler: new NodeHttpHandler() }],
])('%s', (_, extra) => {
  test.each([1, 2])('%i replies lost', async (cuts) => {
    await using bridge = await startBridge({ topics: { orders: 4 } })
    using cutter = await startCutter(bridge.port, cuts)
    const client = new KinesisClient({
      endpoint: cutter.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      ...extra,
    })
    const one = await client.send(
      new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'k', Data: Buffer.from('one') }),
    )
    const many = await client.send(
      new PutRecordsCommand({
        StreamName: 'orders',
        Records: [{ PartitionKey: 'k', Data: Buffer.from('two') }],
      }),
    )
    client.destroy()

    expect(cutter.left()).toBe(0)
    expect([one.ShardId, many.FailedRecordCount]).toEqual([expect.any(String), 0])
    expect(bridge.log.messages('orders').map(({ value }) => value.toString())).toEqual([
      'one',
      'two',
    ])
  })
})

test('a call whose deadline came first is joined by its retry', async () => {
  await using bridge = await startBridge({
    topics: { orders: 1 },
    environment: { TRIBUTARY_DIALECTS_KINESIS_ANSWER_WITHIN_MS: '300' },
  })
  let release: () => void = () => undefined
  const held = new Promise<undefined>((resolve) => (release = () => resolve(undefined)))
  bridge.log.fail(() => held)
  setTimeout(release, 700)
  const client = new KinesisClient({
    endpoint: bridge.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 6,
  })
  const reply = await client.send(
    new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'k', Data: Buffer.from('once') }),
  )
  client.destroy()

  expect(reply.ShardId).toBe('shardId-000000000000')
  expect(bridge.lives.filter(({ status }) => status === 500).length).toBeGreaterThan(0)
  expect(bridge.log.messages('orders')).toHaveLength(1)
})
