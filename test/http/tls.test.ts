// The port over TLS: both protocols, with ALPN and without, and handshakes that go wrong.

import { request as httpsRequest } from 'node:https'
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { connect as connectPlain } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler'
import { Agent } from 'node:https'
import { createAuthority } from '../../src/process/dev-certificate.ts'
import { startBridge, type Bridge } from '../support/bridge.ts'
import { until } from '../support/until.ts'

const authority = createAuthority()
const { ca } = authority
const pair = authority.issue('localhost')

const HEADERS = {
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': 'Kinesis_20131202.PutRecord',
}
const BODY = JSON.stringify({ StreamName: 'orders', PartitionKey: 'k', Data: 'QQ==' })

const start = (environment: Record<string, string> = {}): Promise<Bridge> =>
  startBridge({ topics: { orders: 2 }, environment, certificates: (use) => use(pair) })

async function handshake(port: number, options: object = {}): Promise<TLSSocket> {
  const socket = connectTls({ port, host: '127.0.0.1', ca, ...options })
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  return socket
}

async function putOn(session: ClientHttp2Session): Promise<string> {
  const stream = session.request({ ':method': 'POST', ':path': '/', ...HEADERS })
  stream.end(BODY)
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

/** The service, which is cut after its test, is not to cut its client. */
function closing(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve) => session.close(resolve))
}

test.each([
  ['TLSv1.2', 'TLSv1.2'],
  ['TLSv1.3', 'TLSv1.3'],
] as const)('HTTP/1.1 over %s', async (_, version) => {
  await using bridge = await start()
  const text = await new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: HEADERS, ca, maxVersion: version }
    const request = httpsRequest(`${bridge.url}/`, options, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve(body))
    })
    request.on('error', reject)
    request.end(BODY)
  })
  expect(text).toContain('SequenceNumber')
})

test('HTTP/2 by ALPN, many streams at once', async () => {
  await using bridge = await start()
  const session = connectHttp2(bridge.url, { ca })
  const replies = await Promise.all(Array.from({ length: 100 }, () => putOn(session)))
  expect(session.alpnProtocol).toBe('h2')
  await closing(session)
  expect(replies.filter((text) => text.includes('SequenceNumber'))).toHaveLength(100)
})

test('HTTP/2 without an offer by ALPN', async () => {
  await using bridge = await start()
  const socket = await handshake(bridge.port)
  expect(socket.alpnProtocol).toBe(false)
  // The client's own library insists on ALPN, too.
  socket.alpnProtocol = 'h2'
  const session = connectHttp2(bridge.url, { createConnection: () => socket })
  expect(await putOn(session)).toContain('SequenceNumber')
  await closing(session)
})

test.each([
  ['HTTP/2, its default', () => new NodeHttp2Handler({ nodeHttp2ConnectOptions: { ca } })],
  ['HTTP/1.1', () => new NodeHttpHandler({ httpsAgent: new Agent({ ca }) })],
])('Amazon’s SDK for JavaScript, large bodies: %s', async (_, handler) => {
  await using bridge = await start()
  const client = new KinesisClient({
    endpoint: bridge.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    requestHandler: handler(),
    maxAttempts: 1,
  })
  const Records = Array.from({ length: 8 }, (_each, i) => ({
    PartitionKey: `k${i}`,
    Data: Buffer.alloc(2 ** 20 - 100, i),
  }))
  const reply = await client.send(new PutRecordsCommand({ StreamName: 'orders', Records }))
  client.destroy()
  expect(reply.FailedRecordCount).toBe(0)
  expect(bridge.log.messages('orders')).toHaveLength(8)
})

test('TLS 1.1 is refused', async () => {
  await using bridge = await start()
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
  await expect(handshake(bridge.port, old)).rejects.toThrow()
})

test('a handshake that takes too long is cut, whoever is slow', async () => {
  await using bridge = await start({ TRIBUTARY_HTTP_HEADERS_TIMEOUT_MS: '1000' })
  const silent = connectPlain(bridge.port, '127.0.0.1')
  const halting = connectPlain(bridge.port, '127.0.0.1')
  const idle = await handshake(bridge.port)
  const closed = new Set()
  for (const socket of [silent, halting, idle]) {
    socket.on('close', () => closed.add(socket)).on('error', () => undefined)
    socket.resume()
  }
  // Part of a ClientHello, a byte at a time: activity does not prolong it.
  const hello = Buffer.from('16030102000100', 'hex')
  let sent = 0
  const drip = setInterval(() => halting.write(hello.subarray(sent, ++sent)), 250)
  await until(() => closed.size === 3)
  clearInterval(drip)
})

test.each([
  ['plain HTTP', 'POST / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['garbage', '\x16\x03\x01\x00\x05hello'],
])('%s to the port of TLS ends its own connection only', async (_, bytes) => {
  await using bridge = await start()
  const odd = connectPlain(bridge.port, '127.0.0.1')
  let closed = false
  odd.on('close', () => (closed = true)).on('error', () => undefined)
  odd.resume()
  odd.write(Buffer.from(bytes, 'latin1'))
  await until(() => closed)
  const session = connectHttp2(bridge.url, { ca })
  expect(await putOn(session)).toContain('SequenceNumber')
  await closing(session)
})
