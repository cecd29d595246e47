// What is used of snappyjs, which has no types of its own.

declare module 'snappyjs' {
  /** Throws Error. A Buffer is answered with a Buffer, other bytes with their like. */
  export function uncompress(compressed: Uint8Array): Uint8Array
  export function compress(plain: Uint8Array): Uint8Array
}
