// Kinesis places by the MD5 of the partition key as an unsigned 128-bit number
// (docs: "PutRecord", API version 2013-12-02).

import { hash } from 'node:crypto'
import type { HashSpace, PlaceKey, Target } from '../../core/model.ts'
import { createHeadPlacing } from '../../core/placement.ts'
import { md5Head } from '../shared/md5.ts'

/** Shard i of N begins at i × ⌊2^128 / N⌋; the last one ends at 2^128 − 1. */
export const HASH_SPACE: HashSpace = { divided: 2n ** 128n, last: 2n ** 128n - 1n }

/** The hash key of a partition key. */
function hashOfKey(key: string): bigint {
  return BigInt(`0x${hash('md5', key, 'hex')}`)
}

const placeHead = createHeadPlacing(HASH_SPACE, 128n)

export const placeByMd5: PlaceKey = (key, shards) => {
  const { high, low } = md5Head(key)
  return placeHead(high * 2 ** 16 + (low >>> 16), shards, () => hashOfKey(key))
}

/** Where a record goes that says nothing but its key. */
export const BY_KEY: Target = { by: 'key', place: placeByMd5 }
