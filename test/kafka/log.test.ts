// The log over a real Kafka of one node: the ports' contract, and what only a real broker decides.

import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import type { Admin } from 'kafkajs'
import type { Appended } from '../../src/core/log.ts'
import { createKafkaLog } from '../../src/kafka/log.ts'
import type { KafkaLog } from '../../src/kafka/log.ts'
import { describeLog, message, uniqueTopic, until, writable } from '../support/log-suite.ts'
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

  // A broker takes up a topic's settings a moment after they were accepted: so the call is made
  // again until it does.
  async function once(
    refused: (results: readonly Appended[]) => boolean,
    append: () => Promise<readonly Appended[]>,
  ): Promise<readonly Appended[]> {
    let results: readonly Appended[] = []
    await until(async () => refused((results = await append())))
    return results
  }
  const isRefused = (result: Appended | undefined): boolean => result?.state === 'refused'

  test('names the records that a compacted topic does not take, and they alone fail', async () => {
    const topic = await make({ 'cleanup.policy': 'compact' })
    const key = Buffer.from('k')
    const messages = [message({ key }), message({}), message({ key }), message({})]

    const results = await once(
      ([, second]) => isRefused(second),
      () => kafka.log.append(topic, messages, soon()),
    )

    expect(results).toMatchObject([
      { state: 'written' },
      { state: 'refused', reason: 'malformed' },
      { state: 'written' },
      { state: 'refused', reason: 'malformed' },
    ])
  })

  test('a timestamp that it does not take fails that record alone', async () => {
    const topic = await make({ 'message.timestamp.after.max.ms': '60000' })
    const late = message({ timestampMs: Date.now() + 7_200_000 })

    const results = await once(
      ([, second]) => isRefused(second),
      () => kafka.log.append(topic, [message({}), late, message({})], soon()),
    )

    expect(results).toMatchObject([
      { state: 'written' },
      { state: 'refused', reason: 'malformed' },
      { state: 'written' },
    ])
  })

  test('tells its own time where the topic has it', async () => {
    const topic = await make({ 'message.timestamp.type': 'LogAppendTime' })

    const beforeMs = Date.now()

    await until(async () => {
      const [result] = await kafka.log.append(topic, [message({ timestampMs: 1000 })], soon())
      return result?.state === 'written' && result.timestampMs >= beforeMs
    })
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
    const messages = sizes.map((size) => message({ value: 'x'.repeat(size) }))

    const results = await once(
      ([, , third]) => isRefused(third),
      () => kafka.log.append(topic, messages, soon()),
    )

    const written = { state: 'written' }
    const refused = { state: 'refused', reason: 'too-large' }
    expect(results).toMatchObject([written, written, refused, written, written])
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
