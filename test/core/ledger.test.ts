// Which streams were made through this service: known to all instances, and kept apart from topics that
// others have made.

import { BridgeError } from '../../src/core/errors.ts'
import { createLedger, type Ledger } from '../../src/core/ledger.ts'
import type { StreamRef } from '../../src/core/model.ts'
import { createState, type State } from '../../src/core/state.ts'
import { createStreams, type Streams } from '../../src/core/streams.ts'
import { failureOf } from '../support/failure.ts'
import { createMemoryLog, type MemoryLog } from '../support/memory-log.ts'
import { createStatePartition, type StatePartition } from '../support/state-partition.ts'
import { until } from '../support/until.ts'

const REF: StreamRef = { dialect: 'd', name: 'orders', parts: { stream: 'orders' } }
const PLAN = { shards: 1, recordBytesMax: 1024 }

interface Instance {
  readonly state: State
  readonly ledger: Ledger
  readonly streams: Streams
}

const opened: State[] = []
afterEach(() => {
  for (const state of opened.splice(0)) state.close()
})

function openOn(
  log: MemoryLog,
  partition: StatePartition,
  manageable: string[] = [],
  now = Date.now,
): Instance {
  const state = createState(partition.open(), { bytesMax: 2 ** 20, now: Date.now })
  opened.push(state)
  const ledger = createLedger(state)
  const streams = createStreams(log, log, {
    naming: { d: { template: '{stream}', overrides: {}, pinned: {} } },
    rules: {
      d: {
        parse: (name) => ({ dialect: 'd', name, parts: { stream: name } }),
        refOf: ({ stream = '' }) => ({ dialect: 'd', name: stream, parts: { stream } }),
      },
    },
    nativePlacement: [],
    manage: 'own',
    manageable,
    deaggregate: [],
    autoCreate: false,
    shardsMax: 10,
    ledger,
    now,
  })
  return { state, ledger, streams }
}

async function failed(work: Promise<unknown>): Promise<BridgeError> {
  const failure = await failureOf(work)
  if (failure instanceof BridgeError) return failure
  throw failure
}

describe('own', () => {
  test('is what any instance made, also after a restart', async () => {
    const [log, partition] = [createMemoryLog(), createStatePartition()]
    const [a, b] = [openOn(log, partition), openOn(log, partition)]
    const beforeMs = Date.now()
    await a.streams.create(REF, PLAN)
    await until(async () => (await b.streams.describe(REF)).createdAtMs !== undefined)
    const { createdAtMs } = await b.streams.describe(REF)
    expect(createdAtMs).toBeGreaterThanOrEqual(beforeMs)
    expect(createdAtMs).toBe((await a.streams.describe(REF)).createdAtMs)
    await b.streams.grow(REF, 2)

    const later = openOn(log, partition)
    await later.streams.retain(REF, 48)
    await later.streams.remove(REF)

    expect(await log.list()).toEqual([])
  })

  test('is not what others made, before or again under the name', async () => {
    const log = createMemoryLog({ topics: { others: 1 } })
    const a = openOn(log, createStatePartition())
    const others = { ...REF, name: 'others', parts: { stream: 'others' } }
    expect((await failed(a.streams.remove(others))).code).toBe('not-permitted')

    await a.streams.create(REF, PLAN)
    await log.remove('orders')
    await log.create('orders', { partitions: 1 })

    expect((await failed(a.streams.remove(REF))).code).toBe('not-permitted')
    expect((await a.streams.describe(REF)).createdAtMs).toBeUndefined()
  })

  test('includes what the settings name', async () => {
    const log = createMemoryLog({ topics: { orders: 1 } })
    const a = openOn(log, createStatePartition(), ['ord*'])
    await a.streams.remove(REF)
    expect(await log.list()).toEqual([])
  })

  test('where state is not to be had, is what this process made; of others nothing is known', async () => {
    const log = createMemoryLog()
    const partition = createStatePartition()
    const failure = new BridgeError('not-permitted', 'Kafka does not let us')
    partition.fail({ read: failure, append: failure })
    const [a, b] = [openOn(log, partition), openOn(log, partition)]
    await a.streams.create(REF, PLAN)

    const { code, message, subject } = await failed(b.streams.remove(REF))

    expect([code, subject]).toEqual(['not-permitted', 'orders'])
    expect(message).toMatch(/is not known: Kafka does not let us/)
    expect((await a.streams.describe(REF)).createdAtMs).toBeDefined()
    await a.streams.remove(REF)
  })
})

