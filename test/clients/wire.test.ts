// The wire itself, with the vendor's clients and the real service: many connections and many streams,
// bodies of fourteen megabytes, what a reply carries, and curl.

import { Agent } from 'node:http'
import { connect } from 'node:http2'
import * as sdk from '@aws-sdk/client-kinesis'
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler'
import { runProgram } from '../support/program.ts'
import { readTopic } from '../support/reader.ts'
import { serviceOfFile } from '../support/service.ts'
import { uniqueName } from '../support/unique.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Three of the largest bodies fit at once; by default it is one, and others are told to come again. */
const service = serviceOfFile({ TRIBUTARY_MEMORY_BYTES_MAX: String(96 * 2 ** 20) })

const HANDLERS: Readonly<Record<string, () => sdk.KinesisClientConfig['requestHandler']>> = {
  'HTTP/2, a connection for each call in flight, its default': () => undefined,
  'HTTP/2, one connection': () => new NodeHttp2Handler({ disableConcurrentStreams: false }),
  'HTTP/1.1, as many connections': () =>
    new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true, maxSockets: 200 }) }),
  'HTTP/1.1, one connection': () =>
    new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true, maxSockets: 1 }) }),
}

function clientOf(requestHandler: sdk.KinesisClientConfig['requestHandler']): sdk.KinesisClient {
  return new sdk.KinesisClient({
    endpoint: service().url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
    ...(requestHandler && { requestHandler }),
  })
}

async function createStream(client: sdk.KinesisClient, ShardCount: number): Promise<string> {
  const StreamName = uniqueName('wire')
  await client.send(new sdk.CreateStreamCommand({ StreamName, ShardCount }))
  return StreamName
}

describe.each(Object.entries(HANDLERS))('JavaScript: %s', (_, handler) => {
  test('200 puts at once', async () => {
    const client = clientOf(handler())
    const StreamName = await createStream(client, 4)

    const answers = await Promise.all(
      Array.from({ length: 200 }, (_each, i) =>
        client.send(
          new sdk.PutRecordCommand({
            ...{ StreamName, PartitionKey: `key ${i}`, Data: Buffer.from(`${i}`) },
          }),
        ),
      ),
    )
    client.destroy()

    const stored = await readTopic(service().brokers, StreamName)
    expect(stored).toHaveLength(200)
    expect(new Set(answers.map(({ SequenceNumber }) => SequenceNumber)).size).toBe(200)
  }, 60_000)

  test('bodies of fourteen megabytes, three at once', async () => {
    const client = clientOf(handler())
    const StreamName = await createStream(client, 3)
    const Records = Array.from({ length: 10 }, (_each, i) => ({
      PartitionKey: `key ${i}`,
      Data: Buffer.alloc(2 ** 20 - 16, `${i}`),
    }))

    const answers = await Promise.all(
      [0, 1, 2].map(() => client.send(new sdk.PutRecordsCommand({ StreamName, Records }))),
    )
    client.destroy()

    expect(answers.map(({ FailedRecordCount }) => FailedRecordCount)).toEqual([0, 0, 0])
    const stored = await readTopic(service().brokers, StreamName)
    expect(stored.map(({ key, value }) => `${key}: ${value?.length}`).sort()).toEqual(
      [...Records, ...Records, ...Records]
        .map(({ PartitionKey, Data }) => `${PartitionKey}: ${Data.length}`)
        .sort(),
    )
  }, 120_000)
})

const FORMS: Readonly<Record<string, RegExp>> = {
  date: /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  'x-amzn-requestid': /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'x-amz-id-2': /^[A-Za-z0-9+/]{96}$/,
}

const KINDS: readonly [string, string, string, string][] = [
  ['a success', 'POST', 'ListStreams', '{}'],
  ['an error', 'POST', 'DescribeStream', '{"StreamName":"none"}'],
  ['a broken constraint', 'POST', 'DescribeStream', '{}'],
  ['an unknown operation', 'POST', 'Fly', '{}'],
  ['no JSON', 'POST', 'ListStreams', '{'],
  ['another method', 'PUT', 'ListStreams', '{}'],
]

function expectForms(headers: Readonly<Record<string, unknown>>): void {
  for (const [name, form] of Object.entries(FORMS)) expect(headers[name]).toMatch(form)
  expect(Math.abs(Date.parse(String(headers['date'])) - Date.now())).toBeLessThan(5000)
}

describe('every reply has a date, an id, and another', () => {
  const head = (operation: string) => ({
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `Kinesis_20131202.${operation}`,
  })

  test.each(KINDS)('HTTP/1.1: %s', async (_, method, operation, body) => {
    const response = await fetch(service().url, { method, headers: head(operation), body })
    await response.text()
    expectForms(Object.fromEntries(response.headers))
  })

  test.each(KINDS)('HTTP/2: %s', async (_, method, operation, body) => {
    const session = connect(service().url)
    const stream = session.request({ ':method': method, ':path': '/', ...head(operation) })
    stream.end(body)
    const headers = await new Promise<Record<string, unknown>>((resolve) =>
      stream.once('response', (received) => resolve(received)),
    )
    await new Promise((resolve) => stream.resume().once('end', resolve))
    session.destroy()
    expectForms(headers)
  })
})

describe('curl', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tributary-curl-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** A put of `megabytes` records as curl makes it from a file. */
  async function curl(StreamName: string, megabytes: number, extra: readonly string[]) {
    const file = join(folder, `${megabytes}.json`)
    const Data = Buffer.alloc(10 ** 6, 'x').toString('base64')
    const Records = Array.from({ length: megabytes }, () => ({ PartitionKey: 'k', Data }))
    writeFileSync(file, JSON.stringify({ StreamName, Records }))
    return runProgram([
      ...['curl', '-sS', '-v', '--max-time', '25', ...extra],
      ...['-H', 'Content-Type: application/x-amz-json-1.1'],
      ...['-H', 'X-Amz-Target: Kinesis_20131202.PutRecords'],
      ...['--aws-sigv4', 'aws:amz:us-east-1:kinesis', '--user', 'any:any'],
      ...['--data-binary', `@${file}`, `${service().url}/`],
    ])
  }

  test.each([
    ['as it comes', []],
    ['told to wait for 100 Continue', ['-H', 'Expect: 100-continue']],
    ['over HTTP/2', ['--http2-prior-knowledge']],
  ])('%s', async (_, extra) => {
    const client = clientOf(new NodeHttpHandler())
    const StreamName = await createStream(client, 1)
    client.destroy()

    const { stdout, stderr } = await curl(StreamName, 9, extra)

    expect(JSON.parse(stdout)).toMatchObject({ FailedRecordCount: 0 })
    expect(await readTopic(service().brokers, StreamName)).toHaveLength(9)
    if (extra.includes('Expect: 100-continue')) expect(stderr).toContain('HTTP/1.1 100 Continue')
  })

  test('two calls go over one connection', async () => {
    const { stderr } = await curl('none', 1, [`${service().url}/`])
    expect(stderr).toMatch(/Re-using existing connection/i)
  })
})
