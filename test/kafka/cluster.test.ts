// The log over three real brokers: metadata that lag behind, TLS, logins that expire, rights that
// are withdrawn, and leaders that die.

import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel } from 'kafkajs'
import { ResourcePatternTypes } from 'kafkajs'
import type { Admin } from 'kafkajs'
import { createKafkaLog } from '../../src/kafka/log.ts'
import type { KafkaLog, KafkaLogOptions } from '../../src/kafka/log.ts'
import { startKafkaCluster } from '../support/kafka-cluster.ts'
import type { KafkaCluster } from '../support/kafka-cluster.ts'
import { gist, wish } from '../support/reads-suite.ts'
import { describeLog, message, uniqueTopic, until, writable } from '../support/log-suite.ts'

const REAUTHENTICATE_MS = 2000

let cluster: KafkaCluster
let admin: Admin

beforeAll(async () => {
  cluster = await startKafkaCluster({
    nodes: 3,
    tls: {},
    sasl: { users: { writer: 'secret' }, mechanisms: ['PLAIN', 'SCRAM-SHA-512'] },
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'allow.everyone.if.no.acl.found': 'true',
      'connections.max.reauth.ms': String(REAUTHENTICATE_MS),
    },
  })
  admin = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
}, 120_000)
afterAll(async () => {
  await admin.disconnect()
  await cluster.stop()
})

const soon = (ms = 15_000): number => Date.now() + ms

async function open(options: Partial<KafkaLogOptions> = {}): Promise<KafkaLog> {
  const kafka = createKafkaLog({
    brokers: cluster.brokers,
    clientId: 'cluster',
    bytesMax: 64 * 1024 * 1024,
    ...options,
  })
  await kafka.connect(Date.now() + 30_000)
  return kafka
}

async function make(kafka: KafkaLog, partitions: number): Promise<string> {
  const topic = uniqueTopic()
  await kafka.topics.create(topic, { partitions })
  await writable(kafka.log, topic, partitions)
  return topic
}

describeLog('three brokers', open)

describe('logins', () => {
  const sasl = { mechanism: 'scram-sha-512', username: 'writer', password: 'secret' } as const

  test('TLS and SCRAM, renewed before the login expires', async () => {
    const kafka = await open({
      brokers: cluster.saslTlsBrokers,
      ssl: { ca: cluster.authority.ca },
      sasl,
    })
    const topic = await make(kafka, 3)

    const untilMs = Date.now() + 2.5 * REAUTHENTICATE_MS
    const states = new Set<string>()
    while (Date.now() < untilMs) {
      const messages = [0, 1, 2].map((partition) => message({ partition }))
      for (const { state } of await kafka.log.append(topic, messages, soon())) states.add(state)
    }
    await kafka.close()

    expect(states).toEqual(new Set(['written']))
  })

  test('a wrong password is told when connecting', async () => {
    const kafka = createKafkaLog({
      brokers: cluster.saslBrokers,
      clientId: 'stranger',
      sasl: { ...sasl, password: 'wrong' },
      bytesMax: 1000,
    })

    await expect(kafka.connect(Date.now() + 3000)).rejects.toThrow(/cannot be reached.*credential/i)
    await kafka.close()
  })

  test('a right that is missing for one topic is transient, and hurts no other', async () => {
    const kafka = await open({ brokers: cluster.saslBrokers, sasl })
    const [denied, allowed] = [await make(kafka, 1), await make(kafka, 1)]
    const acl = {
      resourceType: AclResourceTypes.TOPIC,
      resourceName: denied,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: 'User:writer',
      host: '*',
      operation: AclOperationTypes.WRITE,
      permissionType: AclPermissionTypes.DENY,
    }
    await admin.createAcls({ acl: [acl] })
    const write = async (topic: string, timeoutMs: number): Promise<string> => {
      const [result] = await kafka.log.append(topic, [message({})], soon(timeoutMs))
      return result!.state === 'refused' ? result!.reason : result!.state
    }

    await until(async () => (await write(denied, 500)) === 'unavailable')
    expect(await write(allowed, 5000)).toBe('written')
    await admin.deleteAcls({ filters: [acl] })
    await until(async () => (await write(denied, 5000)) === 'written')
    await kafka.close()
  })
})

test('leaders are killed and paused while lanes write: nothing lost, doubled or misplaced', async () => {
  const kafka = await open()
  const topic = await make(kafka, 6)
  const sent = new Map<string, { partition: number; outcome: string }>()
  let stop = false
  const lanes = Array.from({ length: 6 }, async (_, partition) => {
    for (let i = 0; !stop; i++) {
      const values = [0, 1, 2, 3, 4].map((n) => `${partition}-${i}-${n}`)
      const messages = values.map((value) => message({ partition, value }))
      const results = await kafka.log.append(topic, messages, soon(30_000))
      results.forEach((result, n) => {
        const outcome = result.state === 'written' ? `at ${result.offset}` : result.state
        sent.set(values[n]!, { partition, outcome })
      })
    }
  })
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

  await wait(1000)
  await cluster.nodes[0]!.kill()
  await wait(4000)
  await cluster.nodes[0]!.start()
  await wait(2000)
  cluster.nodes[1]!.pause()
  await wait(5000)
  cluster.nodes[1]!.resume()
  await wait(2000)
  stop = true
  await Promise.all(lanes)
  await kafka.close()

  const stored = await read(topic)
  const wrong = [...sent].filter(
    ([value, { partition, outcome }]) =>
      JSON.stringify(stored.get(value)) !==
      JSON.stringify([`${partition} ${outcome}`.replace('at ', '')]),
  )
  expect(wrong).toEqual([])
  expect(sent.size).toBeGreaterThan(1000)
}, 120_000)

test('a leader that dies delays who reads, and hides nothing', async () => {
  const kafka = await open()
  const topic = await make(kafka, 3)
  const leaders = (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]!.partitions
  const { partitionId: partition, leader } = leaders[0]!
  const put = async (value: string): Promise<void> => {
    const [result] = await kafka.log.append(topic, [message({ partition, value })], soon(30_000))
    expect(result!.state).toBe('written')
  }
  const reading = async (offset: number, waitMs: number): Promise<unknown> =>
    gist(await kafka.reads.read(topic, wish({ partition, offset, waitMs }), soon(40_000)))
  await put('a')
  expect(await reading(0, 0)).toMatchObject({ values: ['a'] })

  const waiting = reading(1, 30_000)
  await cluster.nodes.find(({ id }) => id === leader)!.kill()
  await put('b')

  expect(await waiting).toEqual({ values: ['b'], next: 2, end: 2 })
  expect(await reading(0, 0)).toEqual({ values: ['a', 'b'], next: 2, end: 2 })
  expect(await kafka.reads.bounds(topic, partition, soon())).toMatchObject({ start: 0, end: 2 })
  await cluster.nodes.find(({ id }) => id === leader)!.start()
  await kafka.close()
}, 120_000)

/** Places by value, read by somebody else. */
async function read(topic: string): Promise<Map<string, string[]>> {
  const stored = new Map<string, string[]>()
  const kafka = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 200 })
  const ends = await admin.fetchTopicOffsets(topic)
  const total = ends.reduce((sum, { high }) => sum + Number(high), 0)
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  let count = 0
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: ({ partition, message: { offset, value } }) => {
        const text = value!.toString()
        stored.set(text, [...(stored.get(text) ?? []), `${partition} ${offset}`])
        if (++count === total) resolve()
        return Promise.resolve()
      },
    })
  })
  await consumer.disconnect()
  return stored
}
