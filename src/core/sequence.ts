// (partition, offset, …) ↔ a dialect's sequence number.
//
// Kafka's offset is a record's ordinal in its shard. Two vendors count plainly and differ in the
// first number alone; Kinesis packs ordinal, shard and time into one, in its own folder.

import type { Position } from './model.ts'

/** Counts as the vendor does: `first` is the number of the first record of a shard. */
export function createCounting(first: number): Counting {
  return {
    numberOf: ({ ordinal }) => ordinal + first,
    ordinalOf: (number) => (number >= first ? number - first : undefined),
  }
}

export interface Counting {
  readonly numberOf: (position: Pick<Position, 'ordinal'>) => number
  /** The ordinal of a sequence number, or nothing where no record can have it. */
  readonly ordinalOf: (number: number) => number | undefined
}
