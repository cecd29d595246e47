// application/vnd.amazon.eventstream: messages of headers and a payload, each with two checksums
// (docs: "Event stream encoding").
//
//   total length, 4 · length of headers, 4 · CRC-32 of these eight bytes, 4
//   headers: length of name, 1 · name · type of value, 1 (7: text) · length, 2 · value
//   payload · CRC-32 of all before it, 4

import { crc32 } from 'node:zlib'
import { CBOR_1_1, type Format, type Members } from './formats.ts'

export const EVENT_STREAM = 'application/vnd.amazon.eventstream'

const TEXT = 7
const PRELUDE_BYTES = 12
const CHECKSUM_BYTES = 4

/** Throws RangeError for a name of more than 255 bytes, or a value of more than 65535. */
function encodeHeader([name, value]: readonly [string, string]): Buffer {
  const bytes = Buffer.from(value, 'utf8')
  const head = Buffer.alloc(1 + name.length + 3)
  head.writeUInt8(name.length)
  head.write(name, 1, 'latin1')
  head.writeUInt8(TEXT, 1 + name.length)
  head.writeUInt16BE(bytes.length, 2 + name.length)
  return Buffer.concat([head, bytes])
}

export function encodeMessage(headers: Readonly<Record<string, string>>, payload: Buffer): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(encodeHeader))
  const bytes = PRELUDE_BYTES + head.length + payload.length + CHECKSUM_BYTES
  const message = Buffer.alloc(bytes)
  message.writeUInt32BE(bytes)
  message.writeUInt32BE(head.length, 4)
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8)
  head.copy(message, PRELUDE_BYTES)
  payload.copy(message, PRELUDE_BYTES + head.length)
  message.writeUInt32BE(crc32(message.subarray(0, -CHECKSUM_BYTES)), bytes - CHECKSUM_BYTES)
  return message
}

/** Payloads are in the encoding of the request. */
function contentType(format: Format): string {
  return format === CBOR_1_1 ? 'application/cbor' : 'application/json'
}

export function encodeEvent(type: string, members: Members, format: Format): Buffer {
  const headers = {
    ':event-type': type,
    ':content-type': contentType(format),
    ':message-type': 'event',
  }
  return encodeMessage(headers, format.write(members))
}

export function encodeException(type: string, message: string, format: Format): Buffer {
  const headers = {
    ':exception-type': type,
    ':content-type': contentType(format),
    ':message-type': 'exception',
  }
  return encodeMessage(headers, format.write({ message }))
}
