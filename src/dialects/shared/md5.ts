// MD5 of short texts (RFC 1321): the hash by which Kinesis and DIS place keys. Node's own costs four
// times as much for a key, nearly all of it on the way into OpenSSL and back. Longer texts, and those
// that are not ASCII, go that way.

import { hash } from 'node:crypto'

/** What fits one block beside the end mark and the length. */
const CHARS_MAX = 55

const BLOCK = new Int32Array(16)

/** The first eight bytes of the MD5 of a text's UTF-8, as two unsigned numbers of 32 bits. */
export interface Md5Head {
  high: number
  low: number
}

const HEAD: Md5Head = { high: 0, low: 0 }

/** The same object each time: read it before the next call. */
export function md5Head(text: string): Readonly<Md5Head> {
  if (text.length > CHARS_MAX || !fillBlock(text)) {
    const digits = hash('md5', text, 'hex')
    HEAD.high = Number.parseInt(digits.slice(0, 8), 16)
    HEAD.low = Number.parseInt(digits.slice(8, 16), 16)
  } else digestBlock()
  return HEAD
}

/** Whether the text is ASCII, and in the block now. */
function fillBlock(text: string): boolean {
  const { length } = text
  BLOCK.fill(0)
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return false
    BLOCK[i >> 2] = (BLOCK[i >> 2] ?? 0) | (code << ((i & 3) << 3))
  }
  BLOCK[length >> 2] = (BLOCK[length >> 2] ?? 0) | (0x80 << ((length & 3) << 3))
  BLOCK[14] = length << 3
  return true
}

