// Plain values to CBOR (RFC 8949), as cbor.ts reads it.

import { MAJOR, TIME_TAG } from './cbor.ts'

/** Plain values to definite CBOR: Buffers are byte strings, Dates times; undefined members are left out. */
export function encodeCbor(value: unknown): Buffer {
  const parts: Buffer[] = []
  writeItem(value, parts)
  return Buffer.concat(parts)
}

/** The head of an item whose argument is below 65,536: a text of one character for each byte. */
export function shortHead(major: number, argument: number): string {
  const kind = major << 5
  if (argument < 24) return String.fromCharCode(kind | argument)
  if (argument < 0x100) return String.fromCharCode(kind | 24, argument)
  return String.fromCharCode(kind | 25, argument >> 8, argument & 0xff)
}

function head(major: number, argument: number): Buffer {
  if (argument < 0x10000) return Buffer.from(shortHead(major, argument), 'latin1')
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
