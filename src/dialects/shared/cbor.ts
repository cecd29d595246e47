// CBOR (RFC 8949) as AWS CBOR 1.1 uses it: a small decoder for values that JSON could hold,
// and for bytes and times (cbor-write.ts writes them).
//
// * Definite and indefinite maps, lists, texts and byte strings: Jackson writes indefinite ones.
// * Tag 1 is a time in integer milliseconds, not in seconds as the RFC has it: that is what the AWS
//   SDKs for Java send and expect. Decoded it is a Date. Other tags are looked through.
// * Decoding is total: hostile input throws CborError, whatever it is, before anything is
//   allocated for a length that the input does not have. Depth and number of items are limited.
// * Byte strings are views of the input, not copies.

import { isUtf8 } from 'node:buffer'
import { knownKey, rememberKey } from './keys.ts'

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
/** The kinds of items: the upper three bits of a head. */
export const MAJOR = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  list: 4,
  map: 5,
  tag: 6,
  simple: 7,
}
export const TIME_TAG = 1

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

/** Takes so many bytes of the input, and tells where they begin. */
function advance(cursor: Cursor, length: number): number {
  const { at } = cursor
  if (at + length > cursor.input.length) throw new CborError('the input ends early')
  cursor.at = at + length
  return at
}

function take(cursor: Cursor, length: number): Buffer {
  const at = advance(cursor, length)
  return cursor.input.subarray(at, at + length)
}

/** The argument of a head: a length, a count, a number. */
function readArgument(cursor: Cursor, info: number): number {
  if (info < 24) return info
  const { input } = cursor
  switch (info) {
    case 24:
      return readByte(cursor)
    case 25:
      return input.readUInt16BE(advance(cursor, 2))
    case 26:
      return input.readUInt32BE(advance(cursor, 4))
    case 27: {
      const value = Number(input.readBigUInt64BE(advance(cursor, 8)))
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
      return readBytes(cursor, info, MAJOR.bytes)
    case MAJOR.text:
      return readText(cursor, info)
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

function readBytes(cursor: Cursor, info: number, major: number): Buffer {
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

function readText(cursor: Cursor, info: number): string {
  if (info === INDEFINITE) {
    const bytes = readBytes(cursor, info, MAJOR.text)
    return toText(bytes, 0, bytes.length)
  }
  const length = readArgument(cursor, info)
  const start = advance(cursor, length)
  return toText(cursor.input, start, start + length)
}

function toText(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end)
  // Looked at closer only where a replacement may have happened.
  if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end))) {
    throw new CborError('a text is not UTF-8')
  }
  return text
}

/** A key of less than 24 bytes has its length in its head. */
function readKey(cursor: Cursor, depth: number): string {
  const length = (cursor.input[cursor.at] ?? 0) - (MAJOR.text << 5)
  const isShort = length >= 0 && length < 24
  const known = isShort ? knownKey(cursor.input, cursor.at + 1, length) : undefined
  if (known !== undefined) {
    if (++cursor.items > cursor.limits.itemsMax) throw new CborError('too many items')
    cursor.at += 1 + length
    return known
  }
  const key = readItem(cursor, depth + 1)
  if (typeof key !== 'string') throw new CborError('a key is no text')
  return isShort ? rememberKey(key, length) : key
}

/** Takes the end of an indefinite item, where it is there. */
function atBreak(cursor: Cursor): boolean {
  if (cursor.input[cursor.at] !== BREAK) return false
  cursor.at++
  return true
}

/** The number of entries of a list or map; every one is one byte at least. */
function readCount(cursor: Cursor, info: number): number {
  if (info === INDEFINITE) return Infinity
  const count = readArgument(cursor, info)
  if (count > cursor.input.length - cursor.at) throw new CborError('the input ends early')
  return count
}

/** Whether another entry follows, of so many or of those before a break. */
function hasMore(cursor: Cursor, left: number): boolean {
  return left === Infinity ? !atBreak(cursor) : left > 0
}

function readList(cursor: Cursor, info: number, depth: number): unknown[] {
  const list: unknown[] = []
  for (let left = readCount(cursor, info); hasMore(cursor, left); left--) {
    list.push(readItem(cursor, depth + 1))
  }
  return list
}

/**
 * Without Object's prototype, a key such as __proto__ is a key like any other. Object.create(null)
 * would do as well, but makes objects that are several times as slow.
 */
const Bare = function () {
  // has nothing yet
} as unknown as new () => Record<string, unknown>
Bare.prototype = Object.create(null) as object

function readMap(cursor: Cursor, info: number, depth: number): Record<string, unknown> {
  const map = new Bare()
  for (let left = readCount(cursor, info); hasMore(cursor, left); left--) {
    const key = readKey(cursor, depth)
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
      return halfFloat(cursor.input.readUInt16BE(advance(cursor, 2)))
    case 26:
      return cursor.input.readFloatBE(advance(cursor, 4))
    case 27:
      return cursor.input.readDoubleBE(advance(cursor, 8))
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
