// The service with `identity: verify`: each of the vendor's SDKs with the right secret, whose call goes
// through, and with a wrong one, which is told apart by the service's own error. Signatures of the SDK for
// Python are in identity.test.ts.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { failureOf } from '../support/failure.ts'
import { JAVA_WITHIN_MS, withJava } from '../support/java.ts'
import { startJavaClients, type JavaClients } from '../support/java-clients.ts'
import { runProgram } from '../support/program.ts'
import { startSecureService, type SecureService } from '../support/secure-service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { createTopics } from '../support/topics.ts'
import { uniqueName } from '../support/unique.ts'

const KEY = 'AKIDEXAMPLE'
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const INVALID = 'InvalidSignatureException'

const stream = uniqueName('signed')
let service: SecureService

beforeAll(async () => {
  await createTopics(sharedBrokers(), { topics: [stream], partitions: 2 })
  service = await startSecureService((folder) => {
    const credentials = join(folder, 'credentials.json')
    const aws = [{ accessKeyId: KEY, secretAccessKey: SECRET }]
    const allow = [{ actions: ['put', 'manage'], streams: [stream] }]
    writeFileSync(credentials, JSON.stringify({ principals: [{ name: 'p', aws, allow }] }))
    return { TRIBUTARY_IDENTITY: 'verify', TRIBUTARY_CREDENTIALS: credentials }
  })
})
afterAll(() => service[Symbol.asyncDispose]())

const RECORD = { PartitionKey: 'k', Data: Buffer.from('x') }

test.each([
  ['HTTP/2', {}],
  ['HTTP/1.1', { requestHandler: new NodeHttpHandler() }],
])('JavaScript, %s', async (_, extra) => {
  const put = async (secretAccessKey: string) => {
    const client = new KinesisClient({
      endpoint: service.url,
      region: 'us-east-1',
      credentials: { accessKeyId: KEY, secretAccessKey },
      ...extra,
    })
    try {
      return await client.send(new PutRecordCommand({ StreamName: stream, ...RECORD }))
    } finally {
      client.destroy()
    }
  }
  expect(await put(SECRET)).toHaveProperty('SequenceNumber')
  expect(await failureOf(put('wrong'))).toHaveProperty('name', INVALID)
})

withJava('clients in Java that sign', () => {
  let java: readonly JavaClients[]

  beforeAll(async () => {
    java = await Promise.all([
      startJavaClients({ pom: '.', main: 'SdkV2' }),
      startJavaClients({ pom: '.', main: 'SdkV1' }),
      startJavaClients({ pom: 'kpl', main: 'Kpl' }),
    ])
  }, JAVA_WITHIN_MS)
  afterAll(async () => {
    for (const each of java) await each[Symbol.asyncDispose]()
  }, 60_000)

  test.each([
    ['2, Apache', 0, 'apache'],
    ['2, UrlConnection', 0, 'url-connection'],
    ['2, asynchronous', 0, 'netty'],
    ['1', 1, 'apache'],
  ])('Java %s', async (_, machine, http) => {
    const put = (secret: string) =>
      java[machine]!.open({ endpoint: service.url, http, key: KEY, secret }).call('PutRecord', {
        StreamName: stream,
        ...RECORD,
      })

    expect(await put(SECRET)).toHaveProperty('SequenceNumber')
    expect(String(await failureOf(put('wrong')))).toContain('The request signature we calculated')
  })

  test('the Kinesis Producer Library', async () => {
    const open = (secret: string) =>
      java[2]!.open({
        ...{ host: 'localhost', port: service.tlsPort, caCertFile: service.certificate },
        ...{ directory: service.folder, key: KEY, secret, ttlMs: 3000 },
      })
    const args = { stream, prefix: 'x', records: 10, keys: 2 }
    const [right, wrong] = [open(SECRET), open('wrong')]

    for (const each of await right.call<Result[]>('put', args))
      expect(each.attempts).toEqual(['ok'])
    for (const { attempts } of await wrong.call<Result[]>('put', args)) {
      expect(attempts.join()).toMatch(/InvalidSignature|signature we calculated/i)
      expect(attempts).not.toContain('ok')
    }
  }, 60_000)
})

interface Result {
  readonly attempts: readonly string[]
}

test('curl', async () => {
  const put = async (secret: string) => {
    const { stdout } = await runProgram([
      ...['curl', '-sS', '--max-time', '20', '--aws-sigv4', 'aws:amz:us-east-1:kinesis'],
      ...['--user', `${KEY}:${secret}`, '-H', 'Content-Type: application/x-amz-json-1.1'],
      ...['-H', 'X-Amz-Target: Kinesis_20131202.PutRecord'],
      ...['-d', JSON.stringify({ StreamName: stream, PartitionKey: 'k', Data: 'QQ==' })],
      `${service.url}/`,
    ])
    return JSON.parse(stdout) as object
  }
  expect(await put(SECRET)).toHaveProperty('SequenceNumber')
  expect(await put('wrong')).toHaveProperty('__type', INVALID)
})
