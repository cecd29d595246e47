// The compressions of a batch by Kafka’s numbers, undone. Other producers may have chosen any of them.

import { decompressGzip, DecompressionError } from '../compression/decompress.ts'
import { decompressLz4Frame } from '../compression/lz4.ts'
import { decompressSnappy } from '../compression/snappy.ts'
import { decompressZstd } from '../compression/zstd.ts'
import type { Holding } from './holding.ts'

type Decompress = (bytes: Buffer, bytesMax: number) => Buffer | Promise<Buffer>

const CODECS: ReadonlyMap<number, Decompress> = new Map<number, Decompress>([
  [1, decompressGzip],
  [2, decompressSnappy],
  [3, decompressLz4Frame],
  [4, decompressZstd],
])

/** What a batch may become: producers' batches are a thousandth of that mostly. */
const PLAIN_BYTES_MAX = 64 * 1024 * 1024
/** Room is asked for in steps, since most batches need little of what they could. */
const FIRST_STEP_BYTES = 1024 * 1024
const STEP_FACTOR = 4

/**
 * The records of a batch, decompressed into room that is taken as it is needed. Rejects with
 * DecompressionError, and with what `holding` throws.
 */
export async function decompressBatch(
  codec: number,
  records: Buffer,
  holding: Holding,
): Promise<Buffer> {
  const decompress = CODECS.get(codec)
  if (decompress === undefined) throw new DecompressionError(false, `Unknown compression ${codec}`)
  const first = Math.max(FIRST_STEP_BYTES, records.length * STEP_FACTOR)
  for (let step = first; ; step *= STEP_FACTOR) {
    const bytesMax = Math.min(step, PLAIN_BYTES_MAX)
    holding.reserve(bytesMax)
    try {
      const plain = await decompress(records, bytesMax)
      holding.keep(plain.length)
      return plain
    } catch (error) {
      const again = error instanceof DecompressionError && error.tooLarge
      if (!again || bytesMax === PLAIN_BYTES_MAX) throw error
    }
  }
}
