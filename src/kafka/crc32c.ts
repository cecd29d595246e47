// CRC-32C (Castagnoli), Kafka's checksum of a batch: native code where there is a binary for this
// platform (ten times faster on large batches), tables elsewhere.

import { createRequire } from 'node:module'

/** The checksum of some bytes, as an unsigned integer. */
export type Crc32c = (bytes: Uint8Array) => number

const POLYNOMIAL = 0x82f63b78 // reflected

/** The fastest implementation that this platform has. */
export function loadCrc32c(): Crc32c {
  const require = createRequire(import.meta.url)
  try {
    return (require('@node-rs/crc32') as { crc32c: Crc32c }).crc32c
  } catch {
    return createPortableCrc32c() // no binary here: the same numbers, more slowly
  }
}

/** Eight tables, eight bytes a step. */
export function createPortableCrc32c(): Crc32c {
  const tables = createTables()
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables
  // The hot loop of this implementation: indexes are within 0..255 and within the bytes.
  /* eslint-disable @typescript-eslint/no-non-null-assertion */
  return (bytes) => {
    let crc = 0xffffffff
    let at = 0
    for (const end = bytes.length - 7; at < end; at += 8) {
      crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      crc =
        t7[crc & 255]! ^
        t6[(crc >>> 8) & 255]! ^
        t5[(crc >>> 16) & 255]! ^
        t4[crc >>> 24]! ^
        t3[bytes[at + 4]!]! ^
        t2[bytes[at + 5]!]! ^
        t1[bytes[at + 6]!]! ^
        t0[bytes[at + 7]!]!
    }
    for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 255]!
    return ~crc >>> 0
  }
  /* eslint-enable @typescript-eslint/no-non-null-assertion */
}

type Tables = [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
]

function createTables(): Tables {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    return crc
  })
  const step = (table: Int32Array): Int32Array =>
    table.map((crc) => (crc >>> 8) ^ (first[crc & 255] ?? 0))
  const t1 = step(first)
  const t2 = step(t1)
  const t3 = step(t2)
  const t4 = step(t3)
  const t5 = step(t4)
  const t6 = step(t5)
  return [first, t1, t2, t3, t4, t5, t6, step(t6)]
}
