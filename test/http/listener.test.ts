// One port, two protocols: sockets as they come, from clients that are slow, odd or gone.

import { request as httpRequest, Agent, type IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { startBridge, type Bridge } from '../support/bridge.ts'
import { until } from '../support/until.ts'

const HEADERS = {
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': 'Kinesis_20131202.PutRecord',
}
const BODY = JSON.stringify({ StreamName: 'orders', PartitionKey: 'k', Data: 'QQ==' })
const HTTP1 = [
  'POST / HTTP/1.1',
  'Host: x',
  ...Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}`),
  `Content-Length: ${BODY.length}`,
  '',
  BODY,
].join('\r\n')

const start = (environment: Record<string, string> = {}): Promise<Bridge> =>
  startBridge({ topics: { orders: 2 }, environment })

interface RawSocket {
  readonly socket: Socket
  readonly text: () => string
  readonly closed: () => boolean
}

function open(port: number): RawSocket {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let closed = false
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.on('close', () => (closed = true))
  socket.on('error', () => undefined)
  return { socket, text: () => text, closed: () => closed }
}

test('HTTP/1.1 whose first bytes come one by one', async () => {
  await using bridge = await start()
  const { socket, text } = open(bridge.port)
  socket.setNoDelay(true)
  for (const byte of HTTP1.slice(0, 6)) {
    socket.write(byte)
    await new Promise((resolve) => setImmediate(resolve))
  }
  socket.write(HTTP1.slice(6))
  await until(() => text().includes('SequenceNumber'))
  socket.destroy()
})

test('several requests on one HTTP/1.1 connection, sent at once', async () => {
  await using bridge = await start()
  const { socket, text } = open(bridge.port)
  socket.write(HTTP1.repeat(5))
  await until(() => text().split('"SequenceNumber"').length === 6)
  expect(bridge.log.messages('orders')).toHaveLength(5)
  socket.destroy()
})

test('200 streams at once on one HTTP/2 connection', async () => {
  await using bridge = await start()
  const session = connectHttp2(bridge.url)
  const replies = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const stream = session.request({ ':method': 'POST', ':path': '/', ...HEADERS })
      stream.end(BODY)
      let text = ''
      for await (const chunk of stream) text += String(chunk)
      return text
    }),
  )
  session.close()
  expect(replies.filter((text) => text.includes('SequenceNumber'))).toHaveLength(200)
  expect(bridge.log.messages('orders')).toHaveLength(200)
})

test('a client that asks whether to go on is told to', async () => {
  await using bridge = await start()
  const { socket, text } = open(bridge.port)
  const [head = '', body = ''] = HTTP1.split('\r\n\r\n')
  socket.write(`${head}\r\nExpect: 100-continue\r\n\r\n`)
  await until(() => text().includes('100 Continue'))
  socket.write(body)
  await until(() => text().includes('SequenceNumber'))
  socket.destroy()
})

test('a client that asks whether to go on with too much is refused at once', async () => {
  await using bridge = await start()
  const { socket, text } = open(bridge.port)
  const head = (HTTP1.split('\r\n\r\n')[0] ?? '').replace(
    /Content-Length: \d+/,
    'Content-Length: 99999999',
  )
  socket.write(`${head}\r\nExpect: 100-continue\r\n\r\n`)
  await until(() => text().includes('HTTP/1.1 413'))
  expect(text()).not.toContain('100 Continue')
  socket.destroy()
})

test('headers that never end do not hold a connection for ever', async () => {
  await using bridge = await start({ TRIBUTARY_HTTP_HEADERS_TIMEOUT_MS: '1000' })
  const silent = open(bridge.port)
  const slow = open(bridge.port)
  slow.socket.write('POST / HTTP/1.1\r\nHost: x\r\nX-A: ')
  await until(() => silent.closed() && slow.closed(), 10_000)
})

test('a body that never ends does not hold a request for ever', async () => {
  await using bridge = await start({ TRIBUTARY_HTTP_REQUEST_TIMEOUT_MS: '1000' })
  const { socket, closed } = open(bridge.port)
  socket.write(HTTP1.slice(0, -5))
  await until(() => bridge.bytesHeld() > 0)
  await until(() => closed() && bridge.bytesHeld() === 0, 10_000)
})

describe('of a megabyte of memory', () => {
  const ANNOUNCED = 700_000
  const DATA = Buffer.from(Uint32Array.from({ length: 125_000 }, (_, i) => i).buffer)
  const LARGE = BODY.replace('QQ==', DATA.toString('base64')).padEnd(ANNOUNCED, ' ')
  const large = (body: string): string =>
    HTTP1.replace(`Content-Length: ${BODY.length}`, `Content-Length: ${ANNOUNCED}`).replace(
      BODY,
      body,
    )
  const narrow = (): Promise<Bridge> => start({ TRIBUTARY_MEMORY_BYTES_MAX: `${2 ** 20}` })

  test('what was let in is not refused half way for what comes later', async () => {
    await using bridge = await narrow()
    const first = open(bridge.port)
    first.socket.write(large(LARGE.slice(0, -1)))
    await until(() => bridge.bytesHeld() === ANNOUNCED)
    const second = open(bridge.port)
    second.socket.write(large(LARGE))
    await until(() => second.text().includes('ProvisionedThroughputExceededException'))
    first.socket.write(LARGE.slice(-1))
    await until(() => first.text().includes('SequenceNumber'))
    first.socket.destroy()
    second.socket.destroy()
  })

  test('a body that only announces itself keeps others out for a moment, and may come late', async () => {
    await using bridge = await narrow()
    const slow = open(bridge.port)
    slow.socket.write(large(LARGE.slice(0, 20_000)))
    await until(() => bridge.bytesHeld() === ANNOUNCED)
    await until(() => bridge.bytesHeld() === 20_000, 10_000)
    const other = open(bridge.port)
    other.socket.write(large(LARGE))
    await until(() => other.text().includes('SequenceNumber'))
    slow.socket.write(LARGE.slice(20_000))
    await until(() => slow.text().includes('SequenceNumber'))
    const stored = bridge.log.messages('orders')
    expect(stored.map(({ value }) => value.equals(DATA))).toEqual([true, true])
    other.socket.destroy()
    slow.socket.destroy()
  })
})

test('a refused body is read to its end, and the connection serves the next request', async () => {
  await using bridge = await start({ TRIBUTARY_MEMORY_BYTES_MAX: `${2 ** 20}` })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const send = (body: Buffer | string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(bridge.url, { method: 'POST', headers: HEADERS, agent }, resolve)
      request.on('error', reject)
      request.end(body)
    })

  const refused = await send(Buffer.alloc(4 * 2 ** 20, 0x20))
  refused.resume()
  const served = await send(BODY)
  served.resume()

  expect([refused.statusCode, served.statusCode]).toEqual([400, 200])
  agent.destroy()
})

test.each([
  ['garbage', 'hello world, this is no HTTP at all\r\n\r\n'],
  ['TLS to the plain port', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['a broken HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'],
  ['HTTP/2 frames of garbage', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'\xff'.repeat(100)}`],
])('%s ends its own connection only', async (_, bytes) => {
  await using bridge = await start()
  const odd = open(bridge.port)
  odd.socket.write(Buffer.from(bytes, 'latin1'))
  await until(() => odd.closed())
  const good = open(bridge.port)
  good.socket.write(HTTP1)
  await until(() => good.text().includes('SequenceNumber'))
  good.socket.destroy()
})

test('a request that is no dialect’s is told what this is', async () => {
  await using bridge = await start()
  for (const path of ['/', '/favicon.ico', '/a/b']) {
    const reply = await fetch(bridge.url + path)
    expect(reply.status).toBe(404)
    expect(await reply.text()).toContain('This is Tributary')
  }
})

test('a port of its own makes every request the dialect’s', async () => {
  await using bridge = await startBridge({ topics: { 'bucket.s': 1 }, pinned: 'v3io' })
  const reply = await fetch(`${bridge.url}/`, { method: 'POST', headers: HEADERS, body: BODY })
  expect(await reply.text()).toContain('"ErrorCode":-')
})
