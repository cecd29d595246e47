// Snappy: raw blocks, which tell their size (format_description.txt), and the stream of blocks that
// Java's snappy-java makes and Kafka's producers send.

import { uncompress } from 'snappyjs'
import { corrupt, tooLarge } from './decompress.ts'

/** What a stream of snappy-java's begins with; two version numbers of four bytes follow. */
const STREAM_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const STREAM_HEAD_BYTES = 16

/** A raw block. Throws DecompressionError. */
export function decompressSnappyBlock(block: Uint8Array, bytesMax: number): Buffer {
  if (announced(block) > bytesMax) throw tooLarge(bytesMax)
  try {
    const result = uncompress(block)
    return Buffer.from(result.buffer, result.byteOffset, result.byteLength)
  } catch {
    throw corrupt('snappy')
  }
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
    if (length + announced(block) > bytesMax) throw tooLarge(bytesMax)
    const plain = decompressSnappyBlock(block, bytesMax)
    blocks.push(plain)
    length += plain.length
    at += 4 + size
  }
  return Buffer.concat(blocks, length)
}

/** The size that a block says it has: a varint of 32 bits. */
function announced(block: Uint8Array): number {
  let size = 0
  for (let i = 0; i < 5; i++) {
    const byte = block[i]
    if (byte === undefined) break
    size += (byte & 127) * 2 ** (7 * i)
    if (byte < 128) return size
  }
  throw corrupt('snappy')
}
