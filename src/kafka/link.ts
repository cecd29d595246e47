// One connection to one broker, from the moment its socket is logged in (connect.ts).
//
// * Kafka answers a connection's requests in order, so the waiting ones are a queue, and a reply
//   with another correlation id is the end of the connection.
// * A link is never used after an error: time-out, reset, a reply cut short, a reply that makes no
//   sense. All requests on it fail together, each telling whether it was written.
// * A login that expires (SASL session lifetime) ends the link in time: `expired` becomes true, and
//   its owner opens another.

import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { createFramer } from './framer.ts'
import { CORRELATION_ID_AT } from './protocol/request.ts'

/** An open connection. */
export interface Link {
  /** Sends a frame and resolves with the reply behind its correlation id; else LinkError. */
  readonly request: (frame: Buffer, timeoutMs?: number) => Promise<Buffer>
  /** The newest version of an API that the broker speaks; -1: none. */
  readonly versionMax: (apiKey: number) => number
  /** Closed, broken, or soon logged out: open another. */
  readonly expired: () => boolean
  /** Ends the link; what waits for a reply fails. */
  readonly destroy: (reason: string) => void
  /** Ends the link once nothing waits for a reply. */
  readonly retire: () => void
}

/** A request that got no reply. */
export class LinkError extends Error {
  /** Whether the request was handed to the network, so that the broker may have read it. */
  readonly written: boolean

  constructor(reason: string, written: boolean) {
    super(reason)
    this.name = 'LinkError'
    this.written = written
  }
}

/** Part of a login's lifetime after which it is renewed. */
const LIFETIME_USED = 0.8
const UNNEEDED = 'The connection is no longer needed'

interface Waiting {
  readonly correlationId: number
  readonly resolve: (reply: Buffer) => void
  readonly reject: (error: LinkError) => void
  readonly timer: NodeJS.Timeout
}

export interface LinkTerms {
  /** Of a request that names no other. */
  readonly timeoutMs: number
  /** Of the login; 0: for ever. */
  readonly lifetimeMs: number
  readonly versionMax: (apiKey: number) => number
}

/** Takes a socket over: nobody else may listen to it or write. */
export function createLink(socket: Socket, terms: LinkTerms): Link {
  const waiting: Waiting[] = []
  const expiresMs =
    terms.lifetimeMs > 0 ? performance.now() + terms.lifetimeMs * LIFETIME_USED : Infinity
  let lastId = 0
  let broken: string | undefined
  let retired = false

  function destroy(reason: string): void {
    if (broken !== undefined) return
    broken = reason
    socket.destroy()
    for (const { reject, timer } of waiting.splice(0)) {
      clearTimeout(timer)
      reject(new LinkError(reason, true))
    }
  }

  function onReply(reply: Buffer): void {
    if (waiting[0]?.correlationId !== reply.readInt32BE(0)) {
      destroy('The broker answered something that was not asked')
      return
    }
    const [next] = waiting.splice(0, 1)
    clearTimeout(next?.timer)
    next?.resolve(reply.subarray(4))
    if (retired && waiting.length === 0) destroy(UNNEEDED)
  }

  function request(frame: Buffer, timeoutMs = terms.timeoutMs): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (broken !== undefined) {
        reject(new LinkError(broken, false))
        return
      }
      const correlationId = (lastId = (lastId + 1) & 0x7fff_ffff)
      frame.writeInt32BE(correlationId, CORRELATION_ID_AT)
      const late = (): void => destroy(`The broker did not answer within ${timeoutMs} ms`)
      waiting.push({ correlationId, resolve, reject, timer: setTimeout(late, timeoutMs) })
      socket.write(frame)
    })
  }

  function retire(): void {
    retired = true
    if (waiting.length === 0) destroy(UNNEEDED)
  }

  listen(socket, onReply, destroy)
  const expired = (): boolean => broken !== undefined || retired || performance.now() > expiresMs
  return { request, versionMax: terms.versionMax, expired, destroy, retire }
}

function listen(
  socket: Socket,
  onReply: (reply: Buffer) => void,
  onEnd: (reason: string) => void,
): void {
  const take = createFramer(onReply)
  socket.on('data', (chunk: Buffer) => {
    if (!socket.destroyed && !take(chunk)) onEnd('The broker sent a reply without sense')
  })
  socket.on('end', () => onEnd('The broker closed the connection'))
  socket.on('close', () => onEnd('The connection is closed'))
  socket.on('error', (error) => onEnd(error.message))
}
