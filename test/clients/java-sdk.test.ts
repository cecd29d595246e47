// Amazon's SDK for Java: version 2 with each of its HTTP clients, synchronous and asynchronous, in
// CBOR, which is its default, and in JSON, in plain text and over TLS; and version 1.

import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { failureOf } from '../support/failure.ts'
import { JAVA_WITHIN_MS, withJava } from '../support/java.ts'
import {
  startJavaClients,
  type JavaClient,
  type JavaClients,
  type JavaError,
  type JavaFamily,
} from '../support/java-clients.ts'
import { runProgram } from '../support/program.ts'
import { readTopic } from '../support/reader.ts'
import { startSecureService, type SecureService } from '../support/secure-service.ts'
import { uniqueName } from '../support/unique.ts'
import { kinesisSuite, type KinesisClientUnderTest } from './kinesis-suite.ts'
import { placeInKinesis, type KinesisAnswer } from './places.ts'

const VERSION_2: JavaFamily = { pom: '.', main: 'SdkV2' }
const VERSION_2_OF_2023: JavaFamily = { pom: 'older', main: 'SdkV2' }
const VERSION_1: JavaFamily = { pom: '.', main: 'SdkV1' }

/** What programs in Java trust, with the certificate of --dev-tls in it: keytool makes it. */
async function trustStore({ folder, certificate }: SecureService): Promise<Record<string, string>> {
  const store = join(folder, 'trust.p12')
  const { status, stderr } = await runProgram([
    ...['keytool', '-importcert', '-noprompt', '-alias', 'tributary', '-file', certificate],
    ...['-keystore', store, '-storetype', 'PKCS12', '-storepass', 'changeit'],
  ])
  if (status !== 0) throw new Error(stderr)
  return {
    'javax.net.ssl.trustStore': store,
    'javax.net.ssl.trustStorePassword': 'changeit',
    'org.slf4j.simpleLogger.defaultLogLevel': 'warn',
  }
}

