// The contract of the ports in src/core/log.ts: what arrays in memory and Kafka must both do.
//
// Each test makes topics of its own. Kafka accepts that a topic is made, removed or set otherwise
// before every broker knows: so the suite polls for these, with a deadline, and asks for everything
// else at once.

import { randomBytes } from 'node:crypto'
import { BridgeError } from '../../src/core/errors.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import type { Appended, Log, Message, TopicPlan, Topics } from '../../src/core/log.ts'

export interface OpenLog {
  readonly log: Log
  readonly topics: Topics
  readonly close: () => Promise<void>
}

const PATIENCE_MS = 20_000

/** Describes the port's contract for one implementation, opened once for all tests. */
export function describeLog(name: string, open: () => Promise<OpenLog>): void {
  describe(`${name}: the log's contract`, () => {
    let opened: OpenLog
    const log = (): Log => opened.log
    const topics = (): Topics => opened.topics

    beforeAll(async () => {
      opened = await open()
    }, 60_000)
    afterAll(() => opened.close())

    async function make(plan: TopicPlan): Promise<string> {
      const topic = uniqueTopic()
      await topics().create(topic, plan)
      await writable(log(), topic, plan.partitions)
      return topic
    }

    const put = (topic: string, messages: readonly Message[]): Promise<readonly Appended[]> =>
      log().append(topic, messages, soon())

    describe('append', () => {
      test('answers in place, with offsets from 0 and without gaps per partition', async () => {
        const topic = await make({ partitions: 3 })
        const partitions = [2, 0, 1, 0, 2, 2, 1, 0]

        const results = await put(
          topic,
          partitions.map((partition, i) => message({ partition, value: `v${i}` })),
        )

        expect(results.map(offsetOf)).toEqual([0, 0, 0, 1, 1, 2, 1, 2])
      })

      test('goes on where the last call ended', async () => {
        const topic = await make({ partitions: 1 })
        await put(topic, [message({}), message({})])

        expect((await put(topic, [message({}), message({})])).map(offsetOf)).toEqual([2, 3])
      })

      test('keeps the order of calls that are made before earlier ones are answered', async () => {
        const topic = await make({ partitions: 2 })

        const calls = Array.from({ length: 50 }, (_, i) =>
          put(topic, [message({ value: `a${i}` }), message({ value: `b${i}` })]),
        )

        const offsets = (await Promise.all(calls)).flat().map(offsetOf)
        expect(offsets).toEqual(offsets.map((_, i) => i))
      })

      test('of nothing is nothing', async () => {
        const topic = await make({ partitions: 1 })
        expect(await put(topic, [])).toEqual([])
      })

      test('takes empty values, empty and absent keys, and headers', async () => {
        const topic = await make({ partitions: 1 })

        const results = await put(topic, [
          message({ value: '' }),
          message({ key: null }),
          message({ key: Buffer.alloc(0) }),
          message({ headers: [{ name: 'tributary-x', value: Buffer.from([0, 255]) }] }),
          message({ headers: [{ name: 'empty', value: Buffer.alloc(0) }] }),
        ])

        expect(results.map(offsetOf)).toEqual([0, 1, 2, 3, 4])
      })

      test('keeps a timestamp that is given, and gives the present where none is', async () => {
        const topic = await make({ partitions: 1 })
        const given = Date.now() - 3_600_000
        const before = Date.now()

        const results = await put(topic, [
          message({ timestampMs: given }),
          message({}),
          message({ timestampMs: given - 5000 }),
        ])

        const stamps = results.map(timestampOf)
        expect(stamps[0]).toBe(given)
        expect(stamps[1]).toBeGreaterThanOrEqual(before)
        expect(stamps[1]).toBeLessThanOrEqual(Date.now())
        expect(stamps[2]).toBe(given - 5000)
      })

      test('to a topic that is not there refuses every message', async () => {
        const results = await put(uniqueTopic(), [message({}), message({})])

        expect(results.map(reasonOf)).toEqual(['topic-missing', 'topic-missing'])
      })

      test('to a partition that is not there refuses that message alone', async () => {
        const topic = await make({ partitions: 2 })

        const results = await put(topic, [
          message({ partition: 1 }),
          message({ partition: 2 }),
          message({ partition: 0 }),
        ])

        expect(results.map(reasonOf)).toEqual([undefined, 'partition-missing', undefined])
      })

      test('of a message over the topic’s limit refuses that message alone', async () => {
        const topic = await make({ partitions: 1, messageBytesMax: 20_000 })

        const results = await put(topic, [
          message({ value: 'x'.repeat(1000) }),
          message({ value: 'x'.repeat(20_000) }),
          message({ value: 'x'.repeat(1000) }),
        ])

        expect(results.map(reasonOf)).toEqual([undefined, 'too-large', undefined])
        expect([results[0]!, results[2]!].map(offsetOf)).toEqual([0, 1])
      })

      test('takes many messages that are together larger than the topic’s limit', async () => {
        const topic = await make({ partitions: 1, messageBytesMax: 20_000 })

        const results = await put(
          topic,
          Array.from({ length: 50 }, () => message({ value: 'x'.repeat(5000) })),
        )

        expect(results.map(offsetOf)).toEqual(results.map((_, i) => i))
      })
    })

    describe('shape', () => {
      test('tells partitions, limit and leaders', async () => {
        const topic = await make({ partitions: 3, messageBytesMax: 54_321 })

        const shape = await log().shape(topic, soon())

        expect(shape).toMatchObject({ partitions: 3, leaderless: [], messageBytesMax: 54_321 })
        expect(shape.id).not.toBe('')
      })

      test('of a topic that is not there rejects', async () => {
        await expectCode(log().shape(uniqueTopic(), soon()), 'stream-not-found')
      })

      test('sees growth, and new partitions can be written', async () => {
        const topic = await make({ partitions: 1 })
        await put(topic, [message({})])

        await topics().grow(topic, 3)
        await writable(log(), topic, 3)

        const results = await put(topic, [message({ partition: 2 }), message({ partition: 0 })])
        expect(results.map(offsetOf)).toEqual([0, 1])
      })
    })

    describe('the catalogue', () => {
      test('lists what was created until it is removed', async () => {
        const topic = await make({ partitions: 1 })
        await until(async () => (await topics().list()).includes(topic))

        await topics().remove(topic)

        await until(async () => !(await topics().list()).includes(topic))
        await until(() => rejects(log().shape(topic, soon()), 'stream-not-found'))
        await until(async () => {
          const [result] = await put(topic, [message({})])
          return result?.state === 'refused' && result.reason === 'topic-missing'
        })
      })

      test('describes partitions with their first and next offsets', async () => {
        const topic = await make({ partitions: 2, retentionMs: 7_200_000, messageBytesMax: 30_000 })
        await put(topic, [message({ partition: 1 }), message({ partition: 1 })])

        const state = await topics().describe(topic)

        expect(state).toMatchObject({
          partitions: [
            { partition: 0, hasLeader: true, startOffset: 0, endOffset: 0 },
            { partition: 1, hasLeader: true, startOffset: 0, endOffset: 2 },
          ],
          retentionMs: 7_200_000,
          messageBytesMax: 30_000,
        })
        expect(state.id).toBe((await log().shape(topic, soon())).id)
      })

      test('changes one setting and leaves the other', async () => {
        const topic = await make({ partitions: 1, retentionMs: 7_200_000, messageBytesMax: 30_000 })

        await topics().configure(topic, { retentionMs: -1 })

        await until(async () => (await topics().describe(topic)).retentionMs === -1)
        expect((await topics().describe(topic)).messageBytesMax).toBe(30_000)
      })

      test('a raised limit lets larger messages in', async () => {
        const topic = await make({ partitions: 1, messageBytesMax: 20_000 })
        const large = [message({ value: 'x'.repeat(25_000) })]
        expect((await put(topic, large)).map(reasonOf)).toEqual(['too-large'])

        await topics().configure(topic, { messageBytesMax: 40_000 })

        await until(async () => (await put(topic, large))[0]!.state === 'written')
      })

      test('a topic made again is another, and begins at 0', async () => {
        const topic = await make({ partitions: 1 })
        await put(topic, [message({}), message({})])
        const { id } = await log().shape(topic, soon())

        await topics().remove(topic)
        await until(() => accepts(topics().create(topic, { partitions: 2 })))
        await writable(log(), topic, 2)

        expect((await log().shape(topic, soon())).id).not.toBe(id)
        const results = await put(topic, [message({}), message({ partition: 1 }), message({})])
        expect(results.map(offsetOf)).toEqual([0, 0, 1])
      })

      test('refuses what exists, cannot be named, or collides', async () => {
        const topic = uniqueTopic()
        await topics().create(`${topic}_a`, { partitions: 1 })
        await writable(log(), `${topic}_a`, 1)

        await expectCode(topics().create(`${topic}_a`, { partitions: 1 }), 'stream-exists')
        await expectCode(topics().create(`${topic}.a`, { partitions: 1 }), 'invalid-name')
        await expectCode(topics().create('no spaces', { partitions: 1 }), 'invalid-name')
        await expectCode(topics().create('x'.repeat(250), { partitions: 1 }), 'invalid-name')
        await expectCode(topics().create(uniqueTopic(), { partitions: 0 }), 'limit-exceeded')
      })

      test('refuses to shrink, or to stay', async () => {
        const topic = await make({ partitions: 2 })

        await expectCode(topics().grow(topic, 1), 'limit-exceeded')
        await expectCode(topics().grow(topic, 2), 'limit-exceeded')
      })

      test('of a topic that is not there rejects', async () => {
        const topic = uniqueTopic()

        await expectCode(topics().describe(topic), 'stream-not-found')
        await expectCode(topics().grow(topic, 5), 'stream-not-found')
        await expectCode(topics().configure(topic, { retentionMs: 1000 }), 'stream-not-found')
        await expectCode(topics().remove(topic), 'stream-not-found')
      })
    })
  })
}

