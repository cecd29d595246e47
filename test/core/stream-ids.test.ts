// Streams by their ids, and what it costs to find them.

import { createStreamIds } from '../../src/core/stream-ids.ts'

function start(topics: string[]) {
  const state = { nowMs: 0, listings: 0, fails: false }
  const ids = createStreamIds(
    async () => {
      state.listings++
      await Promise.resolve()
      if (state.fails) throw new Error('no broker')
      return [...topics]
    },
    () => state.nowMs,
  )
  return { ids, state, topics }
}

test('an id is twenty digits, and the same everywhere', () => {
  const [one, other] = [start([]).ids, start([]).ids]
  expect(one.idOf('orders')).toMatch(/^[0-9A-Za-z]{20}$/)
  expect(one.idOf('orders')).toBe(other.idOf('orders'))
  expect(one.idOf('orders')).not.toBe(one.idOf('order'))
})

test('what was found once is found without listing, for ever', async () => {
  const { ids, state } = start(['a', 'b'])
  const id = start([]).ids.idOf('a')
  for (const nowMs of [0, 1, 10_000, 10_000_000]) {
    state.nowMs = nowMs
    expect(await ids.find(id)).toBe('a')
  }
  expect(state.listings).toBe(1)
})

test('an id that was told here needs no listing', async () => {
  const { ids, state } = start([])
  expect(await ids.find(ids.idOf('made just now'))).toBe('made just now')
  expect(state.listings).toBe(0)
})

test('unknown ids cost a listing a second, however many ask', async () => {
  const { ids, state, topics } = start(['a'])
  const ask = () => Promise.all(Array.from({ length: 100 }, (_, i) => ids.find(`unknown ${i}`)))
  expect(new Set(await ask())).toEqual(new Set([undefined]))
  await ask()
  expect(state.listings).toBe(1)

  topics.push('made elsewhere')
  const id = start([]).ids.idOf('made elsewhere')
  expect(await ids.find(id)).toBeUndefined()
  state.nowMs = 1000
  expect(await ids.find(id)).toBe('made elsewhere')
  expect(state.listings).toBe(2)
})

test('what is gone is forgotten at the next listing', async () => {
  const { ids, state, topics } = start(['a', 'b'])
  const id = start([]).ids.idOf('a')
  await ids.find(id)
  topics.shift()
  state.nowMs = 1000
  await ids.find('unknown')
  expect(await ids.find(id)).toBeUndefined()
})

test('a listing that fails is told, and not kept', async () => {
  const { ids, state } = start(['a'])
  const id = start([]).ids.idOf('a')
  state.fails = true
  await expect(ids.find(id)).rejects.toThrow('no broker')
  state.fails = false
  expect(await ids.find(id)).toBe('a')
})
