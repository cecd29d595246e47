// Undoing compression with a limit on what comes out, so that a bomb costs no more than that.

import { gunzip } from 'node:zlib'

/** What came was no such thing, was cut short, or would be larger than the limit. */
export class DecompressionError extends Error {
  readonly tooLarge: boolean

  constructor(tooLarge: boolean, reason: string) {
    super(reason)
    this.name = 'DecompressionError'
    this.tooLarge = tooLarge
  }
}

export function tooLarge(bytesMax: number): DecompressionError {
  return new DecompressionError(true, `More than ${bytesMax} bytes when decompressed`)
}

export function corrupt(what: string): DecompressionError {
  return new DecompressionError(false, `Not ${what}, or cut short`)
}

/** The same bytes in a buffer that has room for more. */
export function withRoom(
  target: Buffer<ArrayBuffer>,
  length: number,
  wanted: number,
): Buffer<ArrayBuffer> {
  if (target.length >= wanted) return target
  const larger = Buffer.allocUnsafe(Math.max(wanted, target.length * 2))
  target.copy(larger, 0, 0, length)
  return larger
}

/** Gzip, in Node's thread pool. Rejects with DecompressionError. */
export function decompressGzip(bytes: Uint8Array, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: Math.max(1, bytesMax) }, (error, result) => {
      if (error === null) resolve(result)
      else reject(isOverflow(error) ? tooLarge(bytesMax) : corrupt('gzip'))
    })
  })
}

function isOverflow(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ERR_BUFFER_TOO_LARGE'
}
