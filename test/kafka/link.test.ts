import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { LinkError, createLink } from '../../src/kafka/link.ts'
import type { Link } from '../../src/kafka/link.ts'
import { until } from '../support/log-suite.ts'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** A link to a peer that does what the test says. */
async function open(lifetimeMs = 0): Promise<{ link: Link; peer: Socket; asked: Buffer[] }> {
  const asked: Buffer[] = []
  const accepted = new Promise<Socket>((resolve) => {
    const server = createServer(resolve).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      const socket = connect(port, '127.0.0.1')
      cleanups.push(() => socket.destroy())
      links.push(
        createLink(socket, {
          timeoutMs: 300,
          lifetimeMs,
          versionMax: (key) => (key === 1 ? 9 : -1),
        }),
      )
    })
    cleanups.push(() => server.close())
  })
  const links: Link[] = []
  const peer = await accepted
  peer.on('error', () => undefined)
  peer.on('data', (bytes: Buffer) => asked.push(bytes))
  cleanups.push(() => peer.destroy())
  return { link: links[0]!, peer, asked }
}

/** A request that is nothing but its frame. */
function frame(): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeInt32BE(8, 0)
  return bytes
}

function reply(correlationId: number, text: string): Buffer {
  const bytes = Buffer.alloc(8 + text.length)
  bytes.writeInt32BE(4 + text.length, 0)
  bytes.writeInt32BE(correlationId, 4)
  bytes.write(text, 8)
  return bytes
}

const outcome = (work: Promise<Buffer>): Promise<unknown> =>
  work.then(String, (error: unknown) =>
    error instanceof LinkError ? [error.message, error.written] : error,
  )

const arrived = (asked: readonly Buffer[], bytes: number): Promise<void> =>
  until(() => Promise.resolve(Buffer.concat(asked).length === bytes))

test('replies go to their requests, in order', async () => {
  const { link, peer, asked } = await open()
  const first = outcome(link.request(frame()))
  const second = outcome(link.request(frame()))
  await arrived(asked, 24)

  peer.write(Buffer.concat([reply(1, 'one'), reply(2, 'two')]))

  expect(await Promise.all([first, second])).toEqual(['one', 'two'])
  expect(link.expired()).toBe(false)
  expect([link.versionMax(1), link.versionMax(2)]).toEqual([9, -1])
})

test.each<[string, (peer: Socket) => unknown, RegExp]>([
  ['a time-out', () => undefined, /did not answer within 300 ms/],
  ['an end', (peer) => peer.end(), /closed the connection/],
  ['a reset', (peer) => peer.resetAndDestroy(), /ECONNRESET/],
  ['a reply to something else', (peer) => peer.write(reply(9, '')), /not asked/],
  ['a length that is none', (peer) => peer.write(Buffer.from([255, 0, 0, 0])), /without sense/],
  ['half a reply', (peer) => peer.write(reply(1, 'half').subarray(0, 6)), /did not answer/],
])('%s fails all requests, and those that come later were not written', async (_, act, reason) => {
  const { link, peer, asked } = await open()
  const first = outcome(link.request(frame()))
  const second = outcome(link.request(frame()))
  await arrived(asked, 24)

  act(peer)

  expect(await first).toEqual([expect.stringMatching(reason), true])
  expect(await second).toEqual([expect.stringMatching(reason), true])
  expect(link.expired()).toBe(true)
  expect(await outcome(link.request(frame()))).toEqual([expect.stringMatching(reason), false])
})

test('a login that is about to end ends the link, once its requests are answered', async () => {
  const { link, peer, asked } = await open(50)
  const request = outcome(link.request(frame()))
  await arrived(asked, 12)
  await until(() => Promise.resolve(link.expired()))

  link.retire()
  peer.write(reply(1, 'late'))

  expect(await request).toBe('late')
  await until(() => Promise.resolve(peer.closed || peer.readableEnded))
})
