// Entries by words, bounded.

import { createTable } from '../../src/telemetry/table.ts'

interface Entry {
  readonly name: string
  lastAtMs: number
}

function setUp(entriesMax: number) {
  let nowMs = 0
  const table = createTable<Entry>(entriesMax, () => nowMs)
  return {
    touch(atMs: number, ...words: string[]): Entry | undefined {
      nowMs = atMs
      const entry = table.of(words, () => ({ name: words.join(' '), lastAtMs: atMs }))
      if (entry) entry.lastAtMs = atMs
      return entry
    },
    names: () => table.all().map(({ name }) => name),
  }
}

test('words in another order, or more of them, are another entry', () => {
  const { touch, names } = setUp(10)
  const first = touch(1, 'a', 'b')
  expect(touch(2, 'a', 'b')).toBe(first)
  for (const words of [['b', 'a'], ['a'], ['a', 'b', 'c'], ['a b']]) touch(3, ...words)
  expect(names()).toEqual(['a', 'a b', 'a b c', 'b a', 'a b'])
})

test('while all are busy there is no room, and those that are there stay', () => {
  const { touch, names } = setUp(2)
  const first = touch(1, 'kinesis', 'a')
  touch(2, 'kinesis', 'b')
  expect(touch(3, 'kinesis', 'c')).toBeUndefined()
  expect(touch(4, 'kinesis', 'a')).toBe(first)
  expect(names()).toEqual(['kinesis a', 'kinesis b'])
})

test('whoever was idle for a minute makes room, and is another one when it comes back', () => {
  const { touch, names } = setUp(2)
  const first = touch(1, 'kinesis', 'a')
  touch(2, 'kinesis', 'b')
  touch(50_000, 'kinesis', 'b')
  expect(touch(60_000, 'kinesis', 'c')).toBeUndefined()
  expect(touch(61_500, 'kinesis', 'c')).toBeDefined()
  expect(names()).toEqual(['kinesis b', 'kinesis c'])
  expect(touch(120_000, 'kinesis', 'a')).not.toBe(first)
  expect(names()).toEqual(['kinesis c', 'kinesis a'])
})

test('an entry whose words begin those of one that goes stays where it is found', () => {
  const { touch, names } = setUp(2)
  touch(1, 'kinesis', 'a')
  const first = touch(100_000, 'kinesis')
  touch(100_001, 'dis')
  expect(touch(100_002, 'kinesis')).toBe(first)
  expect(names()).toEqual(['kinesis', 'dis'])
})
