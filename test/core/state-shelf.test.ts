// A shelf is a part of state: nothing of other owners is reached through it.

import { createShelf } from '../../src/core/state-shelf.ts'
import { createMemoryState } from '../support/memory-state.ts'

test('what is put on one shelf is found there, and on no other', async () => {
  const state = createMemoryState()
  await state.opened(Date.now() + 5000)
  const [one, other] = [createShelf(state, 'one'), createShelf(state, 'other')]

  await one.update('apps/a', () => 1)
  await one.update('apps/b', () => 2)
  await other.update('apps/a', () => 3)

  expect(one.list('apps/').map(({ key, value }) => [key, value])).toEqual([
    ['apps/a', 1],
    ['apps/b', 2],
  ])
  expect(other.get('apps/a')?.value).toBe(3)
  expect(other.get('apps/b')).toBeUndefined()
  state.close()
})
