// Entries by words, bounded.

import { createTable } from '../../src/telemetry/table.ts'

interface Entry {
  readonly name: string
  lastAtMs: number
}

function setUp(entriesMax: number) {
  const table = createTable<Entry>(entriesMax)
  return {
    table,
    touch(atMs: number, ...words: string[]): Entry {
      const entry = table.of(words, () => ({ name: words.join(' '), lastAtMs: atMs }))
      entry.lastAtMs = atMs
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
  expect(names()).toEqual(['a b', 'b a', 'a', 'a b c', 'a b'])
})

test('whoever was idle longest makes room, and is another one when it comes back', () => {
  const { touch, names } = setUp(2)
  const first = touch(1, 'kinesis', 'a')
  touch(2, 'kinesis', 'b')
  touch(3, 'kinesis', 'a')
  touch(4, 'kinesis', 'c')
  expect(names()).toEqual(['kinesis a', 'kinesis c'])
  touch(5, 'kinesis', 'b')
  expect(touch(6, 'kinesis', 'a')).not.toBe(first)
  expect(names()).toEqual(['kinesis b', 'kinesis a'])
})

test('an entry whose words begin those of one that goes stays where it is found', () => {
  const { touch, names } = setUp(1)
  touch(1, 'kinesis', 'a')
  const first = touch(2, 'kinesis')
  expect(touch(3, 'kinesis')).toBe(first)
  expect(names()).toEqual(['kinesis'])
})
