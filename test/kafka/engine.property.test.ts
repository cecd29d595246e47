// Whatever brokers do, within what Kafka promises: nothing acknowledged is lost or elsewhere,
// nothing is stored twice, nothing "not written" is stored, and order holds.

import fc from 'fast-check'
import type { Appended } from '../../src/core/log.ts'
import { createKafkaLog } from '../../src/kafka/log.ts'
import { message, until } from '../support/log-suite.ts'
import { startFakeCluster } from './fake-cluster.ts'
import type { FakeCluster, FakeDeed } from './fake-cluster.ts'

const BROKERS = 3
const PARTITIONS = 2

type Step =
  | { readonly do: 'fault'; readonly deeds: readonly FakeDeed[] }
  | { readonly do: 'move'; readonly partition: number; readonly broker: number }
  | { readonly do: 'put'; readonly partitions: readonly number[]; readonly timeoutMs: number }
  | { readonly do: 'pause'; readonly ms: number }

// The other partition of the request gets what it should.
const answered = (code: number, append: boolean): FakeDeed => ({
  answers: ({ partition }) => (partition === 0 ? { code, append } : undefined),
})

const perhapsStored = fc.constantFrom(6, 7, 20, 56, -1)
const neverStored = fc.constantFrom(19, 29, 45, 47, 87, 2)
const silence = fc.constantFrom('close', 'nonsense', 'hang', 'half')
const deed: fc.Arbitrary<FakeDeed> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(perhapsStored, fc.boolean()).map((deed) => answered(...deed)) },
  { weight: 2, arbitrary: neverStored.map((code) => answered(code, false)) },
  { weight: 2, arbitrary: fc.record({ silence, append: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant<FakeDeed>({ throttleMs: 20 }) },
)

const partition = fc.nat(PARTITIONS - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record<Step & { do: 'fault' }>({
      do: fc.constant('fault'),
      deeds: fc.array(deed, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record<Step & { do: 'move' }>({
      do: fc.constant('move'),
      partition,
      broker: fc.integer({ min: -1, max: BROKERS - 1 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record<Step & { do: 'put' }>({
      do: fc.constant('put'),
      partitions: fc.array(partition, { minLength: 1, maxLength: 3 }),
      timeoutMs: fc.constantFrom(30, 150, 3000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record<Step & { do: 'pause' }>({
      do: fc.constant('pause'),
      ms: fc.constantFrom(0, 1, 20),
    }),
  },
)

interface Sent {
  readonly value: string
  readonly partition: number
  readonly number: number
}

test('faults at random never break a promise', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const cluster = await startFakeCluster({ brokers: BROKERS, topics: { t: PARTITIONS } })
      const kafka = createKafkaLog({
        brokers: cluster.bootstrap,
        clientId: 'property',
        bytesMax: 1_000_000,
        requestTimeoutMs: 100,
        metadataMaxAgeMs: 100,
        deliveryTimeoutMs: 120,
      })
      const faults: FakeDeed[] = []
      cluster.onProduce(() => faults.shift())
      const calls: Promise<readonly [Sent, Appended][]>[] = []
      let number = 0

      const put = async (partitions: readonly number[], timeoutMs: number) => {
        const sent = partitions.map((to) => ({
          value: `v${number}`,
          partition: to,
          number: number++,
        }))
        const results = await kafka.log.append('t', sent.map(message), Date.now() + timeoutMs)
        return sent.map((one, i): [Sent, Appended] => [one, results[i]!])
      }

      try {
        await kafka.connect(Date.now() + 5000)
        for (const one of steps) {
          if (one.do === 'fault') faults.push(...one.deeds)
          else if (one.do === 'move') cluster.setLeader('t', one.partition, one.broker)
          else if (one.do === 'put') calls.push(put(one.partitions, one.timeoutMs))
          else await new Promise((resolve) => setTimeout(resolve, one.ms))
        }
        for (let i = 0; i < PARTITIONS; i++) cluster.setLeader('t', i, i % BROKERS)
        const results = (await Promise.all(calls)).flat()
        await until(() => Promise.resolve(kafka.bytesHeld() === 0))
        check(cluster, results)
      } finally {
        await kafka.close()
        await cluster.close()
      }
    }),
    { numRuns: 60 },
  )
}, 120_000)

function check(cluster: FakeCluster, results: readonly [Sent, Appended][]): void {
  const stored = new Map<string, { partition: number; offset: number }[]>()
  for (let index = 0; index < PARTITIONS; index++) {
    const values = cluster.values('t', index)
    values.forEach((value, offset) => {
      stored.set(value, [...(stored.get(value) ?? []), { partition: index, offset }])
    })
    const order = values.map((value) => Number(value.slice(1)))
    expect(order).toEqual([...order].sort((a, b) => a - b))
  }
  for (const [{ value, partition: to }, result] of results) {
    const places = stored.get(value) ?? []
    expect(places.length).toBeLessThanOrEqual(1)
    if (result.state === 'written') {
      expect(places).toEqual([{ partition: to, offset: result.offset }])
    }
    if (result.state === 'refused') expect(places).toEqual([])
  }
}
