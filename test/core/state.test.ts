// State over a compacted partition: several instances over one partition in memory.

import fc from 'fast-check'
import { BridgeError } from '../../src/core/errors.ts'
import { createState, type Json, type State, type StateOptions } from '../../src/core/state.ts'
import { failureOf } from '../support/failure.ts'
import { describeStateLog } from '../support/state-log-suite.ts'
import { createStatePartition, type Client } from '../support/state-partition.ts'
import type { Fate, StatePartition } from '../support/state-partition.ts'
import { until } from '../support/until.ts'

const OPTIONS: StateOptions = { bytesMax: 2 ** 20, now: Date.now }

const opened: State[] = []
afterEach(() => {
  for (const state of opened.splice(0)) state.close()
})

function openOn(
  partition: StatePartition,
  options: Partial<StateOptions> = {},
  client: Client = {},
): State {
  const state = createState(partition.open(client), { ...OPTIONS, ...options })
  opened.push(state)
  return state
}

async function ready(partition: StatePartition, options: Partial<StateOptions> = {}) {
  const state = openOn(partition, options)
  await state.opened(Date.now() + 5000)
  return state
}

async function codeOf(work: Promise<unknown> | (() => unknown)): Promise<string> {
  const failure = await failureOf(typeof work === 'function' ? Promise.resolve().then(work) : work)
  if (failure instanceof BridgeError) return failure.code
  throw failure
}

const soon = (ms = 200) => Date.now() + ms
const ours = (partition: StatePartition) =>
  partition.records().filter(({ key, value }) => key?.includes('#') === true && value !== null)

describeStateLog('memory', () =>
  Promise.resolve({
    open() {
      const partition = createStatePartition(Date.now)
      partition.exist(false)
      return partition.open()
    },
    close: () => Promise.resolve(),
  }),
)

