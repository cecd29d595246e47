// The contract of the port Reads in src/core/log.ts: what arrays in memory and Kafka must both do.
// What only Kafka has (transactions, compaction, compression) is in test/kafka/reader.test.ts.

import { BridgeError } from '../../src/core/errors.ts'
import type { Message, ReadResult, Reads, ReadWish } from '../../src/core/log.ts'
import { failureOf } from './failure.ts'
import { message, uniqueTopic, writable } from './log-suite.ts'
import type { OpenLog } from './log-suite.ts'

export interface OpenReads extends OpenLog {
  readonly reads: Reads
  readonly deleteBefore: (topic: string, partition: number, offset: number) => Promise<void>
}

/** A wish with defaults for what a test does not care about. */
export function wish(parts: Partial<ReadWish>): ReadWish {
  return {
    partition: 0,
    offset: 0,
    bytesMax: 1024 * 1024,
    recordsMax: 1000,
    waitMs: 0,
    hold: () => undefined,
    ...parts,
  }
}

/** What a read says, in short: its values, and where it goes on. */
export function gist(result: ReadResult): unknown {
  if (result.state !== 'read') return { [result.state]: [result.start, result.end] }
  const { records, next, end } = result
  return { values: records.map(({ value }) => value?.toString() ?? null), next, end }
}

