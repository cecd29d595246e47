import { createKafkaLog } from '../../src/kafka/log.ts'
import type { KafkaLog, KafkaLogOptions } from '../../src/kafka/log.ts'
import type { KafkaEvent } from '../../src/kafka/events.ts'
import type { Appended } from '../../src/core/log.ts'
import { message, until } from '../support/log-suite.ts'
import { startFakeCluster } from './fake-cluster.ts'
import type { FakeBatch, FakeCluster, FakeClusterOptions } from './fake-cluster.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Bench {
  readonly cluster: FakeCluster
  readonly kafka: KafkaLog
  readonly events: KafkaEvent[]
  readonly put: (values: readonly string[], options?: PutOptions) => Promise<readonly Appended[]>
}

interface PutOptions {
  readonly topic?: string
  readonly partition?: number
  readonly timeoutMs?: number
}

async function bench(
  fake: FakeClusterOptions = {},
  options: Partial<KafkaLogOptions> = {},
): Promise<Bench> {
  const cluster = await startFakeCluster({ topics: { t: 2 }, ...fake })
  const events: KafkaEvent[] = []
  const kafka = createKafkaLog({
    brokers: cluster.bootstrap,
    clientId: 'test',
    bytesMax: 1_000_000,
    requestTimeoutMs: 400,
    metadataMaxAgeMs: 200,
    deliveryTimeoutMs: 5000,
    onEvent: (event) => events.push(event),
    ...options,
  })
  cleanups.push(
    () => cluster.close(),
    () => kafka.close(),
  )
  await kafka.connect(Date.now() + 5000)
  return {
    cluster,
    kafka,
    events,
    put: (values, { topic = 't', partition = 0, timeoutMs = 4000 } = {}) =>
      kafka.log.append(
        topic,
        values.map((value) => message({ value, partition })),
        Date.now() + timeoutMs,
      ),
  }
}

/** A hook that does this for the first request, and nothing for the others. */
function once<T>(deed: T): () => T | undefined {
  let done = false
  return () => {
    if (done) return undefined
    done = true
    return deed
  }
}

const code = (value: number, more: object = {}) => ({ answers: () => ({ code: value, ...more }) })
const offsets = (results: readonly Appended[]): unknown[] =>
  results.map((result) => (result.state === 'written' ? result.offset : result.state))
const reasons = (results: readonly Appended[]): unknown[] =>
  results.map((result) => (result.state === 'refused' ? result.reason : result.state))
const sequences = (batches: readonly FakeBatch[]): unknown[] =>
  batches.map(({ epoch, sequence, values }) => [epoch, sequence, values.join()])

describe('group commit', () => {
  test('what arrives while a batch is on its way is the next batch', async () => {
    const { cluster, put } = await bench()

    const calls = ['a', 'b', 'c'].map((value) => put([value]))
    await until(() => Promise.resolve(cluster.arrived.length === 1))
    await Promise.all(calls)
    await put(['d'])

    expect(sequences(cluster.arrived)).toEqual([
      [0, 0, 'a,b,c'],
      [0, 3, 'd'],
    ])
  })

  test('all partitions of a broker share a request, and no more than two are on their way', async () => {
    const { cluster, put } = await bench({ topics: { t: 4 } })
    let requests = 0
    cluster.onProduce(() => {
      requests++
      return undefined
    })

    await Promise.all([0, 1, 2, 3].map((partition) => put(['x'], { partition })))

    expect(requests).toBe(1)
  })

  test('batches are cut at the topic’s limit', async () => {
    const { cluster, put } = await bench({}, { bytesMax: 10_000_000 })
    const large = 'x'.repeat(300_000)

    const results = await put([large, large, large, large, large])

    expect(offsets(results)).toEqual([0, 1, 2, 3, 4])
    expect(cluster.arrived.map(({ values }) => values.length)).toEqual([3, 2])
  })

  test('a request ends with the batch that exceeds its limit', async () => {
    const { cluster, put } = await bench({ topics: { t: 3 } }, { requestBytesMax: 100 })
    const sizes: number[] = []
    cluster.onProduce((request) => {
      sizes.push(request.length)
      return undefined
    })

    await Promise.all([0, 1, 2].map((partition) => put(['x'], { partition })))

    expect(sizes).toEqual([1, 1, 1])
  })

  test.each([
    { produceVersionMax: 8, metadataVersionMax: 7 },
    { produceVersionMax: 12, metadataVersionMax: 11 },
  ])('older brokers are spoken to in older versions: %j', async (versions) => {
    const { put, kafka } = await bench(versions)

    expect(offsets(await put(['a', 'b']))).toEqual([0, 1])
    const { id } = await kafka.log.shape('t', Date.now() + 1000)
    expect(id === '').toBe(versions.metadataVersionMax === 7)
  })

  test('the broker’s time is the timestamp where the topic has it', async () => {
    const { cluster, put } = await bench()
    cluster.onProduce(() => code(0, { append: true, logAppendTimeMs: 12_345 }))

    expect(await put(['a'])).toEqual([{ state: 'written', offset: 0, timestampMs: 12_345 }])
  })
})

