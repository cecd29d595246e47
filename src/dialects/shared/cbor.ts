// CBOR (RFC 8949) as AWS CBOR 1.1 uses it: a small codec for values that JSON could hold, with
// bytes and times besides.
//
// * Definite and indefinite maps, lists, texts and byte strings: Jackson writes indefinite ones.
// * Tag 1 is a time in integer milliseconds, not in seconds as the RFC has it: that is what the AWS
//   SDKs for Java send and expect. Decoded it is a Date. Other tags are looked through.
// * Decoding is total: hostile input throws CborError, whatever it is, before anything is
//   allocated for a length that the input does not have. Depth and number of items are limited.
// * Byte strings are views of the input, not copies.

import { isUtf8 } from 'node:buffer'

/** The input is not CBOR, or not within its limits. */
export class CborError extends Error {
  override readonly name = 'CborError'
}

export interface CborLimits {
  readonly depthMax: number
  /** Items of all kinds, keys included. */
  readonly itemsMax: number
}

const LIMITS: CborLimits = { depthMax: 16, itemsMax: 200_000 }

const BREAK = 0xff
const INDEFINITE = 31
const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6, simple: 7 }
const TIME_TAG = 1

interface Cursor {
  readonly input: Buffer
  at: number
  items: number
  readonly limits: CborLimits
}

/** One value, and nothing after it. Throws CborError. */
export function decodeCbor(input: Buffer, limits: CborLimits = LIMITS): unknown {
  const cursor: Cursor = { input, at: 0, items: 0, limits }
  const value = readItem(cursor, 0)
  if (cursor.at !== input.length) throw new CborError('something follows the value')
  return value
}

function readByte(cursor: Cursor): number {
  const byte = cursor.input[cursor.at]
  if (byte === undefined) throw new CborError('the input ends early')
  cursor.at++
  return byte
}

function take(cursor: Cursor, length: number): Buffer {
  const end = cursor.at + length
  if (end > cursor.input.length) throw new CborError('the input ends early')
  const bytes = cursor.input.subarray(cursor.at, end)
  cursor.at = end
  return bytes
}

/** The argument of a head: a length, a count, a number. */
function readArgument(cursor: Cursor, info: number): number {
  if (info < 24) return info
  switch (info) {
    case 24:
      return readByte(cursor)
    case 25:
      return take(cursor, 2).readUInt16BE()
    case 26:
      return take(cursor, 4).readUInt32BE()
    case 27: {
      const value = Number(take(cursor, 8).readBigUInt64BE())
      if (!Number.isSafeInteger(value)) throw new CborError('a number is too large')
      return value
    }
    default:
      throw new CborError('a head is malformed')
  }
}

function readItem(cursor: Cursor, depth: number): unknown {
  if (depth > cursor.limits.depthMax) throw new CborError('too deep')
  if (++cursor.items > cursor.limits.itemsMax) throw new CborError('too many items')
  const head = readByte(cursor)
  const major = head >> 5
  const info = head & 0x1f
  switch (major) {
    case MAJOR.unsigned:
      return readArgument(cursor, info)
    case MAJOR.negative:
      return -1 - readArgument(cursor, info)
    case MAJOR.bytes:
      return readString(cursor, info, MAJOR.bytes)
    case MAJOR.text:
      return toText(readString(cursor, info, MAJOR.text))
    case MAJOR.list:
      return readList(cursor, info, depth)
    case MAJOR.map:
      return readMap(cursor, info, depth)
    case MAJOR.tag:
      return readTagged(cursor, info, depth)
    default:
      return readSimple(cursor, info)
  }
}

function readString(cursor: Cursor, info: number, major: number): Buffer {
  if (info !== INDEFINITE) return take(cursor, readArgument(cursor, info))
  const chunks: Buffer[] = []
  while (!atBreak(cursor)) {
    const head = readByte(cursor)
    if (head >> 5 !== major || (head & 0x1f) === INDEFINITE) {
      throw new CborError('a string has a strange chunk')
    }
    if (++cursor.items > cursor.limits.itemsMax) throw new CborError('too many items')
    chunks.push(take(cursor, readArgument(cursor, head & 0x1f)))
  }
  return Buffer.concat(chunks)
}

function toText(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  // Looked at closer only where a replacement may have happened.
  if (text.includes('\ufffd') && !isUtf8(bytes)) throw new CborError('a text is not UTF-8')
  return text
}