export function describeReads(name: string, open: () => Promise<OpenReads>): void {
  describe(`${name}: the contract of reading`, () => {
    let opened: OpenReads
    beforeAll(async () => {
      opened = await open()
    }, 60_000)
    afterAll(() => opened.close())

    const soon = (): number => Date.now() + 10_000
    const read = (topic: string, parts: Partial<ReadWish> = {}): Promise<ReadResult> =>
      opened.reads.read(topic, wish(parts), soon())

    async function make(partitions = 1): Promise<string> {
      const topic = uniqueTopic()
      await opened.topics.create(topic, { partitions })
      await writable(opened.log, topic, partitions)
      return topic
    }

    async function put(topic: string, messages: readonly Message[]): Promise<void> {
      for (const result of await opened.log.append(topic, messages, soon())) {
        expect(result.state).toBe('written')
      }
    }

    const values = (...texts: string[]): Message[] => texts.map((value) => message({ value }))
    const codeOf = async (work: Promise<unknown>): Promise<unknown> => {
      const error = await failureOf(work)
      return error instanceof BridgeError ? error.code : error
    }

    test('records come as they were written', async () => {
      const topic = await make()
      const timestampMs = Date.now() - 5000
      const header = { name: 'tributary-x', value: Buffer.from([0, 255]) }
      await put(topic, [
        message({ key: Buffer.from('k'), value: 'a', timestampMs, headers: [header] }),
        message({ key: Buffer.alloc(0), value: '', timestampMs: timestampMs - 3 }),
        message({ value: 'c', timestampMs: timestampMs + 7 }),
      ])

      const { id } = await opened.log.shape(topic, soon())
      expect(await read(topic)).toEqual({
        state: 'read',
        topicId: id,
        records: [
          {
            offset: 0,
            timestampMs,
            key: Buffer.from('k'),
            value: Buffer.from('a'),
            headers: [header],
          },
          {
            offset: 1,
            timestampMs: timestampMs - 3,
            key: Buffer.alloc(0),
            value: Buffer.alloc(0),
            headers: [],
          },
          {
            offset: 2,
            timestampMs: timestampMs + 7,
            key: null,
            value: Buffer.from('c'),
            headers: [],
          },
        ],
        next: 3,
        start: 0,
        end: 3,
      })
    })

    test('from an offset inside a batch on, and from one partition only', async () => {
      const topic = await make(2)
      await put(topic, [...values('a', 'b', 'c'), message({ partition: 1, value: 'z' })])

      expect(gist(await read(topic, { offset: 1 }))).toEqual({
        values: ['b', 'c'],
        next: 3,
        end: 3,
      })
      expect(gist(await read(topic, { partition: 1 }))).toEqual({ values: ['z'], next: 1, end: 1 })
    })

    test('no more records than wanted, and what comes next is told', async () => {
      const topic = await make()
      const timestampMs = Date.now() - 1000
      await put(topic, values('a', 'b'))
      await put(topic, [message({ value: 'c', timestampMs })])

      const two = await read(topic, { recordsMax: 2 })
      const one = await read(topic, { offset: 1, recordsMax: 1 })

      expect(gist(two)).toEqual({ values: ['a', 'b'], next: 2, end: 3 })
      expect(two).toMatchObject({ nextTimestampMs: timestampMs })
      expect(gist(one)).toEqual({ values: ['b'], next: 2, end: 3 })
      expect(one).toMatchObject({ nextTimestampMs: timestampMs })
    })

    test('no more bytes than wanted, but for a first record', async () => {
      const topic = await make()
      const large = 'x'.repeat(5000)
      await put(topic, [...values('a', large, 'b')])

      expect(gist(await read(topic, { bytesMax: 100 }))).toMatchObject({ values: ['a'], next: 1 })
      expect(gist(await read(topic, { offset: 1, bytesMax: 100 }))).toMatchObject({
        values: [large],
        next: 2,
      })
      expect(gist(await read(topic, { bytesMax: 5001 }))).toMatchObject({ next: 2 })
    })

    test('page by page everything comes once, in order', async () => {
      const topic = await make()
      const texts = Array.from({ length: 120 }, (_, i) => `${i}-${'x'.repeat(20_000)}`)
      for (let i = 0; i < texts.length; i += 15) await put(topic, values(...texts.slice(i, i + 15)))

      const seen: string[] = []
      for (let offset = 0; offset < texts.length;) {
        const result = await read(topic, { offset, bytesMax: 150_000 })
        if (result.state !== 'read') throw new Error(result.state)
        expect(result.records.length).toBe(Math.min(7, texts.length - offset))
        seen.push(...result.records.map(({ value }) => value!.toString()))
        offset = result.next
      }

      expect(seen).toEqual(texts)
    })

    test('at the end there is nothing, at once or after waiting', async () => {
      const topic = await make()
      const beforeMs = Date.now()
      expect(gist(await read(topic))).toEqual({ values: [], next: 0, end: 0 })
      expect(gist(await read(topic, { waitMs: 300 }))).toEqual({ values: [], next: 0, end: 0 })
      expect(Date.now() - beforeMs).toBeGreaterThanOrEqual(290)
    })

    test('a wait ends when a record comes', async () => {
      const topic = await make()
      await put(topic, values('a'))
      const beforeMs = Date.now()

      const reading = read(topic, { offset: 1, waitMs: 8000 })
      const others = [1, 1].map((offset) => read(topic, { offset, waitMs: 8000 }))
      expect(gist(await read(topic))).toMatchObject({ values: ['a'] })
      await put(topic, values('b'))

      for (const result of await Promise.all([reading, ...others])) {
        expect(gist(result)).toEqual({ values: ['b'], next: 2, end: 2 })
      }
      expect(Date.now() - beforeMs).toBeLessThan(6000)
    })

    test('what was deleted is below, and what cannot be is beyond', async () => {
      const topic = await make()
      await put(topic, values('a', 'b', 'c', 'd'))
      await opened.deleteBefore(topic, 0, 2)

      expect(gist(await read(topic, { offset: 1 }))).toEqual({ below: [2, 4] })
      expect(gist(await read(topic, { offset: 5 }))).toEqual({ beyond: [2, 4] })
      expect(gist(await read(topic, { offset: 2 }))).toEqual({
        values: ['c', 'd'],
        next: 4,
        end: 4,
      })
      expect(await opened.reads.bounds(topic, 0, soon())).toMatchObject({ start: 2, end: 4 })
    })

    test('a time is the first record that is not older', async () => {
      const topic = await make()
      const baseMs = Date.now() - 100_000
      await put(
        topic,
        [0, 1000, 2000].map((ms) => message({ timestampMs: baseMs + ms })),
      )
      const at = (ms: number): Promise<number> =>
        opened.reads.offsetAt(topic, { partition: 0, timestampMs: baseMs + ms }, soon())

      expect(await Promise.all([-50_000, 0, 1, 1000, 1500, 2000, 2001].map(at))).toEqual([
        0, 0, 1, 1, 2, 2, 3,
      ])
      expect(await at(-1e12 - baseMs)).toBe(0)
    })

    test('rejects what is not there', async () => {
      const topic = await make()
      const missing = uniqueTopic()
      const when = { partition: 1, timestampMs: 0 }

      expect(await codeOf(read(missing))).toBe('stream-not-found')
      expect(await codeOf(opened.reads.bounds(missing, 0, soon()))).toBe('stream-not-found')
      expect(await codeOf(read(topic, { partition: 1 }))).toBe('shard-not-found')
      expect(await codeOf(opened.reads.bounds(topic, 1, soon()))).toBe('shard-not-found')
      expect(await codeOf(opened.reads.offsetAt(topic, when, soon()))).toBe('shard-not-found')
    })

    test('takes room before it reads, and rejects where there is none', async () => {
      const topic = await make()
      await put(topic, values('a'))
      let held = 0

      await read(topic, { bytesMax: 5000, hold: (bytes) => (held += bytes) })
      const hold = (): void => {
        throw new BridgeError('throttled', 'No room')
      }

      expect(held).toBeGreaterThanOrEqual(5000)
      expect(await codeOf(read(topic, { hold }))).toBe('throttled')
    })
  })
}
