// Shard iterators: the form of the service's own, eight bytes that are always the same and then as many
// as a name of that length makes (kinesalite, db/index.js). They hold all that reading on needs, so that
// any instance can serve them, and live five minutes.

import { packToken, unpackToken, type Token } from '../../core/token.ts'

export const ITERATOR_LIVES_MS = 300_000

const MARK = Buffer.from('0000000000000001', 'hex')
const BLOCK_BYTES = 16
const OPAQUE_BYTES_MIN = 144
const LENGTH_BYTES = 2

export function writeIterator(token: Token): string {
  const packed = packToken(token)
  const asVendor = OPAQUE_BYTES_MIN + blocks(token.stream.length + 2, Math.floor)
  const opaque = Buffer.alloc(Math.max(asVendor, blocks(LENGTH_BYTES + packed.length, Math.ceil)))
  opaque.writeUInt16BE(packed.length)
  packed.copy(opaque, LENGTH_BYTES)
  return Buffer.concat([MARK, opaque]).toString('base64')
}

function blocks(bytes: number, round: (number: number) => number): number {
  return round(bytes / BLOCK_BYTES) * BLOCK_BYTES
}

/** Nothing for what was not written here, or was changed on its way. */
export function readIterator(text: string): Token | undefined {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length < MARK.length + LENGTH_BYTES) return undefined
  if (!bytes.subarray(0, MARK.length).equals(MARK)) return undefined
  const begin = MARK.length + LENGTH_BYTES
  const token = unpackToken(bytes.subarray(begin, begin + bytes.readUInt16BE(MARK.length)))
  return token && writeIterator(token) === text ? token : undefined
}
