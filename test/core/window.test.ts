// What is remembered for a while: links that hold whoever leaves, and bounds.

import { createWindow, type Member } from '../../src/core/window.ts'

type Thing = Member<Thing>

function setUp({ windowMs = 1000, bytesMax = 1000 } = {}) {
  let nowMs = 0
  const window = createWindow<Thing>({ windowMs, bytesMax, now: () => nowMs })
  return {
    window,
    pass: (ms: number) => (nowMs += ms),
    add(key: string, bytes = 10): Thing {
      const thing: Thing = { key, startedMs: nowMs, bytes }
      window.add(thing)
      return thing
    },
    has: (...keys: string[]) => keys.map((key) => window.find(key) !== undefined),
  }
}

test.each([
  ['first', 0, ['b', 'c']],
  ['middle', 1, ['a', 'c']],
  ['last', 2, ['a', 'b']],
])('when the %s one leaves, the others go in their order', (_, left, [next = '', last = '']) => {
  const { window, add, has } = setUp({ bytesMax: 30 })
  const things = ['a', 'b', 'c'].map((key) => add(key))
  const leaver = things[left]
  if (leaver) window.forget(leaver)
  expect(window.bytesHeld()).toBe(20)
  add('d', 20)
  expect(has(next, last, 'd')).toEqual([false, true, true])
  add('e', 30)
  expect(has(next, last, 'd', 'e')).toEqual([false, false, false, true])
  expect(window.bytesHeld()).toBe(30)
})

test('one that has left changes nothing any more', () => {
  const { window, add, has } = setUp()
  const first = add('a')
  const second = add('a', 20)
  window.forget(first)
  window.resize(first, 500)
  expect(has('a')).toEqual([true])
  expect(window.bytesHeld()).toBe(20)
  window.forget(second)
  window.forget(second)
  expect(window.bytesHeld()).toBe(0)
})

test('the old are gone, whoever asks, and their bytes with the next that comes', () => {
  const { window, add, has, pass } = setUp()
  add('a')
  pass(600)
  add('b')
  pass(600)
  expect(has('a', 'b')).toEqual([false, true])
  add('c')
  expect(window.bytesHeld()).toBe(20)
})

test('one that grows beyond the bound makes the oldest go', () => {
  const { window, add, has } = setUp({ bytesMax: 100 })
  add('a')
  const grown = add('b')
  window.resize(grown, 95)
  expect(has('a', 'b')).toEqual([false, true])
  window.resize(grown, 101)
  expect(window.bytesHeld()).toBe(0)
})
