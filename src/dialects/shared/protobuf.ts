// Reading protocol buffers (the wire format of proto2 and proto3): fields as they come, so that
// each message's reader is a loop over the numbers it knows. Total: hostile input throws
// ProtobufError, and nothing is allocated for a length that the input does not have.

/** The input is no protocol buffer. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
}

/** A message: a part of the input. */
export interface Span {
  readonly input: Buffer
  readonly start: number
  readonly end: number
}

export function wholeOf(input: Buffer): Span {
  return { input, start: 0, end: input.length }
}

/** A field: a number for wire types 0, 1 and 5 (floats are not needed), a span for type 2. */
export interface Field extends Span {
  readonly number: number
  readonly isSpan: boolean
  readonly value: number
}

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5
const VARINT_BYTES_MAX = 10
const TWO_28 = 2 ** 28
const MASK_28 = TWO_28 - 1

/** Where a message's reader is; the field that it read last. */
interface Cursor extends Field {
  at: number
  readonly atEnd: number
  number: number
  isSpan: boolean
  value: number
  start: number
  end: number
}

/** A varint as a signed 64-bit number, rounded where a JavaScript number cannot hold it exactly. */
function readVarint(cursor: Cursor): number {
  let low = 0
  let middle = 0
  let high = 0
  for (let i = 0; i < VARINT_BYTES_MAX; i++) {
    const byte = cursor.input[advance(cursor, 1)] ?? 0
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

function readValue(cursor: Cursor, wireType: number): number {
  switch (wireType) {
    case VARINT:
      return readVarint(cursor)
    case FIXED64:
      return Number(cursor.input.readBigInt64LE(advance(cursor, 8)))
    case FIXED32:
      return cursor.input.readUInt32LE(advance(cursor, 4))
    default:
      throw new ProtobufError('a field is of an unknown kind')
  }
}

/** Takes so many bytes, and tells where they begin. */
function advance(cursor: Cursor, length: number): number {
  const { at } = cursor
  if (length < 0 || at + length > cursor.atEnd) throw new ProtobufError('the input ends early')
  cursor.at = at + length
  return at
}

/**
 * Calls back with every field of a message in order, and with what is made of them. The field is the
 * same object each time. Throws ProtobufError.
 */
export function readFields<T>(
  { input, start, end }: Span,
  into: T,
  onField: (into: T, field: Field) => void,
): T {
  const place = { at: start, atEnd: end }
  const field: Cursor = { input, ...place, number: 0, isSpan: false, value: 0, start, end }
  while (field.at < end) {
    const tag = readVarint(field)
    field.number = tag >>> 3
    if (field.number === 0) throw new ProtobufError('a field has no number')
    field.isSpan = (tag & 7) === BYTES
    if (field.isSpan) {
      const length = readVarint(field)
      field.start = advance(field, length)
      field.end = field.at
    } else field.value = readValue(field, tag & 7)
    onField(into, field)
  }
  return into
}

/** The part of the input that a field is, if it is no number. Throws ProtobufError for one. */
export function spanOf(field: Field): Span {
  const { input, isSpan, start, end } = field
  if (!isSpan) throw new ProtobufError('a field is a number, not bytes')
  return { input, start, end }
}

/** The bytes of a field that has some: a view of the input. Throws ProtobufError for a number. */
export function bytesOf(field: Field): Buffer {
  if (!field.isSpan) throw new ProtobufError('a field is a number, not bytes')
  return field.input.subarray(field.start, field.end)
}

/** The UTF-8 text of a field that has one. Throws ProtobufError for a number. */
export function textOf(field: Field): string {
  if (!field.isSpan) throw new ProtobufError('a field is a number, not bytes')
  return field.input.toString('utf8', field.start, field.end)
}

/** The number of a field that has one. Throws ProtobufError for bytes, and what is not exact. */
export function numberOf(field: Field): number {
  const value = roundedOf(field)
  if (!Number.isSafeInteger(value)) throw new ProtobufError('a number is too large')
  return value
}

/** The number of a field that has one, rounded where it is beyond 2^53. Throws ProtobufError for bytes. */
export function roundedOf({ isSpan, value }: Field): number {
  if (isSpan) throw new ProtobufError('a field is bytes, not a number')
  return value
}
