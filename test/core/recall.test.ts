// A retried call is stored once.

import type { Outcome } from '../../src/core/ingest.ts'
import { createRecall, digestOf, type Attempt } from '../../src/core/recall.ts'

const ATTEMPT: Attempt = {
  caller: 'AK1',
  dialect: 'kinesis',
  operation: 'PutRecords',
  stream: 'orders',
  invocation: '5f0c7d4e-0000-4000-8000-000000000001',
  digest: digestOf(Buffer.from('{"a":1}')),
}
const STORED: Outcome = { stored: true, shard: 3, ordinal: 7, timestampMs: 1_700_000_000_123 }
const FAILED: Outcome = { stored: false, code: 'unavailable', message: 'no leader' }

function setUp({ windowMs = 1000, bytesMax = 100_000 } = {}) {
  let nowMs = 0
  let puts = 0
  const recall = createRecall({ windowMs, bytesMax, now: () => nowMs })
  return {
    recall,
    puts: () => puts,
    pass(ms: number) {
      nowMs += ms
    },
    put(outcomes: readonly Outcome[] | Promise<readonly Outcome[]>, change: Partial<Attempt> = {}) {
      return recall.once({ ...ATTEMPT, ...change }, nowMs + 200, () => {
        puts++
        return Promise.resolve(outcomes)
      })
    },
  }
}

test('an attempt that comes again gets the first one’s answer', async () => {
  const { put, puts } = setUp()
  await put([STORED, FAILED])
  const again = await put([])
  expect(again).toEqual([STORED, FAILED])
  expect(puts()).toBe(1)
})

test.each([
  ['caller', { caller: 'AK2' }],
  ['dialect', { dialect: 'yandex' }],
  ['operation', { operation: 'PutRecord' }],
  ['stream', { stream: 'other' }],
  ['invocation', { invocation: 'another' }],
  ['body', { digest: digestOf(Buffer.from('{"a":2}')) }],
])('another %s is another call', async (_, change) => {
  const { put, puts } = setUp()
  await put([STORED])
  await put([STORED], change)
  expect(puts()).toBe(2)
})

test('an attempt joins the one that is under way', async () => {
  const { put, puts } = setUp()
  let answer: (outcomes: Outcome[]) => void = () => undefined
  const first = put(new Promise<Outcome[]>((resolve) => (answer = resolve)))
  const second = put([FAILED])
  answer([STORED])
  expect(await Promise.all([first, second])).toEqual([[STORED], [STORED]])
  expect(puts()).toBe(1)
})

test('a call that failed with nothing stored is forgotten', async () => {
  const { put, puts, recall } = setUp()
  await put([FAILED])
  expect(await put([STORED])).toEqual([STORED])
  expect(puts()).toBe(2)
  await expect(put(Promise.reject(new Error('no stream')), { invocation: 'x' })).rejects.toThrow()
  expect(await put([STORED], { invocation: 'x' })).toEqual([STORED])
  expect(puts()).toBe(4)
  expect(recall.bytesHeld()).toBeGreaterThan(0)
})

describe('a call that was answered undecided', () => {
  function undecided(): { outcome: Outcome; decide: (outcome: Outcome) => void } {
    let decide: (outcome: Outcome) => void = () => undefined
    const later = new Promise<Outcome>((resolve) => (decide = resolve))
    return { outcome: { stored: false, code: 'undecided', message: '', later }, decide }
  }

  test('is joined by a retry until Kafka’s outcome is known', async () => {
    const { put, puts } = setUp()
    const { outcome, decide } = undecided()
    await put([STORED, outcome])
    const retry = put([])
    decide(STORED)
    expect(await retry).toEqual([STORED, STORED])
    expect(await put([])).toEqual([STORED, STORED])
    expect(puts()).toBe(1)
  })

  test('is answered undecided again at the retry’s own deadline', async () => {
    const { put, puts } = setUp()
    const { outcome, decide } = undecided()
    await put([outcome])
    expect(await put([])).toEqual([outcome])
    decide(STORED)
    expect(await put([])).toEqual([STORED])
    expect(puts()).toBe(1)
  })

  test('is made anew once Kafka has not written it, or nobody will ever know', async () => {
    for (const end of [FAILED, { stored: false, code: 'undecided', message: '' } as Outcome]) {
      const { put, puts } = setUp()
      const { outcome, decide } = undecided()
      await put([outcome])
      decide(end)
      expect(await put([STORED])).toEqual([STORED])
      expect(puts()).toBe(2)
    }
  })
})

test('the window ends', async () => {
  const { put, puts, pass } = setUp()
  await put([STORED])
  pass(1001)
  await put([STORED])
  expect(puts()).toBe(2)
})

test('memory is bounded: the oldest goes first', async () => {
  const { put, puts, recall } = setUp({ bytesMax: 5000 })
  const many = Array.from({ length: 50 }, () => STORED)
  for (let i = 0; i < 20; i++) await put(many, { invocation: `call ${i}` })
  expect(recall.bytesHeld()).toBeLessThanOrEqual(5000)
  await put([], { invocation: 'call 19' })
  expect(puts()).toBe(20)
  await put(many, { invocation: 'call 0' })
  expect(puts()).toBe(21)
})
