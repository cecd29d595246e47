// JSON as bodies hold it (RFC 8259), read from the bytes. Exactly what JSON.parse makes of them, and much
// cheaper where records are large: no text of the whole body is made, and what is base64 becomes the
// bytes that it stands for at once.
//
// * Whatever is out of the ordinary, errors among it, is left to JSON.parse.

import type { Input } from '../../core/dialect.ts'
import { decodeBase64At } from './base64.ts'
import { knownKey, rememberKey } from './keys.ts'

export interface Parsed {
  readonly value: unknown
  /** Members of the name asked for may be bytes. */
  readonly holdsBytes: boolean
}

/** A body that is an object. */
export interface Content {
  readonly input: Input
  readonly holdsBytes: boolean
}

/** Nothing where the value is no object: a list has no members. */
export function contentOf({ value, holdsBytes }: Parsed): Content | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return { input: value as Input, holdsBytes }
}

/** Smaller ones JSON.parse reads as quickly. */
const BYTES_MIN = 2048
const DEPTH_MAX = 16

interface Cursor {
  readonly input: Buffer
  /** The members that become bytes. */
  readonly blobs: string | undefined
  at: number
}

const SYMBOL = { quote: 0x22, comma: 0x2c, colon: 0x3a, list: 0x5b, backslash: 0x5c } as const
const END = { list: 0x5d, map: 0x7d } as const
const MAP = 0x7b
const SPACE = 0x20
const NOT_ASCII = 0x7f
const BLANKS: readonly number[] = [SPACE, 0x0a, 0x0d, 0x09]
const WORD_ENDS: readonly number[] = [...BLANKS, SYMBOL.comma, END.list, END.map]

/**
 * The value of a body, in which members called `blobs` are bytes where they are strict base64. Throws
 * SyntaxError for what is no JSON.
 */
export function parseJson(body: Buffer, blobs?: string): Parsed {
  if (body.length >= BYTES_MIN) {
    try {
      const value = readWhole({ input: body, blobs, at: 0 })
      return { value, holdsBytes: blobs !== undefined }
    } catch {
      // JSON.parse tells what it is, or that it is nothing.
    }
  }
  return { value: JSON.parse(body.toString('utf8')) as unknown, holdsBytes: false }
}

function readWhole(cursor: Cursor): unknown {
  const value = readValue(cursor, 0)
  refuseUnless(nextByte(cursor) === undefined)
  return value
}

function refuseUnless(isOrdinary: boolean): void {
  if (!isOrdinary) throw new SyntaxError('this is left to JSON.parse')
}

/** The next byte that is no blank, not yet taken; nothing at the end. */
function nextByte(cursor: Cursor): number | undefined {
  let byte = cursor.input[cursor.at]
  while (byte !== undefined && byte <= SPACE && BLANKS.includes(byte)) {
    byte = cursor.input[++cursor.at]
  }
  return byte
}

/** Whether the byte is the next, which is then taken. */
function takes(cursor: Cursor, byte: number): boolean {
  if (nextByte(cursor) !== byte) return false
  cursor.at++
  return true
}

function readValue(cursor: Cursor, depth: number): unknown {
  refuseUnless(depth <= DEPTH_MAX)
  switch (nextByte(cursor)) {
    case SYMBOL.quote:
      cursor.at++
      return readText(cursor)
    case MAP:
      cursor.at++
      return readMap(cursor, depth)
    case SYMBOL.list:
      cursor.at++
      return readList(cursor, depth)
    default:
      return readWord(cursor)
  }
}

/** A number, true, false or null. */
function readWord(cursor: Cursor): unknown {
  const { input, at } = cursor
  while (cursor.at < input.length && !WORD_ENDS.includes(input[cursor.at] ?? 0)) cursor.at++
  return JSON.parse(input.toString('latin1', at, cursor.at)) as unknown
}

function readList(cursor: Cursor, depth: number): unknown[] {
  const list: unknown[] = []
  if (takes(cursor, END.list)) return list
  do list.push(readValue(cursor, depth + 1))
  while (takes(cursor, SYMBOL.comma))
  refuseUnless(takes(cursor, END.list))
  return list
}

function readMap(cursor: Cursor, depth: number): Record<string, unknown> {
  const map: Record<string, unknown> = {}
  if (takes(cursor, END.map)) return map
  do {
    refuseUnless(takes(cursor, SYMBOL.quote))
    const key = readKey(cursor)
    refuseUnless(key !== '__proto__' && takes(cursor, SYMBOL.colon))
    const bytes = key === cursor.blobs ? readBlob(cursor) : undefined
    map[key] = bytes ?? readValue(cursor, depth + 1)
  } while (takes(cursor, SYMBOL.comma))
  refuseUnless(takes(cursor, END.map))
  return map
}

/** The bytes of a text that is strict base64, and so has neither escapes nor anything unusual. */
function readBlob(cursor: Cursor): Buffer | undefined {
  if (nextByte(cursor) !== SYMBOL.quote) return undefined
  const start = cursor.at + 1
  const end = cursor.input.indexOf(SYMBOL.quote, start)
  const bytes = end < 0 ? undefined : decodeBase64At(cursor.input, start, end)
  if (bytes) cursor.at = end + 1
  return bytes
}

function readKey(cursor: Cursor): string {
  const { input, at } = cursor
  const end = endOfPlain(cursor)
  if (end < 0) return readEscaped(cursor)
  cursor.at = end + 1
  const length = end - at
  return knownKey(input, at, length) ?? rememberKey(input.toString('latin1', at, end), length)
}

/** A text whose first quote is taken already. */
function readText(cursor: Cursor): string {
  const { input, at } = cursor
  const end = endOfPlain(cursor)
  if (end < 0) return readEscaped(cursor)
  cursor.at = end + 1
  return input.toString('latin1', at, end)
}

/** Where a text of nothing but plain ASCII ends; -1 for any other. */
function endOfPlain({ input, at }: Cursor): number {
  let end = at
  let byte = input[end] ?? 0
  while (byte !== SYMBOL.quote && byte !== SYMBOL.backslash && byte >= SPACE && byte < NOT_ASCII) {
    byte = input[++end] ?? 0
  }
  return byte === SYMBOL.quote ? end : -1
}

function readEscaped(cursor: Cursor): string {
  const { input, at } = cursor
  let end = at
  while (end < input.length && input[end] !== SYMBOL.quote) {
    end += input[end] === SYMBOL.backslash ? 2 : 1
  }
  cursor.at = end + 1
  return JSON.parse(input.toString('utf8', at - 1, cursor.at)) as string
}
