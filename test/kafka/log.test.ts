// The log over a real Kafka of one node: the ports' contract, and what only a real broker decides.

import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import type { Admin } from 'kafkajs'
import { createKafkaLog } from '../../src/kafka/log.ts'
import type { KafkaLog } from '../../src/kafka/log.ts'
import { describeLog, message, uniqueTopic, writable } from '../support/log-suite.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'

async function open(): Promise<KafkaLog> {
  const kafka = createKafkaLog({
    brokers: sharedBrokers(),
    clientId: 'suite',
    bytesMax: 64 * 1024 * 1024,
  })
  await kafka.connect(Date.now() + 30_000)
  return kafka
}

describeLog('Kafka', open)

describe('a real broker', () => {
  let kafka: KafkaLog
  let admin: Admin
  beforeAll(async () => {
    kafka = await open()
    admin = new Kafka({ brokers: sharedBrokers(), logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
  })
  afterAll(async () => {
    await admin.disconnect()
    await kafka.close()
  })

  async function make(settings: Readonly<Record<string, string>>): Promise<string> {
    const topic = uniqueTopic()
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, configEntries }] })
    await writable(kafka.log, topic, 1)
    return topic
  }
  const soon = (): number => Date.now() + 10_000

  test('names the records that a compacted topic does not take, and they alone fail', async () => {
    const topic = await make({ 'cleanup.policy': 'compact' })
    const key = Buffer.from('k')

    const results = await kafka.log.append(
      topic,
      [message({ key }), message({}), message({ key }), message({})],
      soon(),
    )

    expect(results).toMatchObject([
      { state: 'written', offset: 0 },
      { state: 'refused', reason: 'malformed' },
      { state: 'written', offset: 1 },
      { state: 'refused', reason: 'malformed' },
    ])
  })

  test('a timestamp that it does not take fails that record alone', async () => {
    const topic = await make({ 'message.timestamp.after.max.ms': '60000' })

    const results = await kafka.log.append(
      topic,
      [message({}), message({ timestampMs: Date.now() + 7_200_000 }), message({})],
      soon(),
    )

    expect(results).toMatchObject([
      { state: 'written', offset: 0 },
      { state: 'refused', reason: 'malformed' },
      { state: 'written', offset: 1 },
    ])
  })

  test('tells its own time where the topic has it', async () => {
    const topic = await make({ 'message.timestamp.type': 'LogAppendTime' })

    const beforeMs = Date.now()

    const [result] = await kafka.log.append(topic, [message({ timestampMs: 1000 })], soon())

    expect(result?.state === 'written' && result.timestampMs).toBeGreaterThanOrEqual(beforeMs)
  })

  test('a limit that somebody else lowered is learnt from the broker', async () => {
    const topic = await make({ 'max.message.bytes': '50000' })
    await kafka.log.append(topic, [message({})], soon())
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: [{ name: 'max.message.bytes', value: '5000' }],
        },
      ],
    })
    const sizes = [1000, 4000, 8000, 4000, 1000]

    const results = await kafka.log.append(
      topic,
      sizes.map((size) => message({ value: 'x'.repeat(size) })),
      soon(),
    )

    expect(results.map(({ state }) => state)).toEqual([
      'written',
      'written',
      'refused',
      'written',
      'written',
    ])
    expect(results[2]).toMatchObject({ reason: 'too-large' })
  })

  test('many topics and partitions at once', async () => {
    const topics = await Promise.all([make({}), make({}), make({})])

    const results = await Promise.all(
      topics.flatMap((topic) =>
        Array.from({ length: 20 }, () => kafka.log.append(topic, [message({})], soon())),
      ),
    )

    expect(results.flat().every(({ state }) => state === 'written')).toBe(true)
  })
})
