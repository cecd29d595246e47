// Base64 as vendors mean it: the standard alphabet, padded, nothing else.
//
// Node's decoder is lenient (it takes URL-safe letters, blanks, missing padding and turns garbage
// into nothing), so the decoded length is held against the text's: what was skipped is missing.

/** The number of bytes that well-formed base64 of this text decodes to; -1 when it cannot be any. */
export function base64Bytes(text: string): number {
  if (text.length % 4 !== 0) return -1
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return (text.length / 4) * 3 - padding
}

/** Memory for what is decoded next: an allocation of its own for each text costs as much as decoding it. */
const POOL_BYTES = 2 ** 18
const POOLED_BYTES_MAX = POOL_BYTES / 8
let pool = Buffer.alloc(0)
let poolAt = 0

/** The bytes, or nothing where the text is not strict base64. */
export function decodeBase64(text: string): Buffer | undefined {
  const expected = base64Bytes(text)
  if (expected < 0 || text.includes('-') || text.includes('_')) return undefined
  if (expected > POOLED_BYTES_MAX) {
    const bytes = Buffer.from(text, 'base64')
    return bytes.length === expected ? bytes : undefined
  }
  if (expected > pool.length - poolAt) {
    pool = Buffer.allocUnsafeSlow(POOL_BYTES)
    poolAt = 0
  }
  const start = poolAt
  if (pool.write(text, start, expected, 'base64') !== expected) return undefined
  poolAt += expected
  return pool.subarray(start, poolAt)
}
