// Reading from a real Kafka of one node: the port's contract, and what only a real broker stores.

import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import type { Admin, Producer } from 'kafkajs'
import { BridgeError } from '../../src/core/errors.ts'
import type { ReadResult, ReadWish } from '../../src/core/log.ts'
import { createKafkaLog } from '../../src/kafka/log.ts'
import type { KafkaLog } from '../../src/kafka/log.ts'
import { failureOf } from '../support/failure.ts'
import { message, uniqueTopic, writable } from '../support/log-suite.ts'
import { describeReads, gist, wish } from '../support/reads-suite.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

async function openKafka(): Promise<KafkaLog> {
  const kafka = createKafkaLog({
    brokers: sharedBrokers(),
    clientId: 'reads',
    bytesMax: 64 * 1024 * 1024,
  })
  await kafka.connect(Date.now() + 30_000)
  return kafka
}

const client = (): Kafka => new Kafka({ brokers: sharedBrokers(), logLevel: logLevel.NOTHING })

describeReads('Kafka', async () => {
  const kafka = await openKafka()
  const admin = client().admin()
  await admin.connect()
  return {
    ...kafka,
    async deleteBefore(topic, partition, offset) {
      await admin.fetchTopicOffsets(topic) // kafkajs does not look for the leader by itself
      const partitions = [{ partition, offset: String(offset) }]
      await admin.deleteTopicRecords({ topic, partitions })
    },
    async close() {
      await admin.disconnect()
      await kafka.close()
    },
  }
})

