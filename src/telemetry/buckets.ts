// Of every histogram of times, in seconds: from a millisecond to the longest deadline.

export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** The place of the bucket that a value falls into; beyond all of them: their number. */
export function bucketOf(value: number, ends: readonly number[]): number {
  let place = 0
  while (place < ends.length && value > (ends[place] ?? 0)) place++
  return place
}
