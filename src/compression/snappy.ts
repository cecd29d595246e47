// Snappy: raw blocks, which tell their size (format_description.txt), and the stream of blocks that
// Java's snappy-java makes and Kafka's producers send.
//
// * Own, because the package for it (snappyjs) takes lengths beyond 2^31 for negative ones: a few bytes
//   keep it busy for minutes, and what is missing at the end of a block is whatever memory held.

import { copyMatch } from './copy-match.ts'
import { corrupt, tooLarge } from './decompress.ts'

/** What a stream of snappy-java's begins with; two version numbers of four bytes follow. */
const STREAM_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const STREAM_HEAD_BYTES = 16

/** A raw block. Throws DecompressionError. */
export function decompressSnappyBlock(block: Uint8Array, bytesMax: number): Buffer {
  const { bytes, at } = readLength(block)
  if (bytes > bytesMax) throw tooLarge(bytesMax)
  const target = Buffer.allocUnsafe(bytes)
  if (writeElements({ block, at }, target) !== bytes) throw corrupt('snappy')
  return target
}

/** A stream of blocks, or one raw block. Throws DecompressionError. */
export function decompressSnappy(bytes: Buffer, bytesMax: number): Buffer {
  if (!bytes.subarray(0, STREAM_MAGIC.length).equals(STREAM_MAGIC)) {
    return decompressSnappyBlock(bytes, bytesMax)
  }
  const blocks: Buffer[] = []
  let length = 0
  for (let at = STREAM_HEAD_BYTES; at < bytes.length;) {
    const size = at + 4 > bytes.length ? Infinity : bytes.readUInt32BE(at)
    if (at + 4 + size > bytes.length) throw corrupt('snappy')
    const block = bytes.subarray(at + 4, at + 4 + size)
    if (length + snappyBlockBytes(block) > bytesMax) throw tooLarge(bytesMax)
    const plain = decompressSnappyBlock(block, bytesMax)
    blocks.push(plain)
    length += plain.length
    at += 4 + size
  }
  return Buffer.concat(blocks, length)
}

/** The size that a block says it has. Throws DecompressionError. */
export function snappyBlockBytes(block: Uint8Array): number {
  return readLength(block).bytes
}

/** A varint of 32 bits, and where it ends. */
function readLength(block: Uint8Array): { bytes: number; at: number } {
  let bytes = 0
  for (let i = 0; i < 5; i++) {
    const byte = block[i]
    if (byte === undefined) break
    bytes += (byte & 127) * 2 ** (7 * i)
    if (byte < 128) return { bytes, at: i + 1 }
  }
  throw corrupt('snappy')
}

interface Cursor {
  readonly block: Uint8Array
  at: number
}

interface Place {
  readonly target: Buffer
  /** Where what is there ends. */
  readonly end: number
}

/** Returns where the result ends. Throws DecompressionError. */
function writeElements(cursor: Cursor, target: Buffer): number {
  let end = 0
  while (cursor.at < cursor.block.length) {
    const tag = take(cursor, 1)
    const place = { target, end }
    end = (tag & 3) === 0 ? writeLiteral(cursor, tag >> 2, place) : writeCopy(cursor, tag, place)
  }
  return end
}

/** A number of little-endian bytes. */
function take(cursor: Cursor, length: number): number {
  let value = 0
  for (let i = 0; i < length; i++) {
    const byte = cursor.block[cursor.at++]
    if (byte === undefined) throw corrupt('snappy')
    value += byte * 2 ** (8 * i)
  }
  return value
}

const LITERAL_SHORT_MAX = 59
const COPY_BYTES_MIN = 4

function writeLiteral(cursor: Cursor, size: number, { target, end }: Place): number {
  const length = (size > LITERAL_SHORT_MAX ? take(cursor, size - LITERAL_SHORT_MAX) : size) + 1
  const from = cursor.at
  cursor.at += length
  if (cursor.at > cursor.block.length || end + length > target.length) throw corrupt('snappy')
  target.set(cursor.block.subarray(from, cursor.at), end)
  return end + length
}

function writeCopy(cursor: Cursor, tag: number, { target, end }: Place): number {
  const { length, distance } = readCopy(cursor, tag)
  if (distance === 0 || distance > end || end + length > target.length) throw corrupt('snappy')
  copyMatch(target, { end, distance, length })
  return end + length
}

/** The kinds 1, 2 and 3 have a distance of 11, 16 and 32 bits. */
function readCopy(cursor: Cursor, tag: number): { length: number; distance: number } {
  if ((tag & 3) === 1) {
    const length = ((tag >> 2) & 7) + COPY_BYTES_MIN
    return { length, distance: take(cursor, 1) + (tag >> 5) * 256 }
  }
  return { length: (tag >> 2) + 1, distance: take(cursor, (tag & 3) === 2 ? 2 : 4) }
}
