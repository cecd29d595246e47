// The contract of src/core/state-log.ts: what the partition in memory and Kafka must both do.

import { BridgeError } from '../../src/core/errors.ts'
import type { StateLog, StateRead, StateRecord } from '../../src/core/state-log.ts'
import { failureOf } from './failure.ts'

export interface OpenStateLog {
  /** A log over a topic that is not there. */
  readonly open: () => StateLog
  readonly close: () => Promise<void>
}

export function describeStateLog(name: string, start: () => Promise<OpenStateLog>): void {
  describe(`${name}: the contract of the partition of state`, () => {
    let opened: OpenStateLog
    beforeAll(async () => {
      opened = await start()
    }, 60_000)
    afterAll(() => opened.close())

    const soon = () => Date.now() + 10_000

    test('a topic that is not there cannot be read, and is made by what is appended', async () => {
      const log = opened.open()
      expect(await codeOf(log.read('start'))).toBe('stream-not-found')

      await log.append([{ key: 'a', value: '1' }], soon())

      expect(pairs((await whole(log)).records)).toEqual([['a', '1']])
    })

    test('messages lie in their order, from offset 0, with tombstones and any text', async () => {
      const log = opened.open()
      const beforeMs = Date.now()
      await log.append([{ key: 'a', value: 'x' }], soon())
      await log.append(
        [
          { key: 'a', value: null },
          { key: 'ä#🜁', value: '' },
        ],
        soon(),
      )

      const { records, next, end } = await whole(log)

      expect(pairs(records)).toEqual([
        ['a', 'x'],
        ['a', null],
        ['ä#🜁', ''],
      ])
      expect(records.map(({ offset }) => offset)).toEqual([0, 1, 2])
      expect([next, end]).toEqual([3, 3])
      for (const { timestampMs } of records) expect(timestampMs).toBeGreaterThanOrEqual(beforeMs)
    })

    test('a read goes on from an offset, and waits at the end for what comes', async () => {
      const log = opened.open()
      await log.append([{ key: 'a', value: '1' }], soon())
      await log.append([{ key: 'b', value: '2' }], soon())
      expect(pairs((await log.read(1)).records)).toEqual([['b', '2']])

      const coming = log.read(2)
      await log.append([{ key: 'c', value: '3' }], soon())

      const { id, records } = await coming
      expect(pairs(records)).toEqual([['c', '3']])
      expect(id).toBe((await whole(log)).id)
    })

    test('a read at the end comes back with nothing after a while', async () => {
      const log = opened.open()
      await log.append([{ key: 'a', value: '1' }], soon())

      expect(await log.read(1)).toMatchObject({ records: [], next: 1, end: 1 })
    })

    test('an offset that is not there has expired', async () => {
      const log = opened.open()
      await log.append([{ key: 'a', value: '1' }], soon())

      expect(await codeOf(log.read(5))).toBe('expired-position')
    })
  })
}

/** All that is there: one read may bring a part. */
async function whole(log: StateLog): Promise<StateRead> {
  let read = await log.read('start')
  const records = [...read.records]
  while (read.next < read.end) {
    read = await log.read(read.next)
    records.push(...read.records)
  }
  return { ...read, records }
}

function pairs(records: readonly StateRecord[]): unknown[] {
  return records.map(({ key, value }) => [key, value])
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const failure = await failureOf(work)
  if (failure instanceof BridgeError) return failure.code
  throw failure
}