describe('a real broker', () => {
  let kafka: KafkaLog
  let admin: Admin
  const producers: Producer[] = []
  beforeAll(async () => {
    kafka = await openKafka()
    admin = client().admin()
    await admin.connect()
  })
  afterEach(async () => {
    for (const producer of producers.splice(0)) await producer.disconnect()
  })
  afterAll(async () => {
    await admin.disconnect()
    await kafka.close()
  })

  const soon = (): number => Date.now() + 10_000

  async function make(settings: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = uniqueTopic()
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, configEntries }] })
    await writable(kafka.log, topic, 1)
    return topic
  }

  async function produce(options: Parameters<Kafka['producer']>[0] = {}): Promise<Producer> {
    const producer = client().producer(options)
    await producer.connect()
    producers.push(producer)
    return producer
  }

  const transactional = (): Promise<Producer> =>
    produce({ transactionalId: uniqueTopic(), maxInFlightRequests: 1, idempotent: true })

  const read = (topic: string, parts: Partial<ReadWish> = {}): Promise<ReadResult> =>
    kafka.reads.read(topic, wish(parts), soon())

  const put = async (topic: string, ...values: string[]): Promise<void> => {
    const results = await kafka.log.append(
      topic,
      values.map((value) => message({ value })),
      soon(),
    )
    expect(results.every(({ state }) => state === 'written')).toBe(true)
  }

  const inTransaction = async (
    producer: Producer,
    topic: string,
    ...values: string[]
  ): Promise<{ commit: () => Promise<void>; abort: () => Promise<void> }> => {
    const transaction = await producer.transaction()
    for (const value of values) await transaction.send({ topic, messages: [{ value }] })
    return transaction
  }

  /** A transaction is over for its producer before its marker is written: waits for that. */
  const marked = async (topic: string, end: number): Promise<void> => {
    await until(async () => (await kafka.topics.describe(topic)).partitions[0]?.endOffset === end)
  }

  describe('transactions', () => {
    test('what was committed is read, what was aborted and markers are passed over', async () => {
      const topic = await make()
      const producer = await transactional()
      await (await inTransaction(producer, topic, 'a', 'b')).commit()
      await (await inTransaction(producer, topic, 'no', 'never')).abort()
      await marked(topic, 6)
      await put(topic, 'c')
      await (await inTransaction(producer, topic, 'd')).commit()
      await marked(topic, 9)

      expect(gist(await read(topic))).toEqual({ values: ['a', 'b', 'c', 'd'], next: 9, end: 9 })
      expect(gist(await read(topic, { recordsMax: 2 }))).toEqual({
        values: ['a', 'b'],
        next: 6,
        end: 9,
      })
      expect(gist(await read(topic, { offset: 3 }))).toMatchObject({ values: ['c', 'd'] })
      expect(gist(await read(topic, { offset: 4, recordsMax: 1 }))).toMatchObject({ values: ['c'] })
    })

    test('the end is passed by even where nothing follows', async () => {
      const topic = await make()
      const producer = await transactional()
      await put(topic, 'a')
      await (await inTransaction(producer, topic, 'no')).abort()
      await marked(topic, 3)

      expect(gist(await read(topic, { recordsMax: 1 }))).toEqual({ values: ['a'], next: 3, end: 3 })
      expect(gist(await read(topic, { offset: 1 }))).toEqual({ values: [], next: 3, end: 3 })
      expect(gist(await read(topic, { offset: 2 }))).toEqual({ values: [], next: 3, end: 3 })
    })

    test('what is open is not seen, nor what comes after it, until it is decided', async () => {
      const topic = await make()
      const [one, other] = [await transactional(), await transactional()]
      await put(topic, 'a')
      const open = await inTransaction(one, topic, 'b')
      await (await inTransaction(other, topic, 'no')).abort()
      await marked(topic, 4)
      await put(topic, 'c')

      expect(gist(await read(topic))).toEqual({ values: ['a'], next: 1, end: 1 })
      expect(await kafka.reads.bounds(topic, 0, soon())).toMatchObject({ start: 0, end: 1 })
      const waiting = read(topic, { offset: 1, waitMs: 8000 })
      await open.commit()

      expect(gist(await waiting)).toMatchObject({ values: ['b', 'c'] })
      await marked(topic, 6)
      expect(gist(await read(topic))).toEqual({ values: ['a', 'b', 'c'], next: 6, end: 6 })
    })

    test('a wait is not ended by what is aborted', async () => {
      const topic = await make()
      const producer = await transactional()
      const reading = read(topic, { waitMs: 8000 })
      await (await inTransaction(producer, topic, 'no')).abort()
      await marked(topic, 2)
      await put(topic, 'a')

      expect(gist(await reading)).toEqual({ values: ['a'], next: 3, end: 3 })
    })

    test('a reader beyond what is decided waits without haste', async () => {
      const topic = await make()
      const open = await inTransaction(await transactional(), topic, 'a')
      await put(topic, 'b')
      const beforeMs = Date.now()

      expect(gist(await read(topic, { offset: 2, waitMs: 300 }))).toMatchObject({ values: [] })
      expect(Date.now() - beforeMs).toBeGreaterThanOrEqual(290)
      await open.abort()
    })
  })

  describe('compression', () => {
    test('by a producer', async () => {
      const topic = await make()
      const producer = await produce()
      const values = Array.from({ length: 50 }, (_, i) => `v${i}`)
      await producer.send({
        topic,
        compression: CompressionTypes.GZIP,
        messages: values.map((value) => ({ key: 'k', value, headers: { h: 'x' } })),
      })

      const result = await read(topic, { offset: 20, recordsMax: 10 })

      expect(gist(result)).toEqual({ values: values.slice(20, 30), next: 30, end: 50 })
      expect(result.state === 'read' && result.records[0]).toMatchObject({
        offset: 20,
        key: Buffer.from('k'),
        headers: [{ name: 'h', value: Buffer.from('x') }],
      })
    })

    test.each(['gzip', 'snappy', 'lz4', 'zstd'])('%s, by the broker', async (type) => {
      const topic = await make({ 'compression.type': type })
      const values = Array.from({ length: 200 }, (_, i) => `${i}-${'abc'.repeat((i * 37) % 3000)}`)
      await put(topic, ...values)
      await put(topic, '')

      expect(gist(await read(topic, { bytesMax: 10_000_000 }))).toEqual({
        values: [...values, ''],
        next: 201,
        end: 201,
      })
    })

    test('that makes little of much takes room for what it becomes', async () => {
      const topic = await make({ 'compression.type': 'gzip', 'max.message.bytes': '2000000' })
      const producer = await produce()
      const value = Buffer.alloc(7_000_000)
      await producer.send({ topic, compression: CompressionTypes.GZIP, messages: [{ value }] })
      let held = 0
      const hold = (bytes: number): void => {
        held += bytes
        if (held > 6_000_000) throw new BridgeError('throttled', 'No room')
      }

      expect(await failureOf(read(topic, { hold }))).toMatchObject({ code: 'throttled' })
      const result = await read(topic)
      expect(result.state === 'read' && result.records[0]!.value?.equals(value)).toBe(true)
    })
  })

  test('a time of appending is every record’s', async () => {
    const topic = await make({ 'message.timestamp.type': 'LogAppendTime' })
    const [first] = await kafka.log.append(
      topic,
      [message({ timestampMs: 1000 }), message({ timestampMs: 5 })],
      soon(),
    )
    await kafka.log.append(topic, [message({})], soon())

    const result = await read(topic, { recordsMax: 2 })

    const { timestampMs } = first as { timestampMs: number }
    expect(timestampMs).toBeGreaterThan(1e12)
    expect(result).toMatchObject({ records: [{ timestampMs }, { timestampMs }] })
    expect(result.state === 'read' && result.nextTimestampMs).toBeGreaterThanOrEqual(timestampMs)
  })

  test('null values and keys of any bytes come as they are', async () => {
    const topic = await make()
    const key = Buffer.from([0xff, 0x00, 0x80])
    await (await produce()).send({ topic, messages: [{ key, value: null }] })

    expect(await read(topic)).toMatchObject({ records: [{ key, value: null }] })
  })

  test('batches larger than what is asked for come all the same', async () => {
    const topic = await make()
    await put(topic, ...Array.from({ length: 100 }, (_, i) => `${i}`.padEnd(5000)))

    for (let offset = 0; offset < 100; offset += 25) {
      const result = await read(topic, { offset, recordsMax: 1, bytesMax: 10 })
      expect(result).toMatchObject({ records: [{ offset }], next: offset + 1 })
    }
  })

  test('long waits hold up neither writing nor each other', async () => {
    const topic = await make()
    const waiting = Array.from({ length: 20 }, () => read(topic, { waitMs: 5000 }))
    const beforeMs = Date.now()
    await until(async () => {
      await kafka.reads.bounds(topic, 0, soon())
      return true
    })

    await put(topic, 'a')

    for (const result of await Promise.all(waiting)) expect(gist(result)).toMatchObject({ next: 1 })
    expect(Date.now() - beforeMs).toBeLessThan(4000)
  })

  test('gaps that compaction leaves mean the next record', async () => {
    const topic = await make({
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.001',
      'delete.retention.ms': '0',
      'max.compaction.lag.ms': '100',
    })
    const keyed = async (key: string, value: string): Promise<void> => {
      await kafka.log.append(topic, [message({ key: Buffer.from(key), value })], soon())
    }
    await keyed('a', 'a0')
    await keyed('b', 'b0')
    for (let i = 1; i < 6; i++) await keyed('a', `a${i}`)

    let round = 0
    await until(async () => {
      // A segment is closed by a record that comes after its time.
      await keyed('c', `c${round++}`)
      const first = await read(topic, { recordsMax: 2 })
      return first.state === 'read' && first.records[1]?.offset === 6
    }, 50_000)

    expect(await read(topic, { recordsMax: 1 })).toMatchObject({
      records: [{ offset: 1 }],
      next: 6,
    })
    expect(await read(topic, { offset: 3, recordsMax: 1 })).toMatchObject({
      records: [{ offset: 6 }],
    })
  }, 90_000)

  test('after close nothing is read, and what waits fails', async () => {
    const own = await openKafka()
    const topic = await make()
    const beforeMs = Date.now()
    const waiting = own.reads.read(topic, wish({ waitMs: 8000 }), soon())
    await own.reads.bounds(topic, 0, soon())
    const failing = failureOf(waiting)

    await own.close()

    expect(await failing).toMatchObject({ code: 'unavailable' })
    expect(Date.now() - beforeMs).toBeLessThan(4000)
  })

  test('a topic that is made again ends what reads it', async () => {
    const topic = await make()
    await put(topic, 'a')
    const { topicId } = await kafka.reads.bounds(topic, 0, soon())
    const waiting = read(topic, { offset: 1, waitMs: 8000 }).catch((error: unknown) => error)

    await admin.deleteTopics({ topics: [topic] })

    const result = (await waiting) as BridgeError | ReadResult
    if (result instanceof BridgeError) expect(result.code).toBe('stream-not-found')
    else expect(result).not.toMatchObject({ state: 'read', topicId, records: [{}] })
  })
})
