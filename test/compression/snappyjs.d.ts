// What is used of snappyjs, which has no types of its own.

declare module 'snappyjs' {
  export function compress(plain: Uint8Array): Uint8Array
}