describe('an answer that leaves open whether the batch is stored', () => {
  test.each([
    ['NOT_LEADER after it was appended', code(6, { append: true })],
    ['NOT_LEADER before', code(6)],
    ['REQUEST_TIMED_OUT', code(7, { append: true })],
    ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', code(20, { append: true })],
    ['an error that nobody knows', code(-1, { append: true })],
    ['a connection that ends', { silence: 'close', append: true } as const],
    ['a connection that ends before', { silence: 'close', append: false } as const],
    ['half a reply', { silence: 'half', append: true } as const],
    ['a reply to something else', { silence: 'nonsense', append: true } as const],
    ['a broker that hangs', { silence: 'hang', append: true } as const],
    ['a broker that hangs before', { silence: 'hang', append: false } as const],
  ])('%s: the same bytes again, stored once', async (_, deed) => {
    const { cluster, put } = await bench()
    cluster.onProduce(once(deed))

    const first = put(['a', 'b'])
    await until(() => Promise.resolve(cluster.arrived.length > 0))
    const second = put(['c'])

    expect(offsets(await first)).toEqual([0, 1])
    expect(offsets(await second)).toEqual([2])
    expect(cluster.values('t', 0)).toEqual(['a', 'b', 'c'])
    expect(cluster.arrived[1]!.bytes.equals(cluster.arrived[0]!.bytes)).toBe(true)
  })

  test('a connection is not used again after an error', async () => {
    const { cluster, put } = await bench()
    await put(['a'])
    const before = cluster.connections()
    cluster.onProduce(once({ silence: 'half', append: true } as const))

    await put(['b'])

    await until(() => Promise.resolve(cluster.connections() === before))
    expect(offsets(await put(['c']))).toEqual([2])
  })

  test('one partition’s failure does not touch its neighbour in the request', async () => {
    const { cluster, put } = await bench()
    cluster.onProduce(() => ({
      answers: ({ partition }) => (partition === 0 ? { code: 7 } : undefined),
    }))

    const bad = put(['a'], { partition: 0, timeoutMs: 300 })
    const good = await put(['b'], { partition: 1 })

    expect(offsets(good)).toEqual([0])
    expect(offsets(await bad)).toEqual(['unknown'])
  })

  test('at the deadline it is unknown, goes on, and keeps its bytes', async () => {
    const { cluster, kafka, put } = await bench()
    cluster.onProduce(() => code(7))

    expect(offsets(await put(['a'], { timeoutMs: 150 }))).toEqual(['unknown'])
    expect(kafka.bytesHeld()).toBeGreaterThan(0)
    cluster.onProduce(undefined)

    await until(() => Promise.resolve(cluster.values('t', 0).length === 1))
    await until(() => Promise.resolve(kafka.bytesHeld() === 0))
    expect(offsets(await put(['b']))).toEqual([1])
  })

  test('out of time, it is given up, and its sequence belongs to nobody else', async () => {
    const { cluster, kafka, put } = await bench({}, { deliveryTimeoutMs: 300 })
    cluster.onProduce(() => code(7))

    const results = await put(['a'], { timeoutMs: 3000 })
    cluster.onProduce(undefined)

    expect(offsets(results)).toEqual(['unknown'])
    expect(kafka.bytesHeld()).toBe(0)
    expect(offsets(await put(['b']))).toEqual([0])
    expect(sequences(cluster.arrived).at(-1)).toEqual([1, 0, 'b'])
  })

  test('when its repetition is refused it is unknown, and the epoch is raised', async () => {
    const { cluster, put } = await bench()
    let requests = 0
    cluster.onProduce(() => [code(7), code(45)][requests++])

    expect(offsets(await put(['a']))).toEqual(['unknown'])
    expect(offsets(await put(['b']))).toEqual([0])
    expect(sequences(cluster.arrived).at(-1)).toEqual([1, 0, 'b'])
  })
})

