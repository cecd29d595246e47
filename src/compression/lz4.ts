// LZ4: raw blocks, and the frames that blocks come in (lz4_Block_format.md, lz4_Frame_format.md).
//
// * Blocks of a frame may refer to the ones before: all are written into one buffer.
// * Checksums are passed over: whoever sends frames to us has a checksum of their own around them.
//   Dictionaries are not known here.
// * Own, because no package with a binary or none at all bounds what comes out of a frame.

import { copyMatch } from './copy-match.ts'
import { corrupt, tooLarge, withRoom } from './decompress.ts'

const MAGIC = 0x184d2204
const LENGTH_MORE = 15
const MATCH_MIN = 4
const STORED = 0x8000_0000
const BLOCK_BYTES_MAX: ReadonlyMap<number, number> = new Map([
  [4, 64 * 1024],
  [5, 256 * 1024],
  [6, 1024 * 1024],
  [7, 4 * 1024 * 1024],
])

/** A raw block. Throws DecompressionError. */
export function decompressLz4Block(block: Uint8Array, bytesMax: number): Buffer {
  // A block grows by a factor of 255 at most.
  const target = Buffer.allocUnsafe(Math.min(bytesMax, block.length * 255))
  const end = writeBlock(block, target, 0)
  if (end === undefined) throw tooLarge(bytesMax)
  return target.subarray(0, end)
}

/** A frame. Throws DecompressionError. */
export function decompressLz4Frame(frame: Buffer, bytesMax: number): Buffer {
  const { at: start, blockBytesMax, hasBlockChecksum } = readHead(frame)
  let at = start
  let target = Buffer.allocUnsafe(Math.min(bytesMax, Math.max(frame.length * 2, blockBytesMax)))
  let length = 0
  for (;;) {
    const size = frame.length < at + 4 ? undefined : frame.readUInt32LE(at)
    if (size === undefined) throw corrupt('LZ4')
    if (size === 0) return target.subarray(0, length)
    const blockEnd = at + 4 + (size % STORED)
    if (blockEnd > frame.length) throw corrupt('LZ4')
    const room = Math.min(bytesMax, length + blockBytesMax)
    target = withRoom(target, length, room)
    const block = frame.subarray(at + 4, blockEnd)
    const write = size < STORED ? writeBlock : store
    const end = write(block, target.subarray(0, room), length)
    if (end === undefined)
      throw length + blockBytesMax > bytesMax ? tooLarge(bytesMax) : corrupt('LZ4')
    length = end
    at = blockEnd + (hasBlockChecksum ? 4 : 0)
  }
}

interface Head {
  /** Where the first block stands. */
  readonly at: number
  readonly blockBytesMax: number
  readonly hasBlockChecksum: boolean
}

function readHead(frame: Buffer): Head {
  if (frame.length < 7 || frame.readUInt32LE(0) !== MAGIC) throw corrupt('LZ4')
  const flags = frame.readUInt8(4)
  const blockBytesMax = BLOCK_BYTES_MAX.get((frame.readUInt8(5) >> 4) & 7)
  const hasDictionary = (flags & 1) !== 0
  if (flags >> 6 !== 1 || hasDictionary || blockBytesMax === undefined) throw corrupt('LZ4')
  const hasSize = (flags & 8) !== 0
  return { at: 7 + (hasSize ? 8 : 0), blockBytesMax, hasBlockChecksum: (flags & 16) !== 0 }
}

function store(block: Uint8Array, target: Buffer, start: number): number | undefined {
  if (start + block.length > target.length) return undefined
  target.set(block, start)
  return start + block.length
}

/**
 * Writes a block behind what is there. Returns where it ends, or nothing where it does not fit.
 * Throws DecompressionError.
 */
function writeBlock(block: Uint8Array, target: Buffer, start: number): number | undefined {
  const cursor: Cursor = { block, at: 0 }
  let end = start
  for (;;) {
    const token = take(cursor)
    const literals = readLength(cursor, token >> 4)
    if (literals > block.length - cursor.at) throw corrupt('LZ4')
    if (end + literals > target.length) return undefined
    target.set(block.subarray(cursor.at, cursor.at + literals), end)
    end += literals
    cursor.at += literals
    if (cursor.at === block.length) return end
    const distance = take(cursor) + take(cursor) * 256
    const length = readLength(cursor, token & LENGTH_MORE) + MATCH_MIN
    if (distance === 0 || distance > end) throw corrupt('LZ4')
    if (end + length > target.length) return undefined
    copyMatch(target, { end, distance, length })
    end += length
  }
}

interface Cursor {
  readonly block: Uint8Array
  at: number
}

function take(cursor: Cursor): number {
  const byte = cursor.block[cursor.at++]
  if (byte === undefined) throw corrupt('LZ4')
  return byte
}

function readLength(cursor: Cursor, nibble: number): number {
  let length = nibble
  if (nibble < LENGTH_MORE) return length
  for (;;) {
    const byte = take(cursor)
    length += byte
    if (byte < 255) return length
  }
}
