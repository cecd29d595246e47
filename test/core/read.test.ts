import { BridgeError } from '../../src/core/errors.ts'
import type { ReadResult, Reads } from '../../src/core/log.ts'
import type { StreamRef } from '../../src/core/model.ts'
import { createReader } from '../../src/core/read.ts'
import type { ReadLimits, Reader } from '../../src/core/read.ts'
import { createStreams } from '../../src/core/streams.ts'
import { shortTopicId } from '../../src/core/token.ts'
import { createLedger } from '../../src/core/ledger.ts'
import { createMemoryState } from '../support/memory-state.ts'
import { createMemoryLog } from '../support/memory-log.ts'
import type { MemoryLog } from '../support/memory-log.ts'
import { failureOf } from '../support/failure.ts'
import { message } from '../support/log-suite.ts'

const NOW_MS = 1_700_000_100_000

interface Bench {
  readonly log: MemoryLog
  readonly reader: Reader
  /** Stores records, each a second older than the next, the last one a second ago. */
  readonly put: (...values: string[]) => Promise<void>
}

const refOf = (stream: string): StreamRef => ({ dialect: 'd', name: stream, parts: { stream } })

function bench(reads?: Partial<Reads>): Bench {
  const log = createMemoryLog({ topics: { orders: 2, _hidden: 1 }, now: () => NOW_MS })
  const rules = {
    refOf: ({ stream }: Readonly<Record<string, string>>) => refOf(stream!),
    parse: refOf,
  }
  const streams = createStreams(log, log, {
    naming: { d: { template: '{stream}', overrides: {}, pinned: {} } },
    rules: { d: rules },
    nativePlacement: [],
    manage: 'all',
    manageable: [],
    deaggregate: [],
    autoCreate: false,
    shardsMax: 10,
    ledger: createLedger(createMemoryState()),
    now: () => NOW_MS,
  })
  return {
    log,
    reader: createReader({ ...log, ...reads }, streams, () => NOW_MS),
    async put(...values) {
      const messages = values.map((value, i) =>
        message({ value, timestampMs: NOW_MS - (values.length - i) * 1000 }),
      )
      await log.append('orders', messages, NOW_MS)
    },
  }
}

const shard = { stream: refOf('orders'), shard: 0 }
const limits = (parts: Partial<ReadLimits> = {}): ReadLimits => ({
  recordsMax: 100,
  bytesMax: 10_000,
  waitMs: 0,
  deadlineMs: NOW_MS + 1000,
  hold: () => undefined,
  ...parts,
})

describe('a position is resolved when it is given', () => {
  test.each([
    [{ by: 'at', ordinal: 3 } as const, 3],
    [{ by: 'after', ordinal: 3 } as const, 4],
    [{ by: 'oldest' } as const, 1],
    [{ by: 'latest' } as const, 4],
    [{ by: 'time', timestampMs: NOW_MS - 2000 } as const, 2],
    [{ by: 'time', timestampMs: NOW_MS - 1500 } as const, 3],
    [{ by: 'time', timestampMs: NOW_MS } as const, 4],
  ])('%j', async (start, ordinal) => {
    const { log, reader, put } = bench()
    await put('a', 'b', 'c', 'd')
    log.deleteBefore('orders', 0, 1)

    expect(await reader.locate(shard, start, NOW_MS + 1000)).toEqual({
      ordinal,
      oldest: 1,
      latest: 4,
      topic: shortTopicId((await log.shape('orders', 0)).id),
    })
  })

  test('and what comes later does not move it', async () => {
    const { reader, put } = bench()
    const { ordinal } = await reader.locate(shard, { by: 'latest' }, NOW_MS + 1000)
    await put('a')

    const result = await reader.read({ ...shard, ordinal }, limits())

    expect(result).toMatchObject({ records: [{ data: Buffer.from('a') }] })
  })
})