describe('an answer that tells that the batch is not stored', () => {
  test.each([
    ['NOT_ENOUGH_REPLICAS', 19],
    ['TOPIC_AUTHORIZATION_FAILED', 29],
    ['CORRUPT_MESSAGE', 2],
  ])('%s: again until the deadline, then unavailable and withdrawn', async (_, refusal) => {
    const { cluster, kafka, put } = await bench()
    cluster.onProduce(() => code(refusal))

    const results = await put(['a'], { timeoutMs: 300 })
    cluster.onProduce(undefined)

    expect(reasons(results)).toEqual(['unavailable'])
    expect(kafka.bytesHeld()).toBe(0)
    expect(offsets(await put(['b']))).toEqual([0])
    expect(cluster.values('t', 0)).toEqual(['b'])
  })

  test('it may leave in other company, under the same sequence', async () => {
    const { cluster, put } = await bench()
    cluster.onProduce(once(code(19)))

    const first = put(['a'])
    await until(() => Promise.resolve(cluster.arrived.length === 1))
    const second = put(['b'])

    expect(offsets([...(await first), ...(await second)])).toEqual([0, 1])
    expect(sequences(cluster.arrived)).toEqual([
      [0, 0, 'a'],
      [0, 0, 'a,b'],
    ])
  })

  test.each([45, 47, 59])('%i at the first attempt: under a new epoch', async (refusal) => {
    const { cluster, put } = await bench()
    await put(['a'])
    cluster.onProduce(once(code(refusal)))

    expect(offsets(await put(['b']))).toEqual([1])
    expect(sequences(cluster.arrived).slice(1)).toEqual([
      [0, 1, 'b'],
      [1, 0, 'b'],
    ])
  })

  test('when epochs run out, a new producer id is used', async () => {
    const { cluster, put } = await bench({ firstEpoch: 32_765 })
    let refusals = 0
    cluster.onProduce(() => (refusals++ < 2 ? code(45) : undefined))

    expect(offsets(await put(['a']))).toEqual([0])

    const [first, second, third] = cluster.arrived
    expect([first!.epoch, second!.epoch]).toEqual([32_765, 32_766])
    expect(second!.producerId).toBe(first!.producerId)
    expect(third!.producerId).not.toBe(first!.producerId)
  })

  test('no connection to the leader: unavailable, and none of it is unknown', async () => {
    const { cluster, put } = await bench({ brokers: 2 })
    await put(['a'], { partition: 0 })
    await cluster.stop(1)

    const results = await put(['b'], { partition: 1, timeoutMs: 900 })

    expect(reasons(results)).toEqual(['unavailable'])
    expect(offsets(await put(['c'], { partition: 0 }))).toEqual([1])
    await cluster.start(1)
    expect(offsets(await put(['d'], { partition: 1 }))).toEqual([0])
    expect(cluster.values('t', 1)).toEqual(['d'])
  })
})

