// The frame around every request: length, API, version, correlation id, client id. The
// correlation id is left 0: the connection that sends the frame writes it.

import { Reader } from './wire.ts'
import type { Writer } from './wire.ts'

/** One version of one API. */
export interface Api {
  readonly key: number
  readonly version: number
  /** Compact lengths and tagged fields, in the request's header and in the reply's, too. */
  readonly flexible: boolean
}

/** Where the correlation id stands in a frame. */
export const CORRELATION_ID_AT = 8

/** Bytes of a frame before the request's own: known in advance so that batches fit exactly. */
export function headBytes(api: Api, clientId: string): number {
  return 14 + Buffer.byteLength(clientId) + (api.flexible ? 1 : 0)
}

/** Writes the head of a frame that is `frameBytes` long in all. Returns where the body begins. */
export function writeHead(target: Buffer, api: Api, clientId: string): number {
  target.writeInt32BE(target.length - 4, 0)
  target.writeInt16BE(api.key, 4)
  target.writeInt16BE(api.version, 6)
  target.writeInt32BE(0, CORRELATION_ID_AT)
  const length = target.write(clientId, 14)
  target.writeInt16BE(length, 12)
  if (api.flexible) target[14 + length] = 0
  return headBytes(api, clientId)
}

/** A whole frame around a body that is already written. */
export function frame(api: Api, clientId: string, body: Writer): Buffer {
  const bytes = body.finish()
  const head = headBytes(api, clientId)
  const target = Buffer.allocUnsafe(head + bytes.length)
  bytes.copy(target, writeHead(target, api, clientId))
  return target
}

/** A reader behind the header of a reply, which starts behind the correlation id. */
export function openReply(api: Api, reply: Buffer): Reader {
  const reader = new Reader(reply, api.flexible)
  reader.end()
  return reader
}