/** A topic name that no other test has. */
export function uniqueTopic(): string {
  return `suite-${randomBytes(8).toString('hex')}`
}

/** A message with defaults for what a test does not care about. */
export function message(
  parts: Partial<Omit<Message, 'value'>> & { readonly value?: string },
): Message {
  return { partition: 0, key: null, ...parts, value: Buffer.from(parts.value ?? 'value') }
}

/** Waits until a topic has its partitions, each with a leader. */
export async function writable(log: Log, topic: string, partitions: number): Promise<void> {
  await until(async () => {
    try {
      const shape = await log.shape(topic, soon())
      return shape.partitions === partitions && shape.leaderless.length === 0
    } catch (error) {
      if (error instanceof BridgeError) return false
      throw error
    }
  })
}

/** Polls until the condition holds; fails after 20 s. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadlineMs = soon()
  while (!(await condition())) {
    if (Date.now() > deadlineMs) throw new Error('The condition did not come about in time')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function soon(): number {
  return Date.now() + PATIENCE_MS
}

function offsetOf(result: Appended): number {
  if (result.state !== 'written') throw new Error(`Not written: ${JSON.stringify(result)}`)
  return result.offset
}

function timestampOf(result: Appended): number {
  if (result.state !== 'written') throw new Error(`Not written: ${JSON.stringify(result)}`)
  return result.timestampMs
}

function reasonOf(result: Appended): string | undefined {
  if (result.state === 'unknown') throw new Error(`Unknown: ${result.detail}`)
  return result.state === 'refused' ? result.reason : undefined
}

async function codeOf(work: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof BridgeError) return error.code
    throw error
  }
}

async function expectCode(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  expect(await codeOf(work)).toBe(code)
}

async function rejects(work: Promise<unknown>, code: ErrorCode): Promise<boolean> {
  return (await codeOf(work)) === code
}

async function accepts(work: Promise<unknown>): Promise<boolean> {
  return (await codeOf(work)) === undefined
}