describe('reading', () => {
  test('gives records as they were put', async () => {
    const { log, reader } = bench()
    const note = { name: 'tributary-x', value: Buffer.from([0, 255]) }
    const key = Buffer.from('kéy')
    await log.append(
      'orders',
      [message({ key, value: 'a', timestampMs: 5, headers: [note] }), message({ timestampMs: 6 })],
      NOW_MS,
    )

    expect(await reader.read({ ...shard, ordinal: 0 }, limits())).toEqual({
      state: 'read',
      records: [
        {
          position: { shard: 0, ordinal: 0, timestampMs: 5 },
          data: Buffer.from('a'),
          key: 'kéy',
          notes: [note],
        },
        {
          position: { shard: 0, ordinal: 1, timestampMs: 6 },
          data: Buffer.from('value'),
          notes: [],
        },
      ],
      next: 2,
      behind: 0,
      behindMs: 0,
    })
  })

  test('tells how far behind the reader is', async () => {
    const { reader, put } = bench()
    await put('a', 'b', 'c')

    expect(await reader.read({ ...shard, ordinal: 0 }, limits({ recordsMax: 1 }))).toMatchObject({
      next: 1,
      behind: 2,
      behindMs: 2000,
    })
  })

  test('is behind nothing where only what is not seen follows', async () => {
    const { log, reader, put } = bench()
    await put('a')
    log.burn('orders', 0, 3)

    expect(await reader.read({ ...shard, ordinal: 0 }, limits({ recordsMax: 1 }))).toMatchObject({
      next: 4,
      behind: 0,
      behindMs: 0,
    })
    expect(await reader.read({ ...shard, ordinal: 2 }, limits())).toMatchObject({
      records: [],
      next: 4,
    })
  })

  test('from a gap on means the next record', async () => {
    const { log, reader, put } = bench()
    await put('a', 'b', 'c')
    log.compact('orders', 0, 1)

    expect(await reader.read({ ...shard, ordinal: 1 }, limits())).toMatchObject({
      records: [{ position: { ordinal: 2 } }],
      next: 3,
    })
  })

  test('says what is expired, and what is beyond the end', async () => {
    const { log, reader, put } = bench()
    await put('a', 'b', 'c')
    log.deleteBefore('orders', 0, 2)

    const outside = { oldest: 2, latest: 3 }
    expect(await reader.read({ ...shard, ordinal: 1 }, limits())).toEqual({
      state: 'expired',
      ...outside,
    })
    expect(await reader.read({ ...shard, ordinal: 4 }, limits())).toEqual({
      state: 'beyond',
      ...outside,
    })
  })

  test('makes nothing of null, and text of any key', async () => {
    const record = { offset: 0, timestampMs: NOW_MS + 5, value: null, headers: [] }
    const result: ReadResult = {
      state: 'read',
      topicId: 'x',
      records: [
        { ...record, key: null },
        { ...record, key: Buffer.from([0x61, 0xff]) },
      ],
      next: 2,
      nextTimestampMs: NOW_MS + 5,
      start: 0,
      end: 3,
    }
    const { reader } = bench({ read: () => Promise.resolve(result) })

    const reading = await reader.read({ ...shard, ordinal: 0 }, limits())

    expect(reading).toMatchObject({
      records: [{ data: Buffer.alloc(0) }, { data: Buffer.alloc(0), key: 'a\ufffd' }],
      behind: 1,
      behindMs: 0,
    })
    expect(reading.state === 'read' && 'key' in reading.records[0]!).toBe(false)
  })

  test('takes room from who asks', async () => {
    const { reader, put } = bench()
    await put('a')
    let held = 0

    await reader.read({ ...shard, ordinal: 0 }, limits({ hold: (bytes) => (held += bytes) }))

    expect(held).toBeGreaterThan(0)
  })
})

describe('failures name the stream', () => {
  const code = async (work: Promise<unknown>): Promise<unknown> => {
    const error = await failureOf(work)
    return error instanceof BridgeError ? [error.code, error.subject] : error
  }

  test('of what is not there, or not to be seen', async () => {
    const { reader } = bench()
    for (const name of ['missing', '_hidden']) {
      const from = { stream: refOf(name), shard: 0, ordinal: 0 }
      expect(await code(reader.read(from, limits()))).toEqual(['stream-not-found', name])
      expect(await code(reader.locate(from, { by: 'oldest' }, NOW_MS + 1000))).toEqual([
        'stream-not-found',
        name,
      ])
    }
    const from = { ...shard, shard: 2, ordinal: 0 }
    expect(await code(reader.read(from, limits()))).toEqual(['shard-not-found', 'orders'])
  })

  test('of a topic that was made again', async () => {
    const { log, reader, put } = bench()
    await put('a', 'b')
    const { ordinal, topic } = await reader.locate(shard, { by: 'latest' }, NOW_MS + 1000)
    await log.remove('orders')
    await log.create('orders', { partitions: 1 })

    expect(await code(reader.read({ ...shard, ordinal, topic }, limits()))).toEqual([
      'invalid-position',
      'orders',
    ])
    expect(await reader.read({ ...shard, ordinal: 0 }, limits())).toMatchObject({ records: [] })
  })
})
