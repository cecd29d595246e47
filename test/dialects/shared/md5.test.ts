// Our MD5 of keys against Node's, and the placement by its head against the one by the whole number.

import { hash } from 'node:crypto'
import fc from 'fast-check'
import { createHeadPlacing, rangeOfShard, shardOfHash } from '../../../src/core/placement.ts'
import { HASH_SPACE as DIS } from '../../../src/dialects/dis/placement.ts'
import { HASH_SPACE as KINESIS } from '../../../src/dialects/kinesis/placement.ts'
import { md5Head } from '../../../src/dialects/shared/md5.ts'

const keys = fc.oneof(
  fc.string({ maxLength: 70 }),
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.integer({ min: 50, max: 60 }).map((length) => 'k'.repeat(length)),
)

test('the head of the digest is that of MD5', () => {
  fc.assert(
    fc.property(keys, (key) => {
      const { high, low } = md5Head(key)
      const digits = [high, low].map((word) => word.toString(16).padStart(8, '0')).join('')
      expect(digits).toBe(hash('md5', key, 'hex').slice(0, 16))
    }),
    { numRuns: 2000 },
  )
})

describe.each([
  { name: '128 bits', space: KINESIS, bits: 128n },
  { name: '63 bits', space: DIS, bits: 63n },
])('placement in $name', ({ space, bits }) => {
  const placeHead = createHeadPlacing(space, bits)
  const place = (hash: bigint, shards: number): number =>
    placeHead(Number(hash >> (bits - 48n)), shards, () => hash)

  test('by the head is placement by the whole number', () => {
    const hashes = fc.bigInt({ min: 0n, max: space.last })
    fc.assert(
      fc.property(hashes, fc.integer({ min: 1, max: 5000 }), (hash, shards) => {
        expect(place(hash, shards)).toBe(shardOfHash(hash, space, shards))
      }),
      { numRuns: 2000 },
    )
  })

  test('keeps to both ends of every range', () => {
    for (const shards of [1, 2, 3, 7, 16, 1000]) {
      for (let shard = 0; shard < shards; shard++) {
        const { first, last } = rangeOfShard(shard, space, shards)
        expect([place(first, shards), place(last, shards)]).toEqual([shard, shard])
      }
    }
  })
})