/** Takes the end of an indefinite item, where it is there. */
function atBreak(cursor: Cursor): boolean {
  if (cursor.input[cursor.at] !== BREAK) return false
  cursor.at++
  return true
}

/** Whether another entry of a list or map follows. Every entry is one byte at least. */
function createMore(cursor: Cursor, info: number): () => boolean {
  if (info === INDEFINITE) return () => !atBreak(cursor)
  let left = readArgument(cursor, info)
  if (left > cursor.input.length - cursor.at) throw new CborError('the input ends early')
  return () => left-- > 0
}

function readList(cursor: Cursor, info: number, depth: number): unknown[] {
  const list: unknown[] = []
  const more = createMore(cursor, info)
  while (more()) list.push(readItem(cursor, depth + 1))
  return list
}

function readMap(cursor: Cursor, info: number, depth: number): Record<string, unknown> {
  // Without a prototype, a key such as __proto__ is a key like any other.
  const map = Object.create(null) as Record<string, unknown>
  const more = createMore(cursor, info)
  while (more()) {
    const key = readItem(cursor, depth + 1)
    if (typeof key !== 'string') throw new CborError('a key is no text')
    map[key] = readItem(cursor, depth + 1)
  }
  return map
}

function readTagged(cursor: Cursor, info: number, depth: number): unknown {
  const tag = readArgument(cursor, info)
  const value = readItem(cursor, depth + 1)
  return tag === TIME_TAG && typeof value === 'number' ? new Date(value) : value
}

function readSimple(cursor: Cursor, info: number): unknown {
  switch (info) {
    case 20:
      return false
    case 21:
      return true
    case 22:
    case 23:
      return null
    case 25:
      return halfFloat(take(cursor, 2).readUInt16BE())
    case 26:
      return take(cursor, 4).readFloatBE()
    case 27:
      return take(cursor, 8).readDoubleBE()
    default:
      throw new CborError('a value is of an unknown kind')
  }
}

function halfFloat(bits: number): number {
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  const sign = bits & 0x8000 ? -1 : 1
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Plain values to definite CBOR: Buffers are byte strings, Dates times; undefined members are left out. */
export function encodeCbor(value: unknown): Buffer {
  const parts: Buffer[] = []
  writeItem(value, parts)
  return Buffer.concat(parts)
}

function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.of((major << 5) | argument)
  if (argument < 0x100) return Buffer.of((major << 5) | 24, argument)
  if (argument < 0x10000) return Buffer.of((major << 5) | 25, argument >> 8, argument & 0xff)
  const wide = argument > 0xffffffff
  const bytes = Buffer.alloc(wide ? 9 : 5)
  bytes[0] = (major << 5) | (wide ? 27 : 26)
  if (wide) bytes.writeBigUInt64BE(BigInt(argument), 1)
  else bytes.writeUInt32BE(argument, 1)
  return bytes
}

function writeItem(value: unknown, parts: Buffer[]): void {
  switch (typeof value) {
    case 'string': {
      const bytes = Buffer.from(value, 'utf8')
      parts.push(head(MAJOR.text, bytes.length), bytes)
      break
    }
    case 'number':
      parts.push(numberItem(value))
      break
    case 'boolean':
      parts.push(Buffer.of(value ? 0xf5 : 0xf4))
      break
    default:
      writeObject(value, parts)
  }
}

function writeObject(value: unknown, parts: Buffer[]): void {
  if (Buffer.isBuffer(value)) parts.push(head(MAJOR.bytes, value.length), value)
  else if (value instanceof Date) parts.push(head(MAJOR.tag, TIME_TAG), numberItem(value.getTime()))
  else if (Array.isArray(value)) {
    parts.push(head(MAJOR.list, value.length))
    for (const item of value) writeItem(item, parts)
  } else if (typeof value === 'object' && value !== null) writeMap(value, parts)
  else parts.push(Buffer.of(0xf6))
}

function writeMap(map: object, parts: Buffer[]): void {
  const entries = Object.entries(map).filter(([, value]) => value !== undefined)
  parts.push(head(MAJOR.map, entries.length))
  for (const [key, value] of entries) {
    writeItem(key, parts)
    writeItem(value, parts)
  }
}

function numberItem(value: number): Buffer {
  if (Number.isSafeInteger(value)) {
    return value < 0 ? head(MAJOR.negative, -1 - value) : head(MAJOR.unsigned, value)
  }
  const bytes = Buffer.alloc(9)
  bytes[0] = 0xfb
  bytes.writeDoubleBE(value, 1)
  return bytes
}
