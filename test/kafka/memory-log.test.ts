import { createMemoryLog } from '../support/memory-log.ts'
import { describeLog, message } from '../support/log-suite.ts'
import { describeReads } from '../support/reads-suite.ts'

describeLog('memory', () => {
  const log = createMemoryLog()
  return Promise.resolve({ log, topics: log, close: () => Promise.resolve() })
})

describeReads('memory', () => {
  const log = createMemoryLog()
  return Promise.resolve({
    log,
    topics: log,
    reads: log,
    deleteBefore(...where) {
      log.deleteBefore(...where)
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
  })
})

describe('faults', () => {
  const values = (log: ReturnType<typeof createMemoryLog>): string[] =>
    log.messages('t').map(({ value }) => value.toString())

  test('a hook refuses one partition and leaves the other', async () => {
    const log = createMemoryLog({ topics: { t: 2 } })
    log.fail(({ partition }) =>
      partition === 1 ? { state: 'refused', reason: 'throttled' } : undefined,
    )

    const results = await log.append('t', [message({}), message({ partition: 1 })], Infinity)

    expect(results.map(({ state }) => state)).toEqual(['written', 'refused'])
  })

  test('unknown may be stored or not', async () => {
    const log = createMemoryLog({ topics: { t: 1 } })
    let stored = false
    log.fail(() => ({ state: 'unknown', stored: (stored = !stored) }))

    const deadlineMs = Date.now() + 5000
    await log.append('t', [message({ value: 'a' })], deadlineMs)
    await log.append('t', [message({ value: 'b' })], deadlineMs)

    expect(values(log)).toEqual(['a'])
  })

  test('what is late is unknown at the deadline, and keeps its place before later calls', async () => {
    const log = createMemoryLog({ topics: { t: 1 } })
    let release = (): void => undefined
    log.fail(() => new Promise((resolve) => (release = () => resolve(undefined))))

    const late = await log.append('t', [message({ value: 'a' })], Date.now() + 20)
    log.fail()
    const next = log.append('t', [message({ value: 'b' })], Date.now() + 5000)
    expect(values(log)).toEqual([])
    release()

    expect(late.map(({ state }) => state)).toEqual(['unknown'])
    expect(await next).toMatchObject([{ state: 'written', offset: 1 }])
    expect(values(log)).toEqual(['a', 'b'])
  })

  test('a partition without a leader shows in the shape and refuses', async () => {
    const log = createMemoryLog({ topics: { t: 2 } })
    log.loseLeaders('t', [1])

    expect(await log.shape('t', 0)).toMatchObject({ leaderless: [1] })
    expect(await log.append('t', [message({ partition: 1 })], 0)).toMatchObject([
      { state: 'refused', reason: 'unavailable' },
    ])
  })
})
