// Where a partition key goes: murmur3 x86_32 of its UTF-8 bytes, modulo the number of shards.

import fc from 'fast-check'
import { placeByMurmur3 } from '../../../src/dialects/v3io/placement.ts'

const ALL = 2 ** 32

test.each([
  // vectors of the reference implementation, seed 0
  ['', 0],
  ['hello', 613_153_351],
  ['hello, world', 0x149bbb7f],
  ['19 Jan 2038 at 3:14:07 AM', 0xe31e8a70],
  ['The quick brown fox jumps over the lazy dog.', 0xd5c48bfc],
])('the hash of "%s" is %i', (key, hash) => {
  expect(placeByMurmur3(key, ALL)).toBe(hash)
})

test('a key is hashed as UTF-8', () => {
  // '€' is three bytes, whose tail the hash mixes in at once
  expect(placeByMurmur3('€', ALL)).not.toBe(placeByMurmur3('?', ALL))
  expect(placeByMurmur3('\u00e9', ALL)).not.toBe(placeByMurmur3('e\u0301', ALL))
})

test('one key lands in one shard, and the shard exists', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 4096 }), (key, shards) => {
      const shard = placeByMurmur3(key, shards)
      expect(placeByMurmur3(key, shards)).toBe(shard)
      expect(Number.isInteger(shard) && shard >= 0 && shard < shards).toBe(true)
    }),
  )
})

test('many keys use every shard', () => {
  const shards = new Set(Array.from({ length: 1000 }, (_, i) => placeByMurmur3(`device-${i}`, 8)))
  expect(shards.size).toBe(8)
})
