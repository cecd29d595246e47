// DIS places by the first eight bytes of the partition key's MD5 without their highest bit
// (huaweicloud-sdk-java-dis, producer/PartitionKeyUtils).
//
// * The reported ranges win: the SDK's own arithmetic puts a hash that lies exactly on a boundary
//   one partition lower than the range that DIS reports for it, and the very last ones beyond the
//   end. Here a hash lands where its range says.

import { hash } from 'node:crypto'
import type { HashSpace, PlaceKey, Target } from '../../core/model.ts'
import { createHeadPlacing } from '../../core/placement.ts'
import { md5Head } from '../shared/md5.ts'

const LAST = 2n ** 63n - 1n

/** Partition i of N begins at i × ⌊(2^63 − 1) / N⌋; the last one ends at 2^63 − 1. */
export const HASH_SPACE: HashSpace = { divided: LAST, last: LAST }

/** The hash of a partition key. */
export function hashOfKey(key: string): bigint {
  return BigInt(`0x${hash('md5', key, 'hex').slice(0, 16)}`) & LAST
}

const placeHead = createHeadPlacing(HASH_SPACE, 63n)

export const placeByMd5: PlaceKey = (key, shards) => {
  const { high, low } = md5Head(key)
  const head = (high & 0x7fffffff) * 2 ** 17 + (low >>> 15)
  return placeHead(head, shards, () => hashOfKey(key))
}

/** Where a record goes that says nothing but its key. */
export const BY_KEY: Target = { by: 'key', place: placeByMd5 }

/** No number in the space has more digits. */
const DIGITS_MAX = LAST.toString().length

/**
 * An `explicit_hash_key` in decimal. `out-of-range` for a number outside the space, which counts
 * as not given; nothing for a text that is no number.
 */
export function parseHash(text: string): bigint | 'out-of-range' | undefined {
  const [, sign, digits] = /^([+-]?)0*(\d+)$/.exec(text) ?? []
  if (digits === undefined) return undefined
  if (digits.length > DIGITS_MAX) return 'out-of-range'
  const number = BigInt(digits)
  const inside = number <= LAST && (sign !== '-' || number === 0n)
  return inside ? number : 'out-of-range'
}
