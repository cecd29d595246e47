// Large bodies take turns of the event loop.

import { createPace } from '../../src/http/pace.ts'

const TURN = 2 ** 21

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a turn takes one body, however large, and the next one the next', async () => {
  const pace = createPace()
  const went: string[] = []
  const ask = (name: string, bytes: number): void => {
    const wait = pace(bytes)
    if (wait) void wait.then(() => went.push(name))
    else went.push(name)
  }

  ask('first', 10 * TURN)
  ask('second', TURN)
  ask('third', TURN / 2)
  ask('fourth', TURN / 2)
  expect(went).toEqual(['first'])
  await turn()
  expect(went).toEqual(['first', 'second'])
  await turn()
  expect(went).toEqual(['first', 'second', 'third', 'fourth'])
  await turn()
  ask('fifth', TURN)
  expect(went).toHaveLength(5)
})

test('small ones go at once, but overtake nobody', async () => {
  const pace = createPace()
  expect(Array.from({ length: 1000 }, () => pace(1000))).toEqual(new Array(1000).fill(undefined))
  expect(pace(TURN)).toBeUndefined()
  expect(pace(1000)).toBeUndefined()
  const order: string[] = []
  const large = pace(TURN)?.then(() => order.push('large'))
  const small = pace(1000)?.then(() => order.push('small'))
  await Promise.all([large, small])
  expect(order).toEqual(['large', 'small'])
})
