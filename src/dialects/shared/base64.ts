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

/** Memory for what is decoded next: an allocation for each text costs as much as decoding it. */
const POOL_BYTES = 2 ** 18
const POOLED_BYTES_MAX = POOL_BYTES / 8
let pool = Buffer.alloc(0)
let poolAt = 0

function allocate(bytes: number): Buffer {
  if (bytes > POOLED_BYTES_MAX) return Buffer.allocUnsafeSlow(bytes)
  if (bytes > pool.length - poolAt) {
    pool = Buffer.allocUnsafeSlow(POOL_BYTES)
    poolAt = 0
  }
  poolAt += bytes
  return pool.subarray(poolAt - bytes, poolAt)
}

/** The bytes, or nothing where the text is not strict base64. */
export function decodeBase64(text: string): Buffer | undefined {
  const expected = base64Bytes(text)
  if (expected < 0) return undefined
  const target = allocate(expected)
  return decodeInto(target, 0, text) === expected ? target : undefined
}

/** What is decoded at a time: the text of a large part would be dear to allocate. Whole groups of four. */
const PART_CHARS = 2 ** 16

/** The same of a part of a body. */
export function decodeBase64At(body: Buffer, start: number, end: number): Buffer | undefined {
  const chars = end - start
  if (chars <= PART_CHARS) return decodeBase64(body.toString('latin1', start, end))
  if (chars % 4 !== 0) return undefined
  const last = base64Bytes(body.toString('latin1', end - 4, end))
  const target = allocate((chars / 4 - 1) * 3 + last)
  let filled = 0
  for (let at = start; at < end; at += PART_CHARS) {
    const text = body.toString('latin1', at, Math.min(end, at + PART_CHARS))
    filled += decodeInto(target, filled, text)
  }
  return filled === target.length ? target : undefined
}

/** How many bytes a text was; none where it holds letters of the other alphabet. */
function decodeInto(target: Buffer, at: number, text: string): number {
  return text.includes('-') || text.includes('_') ? 0 : target.write(text, at, 'base64')
}
