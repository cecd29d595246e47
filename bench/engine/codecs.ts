// The codecs alone: what a second of CPU compresses, and to what. One batch after the other, as one
// partition would have them.

import process from 'node:process'
import { loadCompressor } from '../../src/kafka/compression.ts'
import type { Compression } from '../../src/kafka/compression.ts'
import { createRecords } from '../shared/records.ts'

export interface CodecRun {
  readonly codec: string
  readonly batch: string
  /** Of uncompressed bytes, by the clock. */
  readonly mbPerS: number
  /** Of uncompressed bytes, per second of CPU in all threads. */
  readonly mbPerCpuS: number
  readonly cpuUsPerRecord: number
  readonly ratio: number
}

export interface BatchSize {
  readonly recordBytes: number
  readonly records: number
}

export const BATCHES: readonly BatchSize[] = [
  { recordBytes: 1024, records: 500 },
  { recordBytes: 1024, records: 30 },
  { recordBytes: 100, records: 500 },
]

const DISTINCT = 8

/** Measures one codec on one size of batch for about this long. */
export async function measureCodec(
  codec: Compression,
  { recordBytes, records }: BatchSize,
  seconds: number,
): Promise<CodecRun> {
  const compressor = loadCompressor(codec)
  if (compressor === undefined) throw new Error(`${codec} is no codec`)
  const all = createRecords(DISTINCT * records, recordBytes)
  const batches = Array.from({ length: DISTINCT }, (_, i) =>
    Buffer.concat(all.slice(i * records, (i + 1) * records)),
  )
  let [before, after, count] = [0, 0, 0]
  const pass = async (): Promise<void> => {
    for (const batch of batches) {
      before += batch.length
      after += (await compressor.compress(batch)).length
      count++
    }
  }
  for (let i = 0; i < 3; i++) await pass()
  ;[before, after, count] = [0, 0, 0]
  const cpu = process.cpuUsage()
  const beganMs = performance.now()
  while (performance.now() - beganMs < seconds * 1000) await pass()
  const ms = performance.now() - beganMs
  const { user, system } = process.cpuUsage(cpu)
  return {
    codec,
    batch: `${records} × ${recordBytes} B`,
    mbPerS: before / ms / 1000,
    mbPerCpuS: before / (user + system),
    cpuUsPerRecord: (user + system) / (count * records),
    ratio: before / after,
  }
}
