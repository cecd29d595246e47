// What LZ4 and snappy are made of: bytes that were there before, once more.

export interface Match {
  readonly end: number
  readonly distance: number
  readonly length: number
}

/** A match may reach into what it writes: then what is there repeats. */
export function copyMatch(target: Buffer, { end, distance, length }: Match): void {
  const from = end - distance
  let done = Math.min(distance, length)
  target.copyWithin(end, from, from + done)
  for (; done < length; done *= 2) {
    target.copyWithin(end + done, end, end + Math.min(done, length - done))
  }
}
