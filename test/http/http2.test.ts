// What HTTP/2 asks of an answer, and a body that is refused or never ends: its stream's end, and no
// other's.

import {
  connect,
  constants,
  createServer,
  type ClientHttp2Session,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { exchangeOf } from '../../src/http/http2-exchange.ts'
import { startBridge } from '../support/bridge.ts'

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants

const HEADERS = {
  ':method': 'POST',
  ':path': '/',
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': 'Kinesis_20131202.PutRecord',
}
const NOBODYS = { ':path': '/a', 'x-amz-target': undefined }
const BODY = JSON.stringify({ StreamName: 'orders', PartitionKey: 'k', Data: 'QQ==' })

interface Told {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  readonly code: number
  readonly goneOn: boolean
}

/** How a stream ends; its body goes with `send`, or when it is told to go on. */
function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  send: (stream: ReturnType<ClientHttp2Session['request']>) => void,
): Promise<Told> {
  return new Promise((resolve) => {
    const stream = session.request({ ...HEADERS, ...headers })
    let answer: Record<string, unknown> = {}
    let text = ''
    let goneOn = false
    stream.on('continue', () => {
      goneOn = true
      stream.end(BODY)
    })
    stream.on('response', (each) => (answer = each))
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    stream.on('error', () => undefined)
    stream.on('close', () => {
      const { ':status': status, ...rest } = answer
      resolve({ status: Number(status), headers: rest, text, code: stream.rstCode, goneOn })
    })
    send(stream)
  })
}

async function withSession(
  environment: Record<string, string>,
  use: (session: ClientHttp2Session) => Promise<void>,
): Promise<void> {
  await using bridge = await startBridge({ topics: { orders: 1 }, environment })
  const session = connect(bridge.url)
  await use(session)
  await new Promise<void>((resolve) => session.close(resolve))
}

const put = (session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}): Promise<Told> =>
  ask(session, headers, (stream) => stream.end(BODY))

test('an answer has its length and date, and ends without an error', async () => {
  await withSession({}, async (session) => {
    const { status, headers, text, code } = await put(session)
    expect([status, code]).toEqual([200, NGHTTP2_NO_ERROR])
    expect(headers['content-length']).toBe(String(text.length))
    expect(headers['date']).toMatch(/GMT$/)
  })
})

test('HEAD is answered without a body', async () => {
  await withSession({}, async (session) => {
    const told = await ask(session, { ...NOBODYS, ':method': 'HEAD' }, (stream) => stream.end())
    expect(told).toMatchObject({ status: 404, text: '', code: NGHTTP2_NO_ERROR })
  })
})

test('a client that asks whether to go on is told to, and of other wishes that none is met', async () => {
  await withSession({}, async (session) => {
    const waiting = await ask(session, { expect: '100-continue' }, () => undefined)
    expect(waiting).toMatchObject({ status: 200, goneOn: true })
    const wishing = await put(session, { expect: 'wonders' })
    expect(wishing).toMatchObject({ status: 417, goneOn: false })
  })
})

test('a body that never ends ends its own stream only', async () => {
  await withSession({ TRIBUTARY_HTTP_REQUEST_TIMEOUT_MS: '1000' }, async (session) => {
    const endless = await ask(session, {}, (stream) => stream.write(BODY.slice(0, -5)))
    expect(endless).toMatchObject({ status: NaN, code: NGHTTP2_CANCEL })
    expect(await put(session)).toMatchObject({ status: 200 })
  })
})

test('what never ends of a refused body is cut after its answer', async () => {
  const environment = {
    TRIBUTARY_HTTP_REQUEST_TIMEOUT_MS: '1000',
    TRIBUTARY_MEMORY_BYTES_MAX: `${2 ** 20}`,
  }
  await withSession(environment, async (session) => {
    const refused = await ask(session, {}, (stream) => stream.write(Buffer.alloc(3 * 2 ** 20)))
    expect(refused).toMatchObject({ status: 400, code: NGHTTP2_NO_ERROR })
    expect(await put(session)).toMatchObject({ status: 200 })
  })
})

test('a stream that has closed tells all who listen, and holds nothing of its request', async () => {
  const server = createServer()
  const told: string[] = []
  const closed = new Promise<ServerHttp2Stream>((resolve) => {
    server.on('stream', (stream, headers) => {
      const { request, response } = exchangeOf(stream, headers)
      request.on('close', () => told.push('request'))
      request.on('data', () => undefined)
      request.on('end', () => response.end('answered'))
      response.on('close', () => {
        told.push('response')
        resolve(stream)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const { status, text } = await put(session)
  expect([status, text]).toEqual([200, 'answered'])
  const stream = await closed
  expect(told).toEqual(['request', 'response'])
  expect(stream.eventNames()).toEqual([])
  session.close()
  server.close()
})
