// Compression of batches: the records of a batch become one compressed section, which consumers
// and brokers open by the codec's number in the batch's attributes.
//
// * gzip is Node's, level 1: twice as fast as level 6 for four fifths of its ratio.
// * snappy is framed as xerial's library does, which is what Java consumers expect; a batch is one
//   block. lz4 is a frame of independent blocks, the only kind that Kafka reads.
// * zstd, level 1, is Node's where Node has it (22.15 and later), an optional package elsewhere.
// * All work is done in Node's thread pool. Order is not at stake: a partition has one batch on its
//   way, and compressing is part of the way.
// * What does not shrink travels as it is, so that compression never makes a batch exceed a limit
//   which it kept before.
//
// Not done: a batch is cut at the topic's `max.message.bytes` before it is compressed, though the
// broker counts compressed bytes. So batches are never too large, and smaller than they could be.

import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import type { Crc32c } from './crc32c.ts'
import type { Batch } from './lane.ts'
import { BATCH_HEAD_BYTES, writeBatchHead, writeRecords } from './protocol/record-batch.ts'

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

export interface Compressor {
  /** Kafka's number of the codec. */
  readonly codec: number
  readonly compress: (records: Buffer) => Promise<Uint8Array>
}

type Compress = Compressor['compress']

const GZIP_LEVEL = 1
const ZSTD_LEVEL = 1
/** Below this, a trip to the thread pool costs more than the bytes it saves. */
const RECORDS_BYTES_MIN = 1024
// A magic word, then the version and the oldest version that can read it.
const XERIAL_HEAD = Buffer.from('82534e41505059000000000100000001', 'hex')

const require = createRequire(import.meta.url)

/** Finds a codec; nothing for `none`. Throws Error, in words for an operator, where it is missing. */
export function loadCompressor(compression: Compression): Compressor | undefined {
  switch (compression) {
    case 'none':
      return undefined
    case 'gzip':
      return { codec: 1, compress: loadGzip() }
    case 'snappy':
      return { codec: 2, compress: loadPackage('snappy', loadSnappy) }
    case 'lz4':
      return { codec: 3, compress: loadPackage('lz4', loadLz4) }
    case 'zstd':
      return { codec: 4, compress: loadNodeZstd() ?? loadPackage('zstd', loadZstd) }
  }
}

/**
 * Compresses a batch that was never encoded; afterwards `encoded` is what to send. A batch that is
 * small, does not shrink or cannot be compressed stays as it was.
 */
export async function compressBatch(
  batch: Batch,
  { compressor, crc32c }: { readonly compressor: Compressor; readonly crc32c: Crc32c },
): Promise<void> {
  const bytes = batch.bytes - BATCH_HEAD_BYTES
  if (batch.encoded !== undefined || bytes < RECORDS_BYTES_MIN) return
  const records = Buffer.allocUnsafe(bytes)
  writeRecords(records, 0, batch)
  const compressed = await tryToCompress(compressor, records)
  if (compressed === undefined || compressed.length >= bytes) return
  const { codec } = compressor
  const target = Buffer.allocUnsafe(BATCH_HEAD_BYTES + compressed.length)
  target.set(compressed, BATCH_HEAD_BYTES)
  writeBatchHead(target, batch, { producer: batch.producer, crc32c, codec })
  batch.encoded = target
}

// A codec may also throw at once; either way the batch is none the worse.
async function tryToCompress(
  { compress }: Compressor,
  records: Buffer,
): Promise<Uint8Array | undefined> {
  try {
    return await compress(records)
  } catch {
    return undefined
  }
}

function loadGzip(): Compress {
  const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip)
  return (records) => gzip(records, { level: GZIP_LEVEL })
}

function loadSnappy(): Compress {
  const { compress } = require('snappy') as { compress: Compress }
  return async (records) => {
    const block = await compress(records)
    const length = Buffer.alloc(4)
    length.writeInt32BE(block.length)
    return Buffer.concat([XERIAL_HEAD, length, block])
  }
}

function loadLz4(): Compress {
  return (require('lz4-napi') as { compressFrame: Compress }).compressFrame
}

function loadZstd(): Compress {
  type Encoder = new (level: number) => { encode: Compress }
  const { Encoder } = require('@toondepauw/node-zstd') as { Encoder: Encoder }
  const encoder = new Encoder(ZSTD_LEVEL)
  return (records) => encoder.encode(records)
}

// Not in the types of the oldest Node that is supported, as it is not in that Node.
interface ZstdOfNode {
  readonly zstdCompress?: (
    records: Buffer,
    options: { readonly params: Readonly<Record<number, number>> },
    done: (error: Error | null, compressed: Buffer) => void,
  ) => void
  readonly constants: { readonly ZSTD_c_compressionLevel?: number }
}

function loadNodeZstd(): Compress | undefined {
  const { zstdCompress, constants } = zlib as ZstdOfNode
  if (zstdCompress === undefined) return undefined
  const compress = promisify(zstdCompress)
  const params = { [constants.ZSTD_c_compressionLevel ?? 0]: ZSTD_LEVEL }
  return (records) => compress(records, { params })
}

function loadPackage(name: Compression, load: () => Compress): Compress {
  try {
    return load()
  } catch (error) {
    const { message } = error as Error
    const reason = message.split('\n')[0] ?? message
    throw new Error(`There is no ${name} on this platform (${reason})`, { cause: error })
  }
}
