// Reading protocol buffers (the wire format of proto2 and proto3): fields as they come, so that
// each message's reader is a loop over the numbers it knows. Total: hostile input throws
// ProtobufError, and nothing is allocated for a length that the input does not have.

/** The input is no protocol buffer. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
}

/** A field: numbers for wire types 0, 1 and 5 (floats are not needed), bytes for type 2. */
export interface Field {
  readonly number: number
  readonly value: number | Buffer
}

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5
const VARINT_BYTES_MAX = 10
const TWO_28 = 2 ** 28
const MASK_28 = TWO_28 - 1

interface Cursor {
  readonly input: Buffer
  at: number
}

/** A varint as a signed 64-bit number, rounded where a JavaScript number cannot hold it exactly. */
function readVarint(cursor: Cursor): number {
  let low = 0
  let middle = 0
  let high = 0
  for (let i = 0; i < VARINT_BYTES_MAX; i++) {
    const byte = cursor.input[cursor.at]
    if (byte === undefined) throw new ProtobufError('the input ends early')
    cursor.at++
    const bits = byte & 0x7f
    if (i < 4) low |= bits << (7 * i)
    else if (i < 8) middle |= bits << (7 * i - 28)
    else high |= bits << (7 * i - 56)
    if (byte < 0x80) return i < 4 ? low : join(low, middle, high & 0xff)
  }
  throw new ProtobufError('a number is too long')
}

/** 28, 28 and 8 bits as one signed number. */
function join(low: number, middle: number, high: number): number {
  if (high < 0x80) return (high * TWO_28 + middle) * TWO_28 + low
  return -((high ^ 0xff) * TWO_28 + (middle ^ MASK_28)) * TWO_28 - (low ^ MASK_28) - 1
}

function readValue(cursor: Cursor, wireType: number): number | Buffer {
  switch (wireType) {
    case VARINT:
      return readVarint(cursor)
    case BYTES:
      return take(cursor, readVarint(cursor))
    case FIXED64:
      return Number(take(cursor, 8).readBigInt64LE())
    case FIXED32:
      return take(cursor, 4).readUInt32LE()
    default:
      throw new ProtobufError('a field is of an unknown kind')
  }
}

function take(cursor: Cursor, length: number): Buffer {
  const end = cursor.at + length
  if (length < 0 || end > cursor.input.length) throw new ProtobufError('the input ends early')
  const bytes = cursor.input.subarray(cursor.at, end)
  cursor.at = end
  return bytes
}

/** Calls back with every field in order; bytes are views of the input. Throws ProtobufError. */
export function readFields(input: Buffer, onField: (field: Field) => void): void {
  const cursor: Cursor = { input, at: 0 }
  while (cursor.at < input.length) {
    const tag = readVarint(cursor)
    const number = tag >>> 3
    if (number === 0) throw new ProtobufError('a field has no number')
    onField({ number, value: readValue(cursor, tag & 7) })
  }
}

/** The bytes of a field that has some. Throws ProtobufError for a number. */
export function bytesOf({ value }: Field): Buffer {
  if (typeof value === 'number') throw new ProtobufError('a field is a number, not bytes')
  return value
}

/** The number of a field that has one. Throws ProtobufError for bytes, and what is not exact. */
export function numberOf(field: Field): number {
  const value = roundedOf(field)
  if (!Number.isSafeInteger(value)) throw new ProtobufError('a number is too large')
  return value
}

/** The number of a field that has one, rounded where it is beyond 2^53. Throws ProtobufError for bytes. */
export function roundedOf({ value }: Field): number {
  if (typeof value !== 'number') throw new ProtobufError('a field is bytes, not a number')
  return value
}
