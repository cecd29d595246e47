// Regular expressions without backtracking say what JavaScript's say, and say it at once.

import fc from 'fast-check'
import { compilePattern } from '../../../src/dialects/dis/groups/pattern.ts'

const atom = fc.constantFrom(
  'a',
  'b',
  'ab',
  '.',
  '\\d',
  '\\w',
  '\\W',
  '\\.',
  '[ab]',
  '[^a]',
  '[a-c1]',
)
const times = fc.constantFrom('', '', '*', '+', '?', '*?', '{2}', '{1,2}', '{0,}')
const piece = fc.tuple(atom, times).map(([each, count]) => {
  const isOne = each.length === 1 || /^[\\[]/.test(each)
  return count === '' || isOne ? each + count : `(?:${each})${count}`
})
const branch = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''))
const group = fc.tuple(fc.array(branch, { minLength: 1, maxLength: 3 }), times)
const pattern = fc
  .array(
    fc.oneof(
      branch,
      group.map(([branches, count]) => `(${branches.join('|')})${count}`),
    ),
    {
      maxLength: 4,
    },
  )
  .map((parts) => parts.join(''))
const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '.', '-', '_'), maxLength: 8 })

test('the same as JavaScript', () => {
  fc.assert(
    fc.property(pattern, fc.array(name, { minLength: 1 }), (source, names) => {
      const matches = compilePattern(source)!
      const known = new RegExp(`^(?:${source})$`, 's')
      for (const each of names) expect([each, matches(each)]).toEqual([each, known.test(each)])
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['^logs-.*$', 'logs-1', true],
  ['^logs-.*$', 'old-logs-1', false],
  ['logs', 'logs-1', false],
  ['a|b', 'b', true],
  ['', '', true],
  ['(?:dev|prod)_[a-z]+', 'prod_orders', true],
  ['\\w{1,64}', 'orders', true],
])('%s and %s: %s', (source, each, expected) => {
  expect(compilePattern(source)!(each)).toBe(expected)
})

test.each([
  '(',
  ')',
  '[',
  '[a',
  '*',
  'a**b(',
  '(?=a)',
  '(?<n>a)',
  '(a)\\1',
  '\\p{L}',
  'a{1000}',
  '{2}',
])('%s is not taken', (source) => {
  expect(compilePattern(source)).toBeUndefined()
})

test.each(['(a+)+b', '(a|a)*b', '(.*)*(.*)*(.*)*b', '(a?){60}a{60}'])(
  '%s costs nothing',
  (source) => {
    const startedMs = performance.now()
    compilePattern(source)?.('a'.repeat(64))
    expect(performance.now() - startedMs).toBeLessThan(500)
  },
)

test('any text at all is taken or not', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), name, (source, each) => {
      expect([true, false, undefined]).toContain(compilePattern(source)?.(each))
    }),
  )
})
