// What is remembered is bounded, and never something else than what would be made.

import { createMemo } from '../../src/core/memo.ts'

test('makes it once while it is remembered', () => {
  const made: string[] = []
  const lengthOf = createMemo((text) => made.push(text) && text.length, 2)
  expect([lengthOf('a'), lengthOf('bb'), lengthOf('a'), lengthOf('bb')]).toEqual([1, 2, 1, 2])
  expect(made).toEqual(['a', 'bb'])
  lengthOf('ccc')
  lengthOf('bb')
  expect(made).toEqual(['a', 'bb', 'ccc'])
  expect(lengthOf('a')).toBe(1)
  expect(made).toEqual(['a', 'bb', 'ccc', 'a'])
})

test('remembers no long text, and no failure', () => {
  let made = 0
  const make = createMemo((text) => {
    made++
    if (text === '') throw new Error('empty')
    return made
  }, 10)
  const long = 'x'.repeat(5000)
  expect([make(long), make(long)]).toEqual([1, 2])
  expect(() => make('')).toThrow('empty')
  expect(() => make('')).toThrow('empty')
  expect(made).toBe(4)
})