/** The 64 steps, written out: a loop over them takes twice as long (npm run bench, workload B). */
// eslint-disable-next-line max-lines-per-function, complexity -- see above
function digestBlock(): void {
  const m0 = BLOCK[0] ?? 0
  const m1 = BLOCK[1] ?? 0
  const m2 = BLOCK[2] ?? 0
  const m3 = BLOCK[3] ?? 0
  const m4 = BLOCK[4] ?? 0
  const m5 = BLOCK[5] ?? 0
  const m6 = BLOCK[6] ?? 0
  const m7 = BLOCK[7] ?? 0
  const m8 = BLOCK[8] ?? 0
  const m9 = BLOCK[9] ?? 0
  const m10 = BLOCK[10] ?? 0
  const m11 = BLOCK[11] ?? 0
  const m12 = BLOCK[12] ?? 0
  const m13 = BLOCK[13] ?? 0
  const m14 = BLOCK[14] ?? 0
  const m15 = BLOCK[15] ?? 0
  let a = 0x67452301
  let b = -0x10325477
  let c = -0x67452302
  let d = 0x10325476
  a = (a + (d ^ (b & (c ^ d))) + m0 - 0x28955b88) | 0
  a = (((a << 7) | (a >>> 25)) + b) | 0
  d = (d + (c ^ (a & (b ^ c))) + m1 - 0x173848aa) | 0
  d = (((d << 12) | (d >>> 20)) + a) | 0
  c = (c + (b ^ (d & (a ^ b))) + m2 + 0x242070db) | 0
  c = (((c << 17) | (c >>> 15)) + d) | 0
  b = (b + (a ^ (c & (d ^ a))) + m3 - 0x3e423112) | 0
  b = (((b << 22) | (b >>> 10)) + c) | 0
  a = (a + (d ^ (b & (c ^ d))) + m4 - 0xa83f051) | 0
  a = (((a << 7) | (a >>> 25)) + b) | 0
  d = (d + (c ^ (a & (b ^ c))) + m5 + 0x4787c62a) | 0
  d = (((d << 12) | (d >>> 20)) + a) | 0
  c = (c + (b ^ (d & (a ^ b))) + m6 - 0x57cfb9ed) | 0
  c = (((c << 17) | (c >>> 15)) + d) | 0
  b = (b + (a ^ (c & (d ^ a))) + m7 - 0x2b96aff) | 0
  b = (((b << 22) | (b >>> 10)) + c) | 0
  a = (a + (d ^ (b & (c ^ d))) + m8 + 0x698098d8) | 0
  a = (((a << 7) | (a >>> 25)) + b) | 0
  d = (d + (c ^ (a & (b ^ c))) + m9 - 0x74bb0851) | 0
  d = (((d << 12) | (d >>> 20)) + a) | 0
  c = (c + (b ^ (d & (a ^ b))) + m10 - 0xa44f) | 0
  c = (((c << 17) | (c >>> 15)) + d) | 0
  b = (b + (a ^ (c & (d ^ a))) + m11 - 0x76a32842) | 0
  b = (((b << 22) | (b >>> 10)) + c) | 0
  a = (a + (d ^ (b & (c ^ d))) + m12 + 0x6b901122) | 0
  a = (((a << 7) | (a >>> 25)) + b) | 0
  d = (d + (c ^ (a & (b ^ c))) + m13 - 0x2678e6d) | 0
  d = (((d << 12) | (d >>> 20)) + a) | 0
  c = (c + (b ^ (d & (a ^ b))) + m14 - 0x5986bc72) | 0
  c = (((c << 17) | (c >>> 15)) + d) | 0
  b = (b + (a ^ (c & (d ^ a))) + m15 + 0x49b40821) | 0
  b = (((b << 22) | (b >>> 10)) + c) | 0
  a = (a + (c ^ (d & (b ^ c))) + m1 - 0x9e1da9e) | 0
  a = (((a << 5) | (a >>> 27)) + b) | 0
  d = (d + (b ^ (c & (a ^ b))) + m6 - 0x3fbf4cc0) | 0
  d = (((d << 9) | (d >>> 23)) + a) | 0
  c = (c + (a ^ (b & (d ^ a))) + m11 + 0x265e5a51) | 0
  c = (((c << 14) | (c >>> 18)) + d) | 0
  b = (b + (d ^ (a & (c ^ d))) + m0 - 0x16493856) | 0
  b = (((b << 20) | (b >>> 12)) + c) | 0
  a = (a + (c ^ (d & (b ^ c))) + m5 - 0x29d0efa3) | 0
  a = (((a << 5) | (a >>> 27)) + b) | 0
  d = (d + (b ^ (c & (a ^ b))) + m10 + 0x2441453) | 0
  d = (((d << 9) | (d >>> 23)) + a) | 0
  c = (c + (a ^ (b & (d ^ a))) + m15 - 0x275e197f) | 0
  c = (((c << 14) | (c >>> 18)) + d) | 0
  b = (b + (d ^ (a & (c ^ d))) + m4 - 0x182c0438) | 0
  b = (((b << 20) | (b >>> 12)) + c) | 0
  a = (a + (c ^ (d & (b ^ c))) + m9 + 0x21e1cde6) | 0
  a = (((a << 5) | (a >>> 27)) + b) | 0
  d = (d + (b ^ (c & (a ^ b))) + m14 - 0x3cc8f82a) | 0
  d = (((d << 9) | (d >>> 23)) + a) | 0
  c = (c + (a ^ (b & (d ^ a))) + m3 - 0xb2af279) | 0
  c = (((c << 14) | (c >>> 18)) + d) | 0
  b = (b + (d ^ (a & (c ^ d))) + m8 + 0x455a14ed) | 0
  b = (((b << 20) | (b >>> 12)) + c) | 0
  a = (a + (c ^ (d & (b ^ c))) + m13 - 0x561c16fb) | 0
  a = (((a << 5) | (a >>> 27)) + b) | 0
  d = (d + (b ^ (c & (a ^ b))) + m2 - 0x3105c08) | 0
  d = (((d << 9) | (d >>> 23)) + a) | 0
  c = (c + (a ^ (b & (d ^ a))) + m7 + 0x676f02d9) | 0
  c = (((c << 14) | (c >>> 18)) + d) | 0
  b = (b + (d ^ (a & (c ^ d))) + m12 - 0x72d5b376) | 0
  b = (((b << 20) | (b >>> 12)) + c) | 0
  a = (a + (b ^ c ^ d) + m5 - 0x5c6be) | 0
  a = (((a << 4) | (a >>> 28)) + b) | 0
  d = (d + (a ^ b ^ c) + m8 - 0x788e097f) | 0
  d = (((d << 11) | (d >>> 21)) + a) | 0
  c = (c + (d ^ a ^ b) + m11 + 0x6d9d6122) | 0
  c = (((c << 16) | (c >>> 16)) + d) | 0
  b = (b + (c ^ d ^ a) + m14 - 0x21ac7f4) | 0
  b = (((b << 23) | (b >>> 9)) + c) | 0
  a = (a + (b ^ c ^ d) + m1 - 0x5b4115bc) | 0
  a = (((a << 4) | (a >>> 28)) + b) | 0
  d = (d + (a ^ b ^ c) + m4 + 0x4bdecfa9) | 0
  d = (((d << 11) | (d >>> 21)) + a) | 0
  c = (c + (d ^ a ^ b) + m7 - 0x944b4a0) | 0
  c = (((c << 16) | (c >>> 16)) + d) | 0
  b = (b + (c ^ d ^ a) + m10 - 0x41404390) | 0
  b = (((b << 23) | (b >>> 9)) + c) | 0
  a = (a + (b ^ c ^ d) + m13 + 0x289b7ec6) | 0
  a = (((a << 4) | (a >>> 28)) + b) | 0
  d = (d + (a ^ b ^ c) + m0 - 0x155ed806) | 0
  d = (((d << 11) | (d >>> 21)) + a) | 0
  c = (c + (d ^ a ^ b) + m3 - 0x2b10cf7b) | 0
  c = (((c << 16) | (c >>> 16)) + d) | 0
  b = (b + (c ^ d ^ a) + m6 + 0x4881d05) | 0
  b = (((b << 23) | (b >>> 9)) + c) | 0
  a = (a + (b ^ c ^ d) + m9 - 0x262b2fc7) | 0
  a = (((a << 4) | (a >>> 28)) + b) | 0
  d = (d + (a ^ b ^ c) + m12 - 0x1924661b) | 0
  d = (((d << 11) | (d >>> 21)) + a) | 0
  c = (c + (d ^ a ^ b) + m15 + 0x1fa27cf8) | 0
  c = (((c << 16) | (c >>> 16)) + d) | 0
  b = (b + (c ^ d ^ a) + m2 - 0x3b53a99b) | 0
  b = (((b << 23) | (b >>> 9)) + c) | 0
  a = (a + (c ^ (b | ~d)) + m0 - 0xbd6ddbc) | 0
  a = (((a << 6) | (a >>> 26)) + b) | 0
  d = (d + (b ^ (a | ~c)) + m7 + 0x432aff97) | 0
  d = (((d << 10) | (d >>> 22)) + a) | 0
  c = (c + (a ^ (d | ~b)) + m14 - 0x546bdc59) | 0
  c = (((c << 15) | (c >>> 17)) + d) | 0
  b = (b + (d ^ (c | ~a)) + m5 - 0x36c5fc7) | 0
  b = (((b << 21) | (b >>> 11)) + c) | 0
  a = (a + (c ^ (b | ~d)) + m12 + 0x655b59c3) | 0
  a = (((a << 6) | (a >>> 26)) + b) | 0
  d = (d + (b ^ (a | ~c)) + m3 - 0x70f3336e) | 0
  d = (((d << 10) | (d >>> 22)) + a) | 0
  c = (c + (a ^ (d | ~b)) + m10 - 0x100b83) | 0
  c = (((c << 15) | (c >>> 17)) + d) | 0
  b = (b + (d ^ (c | ~a)) + m1 - 0x7a7ba22f) | 0
  b = (((b << 21) | (b >>> 11)) + c) | 0
  a = (a + (c ^ (b | ~d)) + m8 + 0x6fa87e4f) | 0
  a = (((a << 6) | (a >>> 26)) + b) | 0
  d = (d + (b ^ (a | ~c)) + m15 - 0x1d31920) | 0
  d = (((d << 10) | (d >>> 22)) + a) | 0
  c = (c + (a ^ (d | ~b)) + m6 - 0x5cfebcec) | 0
  c = (((c << 15) | (c >>> 17)) + d) | 0
  b = (b + (d ^ (c | ~a)) + m13 + 0x4e0811a1) | 0
  b = (((b << 21) | (b >>> 11)) + c) | 0
  a = (a + (c ^ (b | ~d)) + m4 - 0x8ac817e) | 0
  a = (((a << 6) | (a >>> 26)) + b) | 0
  d = (d + (b ^ (a | ~c)) + m11 - 0x42c50dcb) | 0
  d = (((d << 10) | (d >>> 22)) + a) | 0
  c = (c + (a ^ (d | ~b)) + m2 + 0x2ad7d2bb) | 0
  c = (((c << 15) | (c >>> 17)) + d) | 0
  b = (b + (d ^ (c | ~a)) + m9 - 0x14792c6f) | 0
  b = (((b << 21) | (b >>> 11)) + c) | 0
  HEAD.high = swap((a + 0x67452301) | 0)
  HEAD.low = swap((b - 0x10325477) | 0)
}

function swap(word: number): number {
  const swapped =
    (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | ((word >>> 24) & 0xff)
  return swapped >>> 0
}
