// Reading from brokers that answer what a test tells them: errors, silence, and batches cut short.

import { BridgeError } from '../../src/core/errors.ts'
import type { ReadResult, Reads, ReadWish } from '../../src/core/log.ts'
import { createPortableCrc32c } from '../../src/kafka/crc32c.ts'
import { LinkError } from '../../src/kafka/link.ts'
import type { Link } from '../../src/kafka/link.ts'
import { createReader } from '../../src/kafka/reader.ts'
import { batchBytes, writeBatch } from '../../src/kafka/protocol/record-batch.ts'
import { Writer, writeInt64 } from '../../src/kafka/protocol/wire.ts'
import { viewTopic } from '../../src/kafka/topic-view.ts'
import type { TopicView } from '../../src/kafka/topic-view.ts'
import { failureOf } from '../support/failure.ts'
import { message } from '../support/log-suite.ts'
import { gist, wish } from '../support/reads-suite.ts'

interface Answer {
  readonly code?: number
  /** For the request as a whole: no partition is answered for. */
  readonly throttleMs?: number
  readonly end?: number
  readonly batches?: Buffer
  readonly lost?: string
}

interface Bench {
  readonly read: (parts?: Partial<ReadWish>, withinMs?: number) => Promise<ReadResult>
  readonly reads: Reads
  /** Of every request: its version and who was asked. */
  readonly asked: { readonly version: number; readonly port: number }[]
  readonly refreshes: () => number
  readonly opened: () => number
}

const crc32c = createPortableCrc32c()
const ID = Buffer.alloc(16, 7)

function batch(baseOffset: number, ...values: string[]): Buffer {
  const messages = values.map((value) => message({ value }))
  const content = { messages, timestamps: values.map((_, i) => 1000 + baseOffset + i) }
  const target = Buffer.alloc(batchBytes(content))
  writeBatch(target, content, { producer: { producerId: -1, epoch: -1, sequence: -1 }, crc32c })
  writeInt64(target, baseOffset, 0)
  return target
}

function replyWith(answer: Answer, flexible: boolean): Buffer {
  const { code = 0, throttleMs = 0, end = 10, batches = Buffer.alloc(0) } = answer
  const writer = new Writer(flexible).end().int32(throttleMs).int16(0).int32(0)
  if (throttleMs > 0) return writer.count(0).end().finish()
  writer.count(1)
  if (flexible) writer.raw(ID)
  else writer.string('t')
  writer.count(1).int32(0).int16(code).int64(end).int64(end).int64(0).count(null).int32(-1)
  return writer.count(batches.length).raw(batches).end().end().end().finish()
}

/** Each answer serves one request, the last one all that follow. */
function bench(answers: readonly Answer[], { versionMax = 17 } = {}): Bench {
  const asked: { version: number; port: number }[] = []
  let [refreshes, opened, turn] = [0, 0, 0]
  const view: TopicView = viewTopic(
    {
      code: 0,
      name: 't',
      id: versionMax < 13 ? null : ID,
      partitions: [{ partition: 0, leader: 1, leaderEpoch: 5, replicas: 1, inSync: 1 }],
      operations: undefined,
    },
    { messageBytesMax: 1_048_588, retentionMs: 604_800_000 },
    0,
  )

  function open({ port }: { port: number }): Link {
    opened++
    let isBroken = false
    return {
      request(frame) {
        const version = frame.readInt16BE(6)
        asked.push({ version, port })
        const answer = answers[Math.min(turn++, answers.length - 1)]!
        if (answer.lost === undefined) return Promise.resolve(replyWith(answer, version >= 12))
        isBroken = true
        return Promise.reject(new LinkError(answer.lost, true))
      },
      versionMax: () => versionMax,
      expired: () => isBroken,
      destroy: () => (isBroken = true),
      retire: () => (isBroken = true),
    }
  }

  const reader = createReader({
    open: (address) => Promise.resolve(open(address)),
    clientId: 'test',
    requestTimeoutMs: 500,
    crc32c,
    now: () => performance.now(),
    timeOfDay: Date.now,
    metadata: {
      lookUp: () => Promise.resolve(view),
      refreshSoon() {
        refreshes++
        view.partitions[0] = { partition: 0, leader: 2, leaderEpoch: 6 }
      },
    },
    brokers: {
      known: () => new Map([1, 2].map((nodeId) => [nodeId, { nodeId, host: 'h', port: nodeId }])),
      askOne: () => Promise.reject(new Error('Nobody is there')),
    },
  })
  return {
    reads: reader,
    read: (parts = {}, withinMs = 3000) => reader.read('t', wish(parts), Date.now() + withinMs),
    asked,
    refreshes: () => refreshes,
    opened: () => opened,
  }
}

const abc = batch(0, 'a', 'b', 'c')

test.each([
  { versionMax: 17, version: 13 },
  { versionMax: 12, version: 11 },
  { versionMax: 11, version: 11 },
])('brokers are spoken to in versions they know: %j', async ({ versionMax, version }) => {
  const { read, asked } = bench([{ batches: abc, end: 3 }], { versionMax })

  expect(gist(await read())).toEqual({ values: ['a', 'b', 'c'], next: 3, end: 3 })
  expect(asked.map((each) => each.version)).toEqual([version])
})

