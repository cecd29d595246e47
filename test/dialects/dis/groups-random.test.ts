// Groups under everything at once: consumers that come, go, die and return, calls that overlap, instances
// that read state late.

import fc from 'fast-check'
import { consumer, type Consumer } from './consumer.ts'
import { startInstances, type Instances } from './instances.ts'

const SHARDS = 5

interface Round {
  /** Which consumers poll, all at once. */
  readonly polling: readonly number[]
  /** One that is gone for good, and whose name a new process takes. */
  readonly dying: number | undefined
  readonly leaving: number | undefined
  readonly passMs: number
}

const who = fc.integer({ min: 0, max: 3 })
const seldom = fc.option(who, { nil: undefined, freq: 8 })
const rounds = fc.array(
  fc.record({
    polling: fc.uniqueArray(who),
    dying: seldom,
    leaving: seldom,
    passMs: fc.constantFrom(0, 100, 1000, 5000, 12_000, 40_000),
  }),
  { minLength: 1, maxLength: 25 },
)

/** Every assignment that was given: within one generation no shard has two readers. */
function createWitness() {
  const readers = new Map<string, string>()
  return (name: string, { assignment, generation }: Consumer): void => {
    const { s1: shards = [] } = (assignment() ?? {}) as { s1?: number[] }
    if (generation() < 0) return
    for (const shard of shards) {
      const place = `shard ${shard} in generation ${generation()}`
      expect([place, readers.get(place) ?? name]).toEqual([place, name])
      readers.set(place, name)
    }
  }
}

async function play(instances: Instances, { polling, dying, leaving, passMs }: Round, all: Cast) {
  await Promise.all(
    polling.map(async (i) => {
      await all.consumers[i]!.poll()
      all.witness(`c${i}`, all.consumers[i]!)
    }),
  )
  if (leaving !== undefined) await all.consumers[leaving]!.leave()
  if (dying !== undefined) all.consumers[dying] = consumer(instances.send, `c${dying}`)
  instances.pass(passMs)
}

interface Cast {
  readonly consumers: Consumer[]
  readonly witness: ReturnType<typeof createWitness>
}

/** All poll, as consumers do, until each has what it has by the same generation. */
async function untilSettled(instances: Instances, { consumers, witness }: Cast): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const states = await Promise.all(consumers.map((each) => each.poll()))
    for (const [at, each] of consumers.entries()) witness(`c${at}`, each)
    const generations = new Set(consumers.map((each) => each.generation()))
    if (states.every((state) => state === 'STABLE') && generations.size === 1) return
    instances.pass(1000)
  }
  throw new Error('the group never settles')
}

test.each([1, 3])(
  'no shard has two readers in one generation, and in the end each has one: %d instances',
  async (count) => {
    await fc.assert(
      fc.asyncProperty(rounds, fc.scheduler(), async (all, scheduler) => {
        using instances = startInstances(count, { s1: SHARDS }, (step) =>
          step === 'woken' && scheduler.count() < 50
            ? scheduler.schedule(Promise.resolve(), step)
            : Promise.resolve(),
        )
        const waiting = scheduler.waitFor(
          (async () => {
            await instances.send('POST /v2/{p}/apps', { app_name: 'g' })
            const names = [0, 1, 2, 3].map((i) => `c${i}`)
            const consumers = names.map((name) => consumer(instances.send, name))
            const cast = { consumers, witness: createWitness() }
            for (const round of all) await play(instances, round, cast)
            await untilSettled(instances, cast)
            const shards = consumers.flatMap(
              (each) => (each.assignment() as { s1?: number[] }).s1 ?? [],
            )
            expect(shards.sort()).toEqual([0, 1, 2, 3, 4])
          })(),
        )
        await waiting
      }),
      { numRuns: 40 },
    )
  },
  120_000,
)
