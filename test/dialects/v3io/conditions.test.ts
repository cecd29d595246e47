// Condition expressions: those that clients send, and what they are worth.

import fc from 'fast-check'
import { parseCondition, type Value } from '../../../src/dialects/v3io/conditions.ts'
import { failureOf } from '../../support/failure.ts'

function holds(expression: string, attributes: Readonly<Record<string, Value>> = {}): boolean {
  const values = new Map(Object.entries(attributes))
  return parseCondition(expression)((name) => values.get(name))
}

const MTIME = { __mtime_secs: 1_600_000_000n, __mtime_nsecs: 7n, state: '{}' }

test.each<[string, Readonly<Record<string, Value>>, boolean]>([
  ['(__mtime_nsecs == 7) AND (__mtime_secs == 1600000000)', MTIME, true],
  ['(__mtime_nsecs == 8) AND (__mtime_secs == 1600000000)', MTIME, false],
  ['__mtime_secs==1600000000 and __mtime_nsecs==7', MTIME, true],
  ['(__mtime_nsecs == 7) AND (__mtime_secs == 1600000000)', {}, false],
  ['not(exists(state))', {}, true],
  ['not(exists(state))', MTIME, false],
  ['NOT exists(state)', MTIME, false],
  ['not_exists(state)', {}, true],
  ['__obj_type == 3', { __obj_type: 3n }, true],
  ['__obj_type == 3', {}, false],
  ['__cg0_committed_sequence_number < 10', { __cg0_committed_sequence_number: 9n }, true],
  ["(age == 40) and (firstName == 'John') and NOT(State IN ('AZ','MA'))", JOHN(), true],
  ["(age == 40) and (firstName == 'John') and NOT(State IN ('AZ','NY'))", JOHN(), false],
  ['(age > 18) AND isReleased==true AND reported==false', JOHN(), true],
  ['isReleased', JOHN(), true],
  ['age', JOHN(), false],
  ['a == 1 OR b == 2 AND c == 3', { a: 1n }, true],
  ['(a == 1 OR b == 2) AND c == 3', { a: 1n }, false],
  ['a != 1', {}, false],
  ['a != 1', { a: '1' }, true],
  ['a == 1.0', { a: 1n }, true],
  ['a <= -1.5e0', { a: -2n }, true],
  ["a == 'it\\'s'", { a: 'it’s'.replace('’', "'") }, true],
  ['a == "x y"', { a: 'x y' }, true],
  ["a >= 'b'", { a: 'c' }, true],
  ["a >= 'b'", { a: 3n }, false],
  ['a == 9007199254740993', { a: 9_007_199_254_740_993n }, true],
  ['a == 9007199254740992', { a: 9_007_199_254_740_993n }, false],
  ['a IN (1, 9007199254740993)', { a: 9_007_199_254_740_993n }, true],
  ['a in (1, 2)', {}, false],
  ['constructor == 1', {}, false],
])('%s with %j: %s', (expression, attributes, worth) => {
  expect(holds(expression, attributes)).toBe(worth)
})

function JOHN(): Readonly<Record<string, Value>> {
  return { age: 40n, firstName: 'John', State: 'NY', isReleased: true, reported: false }
}

test.each([
  '',
  'a ==',
  '== 1',
  'a = 1',
  'a == 1 b == 2',
  'a == 1 and',
  '(a == 1',
  'a == 1)',
  'exists()',
  'exists(1)',
  'a in 1',
  'a + 1 == 2',
  "a == 'x",
  `${'not '.repeat(40)}a`,
  `${'('.repeat(40)}a${')'.repeat(40)}`,
  `a == '${'x'.repeat(5000)}'`,
])('%s is refused', async (expression) => {
  const failure = await failureOf(Promise.resolve().then(() => parseCondition(expression)))
  expect(failure).toMatchObject({ code: 'invalid-argument' })
})

test('whatever comes is evaluated or refused, soon', () => {
  const word = fc.constantFrom(
    'a',
    '(',
    ')',
    'and',
    'or',
    'not',
    '==',
    '<',
    '1',
    "'x'",
    'exists',
    ',',
    'in',
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (words) => {
      try {
        expect(typeof holds(words.join(' '), { a: 1n })).toBe('boolean')
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid-argument' })
      }
    }),
  )
})
