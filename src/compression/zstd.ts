// Zstandard (RFC 8878), by fzstd: Node 20 has none of its own.
//
// * A frame says how large a window it needs, and fzstd makes one as large as that: so all frames
//   are looked at before.
// * Dictionaries are not known here, and checksums not looked at.

import { Decompress } from 'fzstd'
import { DecompressionError, corrupt, tooLarge, withRoom } from './decompress.ts'

const MAGIC = 0xfd2fb528
const SKIPPABLE = 0x184d2a5
const RLE = 1
const SINGLE = 32
const CHECKSUM = 4
const SIZE_BYTES = [0, 2, 4, 8]
const DICTIONARY_BYTES = [0, 1, 2, 4]
/** Even a small frame asks for a window of this size. */
const WINDOW_BYTES_MIN = 8 * 1024 * 1024

/** What fzstd moves and makes for every block, beside its window. */
const BLOCK_BYTES = 128 * 1024
/**
 * Bytes moved, whatever comes out, and for each of those that may: a frame that is one segment moves
 * all of itself for every block, which is 128 times for the largest body that anybody takes.
 */
const WORK_BYTES = 64 * 1024 * 1024
const WORK_PER_BYTE = 160
/** A second of work or two; what is made by any compressor stays far below. */
const WORK_BYTES_MAX = 2 ** 33

/** One frame or some. Throws DecompressionError. */
export function decompressZstd(bytes: Buffer, bytesMax: number): Buffer {
  zstdWindowBytes(bytes, bytesMax)
  let target = Buffer.allocUnsafe(Math.min(bytesMax, bytes.length * 2))
  let length = 0
  const stream = new Decompress((chunk) => {
    const end = length + chunk.length
    if (end > bytesMax) throw tooLarge(bytesMax)
    target = withRoom(target, length, end)
    target.set(chunk, length)
    length = end
  })
  try {
    stream.push(bytes, true)
  } catch (error) {
    throw error instanceof DecompressionError ? error : corrupt('Zstandard')
  }
  return target.subarray(0, length)
}

/** What undoing takes beside its result; costs next to nothing. Throws DecompressionError. */
export function zstdWindowBytes(bytes: Buffer, bytesMax: number): number {
  const { window, work } = survey(bytes)
  const workMax = Math.min(WORK_BYTES_MAX, WORK_BYTES + WORK_PER_BYTE * bytesMax)
  if (window > Math.max(bytesMax, WINDOW_BYTES_MIN) || work > workMax) throw tooLarge(bytesMax)
  return window
}

interface Frame {
  /** Bytes that have to be there at once. */
  readonly window: number
  /** Bytes that are moved. */
  readonly work: number
  readonly end: number
}

/** The largest window of all frames, and all their work. */
function survey(bytes: Buffer): Frame {
  let [window, work, end] = [0, 0, 0]
  try {
    while (end < bytes.length) {
      const frame = readFrame(bytes, end)
      window = Math.max(window, frame.window)
      work += frame.work
      end = frame.end
    }
  } catch {
    throw corrupt('Zstandard')
  }
  return { window, work, end }
}

/** Throws RangeError where the frame is cut short. */
function readFrame(bytes: Buffer, start: number): Frame {
  const magic = bytes.readUInt32LE(start)
  if (magic >>> 4 === SKIPPABLE) {
    return { window: 0, work: 0, end: start + 8 + bytes.readUInt32LE(start + 4) }
  }
  if (magic !== MAGIC) throw new RangeError('No frame begins here')
  const { at: first, window } = readFrameHead(bytes, start + 4)
  let at = first
  for (let work = window + BLOCK_BYTES; ; work += window + BLOCK_BYTES) {
    const head = bytes.readUIntLE(at, 3)
    at += 3 + (((head >> 1) & 3) === RLE ? 1 : head >> 3)
    if ((head & 1) !== 0) return { window, work, end: at + checksumBytes(bytes, start + 4) }
  }
}

function readFrameHead(bytes: Buffer, flagsAt: number): { at: number; window: number } {
  const flags = bytes.readUInt8(flagsAt)
  const isSingle = (flags & SINGLE) !== 0
  const sizeBytes = (SIZE_BYTES[flags >> 6] ?? 0) || (isSingle ? 1 : 0)
  const sizeAt = flagsAt + (isSingle ? 1 : 2) + (DICTIONARY_BYTES[flags & 3] ?? 0)
  const window = isSingle
    ? sizeOf(bytes, sizeAt, sizeBytes)
    : windowOf(bytes.readUInt8(flagsAt + 1))
  return { at: sizeAt + sizeBytes, window }
}

function checksumBytes(bytes: Buffer, flagsAt: number): number {
  return (bytes.readUInt8(flagsAt) & CHECKSUM) !== 0 ? 4 : 0
}

function sizeOf(bytes: Buffer, at: number, length: number): number {
  if (length === 8) return Number(bytes.readBigUInt64LE(at))
  return bytes.readUIntLE(at, length) + (length === 2 ? 256 : 0)
}

function windowOf(descriptor: number): number {
  const least = 2 ** (10 + (descriptor >> 3))
  return least + (least / 8) * (descriptor & 7)
}
