// Reading a body within bounds, and throwing away the rest of one that was refused.

import type { IncomingMessage } from 'node:http'
import type { Lease } from '../core/admission.ts'
import { BridgeError } from '../core/errors.ts'

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
  /** The length that the body announces, in bytes; absent: none. */
  readonly announced: number | undefined
  readonly bytesMax: number
  /** Holds `roomFor` what is announced. */
  readonly lease: Lease
}

/** Throws BridgeError before reading anything of a body that announces too much. */
export function refuseAnnounced(announced: number | undefined, bytesMax: number): void {
  if ((announced ?? 0) > bytesMax) throw tooLarge(bytesMax)
}

function tooLarge(bytesMax: number): BridgeError {
  return new BridgeError('request-too-large', `The body exceeds ${bytesMax} bytes`)
}

/** What a request takes from the budget before any of its body has come. */
export function roomFor(announced: number | undefined): number {
  return Math.max(FIRST_BYTES, announced ?? 0)
}

/**
 * A body that comes, read within its limits: its parts, and the room that it has in the budget, which is what
 * was held for it in advance, for as long as it may, and what it grows by.
 *
 * * Where its length is known each part goes to its place as it comes, and is garbage while that is cheap.
 */
export class Body {
  /**
   * Resolves when the last part has come. Rejects with BridgeError `request-too-large` or `throttled`, and
   * then nothing more is read, or with Gone.
   */
  readonly arrived: Promise<void>
  /** Holds what has come. */
  readonly lease: Lease
  bytes = 0
  readonly #request: IncomingMessage
  readonly #bytesMax: number
  #length: number | undefined
  #parts: Buffer[] = []
  #whole: Buffer | undefined
  #room: number
  #roomTimer: NodeJS.Timeout | undefined
  #fail: (reason: Error) => void = () => undefined

  constructor(request: IncomingMessage, { announced, bytesMax, lease }: Limits) {
    this.#request = request
    this.lease = lease
    this.#bytesMax = bytesMax
    this.#length = announced
    this.#room = roomFor(announced)
    if (this.#room > FIRST_BYTES) {
      this.#roomTimer = setTimeout(() => this.#giveRoomBack(), ROOM_MS).unref()
    }
    this.arrived = new Promise((resolve, reject) => {
      this.#fail = reject
      request.on('end', () => {
        this.#settleRoom()
        resolve()
      })
    })
    const onData = (part: Buffer): void => {
      try {
        this.#add(part)
      } catch (error) {
        request.off('data', onData)
        request.pause()
        this.#end(error instanceof Error ? error : new Error('unreadable body'))
      }
    }
    request.on('data', onData)
  }

  /** The client has left. */
  leave(): void {
    // An error for each whole body would cost as much as all that is done with it.
    if (!this.#request.readableEnded) this.#end(new Gone('the request ended early'))
  }

  /** What arrived; it is given away, and can be had once. (The request holds all else here.) */
  take(): Buffer {
    const [first] = this.#parts
    const body =
      this.#whole?.subarray(0, this.bytes) ??
      (this.#parts.length === 1 && first ? first : Buffer.concat(this.#parts, this.bytes))
    this.#parts = []
    this.#whole = undefined
    return body
  }

  /** Throws BridgeError `request-too-large` or `throttled`. */
  #add(part: Buffer): void {
    const bytes = this.bytes + part.length
    if (bytes > this.#bytesMax) throw tooLarge(this.#bytesMax)
    if (bytes > this.#room) {
      this.lease.grow(bytes - this.#room)
      this.#room = bytes
    }
    if (this.#length === undefined || part.length === this.#length) this.#parts.push(part)
    else part.copy((this.#whole ??= Buffer.allocUnsafeSlow(this.#length)), this.bytes)
    this.bytes = bytes
  }

  #end(error: Error): void {
    this.#settleRoom()
    this.#fail(error)
  }

  /** No more comes: it keeps the room that it has. */
  #settleRoom(): void {
    clearTimeout(this.#roomTimer)
  }

  /** What has not come has no room any more, and no place is kept for it. */
  #giveRoomBack(): void {
    this.#room = Math.max(FIRST_BYTES, this.bytes)
    this.lease.shrinkTo(this.#room)
    if (this.#whole) this.#parts = [Buffer.from(this.#whole.subarray(0, this.bytes))]
    this.#whole = undefined
    this.#length = undefined
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
