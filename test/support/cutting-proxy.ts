// A proxy that loses an answer: the service has given it, the connection ends, and the client has
// nothing of it. Made on TCP, so it may carry any protocol; what it needs to know is when a request
// was answered, which the test tells it.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface CuttingProxy extends AsyncDisposable {
  readonly port: number
  /** From now on the answer to the next request is lost, with its connection. */
  readonly loseNext: () => void
  /** How many answers were lost. */
  readonly lost: () => number
}

/** `isAnswer` tells the bytes of an answer from others of the protocol, such as HTTP/2's settings. */
export async function startCuttingProxy(
  target: number,
  isAnswer: (bytes: Buffer) => boolean,
): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  let losing = false
  let lost = 0

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream)
    upstream.on('data', (bytes) => {
      if (losing && isAnswer(bytes)) {
        losing = false
        lost++
        client.resetAndDestroy()
      } else client.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    port: (server.address() as AddressInfo).port,
    loseNext() {
      losing = true
    },
    lost: () => lost,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** An answer over HTTP/1.1, or HTTP/2 without TLS: a frame of headers is in it. */
export function isHttpAnswer(bytes: Buffer): boolean {
  if (bytes.subarray(0, 5).toString('latin1') === 'HTTP/') return true
  return frameTypes(bytes).includes(HEADERS_FRAME)
}

const HEADERS_FRAME = 1
const FRAME_HEAD_BYTES = 9

/** The types of HTTP/2's frames that begin in these bytes (RFC 9113, 4.1). */
function frameTypes(bytes: Buffer): number[] {
  const types: number[] = []
  for (let at = 0; at + FRAME_HEAD_BYTES <= bytes.length;) {
    types.push(bytes.readUInt8(at + 3))
    at += FRAME_HEAD_BYTES + bytes.readUIntBE(at, 3)
  }
  return types
}