describe('one instance', () => {
  test('finds what it has changed, with versions that grow', async () => {
    const state = await ready(createStatePartition())

    expect(state.get('a')).toBeUndefined()
    expect(await state.change('a', { expected: 0, value: { n: 1 } })).toBe('changed')
    const first = state.get('a')!
    expect(first.value).toEqual({ n: 1 })
    expect(await state.change('a', { expected: first.version, value: [2] })).toBe('changed')
    const second = state.get('a')!
    expect(second).toEqual({ value: [2], version: second.version })
    expect(second.version).toBeGreaterThan(first.version)
  })

  test('refuses what expects another version, and writes nothing', async () => {
    const partition = createStatePartition()
    const state = await ready(partition)
    await state.change('a', { expected: 'any', value: 1 })
    const before = partition.end()

    expect(await state.change('a', { expected: 0, value: 2 })).toBe('conflict')
    expect(await state.change('b', { expected: 1, value: 2 })).toBe('conflict')

    expect(state.get('a')?.value).toBe(1)
    expect(partition.end()).toBe(before)
  })

  test('deletes, and makes anew under a later version', async () => {
    const state = await ready(createStatePartition())
    await state.change('a', { expected: 0, value: 1 })
    const { version } = state.get('a')!

    expect(await state.change('a', { expected: version, value: undefined })).toBe('changed')
    expect(state.get('a')).toBeUndefined()
    expect(await state.change('a', { expected: version, value: 2 })).toBe('conflict')
    expect(await state.change('a', { expected: 0, value: 3 })).toBe('changed')

    expect(state.get('a')!.version).toBeGreaterThan(version)
  })

  test('deletes what is not there without a word', async () => {
    const partition = createStatePartition()
    const state = await ready(partition)
    expect(await state.change('a', { expected: 'any', value: undefined })).toBe('changed')
    expect(partition.end()).toBe(0)
  })

  test('lists by prefix, in order, without what was deleted', async () => {
    const state = await ready(createStatePartition())
    for (const key of ['tags/b', 'tags/a', 'other/c', 'tags/d']) {
      await state.change(key, { expected: 0, value: key })
    }
    await state.change('tags/d', { expected: 'any', value: undefined })

    expect(state.list('tags/').map(({ key, value }) => [key, value])).toEqual([
      ['tags/a', 'tags/a'],
      ['tags/b', 'tags/b'],
    ])
  })

  test('updates by a function, and writes nothing when it changes nothing', async () => {
    const partition = createStatePartition()
    const state = await ready(partition)
    const add = (value: Json | undefined): Json => Number(value ?? 0) + 1

    expect(await state.update('n', add)).toBe(1)
    expect(await state.update('n', add)).toBe(2)
    const before = partition.end()
    expect(await state.update('n', (value) => value)).toBe(2)

    expect(partition.end()).toBe(before)
  })

  test('keeps any JSON as it is', async () => {
    const state = await ready(createStatePartition())
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue(),
        fc.string({ minLength: 1, maxLength: 20 }),
        async (value, key) => {
          await state.change(`k/${key}`, { expected: 'any', value: value as Json })
          expect(JSON.stringify(state.get(`k/${key}`)?.value)).toBe(JSON.stringify(value))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('leaves one record per key in the topic, and tombstones', async () => {
    const partition = createStatePartition()
    const state = await ready(partition)
    for (let n = 0; n < 10; n++) await state.change('a', { expected: 'any', value: n })
    await until(() => partition.records().filter(({ value }) => value === null).length === 9)

    partition.put('the last', 'is never taken')
    partition.compact(Infinity)

    expect(ours(partition)).toHaveLength(1)
    expect((await ready(partition)).get('a')?.value).toBe(9)
  })
})

describe('several instances', () => {
  test('see one another’s changes', async () => {
    const partition = createStatePartition()
    const [a, b] = [await ready(partition), await ready(partition)]
    await a.change('k', { expected: 0, value: 1 })

    await until(() => b.get('k')?.value === 1)

    expect(b.get('k')).toEqual(a.get('k'))
  })

  test('at one version, one wins', async () => {
    const partition = createStatePartition()
    const states = await Promise.all(Array.from({ length: 5 }, () => ready(partition)))

    const outcomes = await Promise.all(
      states.map((state, n) => state.change('k', { expected: 0, value: n })),
    )

    expect(outcomes.filter((outcome) => outcome === 'changed')).toHaveLength(1)
    const winner = outcomes.indexOf('changed')
    await until(() => states.every((state) => state.get('k')?.value === winner))
  })

  test('a version that was read elsewhere is waited for', async () => {
    const partition = createStatePartition()
    let hold: Promise<void> = Promise.resolve()
    let release: () => void = () => undefined
    const a = await ready(partition)
    const b = openOn(
      partition,
      {},
      { gate: (step) => (step === 'woken' ? hold : Promise.resolve()) },
    )
    await b.opened(soon(5000))
    hold = new Promise((resolve) => (release = resolve))
    await a.change('k', { expected: 0, value: 1 })
    const { version } = a.get('k')!

    const changing = b.change('k', { expected: version, value: 2 })
    release()

    expect(await changing).toBe('changed')
  })

  test('what the dead left behind is swept by the others', async () => {
    const partition = createStatePartition()
    partition.put('k#AAAAAAAAAAAAAAAAAAAAAA', '{"expected":0,"value":"winner"}')
    partition.put('k#BBBBBBBBBBBBBBBBBBBBBB', '{"expected":0,"value":"loser"}')
    const state = await ready(partition, { sweepMs: 10 })
    expect(state.get('k')).toEqual({ value: 'winner', version: 1 })

    await until(() => partition.records().some(({ value }) => value === null))
    partition.put('the last', 'is never taken')
    partition.compact(Infinity)

    expect(ours(partition).map(({ key }) => key)).toEqual(['k#AAAAAAAAAAAAAAAAAAAAAA'])
  })

  test('who was away while a key was forgotten forgets it, too', async () => {
    let hold: Promise<void> = Promise.resolve()
    let release: () => void = () => undefined
    let nowMs = Date.now()
    const now = () => nowMs
    const partition = createStatePartition(now)
    const gate = (step: string) => (step === 'woken' ? hold : Promise.resolve())
    const away = openOn(partition, { now }, { gate })
    const state = await ready(partition, { now, sweepMs: 10, forgetMs: 60_000 })
    await state.change('k', { expected: 0, value: 1 })
    await until(() => away.get('k') !== undefined)
    hold = new Promise((resolve) => (release = resolve))

    await state.change('k', { expected: 'any', value: undefined })
    nowMs += 61_000
    await until(() => state.health().bytes === 0)
    partition.put('the last', 'is never taken')
    partition.compact(Infinity)
    expect(partition.records()).toHaveLength(1)
    expect(away.get('k')).toBeDefined()
    release()

    await until(() => away.get('k') === undefined)
    expect(away.health().bytes).toBe(0)
  })

  test.each([
    ['soon', 0],
    ['for longer than tombstones are kept', 25 * 3_600_000],
  ])('who reads from the start %s while a key is forgotten forgets it, too', async (_, takesMs) => {
    let nowMs = Date.now()
    const now = () => nowMs
    const partition = createStatePartition(now)
    const state = await ready(partition, { now, sweepMs: 10, forgetMs: 60_000 })
    await state.change('k', { expected: 0, value: 1 })
    await state.change('l', { expected: 0, value: 1 })
    let reads = 0
    let release: () => void = () => undefined
    const hold = new Promise<void>((resolve) => (release = resolve))
    const gate = (step: string) => (step === 'read' && reads++ > 0 ? hold : Promise.resolve())
    const late = openOn(partition, { now }, { gate, chunk: () => 1 })
    await until(() => reads === 2)

    await state.change('k', { expected: 'any', value: undefined })
    nowMs += 61_000
    await until(() => state.health().bytes < 400)
    nowMs += takesMs
    if (takesMs > 0) partition.outlive()
    partition.put('the last', 'is never taken')
    partition.compact(Infinity)
    release()

    await until(() => late.health().known)
    expect(late.list('')).toEqual(state.list(''))
  })

  test('old deletions are forgotten, and the key can be made again', async () => {
    let nowMs = Date.now()
    const now = () => nowMs
    const partition = createStatePartition(now)
    const options = { now, sweepMs: 10, forgetMs: 60_000 }
    const state = await ready(partition, options)
    await state.change('k', { expected: 0, value: 1 })
    await state.change('k', { expected: 'any', value: undefined })
    await until(() => partition.records().length === 3)
    nowMs += 61_000
    await until(() => partition.records().length === 4)
    partition.put('the last', 'is never taken')
    partition.compact(Infinity)

    expect(ours(partition)).toEqual([])
    await until(() => state.health().bytes === 0)
    const other = await ready(partition, options)
    expect(await other.change('k', { expected: 0, value: 2 })).toBe('changed')
    await until(() => state.get('k')?.value === 2)
  })
})

describe('what lies in the topic and is not ours', () => {
  test('is ignored and counted', async () => {
    const unique = 'AAAAAAAAAAAAAAAAAAAAAA'
    const foreign: [string | null, string | null][] = [
      [null, 'x'],
      [null, null],
      ['', ''],
      ['no unique', '{"expected":0,"value":1}'],
      [`#${unique}`, '{"expected":0,"value":1}'],
      [`k#${unique}A`, '{"expected":0,"value":1}'],
      [`k#${unique}`, ''],
      [`k#${unique}`, 'not JSON'],
      [`k#${unique}`, '[]'],
      [`k#${unique}`, 'null'],
      [`k#${unique}`, '{"value":1}'],
      [`k#${unique}`, '{"expected":"0","value":1}'],
      [`k#${unique}`, '{"expected":-1,"value":1}'],
      [`k#${unique}`, '{"expected":0.5,"value":1}'],
      [`k#${unique}`, '{"expected":1000,"value":1}'],
      [`k#${unique}`, '['.repeat(100_000)],
      [`${'k'.repeat(2000)}#${unique}`, '{"expected":0,"value":1}'],
      [`k#${unique}`, JSON.stringify({ expected: 0, value: 'x'.repeat(70_000) })],
    ]
    const partition = createStatePartition()
    for (const [key, value] of foreign) partition.put(key, value)

    const state = await ready(partition)

    expect(state.health().foreign).toBe(foreign.length)
    expect(state.list('')).toEqual([])
    expect(await state.change('k', { expected: 0, value: 1 })).toBe('changed')
    expect((await ready(partition)).get('k')?.value).toBe(1)
  })

  test('never stops the reading, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.option(fc.string()), fc.option(fc.oneof(fc.string(), fc.json())))),
        async (strangers) => {
          const partition = createStatePartition()
          for (const [key, value] of strangers) partition.put(key, value)
          const state = await ready(partition)
          expect(await state.change('k', { expected: 0, value: 1 })).toBe('changed')
          state.close()
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('bounds', () => {
  test('a value and a key too large are refused', async () => {
    const state = await ready(createStatePartition())
    const put = (key: string, value: Json) => state.change(key, { expected: 'any', value })

    expect(await codeOf(put('a', 'x'.repeat(65_536)))).toBe('limit-exceeded')
    expect(await codeOf(put('x'.repeat(1025), 1))).toBe('limit-exceeded')
    expect(await codeOf(put('', 1))).toBe('limit-exceeded')
    expect(await put('a', 'x'.repeat(65_534))).toBe('changed')
  })

  test('beyond the memory changes are refused, and deletions are not', async () => {
    const state = await ready(createStatePartition(), { bytesMax: 100_000 })
    const value = 'x'.repeat(60_000)
    await state.change('a', { expected: 0, value })

    expect(await codeOf(state.change('b', { expected: 0, value }))).toBe('limit-exceeded')
    expect(await state.change('a', { expected: 'any', value: undefined })).toBe('changed')
    await until(() => state.health().bytes < 1000)
    expect(await state.change('b', { expected: 0, value })).toBe('changed')
  })

  test('a topic with far more than fits is not held', async () => {
    const partition = createStatePartition()
    const writer = await ready(partition)
    for (const key of ['a', 'b', 'c']) {
      await writer.change(key, { expected: 0, value: 'x'.repeat(60_000) })
    }

    const state = await ready(partition, { bytesMax: 40_000 })

    expect(await codeOf(() => state.get('a'))).toBe('unavailable')
    expect(await codeOf(state.change('a', { expected: 0, value: 1, deadlineMs: soon() }))).toBe(
      'unavailable',
    )
    expect(state.health().trouble?.message).toMatch(/_state holds more/)
  })
})

describe('when Kafka does not play along', () => {
  const unavailable = new BridgeError('unavailable', 'Kafka is away')
  const forbidden = new BridgeError('not-permitted', 'Kafka does not let us')

  test('before anything was read, calls are unavailable in time, and it recovers', async () => {
    const partition = createStatePartition()
    partition.fail({ read: unavailable, append: unavailable })
    const state = await ready(partition)

    expect(await codeOf(() => state.get('a'))).toBe('unavailable')
    expect(await codeOf(state.change('a', { expected: 0, value: 1, deadlineMs: soon() }))).toBe(
      'unavailable',
    )
    partition.fail()
    expect(await state.change('a', { expected: 0, value: 1 })).toBe('changed')
  })

  test('later, what is known is served, and changes are unavailable', async () => {
    const partition = createStatePartition()
    const troubles: (string | undefined)[] = []
    const state = await ready(partition, { onTrouble: (trouble) => troubles.push(trouble?.code) })
    await state.change('a', { expected: 0, value: 1 })
    partition.fail({ read: unavailable, append: unavailable })
    await until(() => troubles.length === 1)

    expect(state.get('a')?.value).toBe(1)
    expect(await codeOf(state.change('a', { expected: 'any', value: 2 }))).toBe('unavailable')

    partition.fail()
    await until(() => troubles.length === 2)
    expect(troubles).toEqual(['unavailable', undefined])
  })

  test('without the right to read, all calls say so at once', async () => {
    const partition = createStatePartition()
    partition.fail({ read: forbidden })
    const state = await ready(partition)

    expect(await codeOf(() => state.get('a'))).toBe('not-permitted')
    expect(await codeOf(() => state.list('a'))).toBe('not-permitted')
    expect(await codeOf(state.update('a', () => 1))).toBe('not-permitted')
    expect(await codeOf(state.change('a', { expected: 0, value: 1 }))).toBe('not-permitted')
  })

  test('without the right to write, changes say so', async () => {
    const partition = createStatePartition()
    partition.fail({ append: forbidden })
    const state = await ready(partition)

    expect(state.get('a')).toBeUndefined()
    expect(await codeOf(state.change('a', { expected: 0, value: 1 }))).toBe('not-permitted')
  })

  test('a missing topic is empty, and the first change makes it', async () => {
    const partition = createStatePartition()
    partition.exist(false)
    const state = await ready(partition)

    expect(state.get('a')).toBeUndefined()
    expect(await state.change('a', { expected: 0, value: 1 })).toBe('changed')
    expect(state.get('a')?.value).toBe(1)
  })

  test('a topic made again is another one', async () => {
    const partition = createStatePartition()
    const state = await ready(partition)
    for (const key of ['a', 'b']) await state.change(key, { expected: 0, value: key })

    partition.exist(true)
    partition.put('c#AAAAAAAAAAAAAAAAAAAAAA', '{"expected":0,"value":1}')

    await until(() => state.get('c') !== undefined)
    expect(state.list('').map(({ key }) => key)).toEqual(['c'])
  })

  test('an answer that was lost is found in the topic', async () => {
    const partition = createStatePartition()
    const state = openOn(partition, {}, { fate: () => 'lost' })

    expect(await state.change('a', { expected: 0, value: 1 })).toBe('changed')
  })

  test('what was not read back in time is undecided', async () => {
    const partition = createStatePartition()
    const never = new Promise<void>(() => undefined)
    const gate = (step: string) => (step === 'woken' ? never : Promise.resolve())
    const state = openOn(partition, {}, { gate })
    await state.opened(soon(5000))
    await state.change('a', { expected: 0, value: 1, deadlineMs: soon() }).catch(() => undefined)

    expect(await codeOf(state.change('b', { expected: 0, value: 1, deadlineMs: soon() }))).toBe(
      'undecided',
    )
  })

  test('what came between and was compacted away leaves a change undecided', async () => {
    const partition = createStatePartition()
    let hold: Promise<void> = Promise.resolve()
    let release: () => void = () => undefined
    const slow = openOn(
      partition,
      {},
      { gate: (step) => (step === 'woken' ? hold : Promise.resolve()) },
    )
    await slow.opened(soon(5000))
    const quick = await ready(partition)
    hold = new Promise((resolve) => (release = resolve))
    await quick.change('k', { expected: 0, value: 'first' })

    const changing = codeOf(slow.change('k', { expected: 0, value: 'second' }))
    await until(() => partition.end() === 2)
    await quick.change('k', { expected: 'any', value: 'third' })
    await until(() => partition.records().filter(({ value }) => value === null).length === 2)
    partition.compact(Infinity)
    release()

    expect(await changing).toBe('undecided')
    await until(() => slow.get('k')?.value === 'third')
  })
})

describe('any order of events', () => {
  interface Plan {
    readonly seed: number
    readonly instances: number
    readonly operations: readonly { instance: number; key: string; deletes: boolean }[]
    readonly deaths: readonly number[]
    readonly compactions: number
  }

  const plans = fc.record<Plan>({
    seed: fc.nat(),
    instances: fc.integer({ min: 2, max: 4 }),
    operations: fc.array(
      fc.record({
        instance: fc.nat(3),
        key: fc.constantFrom('k', 'l'),
        deletes: fc.boolean(),
      }),
      { minLength: 1, maxLength: 12 },
    ),
    deaths: fc.array(fc.nat(3), { maxLength: 2 }),
    compactions: fc.nat(6),
  })

  function createDice(seed: number): (sides: number) => number {
    let state = seed || 1
    return (sides) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
      return (state >> 8) % sides
    }
  }

  interface Run {
    readonly partition: StatePartition
    readonly states: readonly State[]
    readonly isDead: (instance: number) => boolean
  }

  /** Starts the instances, and schedules deaths and compactions. */
  function start({ seed, instances, deaths, compactions }: Plan, scheduler: fc.Scheduler): Run {
    const roll = createDice(seed)
    const partition = createStatePartition()
    const dead = new Set<number>()
    const never = new Promise<void>(() => undefined)
    const gateOf = (instance: number) => async (step: string) => {
      if (dead.has(instance)) return never
      await scheduler.schedule(Promise.resolve(), `${instance} ${step}`)
      if (dead.has(instance)) return never
    }
    const fate = (): Fate => (['lost', 'refused'] as const)[roll(10)] ?? 'stored'
    const states = Array.from({ length: instances }, (_, instance) =>
      openOn(
        partition,
        { sweepMs: 1 },
        { gate: gateOf(instance), fate, chunk: () => 1 + roll(4), pollMs: Infinity },
      ),
    )
    for (const instance of deaths) {
      // One instance lives on.
      if (instance === 0) continue
      void scheduler.schedule(Promise.resolve(), `${instance} dies`).then(() => dead.add(instance))
    }
    const compacting = Array.from({ length: compactions }, () => () => {
      partition.compact(roll(partition.end() + 1), () => roll(3) > 0)
      return Promise.resolve()
    })
    void scheduler.scheduleSequence(compacting)
    return { partition, states, isDead: (instance) => dead.has(instance) }
  }

  /** Runs what is scheduled until the living are done, and holds all readers against one another. */
  async function finish(
    { partition, states, isDead }: Run,
    scheduler: fc.Scheduler,
    work: readonly { instance: number; done: Promise<void> }[],
  ): Promise<Map<string, Json>> {
    const settled = new Set<number>()
    work.forEach(({ done }, i) => void done.then(() => settled.add(i)))
    const isOver = () => work.every(({ instance }, i) => settled.has(i) || isDead(instance))
    const deadlineMs = Date.now() + 20_000
    while (!isOver() && Date.now() < deadlineMs) {
      if (scheduler.count() > 0) await scheduler.waitNext(1)
      else await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(isOver()).toBe(true)
    const snapshot = (state: State) =>
      state.health().known &&
      JSON.stringify(state.list('').map(({ key, value, version }) => [key, value, version]))
    const late = await ready(partition)
    const living = () => states.filter((_, instance) => !isDead(instance))
    const agree = () => living().every((state) => snapshot(state) === snapshot(late))
    while (!agree() && Date.now() < deadlineMs) {
      if (scheduler.count() > 0) await scheduler.waitNext(1)
      else await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(living().map(snapshot)).toEqual(living().map(() => snapshot(late)))
    partition.compact(Infinity)
    expect(snapshot(await ready(partition))).toBe(snapshot(late))
    const values = new Map(late.list('').map(({ key, value }) => [key, value]))
    for (const state of opened.splice(0)) state.close()
    return values
  }

  test('no update is lost, and none happens twice', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.scheduler(), async (plan, scheduler) => {
        const run = start(plan, scheduler)
        const done = new Set<string>()
        const refused = new Set<string>()
        const work = plan.operations.map(({ instance: wanted, key }, i) => {
          const instance = wanted % plan.instances
          const name = `${key}${i}`
          const add = (value: Json | undefined): Json => [...((value ?? []) as Json[]), name]
          const adding = run.states[instance]!.update(key, add, soon(300)).then(
            () => void done.add(name),
            (error: unknown) => {
              if (error instanceof BridgeError && error.code === 'unavailable') refused.add(name)
              else if (!(error instanceof BridgeError && error.code === 'undecided')) throw error
            },
          )
          return { instance, done: adding }
        })

        const values = await finish(run, scheduler, work)

        const written = [...values.values()].flatMap((value) => value as string[])
        expect(new Set(written).size).toBe(written.length)
        for (const name of done) expect(written).toContain(name)
        for (const name of refused) expect(written).not.toContain(name)
      }),
      { numRuns: 200 },
    )
  }, 120_000)

  test('at each version one wins, deletions included', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.scheduler(), async (plan, scheduler) => {
        const run = start(plan, scheduler)
        const wins = new Map<string, number>()
        const made = new Map<string, number>()
        const perhapsDeleted = new Map<string, number>()
        const count = (counts: Map<string, number>, name: string) =>
          counts.set(name, (counts.get(name) ?? 0) + 1)
        const work = plan.operations.map(({ instance: wanted, key, deletes }, i) => {
          const instance = wanted % plan.instances
          const state = run.states[instance]!
          const changing = async () => {
            await state.opened(soon(300))
            if (!state.health().known) return
            const expected = state.get(key)?.version ?? 0
            if (deletes && expected > 0) count(perhapsDeleted, key)
            const value = deletes ? undefined : i
            const outcome = await state
              .change(key, { expected, value, deadlineMs: soon(300) })
              .catch((error: unknown) => {
                if (error instanceof BridgeError) return error.code
                throw error
              })
            if (outcome !== 'changed') return
            if (expected > 0) count(wins, `${key}@${expected}`)
            else if (!deletes) count(made, key)
          }
          return { instance, done: changing() }
        })

        await finish(run, scheduler, work)

        expect([...wins.values()].filter((times) => times > 1)).toEqual([])
        for (const [key, times] of made) {
          expect(times).toBeLessThanOrEqual(1 + (perhapsDeleted.get(key) ?? 0))
        }
      }),
      { numRuns: 200 },
    )
  }, 120_000)
})
