// Where DIS puts a record: vectors of the vendor's own arithmetic, and the ranges it reports.

import fc from 'fast-check'
import { rangeOfShard, shardOfHash } from '../../../src/core/placement.ts'
import {
  HASH_SPACE,
  hashOfKey,
  parseHash,
  placeByMd5,
} from '../../../src/dialects/dis/placement.ts'
import { base64, startBridge } from './bridge.ts'

const LAST = 2n ** 63n - 1n
const COUNTS = [1, 2, 3, 4, 5, 8, 10] as const

test.each<[string, bigint, readonly number[]]>([
  ['0', 5750288053043553775n, [0, 1, 1, 2, 3, 4, 6]],
  ['1', 4956847150856741762n, [0, 1, 1, 2, 2, 4, 5]],
  ['abc', 1153291594369224624n, [0, 0, 0, 0, 0, 1, 1]],
  ['user-1', 6257593711501015798n, [0, 1, 2, 2, 3, 5, 6]],
  ['12345', 179241350112899180n, [0, 0, 0, 0, 0, 0, 0]],
  ['測試', 4026162307547211582n, [0, 0, 1, 1, 2, 3, 4]],
])('key %s hashes to %s', (key, hash, shards) => {
  expect(hashOfKey(key)).toBe(hash)
  expect(COUNTS.map((count) => placeByMd5(key, count))).toEqual(shards)
})

test('ranges tile the space, and both ends of each place in its shard', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), (count) => {
      let next = 0n
      for (let shard = 0; shard < count; shard++) {
        const { first, last } = rangeOfShard(shard, HASH_SPACE, count)
        expect(first).toBe(next)
        expect(shardOfHash(first, HASH_SPACE, count)).toBe(shard)
        expect(shardOfHash(last, HASH_SPACE, count)).toBe(shard)
        next = last + 1n
      }
      expect(next).toBe(LAST + 1n)
    }),
    { numRuns: 50 },
  )
})

test('any key lands in the range that contains its hash', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 500 }), (key, count) => {
      const { first, last } = rangeOfShard(placeByMd5(key, count), HASH_SPACE, count)
      const hash = hashOfKey(key)
      expect(hash >= first && hash <= last).toBe(true)
    }),
  )
})

test('explicit hashes: decimal, within the space', () => {
  expect(parseHash('0')).toBe(0n)
  expect(parseHash('007')).toBe(7n)
  expect(parseHash('+7')).toBe(7n)
  expect(parseHash(LAST.toString())).toBe(LAST)
  expect(parseHash((LAST + 1n).toString())).toBe('out-of-range')
  expect(parseHash('-1')).toBe('out-of-range')
  expect(parseHash('9'.repeat(100_000))).toBe('out-of-range')
  for (const text of ['', 'x', '1.5', '1e3', ' 1', '0x10', '--1']) {
    expect(parseHash(text)).toBeUndefined()
  }
})

test('the ranges that a stream reports are where explicit hashes land', async () => {
  const { send, put } = startBridge({ three: 3 })
  const { json } = await send('GET /v2/{p}/streams/three')
  const partitions = json['partitions'] as { partition_id: string; hash_range: string }[]
  const ends = partitions.flatMap(({ partition_id: id, hash_range: range }) =>
    Array.from(range.matchAll(/\d+/g), ([hash]) => ({ id, hash })),
  )

  const results = await put(
    'three',
    ends.map(({ hash }) => ({ data: base64('x'), explicit_hash_key: hash })),
  )

  expect(ends).toHaveLength(6)
  expect(ends[0]!.hash).toBe('0')
  expect(ends[5]!.hash).toBe('9223372036854775807')
  expect(results.map((result) => result['partition_id'])).toEqual(ends.map(({ id }) => id))
})
