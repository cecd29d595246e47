// Reading a body within bounds, and throwing away the rest of one that was refused.

import type { IncomingMessage } from 'node:http'
import type { Lease } from '../core/admission.ts'
import { BridgeError } from '../core/errors.ts'
import { announcedBytes } from './head.ts'

/** What a body takes from the budget that does not announce its length, or announces less. */
const FIRST_BYTES = 16_384

/**
 * How long a body has room for what it announced and has not sent. A body that is on its way is here by
 * then, and one that only announces itself keeps others out no longer.
 */
const ROOM_MS = 2000

/** The client went away before its request was whole. There is nobody to answer. */
export class Gone extends Error {
  override readonly name = 'Gone'
}

export interface Limits {
  readonly bytesMax: number
  /** Holds `roomFor` the request. */
  readonly lease: Lease
  readonly withinMs: number
}

/** Throws BridgeError before reading anything of a body that announces too much. */
export function refuseAnnounced(request: IncomingMessage, bytesMax: number): void {
  if ((announcedBytes(request) ?? 0) > bytesMax) throw tooLarge(bytesMax)
}

function tooLarge(bytesMax: number): BridgeError {
  return new BridgeError('request-too-large', `The body exceeds ${bytesMax} bytes`)
}

/** What a request takes from the budget before any of its body has come. */
export function roomFor(request: IncomingMessage): number {
  return Math.max(FIRST_BYTES, announcedBytes(request) ?? 0)
}

/**
 * The whole body. Rejects with BridgeError `request-too-large` or `throttled`, or with Gone, also
 * when it does not come in time.
 */
export function readBody(
  request: IncomingMessage,
  { bytesMax, lease, withinMs }: Limits,
): Promise<Buffer> {
  const room = createRoom(lease, roomFor(request))
  let bytes = 0
  const chunks: Buffer[] = []

  function take(chunk: Buffer): void {
    bytes += chunk.length
    if (bytes > bytesMax) throw tooLarge(bytesMax)
    room.fill(bytes)
    chunks.push(chunk)
  }

  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => request.destroy(), withinMs).unref()
    let settled = false
    const settle = (): void => {
      settled = true
      clearTimeout(timer)
      room.close()
    }
    const gone = (): void => {
      if (settled) return
      settle()
      reject(new Gone('the request ended early'))
    }
    request.on('data', function onData(chunk: Buffer) {
      try {
        take(chunk)
      } catch (error) {
        settle()
        request.off('data', onData)
        request.pause()
        reject(error instanceof Error ? error : new Error('unreadable body'))
      }
    })
    request.on('end', () => {
      if (settled) return
      settle()
      resolve(join(chunks, bytes))
    })
    request.on('error', gone)
    request.on('close', gone)
  })
}

/**
 * The room that a body has in the budget: what was held for it in advance, for as long as it may, and
 * what it grows by. `fill` throws BridgeError `throttled`.
 */
function createRoom(lease: Lease, held: number) {
  let filled = 0
  let room = held
  const giveBack = (): void => {
    room = Math.max(FIRST_BYTES, filled)
    lease.shrinkTo(room)
  }
  const timer = held > FIRST_BYTES ? setTimeout(giveBack, ROOM_MS).unref() : undefined
  return {
    fill(bytes: number): void {
      filled = bytes
      if (bytes <= room) return
      lease.grow(bytes - room)
      room = bytes
    },
    close: (): void => clearTimeout(timer),
  }
}

function join(chunks: readonly Buffer[], bytes: number): Buffer {
  const [first] = chunks
  return chunks.length === 1 && first ? first : Buffer.concat(chunks, bytes)
}

/** How much of a refused body is thrown away, and for how long. */
export interface Discarding {
  readonly discardBytesMax: number
  readonly requestTimeoutMs: number
}

/**
 * Reads and throws away what is left of a body, so that the client sees the answer and not a
 * reset; beyond the bounds the connection is closed.
 */
export function discardRest(
  request: IncomingMessage,
  { discardBytesMax, requestTimeoutMs }: Discarding,
): void {
  if (request.complete || request.destroyed) return
  let bytes = 0
  // Nothing waits for it: it must not keep a service alive that has stopped.
  const timer = setTimeout(() => request.destroy(), requestTimeoutMs).unref()
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > discardBytesMax) request.destroy()
  })
  request.on('error', () => undefined)
  request.once('close', () => clearTimeout(timer))
  request.resume()
}
