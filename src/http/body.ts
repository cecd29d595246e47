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
export async function readBody(
  request: IncomingMessage,
  { bytesMax, lease, withinMs }: Limits,
): Promise<Buffer> {
  const parts = createParts(announcedBytes(request))
  const room = createRoom(lease, roomFor(request), parts.loosen)
  const timer = setTimeout(() => request.destroy(), withinMs).unref()
  try {
    await takeAll(request, (part) => {
      const bytes = parts.bytes() + part.length
      if (bytes > bytesMax) throw tooLarge(bytesMax)
      room.fill(bytes)
      parts.add(part)
    })
    return parts.join()
  } finally {
    clearTimeout(timer)
    room.close()
  }
}

/**
 * Resolves when the last part was taken. Rejects with what `take` throws, and then nothing more is read,
 * or with Gone. (The request outlives this, and holds what it resolves with: not the body.)
 */
function takeAll(request: IncomingMessage, take: (part: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const onData = (part: Buffer): void => {
      try {
        take(part)
      } catch (error) {
        request.off('data', onData)
        request.pause()
        reject(error instanceof Error ? error : new Error('unreadable body'))
      }
    }
    const onEarlyEnd = (): void => {
      if (!request.readableEnded) reject(new Gone('the request ended early'))
    }
    request.on('data', onData)
    request.on('end', resolve)
    request.on('error', onEarlyEnd)
    request.on('close', onEarlyEnd)
  })
}

/**
 * The room that a body has in the budget: what was held for it in advance, for as long as it may, and
 * what it grows by. `fill` throws BridgeError `throttled`.
 */
function createRoom(lease: Lease, held: number, onGiveBack: () => void) {
  let filled = 0
  let room = held
  const giveBack = (): void => {
    room = Math.max(FIRST_BYTES, filled)
    lease.shrinkTo(room)
    onGiveBack()
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

/**
 * The parts of a body. Where its length is known each goes to its place as it comes, and is garbage while
 * that is cheap.
 */
function createParts(announced: number | undefined) {
  let length = announced
  let parts: Buffer[] = []
  let whole: Buffer | undefined
  let bytes = 0
  return {
    bytes: (): number => bytes,
    add(part: Buffer): void {
      if (length === undefined || part.length === length) parts.push(part)
      else part.copy((whole ??= Buffer.allocUnsafeSlow(length)), bytes)
      bytes += part.length
    },
    /** There is no room any more for what has not come. */
    loosen: (): void => {
      if (whole) parts = [Buffer.from(whole.subarray(0, bytes))]
      whole = undefined
      length = undefined
    },
    /** The body, of which nothing is kept: the request, which refers to this, may live for long. */
    join(): Buffer {
      const [first] = parts
      const body =
        whole?.subarray(0, bytes) ??
        (parts.length === 1 && first ? first : Buffer.concat(parts, bytes))
      parts = []
      whole = undefined
      return body
    },
  }
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
