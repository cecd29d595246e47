// Placement and sequence numbers, held against numbers of the real service.

import fc from 'fast-check'
import { placeByMd5 } from '../../../src/dialects/kinesis/placement.ts'
import {
  formatSequence,
  mayOrder,
  parseSequence,
  SHARD_CREATED_MS,
} from '../../../src/dialects/kinesis/sequence.ts'

test.each([
  ['a', [0, 0, 0, 0]],
  ['b', [1, 1, 2, 4]],
  ['e', [1, 2, 3, 6]],
  ['f', [1, 1, 2, 3]],
  ['é', [0, 1, 1, 2]],
  ['ключ', [1, 2, 3, 5]],
])('the key %s lies on shards %j of 2, 3, 4 and 7', (key, shards) => {
  expect([2, 3, 4, 7].map((count) => placeByMd5(key, count))).toEqual(shards)
})

test('reads a number that the service gave in 2023', () => {
  expect(parseSequence('49647060812288014558888668248263847763900017820167045122')).toEqual({
    createdS: Date.parse('2023-12-05T03:24:37Z') / 1000,
    ordinal: 26054,
    shard: 0,
    timestampMs: Date.parse('2023-12-05T07:09:12Z'),
  })
})

const position = fc.record({
  shard: fc.nat(2 ** 20),
  ordinal: fc.nat(Number.MAX_SAFE_INTEGER),
  timestampMs: fc.integer({ min: SHARD_CREATED_MS, max: Date.parse('2100-01-01') }),
})

test('numbers have 56 digits and are read back to the second', () => {
  fc.assert(
    fc.property(position, (given) => {
      const text = formatSequence(given)
      expect(text).toMatch(/^\d{56}$/)
      const timestampMs = Math.floor(given.timestampMs / 1000) * 1000
      expect(parseSequence(text)).toMatchObject({ ...given, timestampMs })
    }),
  )
})

test('numbers are those of the layout', () => {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
  fc.assert(
    fc.property(position, ({ shard, ordinal, timestampMs }) => {
      const [created, time] = [SHARD_CREATED_MS / 1000, Math.floor(timestampMs / 1000)]
      const start = `2${hex(created, 9)}${hex(shard & 15, 1)}${hex(ordinal, 16)}00`
      const number = BigInt(`0x${start}${hex(time, 9)}${hex(shard, 8)}2`)
      expect(formatSequence({ shard, ordinal, timestampMs })).toBe(String(number))
    }),
  )
})

test('numbers of one shard are ordered as their records', () => {
  fc.assert(
    fc.property(position, position, (a, b) => {
      const [first, second] = [a, { ...b, shard: a.shard }].map(formatSequence)
      if (a.ordinal !== b.ordinal) expect(first! < second!).toBe(a.ordinal < b.ordinal)
    }),
  )
})

test('times before the constant are written as it', () => {
  const text = formatSequence({ shard: 0, ordinal: 1, timestampMs: 0 })
  expect(parseSequence(text)?.timestampMs).toBe(SHARD_CREATED_MS)
})

test('any text that is no number of ours is refused', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => parseSequence(text)).not.toThrow()
    }),
  )
  for (const text of ['', '0', '-1', '1e9', '9'.repeat(128), '4954346'.repeat(8)]) {
    expect(parseSequence(text)).toBeUndefined()
  }
})

test('an order number may be old, ours or a little ahead, but not of the future', () => {
  const nowMs = Date.parse('2026-01-01')
  const at = (timestampMs: number): string => formatSequence({ shard: 0, ordinal: 1, timestampMs })
  expect(mayOrder('0', nowMs)).toBe(true)
  expect(mayOrder('123456', nowMs)).toBe(true)
  expect(mayOrder(at(nowMs + 14 * 60_000), nowMs)).toBe(true)
  expect(mayOrder(at(nowMs + 16 * 60_000), nowMs)).toBe(false)
  expect(mayOrder('9'.repeat(100), nowMs)).toBe(false)
})
