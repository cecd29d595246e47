// Clients over TLS, against the service as it is started.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateStreamCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
  type KinesisClientConfig,
} from '@aws-sdk/client-kinesis'
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler'
import { readTopic } from '../support/reader.ts'
import { startService, type Service } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { uniqueName } from '../support/unique.ts'

let folder: string
let service: Service

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-dev-tls-'))
  service = await startService({
    args: ['--dev-tls'],
    environment: {
      KAFKA_BROKERS: sharedBrokers().join(),
      TRIBUTARY_PORT: 'off',
      TRIBUTARY_TLS_PORT: '0',
      TRIBUTARY_EMBEDDED_DIRECTORY: folder,
    },
  })
  // The banner comes after the line that the start is known by.
  await service.until(() => /SSL_CERT_FILE/.exec(service.stderr()) ?? undefined, 10_000)
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** The file that the service tells clients to trust. */
function ca(): string {
  const [, file] = /SSL_CERT_FILE='(.*?)'/.exec(service.stderr()) ?? []
  return readFileSync(file!, 'utf8')
}

test('the service says where it listens, and only there', () => {
  expect(service.port).toBeUndefined()
  expect(service.stderr()).toContain(`listens on https://127.0.0.1:${service.tlsPort} for all`)
})

test.each([
  ['HTTP/2', () => new NodeHttp2Handler({ nodeHttp2ConnectOptions: { ca: ca() } })],
  ['HTTP/1.1', () => new NodeHttpHandler({ httpsAgent: new Agent({ ca: ca() }) })],
] as [string, () => NonNullable<KinesisClientConfig['requestHandler']>][])(
  '--dev-tls, Amazon’s SDK for JavaScript: %s',
  async (_, handler) => {
    const StreamName = uniqueName('tls')
    const client = new KinesisClient({
      endpoint: `https://localhost:${service.tlsPort}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      requestHandler: handler(),
      maxAttempts: 1,
    })
    await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }))
    await client.send(
      new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from('over TLS') }),
    )
    client.destroy()

    const [record] = await readTopic(service.brokers, StreamName)
    expect(String(record?.value)).toBe('over TLS')
  },
)

test('--dev-tls, Amazon’s SDK for JavaScript: a subscription', async () => {
  const StreamName = uniqueName('tls')
  const client = new KinesisClient({
    endpoint: `https://localhost:${service.tlsPort}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    requestHandler: new NodeHttp2Handler({ nodeHttp2ConnectOptions: { ca: ca() } }),
    maxAttempts: 1,
  })
  await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }))
  const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`
  const { Consumer } = await client.send(
    new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'reader' }),
  )
  const hangUp = new AbortController()
  const { EventStream } = await client.send(
    new SubscribeToShardCommand({
      ...{ ConsumerARN: Consumer!.ConsumerARN, ShardId: 'shardId-000000000000' },
      StartingPosition: { Type: 'TRIM_HORIZON' },
    }),
    { abortSignal: hangUp.signal },
  )
  await client.send(
    new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from('over TLS') }),
  )
  for await (const { SubscribeToShardEvent: event } of EventStream!) {
    expect(event!.Records!.map(({ Data }) => Buffer.from(Data!).toString())).toEqual(['over TLS'])
    break
  }
  hangUp.abort()
  client.destroy()
})
