// Target → partition, as properties over any space and any number of shards.

import fc from 'fast-check'
import type { TopicShape } from '../../src/core/log.ts'
import {
  createSpread,
  place,
  placeAsKafka,
  rangeOfShard,
  shardOfHash,
} from '../../src/core/placement.ts'

const SPACES = {
  'of 128 bits': { divided: 2n ** 128n, last: 2n ** 128n - 1n },
  'of 63 bits, cut below its end': { divided: 2n ** 63n - 1n, last: 2n ** 63n - 1n },
}
const shards = fc.integer({ min: 1, max: 5000 })

function shapeOf(partitions: number, leaderless: number[] = []): TopicShape {
  return { id: 'id', partitions, leaderless, messageBytesMax: 1_000_000, retentionMs: -1 }
}

describe.each(Object.entries(SPACES))('a space %s', (_, space) => {
  test('ranges tile the space without gaps', () => {
    fc.assert(
      fc.property(shards, (count) => {
        const ranges = Array.from({ length: count }, (_, i) => rangeOfShard(i, space, count))
        expect(ranges[0]?.first).toBe(0n)
        expect(ranges.at(-1)?.last).toBe(space.last)
        for (const [i, range] of ranges.slice(1).entries()) {
          expect(range.first).toBe(ranges[i]!.last + 1n)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('both ends of every range are placed in its shard', () => {
    fc.assert(
      fc.property(shards, fc.nat(), (count, pick) => {
        const shard = pick % count
        const { first, last } = rangeOfShard(shard, space, count)
        expect(shardOfHash(first, space, count)).toBe(shard)
        expect(shardOfHash(last, space, count)).toBe(shard)
      }),
    )
  })

  test('any hash lies in the range of its shard', () => {
    fc.assert(
      fc.property(shards, fc.bigInt({ min: 0n, max: space.last }), (count, hash) => {
        const shard = shardOfHash(hash, space, count)
        const { first, last } = rangeOfShard(shard, space, count)
        expect(hash >= first && hash <= last).toBe(true)
      }),
    )
  })
})

// org.apache.kafka.common.utils.UtilsTest#testMurmur2, made positive, modulo 1,000,003.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('Kafka places %s by murmur2 = %i', (key, murmur2) => {
  expect(placeAsKafka(key, 1_000_003)).toBe((murmur2 & 0x7fffffff) % 1_000_003)
})

describe('records that do not care', () => {
  test('take turns from the first partition, across calls and apart per topic', () => {
    const spread = createSpread()
    const turns = (topic: string, count: number): number[] =>
      Array.from({ length: count }, () => spread(topic, shapeOf(3)))

    expect(turns('a', 4)).toEqual([0, 1, 2, 0])
    expect(turns('b', 2)).toEqual([0, 1])
    expect(turns('a', 2)).toEqual([1, 2])
  })

  test('pass over partitions without a leader, unless none has one', () => {
    const spread = createSpread()
    const turns = (leaderless: number[]): number[] =>
      Array.from({ length: 3 }, () => spread('a', shapeOf(3, leaderless)))

    expect(turns([1])).toEqual([0, 2, 0])
    expect(turns([0, 1, 2])).toEqual([1, 2, 0])
  })

  test('are remembered for 10,000 topics', () => {
    const spread = createSpread()
    const next = (topic: string): number => spread(topic, shapeOf(3))
    for (let i = 0; i < 10_000; i++) next(`topic ${i}`)
    expect([next('topic 0'), next('topic 9999')]).toEqual([1, 1])
    expect([next('one more'), next('topic 0')]).toEqual([0, 0])
  })

  test('go on when the topic has grown', () => {
    const spread = createSpread()
    spread('a', shapeOf(1))
    expect([spread('a', shapeOf(3)), spread('a', shapeOf(3))]).toEqual([1, 2])
  })
})

test('an explicit shard must exist', () => {
  const placement = { topic: 'a', shape: shapeOf(2), spread: createSpread() }
  expect(place({ target: { by: 'shard', shard: 1 } }, placement)).toBe(1)
  expect(() => place({ target: { by: 'shard', shard: 2 } }, placement)).toThrow(
    'There is no shard 2',
  )
})

test('a stream set to native placement overrides the place of keys only', () => {
  const placement = {
    topic: 'a',
    shape: shapeOf(7),
    spread: createSpread(),
    placeKey: placeAsKafka,
  }
  expect(place({ target: { by: 'key', place: () => 0 }, key: 'abc' }, placement)).toBe(
    479470107 % 7,
  )
  expect(place({ target: { by: 'hash', hash: 0n, space: SPACES['of 128 bits'] } }, placement)).toBe(
    0,
  )
})
