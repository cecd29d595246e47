// Bodies that come piece by piece: the client's pace is theirs, and its end their end.

import { createServer, request, type ServerResponse } from 'node:http'
import { connect, createServer as createHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { exchangeOf } from '../../src/http/http2-exchange.ts'
import { sendPieces } from '../../src/http/pieces.ts'
import { until } from '../support/until.ts'

const PIECE = Buffer.alloc(65_536, 'x')

interface Source {
  readonly pieces: AsyncIterable<Buffer>
  readonly given: () => number
  readonly hasReturned: () => boolean
}

/** As many pieces as are asked for. */
function createSource(most = Infinity): Source {
  let given = 0
  let returned = false
  return {
    given: () => given,
    hasReturned: () => returned,
    pieces: {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          given++
          return Promise.resolve({ done: given > most, value: PIECE })
        },
        return: () => {
          returned = true
          return Promise.resolve({ done: true, value: undefined })
        },
      }),
    },
  }
}

/** A server of either protocol that answers with a source, and a client that has read the head. */
async function open(protocol: 'http1' | 'http2', source: Source, stalledMs = 10_000) {
  const sent: Promise<void>[] = []
  const answer = (response: ServerResponse): void => {
    response.writeHead(200)
    const sending = sendPieces(source.pieces, response, stalledMs)
    // A failure is looked at later.
    sending.catch(() => undefined)
    sent.push(sending)
  }
  const server =
    protocol === 'http1'
      ? createServer((_, response) => answer(response))
      : createHttp2().on('stream', (stream, headers) =>
          answer(exchangeOf(stream, headers).response),
        )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client = protocol === 'http1' ? await openHttp1(port) : await openHttp2(port)
  return {
    ...client,
    sent: () => Promise.all(sent),
    close: () => {
      client.leave()
      server.close()
    },
  }
}

interface Client {
  readonly readAll: () => Promise<number>
  readonly leave: () => void
}

function countAll(stream: NodeJS.ReadableStream): Promise<number> {
  return new Promise((resolve) => {
    let bytes = 0
    stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
    stream.on('end', () => resolve(bytes))
  })
}

async function openHttp1(port: number): Promise<Client> {
  const asking = request({ port, host: '127.0.0.1' }).end()
  asking.on('error', () => undefined)
  return new Promise((resolve) => {
    asking.on('response', (response) => {
      response.on('error', () => undefined)
      resolve({ readAll: () => countAll(response), leave: () => asking.destroy() })
    })
  })
}

async function openHttp2(port: number): Promise<Client> {
  const session = connect(`http://127.0.0.1:${port}`)
  session.on('error', () => undefined)
  const stream = session.request()
  stream.on('error', () => undefined)
  await new Promise((resolve) => stream.once('response', resolve))
  return {
    readAll: () => countAll(stream),
    leave: () => session.destroy(),
  }
}

describe.each(['http1', 'http2'] as const)('%s', (protocol) => {
  test('all pieces come, in full', async () => {
    const source = createSource(40)
    const client = await open(protocol, source)
    expect(await client.readAll()).toBe(40 * PIECE.length)
    await client.sent()
    expect(source.hasReturned()).toBe(true)
    client.close()
  })

  test('a client that does not read is asked for nothing more, and is cut off in time', async () => {
    const source = createSource()
    const client = await open(protocol, source, 500)
    let before = -1
    await until(() => {
      const isStill = before === source.given()
      before = source.given()
      return isStill
    })
    // What the sockets of both sides hold, and no more.
    expect(source.given() * PIECE.length).toBeLessThan(16 * 2 ** 20)
    await client.sent()
    expect(source.hasReturned()).toBe(true)
    client.close()
  })

  test('a client that goes away ends it at once', async () => {
    const source = createSource()
    const client = await open(protocol, source)
    void client.readAll()
    await until(() => source.given() > 10)
    client.leave()
    await until(source.hasReturned)
    await client.sent()
    client.close()
  })

  test('what fails rejects', async () => {
    const failing: Source = {
      ...createSource(),
      pieces: {
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('no more')) }),
      },
    }
    const client = await open(protocol, failing)
    await expect(client.sent()).rejects.toThrow('no more')
    client.close()
  })
})
