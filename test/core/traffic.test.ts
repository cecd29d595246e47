// What went through streams, minute by minute, in bounded memory.

import { createTraffic, MINUTE_MS } from '../../src/core/traffic.ts'

const START_MS = 1_000_000 * MINUTE_MS

function start(pointsMax?: number) {
  let nowMs = START_MS
  const traffic = createTraffic({ now: () => nowMs, ...(pointsMax && { pointsMax }) })
  return {
    traffic,
    pass(minutes: number) {
      nowMs += minutes * MINUTE_MS
    },
    put(topic: string, records = 1) {
      const { all, of } = traffic.minuteOf(topic)
      all.put.requests++
      all.put.requestMs += 5
      for (const { put } of [all, of(0)]) {
        put.records += records
        put.bytes += 10
      }
    },
    recordsOf: (topic: string, shard?: number) =>
      traffic.points({ topic, shard, fromMs: 0, untilMs: Infinity }).map(({ put }) => put.records),
  }
}

test('requests of one minute add up, and each minute is apart', () => {
  const { traffic, put, pass, recordsOf } = start()
  put('t', 2)
  put('t', 3)
  pass(1.5)
  put('t', 7)
  expect(recordsOf('t')).toEqual([5, 7])
  expect(recordsOf('t', 0)).toEqual([5, 7])
  expect(recordsOf('t', 1)).toEqual([])
  expect(recordsOf('other')).toEqual([])
  const [first] = traffic.points({ topic: 't', fromMs: 0, untilMs: Infinity })
  expect(first).toEqual({
    minuteMs: START_MS,
    put: { records: 5, bytes: 20, requests: 2, requestMs: 10, throttled: 0 },
    get: { records: 0, bytes: 0, requests: 0, requestMs: 0, throttled: 0 },
  })
})

test('a period begins with its first minute and ends before its last', () => {
  const { traffic, put, pass } = start()
  for (let i = 0; i < 4; i++) {
    put('t')
    pass(1)
  }
  const period = { fromMs: START_MS + MINUTE_MS, untilMs: START_MS + 3 * MINUTE_MS }
  const minutes = traffic.points({ topic: 't', ...period }).map(({ minuteMs }) => minuteMs)
  expect(minutes).toEqual([START_MS + MINUTE_MS, START_MS + 2 * MINUTE_MS])
})

test('the oldest minutes go where there are too many points, and all that are a week old', () => {
  const { put, pass, recordsOf } = start(6)
  for (let i = 1; i <= 5; i++) {
    put('t', i)
    pass(1)
  }
  expect(recordsOf('t')).toEqual([3, 4, 5])
  pass(7 * 24 * 60 - 2)
  put('t', 6)
  expect(recordsOf('t')).toEqual([5, 6])
})