withJava('Amazon’s SDK for Java', () => {
  let service: SecureService
  let java: Readonly<Record<'cbor' | 'json' | 'older' | 'v1', JavaClients>>

  beforeAll(async () => {
    service = await startSecureService()
    const properties = await trustStore(service)
    java = {
      cbor: await startJavaClients(VERSION_2, { properties }),
      json: await startJavaClients(VERSION_2, {
        properties: { ...properties, 'aws.cborEnabled': 'false' },
      }),
      older: await startJavaClients(VERSION_2_OF_2023, { properties }),
      v1: await startJavaClients(VERSION_1, { properties }),
    }
  }, JAVA_WITHIN_MS)
  afterAll(async () => {
    for (const each of Object.values(java)) await each[Symbol.asyncDispose]()
    await service[Symbol.asyncDispose]()
  }, 60_000)

  const secure = (): string => `https://localhost:${service.tlsPort}`

  /** Name, Java machine, HTTP client, and whether over TLS. */
  const CLIENTS: readonly [string, keyof typeof java, string, boolean][] = [
    ['2, Apache, CBOR', 'cbor', 'apache', false],
    ['2, Apache, JSON', 'json', 'apache', false],
    ['2, Apache, CBOR, TLS', 'cbor', 'apache', true],
    ['2, UrlConnection, CBOR', 'cbor', 'url-connection', false],
    ['2, UrlConnection, CBOR, TLS', 'cbor', 'url-connection', true],
    ['2, asynchronous, CBOR', 'cbor', 'netty', false],
    ['2, asynchronous, JSON', 'json', 'netty', false],
    ['2, asynchronous, CBOR, TLS', 'cbor', 'netty', true],
    ['2 of 2023, asynchronous, CBOR', 'older', 'netty', false],
    ['2 of 2023, asynchronous, CBOR, TLS', 'older', 'netty', true],
    ['1, CBOR', 'v1', 'apache', false],
  ]

  test('they speak the encodings and protocols that their names say', async () => {
    const seen: string[] = []
    const answer = (type: string | undefined, version: string): void => {
      seen.push(`${type} over HTTP/${version}`)
    }
    const http1 = createServer((request, response) => {
      answer(request.headers['content-type'], request.httpVersion)
      response.writeHead(400).end()
    })
    const http2 = createHttp2Server((request, response) => {
      answer(request.headers['content-type'], request.httpVersion)
      response.writeHead(400)
      response.end()
    })
    for (const [http, server] of [
      ['apache', http1],
      ['netty', http2],
    ] as const) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      for (const machine of ['cbor', 'json'] as const) {
        await failureOf(java[machine].open({ endpoint, http }).call('ListStreams', {}))
      }
    }
    for (const server of [http1, http2]) server.close()

    expect(seen).toEqual([
      'application/x-amz-cbor-1.1 over HTTP/1.1',
      'application/x-amz-json-1.1 over HTTP/1.1',
      'application/x-amz-cbor-1.1 over HTTP/2.0',
      'application/x-amz-json-1.1 over HTTP/2.0',
    ])
  })

  describe.each(CLIENTS)('Java SDK %s', (_, machine, http, isSecure) => {
    const open = (more: object = {}) =>
      java[machine].open({ endpoint: isSecure ? secure() : service.url, http, ...more })

    kinesisSuite({
      service: () => service,
      connect: (): Promise<KinesisClientUnderTest> =>
        Promise.resolve({
          call: open().call,
          typeOf: (error) => (error as JavaError).type,
          [Symbol.asyncDispose]: () => Promise.resolve(),
        }),
      nameOf: (stream) => stream,
      placeOf: placeInKinesis,
    })

    test('times are right to the millisecond, shards agree, and streams are listed', async () => {
      const client = open()
      const StreamName = uniqueName('java')
      const beforeMs = Date.now()
      await client.call('CreateStream', { StreamName, ShardCount: 3 })
      const afterMs = Date.now()

      const described = await client.call<Description>('DescribeStream', { StreamName })
      const { Shards } = await client.call<{ Shards: unknown[] }>('ListShards', { StreamName })
      const { StreamNames } = await client.call<{ StreamNames: string[] }>('ListStreams', {
        ExclusiveStartStreamName: 'java-',
      })

      const { StreamCreationTimestamp: createdMs } = described.StreamDescription
      expect(createdMs).toBeGreaterThanOrEqual(beforeMs)
      expect(createdMs).toBeLessThanOrEqual(afterMs)
      expect(Shards).toHaveLength(3)
      expect(described.StreamDescription.Shards).toEqual(Shards)
      expect(StreamNames).toContain(StreamName)
    })

    test('records are read back, their times right to the millisecond', async () => {
      const client = open()
      const StreamName = uniqueName('read')
      await client.call('CreateStream', { StreamName, ShardCount: 1 })
      const put = { StreamName, PartitionKey: 'k', Data: Buffer.from('x') }
      const { SequenceNumber } = await client.call<KinesisAnswer>('PutRecord', put)

      const { ShardIterator } = await client.call<{ ShardIterator: string }>('GetShardIterator', {
        ...{ StreamName, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' },
      })
      const { Records } = await client.call<{ Records: unknown[] }>('GetRecords', { ShardIterator })

      const [stored] = await readTopic(service.brokers, StreamName)
      expect(Records).toMatchObject([
        {
          ...{ SequenceNumber, PartitionKey: 'k', Data: Buffer.from('x').toString('base64') },
          ApproximateArrivalTimestamp: stored!.timestampMs,
        },
      ])
      if (http === 'netty') expect(await subscribed(client, StreamName)).toEqual(Records)
    })

    test('200 puts at once', async () => {
      const client = open()
      const StreamName = uniqueName('many')
      await client.call('CreateStream', { StreamName, ShardCount: 4 })

      const answers = await Promise.all(
        Array.from({ length: 200 }, (_each, i) =>
          client.call<KinesisAnswer>('PutRecord', {
            ...{ StreamName, PartitionKey: `key ${i}`, Data: Buffer.from(`${i}`) },
          }),
        ),
      )

      const stored = await readTopic(service.brokers, StreamName)
      const told = answers.map((answer) => placeInKinesis(answer))
      expect(stored).toHaveLength(200)
      expect(new Set(told.map(({ partition, offset }) => `${partition} ${offset}`)).size).toBe(200)
    }, 60_000)

    test.each([
      [
        'PutRecord',
        { PartitionKey: 'k', Data: Buffer.from('x'), ExplicitHashKey: `${2n ** 128n}` },
      ],
      ['ListShards', { NextToken: 'nonsense', StreamName: undefined }],
    ])('%s that is wrong is InvalidArgumentException', async (operation, wrong) => {
      const client = open()
      const StreamName = uniqueName('wrong')
      await client.call('CreateStream', { StreamName, ShardCount: 1 })

      const error = await failureOf(client.call(operation, { StreamName, ...wrong }))

      expect((error as JavaError).type).toBe('InvalidArgumentException')
    })
  })
})

/** What a new consumer's subscription gets first. */
async function subscribed(client: JavaClient, stream: string): Promise<unknown> {
  const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`
  const { Consumer } = await client.call<{ Consumer: { ConsumerARN: string } }>(
    'RegisterStreamConsumer',
    { StreamARN, ConsumerName: 'reader' },
  )
  const event = await client.call<{ Records: unknown }>('SubscribeToShard', {
    ...{ ConsumerARN: Consumer.ConsumerARN, ShardId: 'shardId-000000000000' },
    StartingPosition: { Type: 'TRIM_HORIZON' },
  })
  return event.Records
}

interface Description {
  readonly StreamDescription: {
    readonly StreamCreationTimestamp: number
    readonly Shards: unknown[]
  }
}