test.each([3, 5, 6, 74, 78, 100, 103])('after error %d the leader is looked for', async (code) => {
  const { read, asked, refreshes } = bench([{ code }, { batches: abc, end: 3 }])

  expect(gist(await read())).toMatchObject({ next: 3 })
  expect(asked.map(({ port }) => port)).toEqual([1, 2])
  expect(refreshes()).toBe(1)
})

test('a connection that broke is not used again', async () => {
  const { read, opened } = bench([
    { batches: abc, end: 3 },
    { lost: 'Reset' },
    { batches: abc, end: 3 },
  ])

  await read()
  expect(gist(await read())).toMatchObject({ next: 3 })
  expect(opened()).toBe(2)
  await read()
  expect(opened()).toBe(2)
})

test('what does not pass by the deadline is unavailable, and says why', async () => {
  const beforeMs = Date.now()

  expect(await failureOf(bench([{ code: 6 }]).read({}, 600))).toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('NOT_LEADER') as string,
  })
  expect(await failureOf(bench([{ lost: 'Reset' }]).read({}, 600))).toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('Reset') as string,
  })
  expect(await failureOf(bench([{ code: 1 }]).read({}, 600))).toMatchObject({ code: 'unavailable' })
  expect(Date.now() - beforeMs).toBeLessThan(2500)
})

test('what Kafka does not let us read is unavailable at once', async () => {
  const { read, asked } = bench([{ code: 29 }])

  expect(await failureOf(read())).toMatchObject({ code: 'unavailable' })
  expect(asked).toHaveLength(1)
})

test('a quota is waited for, and is not the end', async () => {
  const { read } = bench([{ throttleMs: 200 }, { batches: abc, end: 3 }])
  const beforeMs = Date.now()

  expect(gist(await read())).toMatchObject({ values: ['a', 'b', 'c'] })
  expect(Date.now() - beforeMs).toBeGreaterThanOrEqual(190)
})

describe('an empty answer before the end', () => {
  test('is not believed at once', async () => {
    const { read } = bench([{ end: 3 }, { batches: abc, end: 3 }])
    expect(gist(await read())).toMatchObject({ values: ['a', 'b', 'c'], next: 3 })
  })

  test('is believed when it comes again: compaction took all there was', async () => {
    const { read, asked } = bench([{ batches: abc, end: 9 }, { end: 9 }])
    expect(gist(await read())).toEqual({ values: ['a', 'b', 'c'], next: 9, end: 9 })
    expect(asked).toHaveLength(3)
  })
})

describe('what comes next', () => {
  test('is told by a batch that is cut short', async () => {
    const batches = Buffer.concat([abc, batch(5, 'f'.repeat(500)).subarray(0, 200)])
    const { read, asked } = bench([{ batches, end: 6 }])

    const result = await read({ recordsMax: 3 })

    expect(result).toMatchObject({ next: 5, nextTimestampMs: 1005 })
    expect(asked).toHaveLength(1)
  })

  test('is asked for where the answer does not tell', async () => {
    const { read, asked } = bench([
      { batches: abc, end: 6 },
      { batches: batch(5, 'f'), end: 6 },
    ])

    expect(await read({ recordsMax: 3 })).toMatchObject({ next: 5, nextTimestampMs: 1005 })
    expect(asked).toHaveLength(2)
  })
})

describe('records that cannot be read', () => {
  const broken = (): Buffer => {
    const bytes = batch(3, 'd')
    bytes[bytes.length - 2]! ^= 1
    return bytes
  }
  const older = (): Buffer => {
    const bytes = batch(0, 'a')
    bytes[16] = 1
    return bytes
  }
  const unknown = (): Buffer => {
    const bytes = batch(0, 'a')
    bytes.writeInt16BE(5, 21)
    bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
    return bytes
  }

  test.each([
    ['checksum', broken()],
    ['older than', older()],
    ['Unknown compression 5', unknown()],
  ])('are unavailable: %s', async (words, batches) => {
    const failure = await failureOf(bench([{ batches }]).read())

    expect(failure).toBeInstanceOf(BridgeError)
    expect(failure).toMatchObject({ code: 'unavailable' })
    expect((failure as Error).message).toContain(words)
  })

  test('do not take away those before them', async () => {
    const batches = Buffer.concat([abc, broken()])
    const { read } = bench([{ batches, end: 4 }])

    expect(gist(await read())).toEqual({ values: ['a', 'b', 'c'], next: 3, end: 4 })
  })
})

test('what was read is answered when the rest does not come in time', async () => {
  const { read } = bench([{ batches: abc, end: 9 }, { code: 6 }])

  const result = await read({}, 700)

  expect(gist(result)).toEqual({ values: ['a', 'b', 'c'], next: 3, end: 9 })
  expect(result).toMatchObject({ nextTimestampMs: 1002 })
})

test('many reads at once take turns', async () => {
  const { read, opened } = bench([{ batches: abc, end: 3 }])

  const results = await Promise.all(Array.from({ length: 100 }, () => read()))

  expect(results.every((result) => result.state === 'read' && result.next === 3)).toBe(true)
  expect(opened()).toBeLessThanOrEqual(8)
})
