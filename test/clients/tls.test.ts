// Clients over TLS, against the service as it is started.

import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import {
  CreateStreamCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
  type KinesisClientConfig,
} from '@aws-sdk/client-kinesis'
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler'
import { createAuthority, type Certificate } from '../../src/process/dev-certificate.ts'
import { readTopic } from '../support/reader.ts'
import { startSecureService, type SecureService } from '../support/secure-service.ts'
import { startService, type Service } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { uniqueName } from '../support/unique.ts'
import { until } from '../support/until.ts'

let service: SecureService

beforeAll(async () => {
  service = await startSecureService(() => ({ TRIBUTARY_PORT: 'off' }))
})
afterAll(() => service[Symbol.asyncDispose]())

const ca = (): string => readFileSync(service.certificate, 'utf8')

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

describe('a certificate that is changed while clients write', () => {
  const authority = createAuthority()
  let files: string
  let changing: Service

  /** As most tools do it: other files take the places of these. */
  function install({ cert, key }: Certificate): void {
    for (const [name, text] of Object.entries({ cert, key })) {
      writeFileSync(join(files, `${name}.new`), text)
      renameSync(join(files, `${name}.new`), join(files, name))
    }
  }

  beforeAll(async () => {
    files = mkdtempSync(join(tmpdir(), 'tributary-certificates-'))
    install(authority.issue('first'))
    changing = await startService({
      environment: {
        KAFKA_BROKERS: sharedBrokers().join(),
        TRIBUTARY_TLS_PORT: '0',
        TRIBUTARY_TLS_CERT: join(files, 'cert'),
        TRIBUTARY_TLS_KEY: join(files, 'key'),
      },
    })
  })
  afterAll(async () => {
    await changing[Symbol.asyncDispose]()
    rmSync(files, { recursive: true })
  })

  /** The name in the certificate that a new connection is shown. */
  function shownName(): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { port: changing.tlsPort!, host: '127.0.0.1', ca: authority.ca }
      const socket = connect(options, () => {
        resolve(String(socket.getPeerCertificate().subject.CN))
        socket.destroy()
      })
      socket.on('error', reject)
    })
  }

  test('new connections see the new one, old ones go on, and no call fails', async () => {
    const StreamName = uniqueName('certificates')
    const agent = new Agent({ ca: authority.ca, keepAlive: true, maxSockets: 1 })
    const handlers = [
      new NodeHttp2Handler({
        nodeHttp2ConnectOptions: { ca: authority.ca },
        disableConcurrentStreams: false,
      }),
      new NodeHttpHandler({ httpsAgent: agent }),
    ]
    const clients = handlers.map(
      (requestHandler) =>
        new KinesisClient({
          endpoint: `https://127.0.0.1:${changing.tlsPort}`,
          region: 'us-east-1',
          credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
          maxAttempts: 1,
          requestHandler,
        }),
    )
    await clients[0]!.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }))
    let writing = true
    let stored = 0
    const writers = clients.map(async (client) => {
      while (writing) {
        await client.send(
          new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from('x') }),
        )
        stored++
      }
    })
    expect(await shownName()).toBe('first')
    await until(() => stored > 20)
    const [socket] = Object.values(agent.sockets).flat()

    install(authority.issue('second'))
    await until(async () => (await shownName()) === 'second')
    const storedBefore = stored
    await until(() => stored > storedBefore + 50)
    writing = false
    await Promise.all(writers)

    // The one connection of HTTP/1.1 is the one of before.
    const sockets = [...Object.values(agent.sockets), ...Object.values(agent.freeSockets)].flat()
    expect(sockets).toEqual([socket])
    for (const client of clients) client.destroy()
    expect(await readTopic(changing.brokers, StreamName)).toHaveLength(stored)
  })
})