describe('parts', () => {
  const name = { topic: 'orders', id: '1' }

  test('are kept with the stream, for all instances', async () => {
    const partition = createStatePartition()
    const [a, b] = [openOn(createMemoryLog(), partition), openOn(createMemoryLog(), partition)]
    await a.state.opened(Date.now() + 5000)

    expect(a.ledger.get(name, 'tags')).toBeUndefined()
    expect(await a.ledger.update(name, 'tags', () => ({ k: 'v' }))).toEqual({ k: 'v' })

    expect(a.ledger.get(name, 'tags')).toEqual({ k: 'v' })
    await until(() => b.ledger.get(name, 'tags') !== undefined)
  })

  test('of a topic that was made again are gone', async () => {
    const { state, ledger } = openOn(createMemoryLog(), createStatePartition())
    await state.opened(Date.now() + 5000)
    await ledger.update(name, 'tags', () => ['old'])
    const again = { ...name, id: '2' }

    expect(ledger.get(again, 'tags')).toBeUndefined()
    await ledger.update(again, 'tags', (old) => {
      expect(old).toBeUndefined()
      return ['new']
    })

    expect(ledger.get(again, 'tags')).toEqual(['new'])
    expect(ledger.get(name, 'tags')).toBeUndefined()
  })

  test('are listed by how they begin, of this topic alone', async () => {
    const { state, ledger } = openOn(createMemoryLog(), createStatePartition())
    await state.opened(Date.now() + 5000)
    for (const part of ['v/b', 'v/a', 'w/c']) await ledger.update(name, part, () => part)
    await ledger.update({ ...name, id: '2' }, 'v/old', () => 'old')
    await ledger.update({ ...name, topic: 'orders-2' }, 'v/d', () => 'other')

    expect(ledger.list(name, 'v/')).toEqual([
      { part: 'v/a', value: 'v/a' },
      { part: 'v/b', value: 'v/b' },
    ])
  })

  test('go with the stream, and those of others stay', async () => {
    const [log, partition] = [createMemoryLog(), createStatePartition()]
    const { state, ledger, streams } = openOn(log, partition)
    await streams.create(REF, PLAN)
    const { id } = await log.shape('orders', Date.now() + 5000)
    await ledger.update({ topic: 'orders', id }, 'tags', () => 1)
    await ledger.update({ topic: 'orders-2', id }, 'tags', () => 2)

    await streams.remove(REF)

    expect(state.list('').map(({ key }) => key)).toEqual(['streams/orders-2/tags'])
  })
})

describe('a growth', () => {
  test('is under way for all instances, until all know of it', async () => {
    const [log, partition] = [createMemoryLog(), createStatePartition()]
    let nowMs = Date.now()
    const [a, b] = [
      openOn(log, partition, ['*'], () => nowMs),
      openOn(log, partition, [], () => nowMs),
    ]
    await a.streams.create(REF, PLAN)
    const isGrowing = async ({ streams }: Instance) => (await streams.describe(REF)).growing
    expect(await isGrowing(a)).toBe(false)

    await a.streams.grow(REF, 3)

    await until(() => isGrowing(b))
    expect(await isGrowing(a)).toBe(true)
    nowMs += 3999
    expect(await isGrowing(b)).toBe(true)
    nowMs += 1
    expect([await isGrowing(a), await isGrowing(b)]).toEqual([false, false])
  })

  test('that Kafka refuses leaves the stream settled', async () => {
    const [log, partition] = [createMemoryLog(), createStatePartition()]
    const a = openOn(log, partition, ['*'])
    await a.streams.create(REF, PLAN)

    expect((await failed(a.streams.grow(REF, 1))).code).toBe('limit-exceeded')
    expect((await a.streams.describe(REF)).growing).toBe(false)
  })

  test('needs no state', async () => {
    const [log, partition] = [createMemoryLog({ topics: { orders: 1 } }), createStatePartition()]
    partition.fail({
      read: new BridgeError('not-permitted', 'no right'),
      append: new BridgeError('not-permitted', 'no right'),
    })
    const a = openOn(log, partition, ['*'])
    await a.state.opened(Date.now() + 5000)

    await a.streams.grow(REF, 3)

    const { growing, shards } = await a.streams.describe(REF)
    expect([growing, shards.length]).toEqual([false, 3])
  })
})

test('records may become as large as Kafka lets them', async () => {
  const [log, partition] = [createMemoryLog(), createStatePartition()]
  const a = openOn(log, partition, ['*'])
  await a.streams.create(REF, PLAN)
  expect((await a.streams.describe(REF)).recordBytesMax).toBe(1024)

  await a.streams.limitRecords(REF, 10_240)

  expect((await a.streams.describe(REF)).recordBytesMax).toBe(10_240)
  const stubborn = { ...log, configure: () => Promise.resolve() }
  const refused = openOn(stubborn, partition, ['*']).streams.limitRecords(REF, 20_480)
  expect((await failed(refused)).message).toMatch(/^Kafka takes messages of 15360 bytes at most/)
})
