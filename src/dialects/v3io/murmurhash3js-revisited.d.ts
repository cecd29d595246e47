// What we use of murmurhash3js-revisited 3.0.0, which brings no types.

declare module 'murmurhash3js-revisited' {
  const murmurhash3: {
    readonly x86: {
      /** MurmurHash3 x86_32 of bytes, unsigned; the seed is 0 unless given. */
      readonly hash32: (bytes: Uint8Array, seed?: number) => number
    }
  }
  export = murmurhash3
}