describe('a record that Kafka does not take', () => {
  test('named: it alone is refused, in its place', async () => {
    const { cluster, put } = await bench()
    cluster.onProduce(
      once(code(87, { recordErrors: [{ index: 1, message: 'no key in a compacted topic' }] })),
    )

    const results = await put(['a', 'bad', 'c'])

    expect(offsets(results)).toEqual([0, 'refused', 1])
    expect(results[1]).toMatchObject({ reason: 'malformed', detail: 'no key in a compacted topic' })
  })

  test.each([
    [87, 'malformed'],
    [10, 'too-large'],
  ])('not named (%i): it is found, and it alone is refused', async (refusal, reason) => {
    const { cluster, put } = await bench()
    cluster.onProduce(() => ({
      answers: ({ values }) => (values.includes('bad') ? { code: refusal } : undefined),
    }))

    const calls = [put(['a', 'b', 'bad', 'c']), put(['d', 'bad']), put(['e'])]
    const results = (await Promise.all(calls)).flat()

    expect(reasons(results)).toEqual([
      'written',
      'written',
      reason,
      'written',
      'written',
      reason,
      'written',
    ])
    expect(cluster.values('t', 0)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})

describe('leaders and topics', () => {
  test('a leader that moves is followed, and nothing is doubled', async () => {
    const { cluster, put } = await bench({ brokers: 3 })
    await put(['a'])

    cluster.setLeader('t', 0, 2)
    const results = await Promise.all([put(['b']), put(['c'])])

    expect(offsets(results.flat())).toEqual([1, 2])
    expect(cluster.arrived.at(-1)!.broker).toBe(2)
  })

  test('a partition without a leader shows in the shape, and waits', async () => {
    const { cluster, kafka, put } = await bench()
    cluster.setLeader('t', 1, -1)
    await until(async () => {
      const { leaderless } = await kafka.log.shape('t', Date.now() + 1000)
      return leaderless.includes(1)
    })

    expect(reasons(await put(['a'], { partition: 1, timeoutMs: 200 }))).toEqual(['unavailable'])
    const waiting = put(['b'], { partition: 1 })
    cluster.setLeader('t', 1, 0)

    expect(offsets(await waiting)).toEqual([0])
  })

  test('a topic is known with its own limit, though a broker that lags behind knows none', async () => {
    const { cluster, kafka } = await bench({ brokers: 2 })
    cluster.create('small', 1, 5000)
    cluster.hideFrom(0, 'small', true)

    const shape = await kafka.log.shape('small', Date.now() + 4000)
    expect(shape).toMatchObject({ partitions: 1, messageBytesMax: 5000 })
  })

  test('growth is seen within the age of metadata', async () => {
    const { cluster, kafka, put } = await bench()
    await put(['a'])

    cluster.grow('t', 4)

    await until(async () => (await kafka.log.shape('t', Date.now() + 1000)).partitions === 4)
    expect(offsets(await put(['b'], { partition: 3 }))).toEqual([0])
  })

  test('a topic is missing only when two brokers say so', async () => {
    const { cluster, put } = await bench({ brokers: 2 })
    cluster.create('young', 1)
    cluster.hideFrom(0, 'young', true)

    expect(offsets(await put(['a'], { topic: 'young' }))).toEqual([0])
    expect(reasons(await put(['a'], { topic: 'none' }))).toEqual(['topic-missing'])
  })

  test('an unknown topic costs one look-up per interval, not one per call', async () => {
    const { cluster, put } = await bench({ brokers: 2 })
    const asked = (): number =>
      cluster.lookUps.filter((topics) => topics?.includes('none') === true).length

    await Promise.all(Array.from({ length: 20 }, () => put(['a'], { topic: 'none' })))
    for (let i = 0; i < 20; i++) await put(['a'], { topic: 'none' })

    expect(asked()).toBeLessThanOrEqual(4)
  })

  test('a topic that appears is found within a second or so', async () => {
    const { cluster, put } = await bench()
    expect(reasons(await put(['a'], { topic: 'late' }))).toEqual(['topic-missing'])
    cluster.create('late', 1)

    await until(async () => (await put(['a'], { topic: 'late' }))[0]!.state === 'written')
  })

  test('a topic deleted while a batch may be stored: unknown; what waited: missing', async () => {
    const { cluster, kafka, put } = await bench()
    cluster.onProduce(() => code(7, { append: true }))
    const sent = put(['a'])
    await until(() => Promise.resolve(cluster.arrived.length > 0))
    const waiting = put(['b'])

    cluster.remove('t')

    expect(offsets(await sent)).toEqual(['unknown'])
    expect(reasons(await waiting)).toEqual(['topic-missing'])
    expect(kafka.bytesHeld()).toBe(0)
  })

  test('a topic made again is written anew, by another producer', async () => {
    const { cluster, put } = await bench()
    await put(['a', 'b'])
    const [first] = cluster.arrived

    cluster.remove('t')
    cluster.create('t', 2)
    await until(async () => (await put(['c']))[0]!.state === 'written')

    expect(cluster.values('t', 0)).toContain('c')
    expect(cluster.arrived.at(-1)!.producerId).not.toBe(first!.producerId)
  })

  test('a broker that answers nothing holds up neither others nor questions', async () => {
    const { cluster, kafka, put } = await bench(
      { brokers: 3, topics: { t: 3 } },
      {
        requestTimeoutMs: 2000,
        metadataMaxAgeMs: 2000,
      },
    )
    for (const partition of [0, 1, 2]) await put(['a'], { partition })
    cluster.freeze(0, true)

    const stuck = put(['b'], { partition: 0, timeoutMs: 500 })
    const startedMs = Date.now()
    await put(['b'], { partition: 1 })
    await kafka.topics.describe('none').catch(() => undefined)

    expect(Date.now() - startedMs).toBeLessThan(1500)
    expect(offsets(await stuck)).toEqual(['unknown'])
  })
})

describe('limits', () => {
  test('what does not fit the budget is refused at once', async () => {
    const { cluster, kafka, put } = await bench({}, { bytesMax: 1000 })
    cluster.onProduce(() => ({ silence: 'hang', append: false }))
    const first = put(['x'.repeat(800)], { timeoutMs: 300 })

    expect(reasons(await put(['x'.repeat(200)]))).toEqual(['throttled'])

    expect(offsets(await first)).toEqual(['unknown'])
    cluster.onProduce(undefined)
    await until(() => Promise.resolve(kafka.bytesHeld() === 0))
    expect(reasons(await put(['x'.repeat(200)]))).toEqual(['written'])
  })

  test('a throttle time silences that broker for as long, and is told', async () => {
    const { cluster, events, put } = await bench({ brokers: 2 })
    cluster.onProduce(once({ throttleMs: 500 }))
    await put(['a'])
    const startedMs = Date.now()

    const held = put(['b'], { timeoutMs: 100 })
    const free = await put(['c'], { partition: 1 })
    expect(Date.now() - startedMs).toBeLessThan(400)
    expect(offsets(free)).toEqual([0])
    expect(reasons(await held)).toEqual(['throttled'])

    expect(offsets(await put(['d']))).toEqual([1])
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(450)
    expect(events).toContainEqual({ type: 'throttled', broker: 0, throttleMs: 500 })
  })

  test('calls that wait in vain leave nothing behind', async () => {
    const { cluster, kafka, put } = await bench()
    cluster.setLeader('t', 1, -1)
    await until(async () => {
      const { leaderless } = await kafka.log.shape('t', Date.now() + 1000)
      return leaderless.length > 0
    })

    const calls = Array.from({ length: 200 }, (_, i) =>
      put(['x'], { partition: 1, timeoutMs: 20 + (i % 7) * 20 }),
    )

    expect(new Set((await Promise.all(calls)).flatMap(reasons))).toEqual(new Set(['unavailable']))
    expect(kafka.bytesHeld()).toBe(0)
  })

  test('closing waits for what is on its way, and refuses what comes later', async () => {
    const { cluster, kafka, put } = await bench()
    cluster.onProduce(once(code(7)))
    const underway = put(['a'])

    await until(() => Promise.resolve(cluster.arrived.length > 0))
    const closing = kafka.close()

    expect(reasons(await put(['b']))).toEqual(['unavailable'])
    expect(offsets(await underway)).toEqual([0])
    await closing
    await until(() => Promise.resolve(cluster.connections() === 0))
  })

  test('closing ends the search for a topic', async () => {
    const { cluster, kafka, put } = await bench()
    cluster.freeze(0, true)
    const searching = put(['a'], { topic: 'none', timeoutMs: 20_000 })

    await kafka.close()

    expect(reasons(await searching)).toEqual(['unavailable'])
  })

  test('closing ends what cannot be ended well', async () => {
    const { cluster, kafka, put } = await bench()
    cluster.onProduce(() => ({ silence: 'hang', append: false }))
    const underway = put(['a'])
    await until(() => Promise.resolve(cluster.arrived.length > 0))
    const waiting = put(['b'])

    await kafka.close()

    expect(offsets(await underway)).toEqual(['unknown'])
    expect(reasons(await waiting)).toEqual(['unavailable'])
  })
})

describe('connecting', () => {
  test('nobody there: a sentence with the addresses, at the deadline', async () => {
    const kafka = createKafkaLog({ brokers: ['127.0.0.1:1'], clientId: 'test', bytesMax: 1000 })
    cleanups.push(() => kafka.close())

    await expect(kafka.connect(Date.now() + 300)).rejects.toThrow(
      /^Kafka cannot be reached at 127\.0\.0\.1:1: .*ECONNREFUSED/,
    )
    expect(kafka.health()).toMatchObject({ connected: false, brokers: 0 })
  })

  test('health tells brokers, and when something was last written', async () => {
    const { kafka, put } = await bench({ brokers: 3 })
    const beforeMs = Date.now()
    expect(kafka.health()).toMatchObject({ connected: true, brokers: 3, lastWrittenMs: undefined })

    await put(['a'])

    expect(kafka.health().lastWrittenMs).toBeGreaterThanOrEqual(beforeMs)
  })
})
