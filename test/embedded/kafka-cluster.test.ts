import { existsSync } from 'node:fs'
import { Kafka, logLevel, type KafkaConfig } from 'kafkajs'
import { startKafkaCluster } from '../support/kafka-cluster.ts'
import { until } from './processes.ts'

jest.setTimeout(180_000)

const clientFor = (brokers: string[], rest: Partial<KafkaConfig> = {}) =>
  new Kafka({ brokers, logLevel: logLevel.NOTHING, requestTimeout: 3000, ...rest })

async function write(kafka: Kafka, topic: string): Promise<void> {
  const producer = kafka.producer({ retry: { retries: 30, maxRetryTime: 1000 } })
  await producer.connect()
  await producer.send({ topic, acks: -1, messages: [{ value: 'x' }] })
  await producer.disconnect()
}

async function replicas(kafka: Kafka, topic: string): Promise<{ isr: number; leader: number }> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    const partition = topics[0]!.partitions[0]!
    return { isr: partition.isr.length, leader: partition.leader }
  } finally {
    await admin.disconnect()
  }
}

async function create(kafka: Kafka, topic: string): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 1 }] })
  await admin.disconnect()
}

/** Metadata lags behind on each broker: kafkajs throws as long as one asked does not know it. */
const isrIs = (kafka: Kafka, topic: string, isr: number) =>
  until(
    () =>
      replicas(kafka, topic).then(
        (state) => state.isr === isr,
        () => false,
      ),
    60_000,
  )

it('loses a node, hangs one, and gets both back', async () => {
  const cluster = await startKafkaCluster({ nodes: 3 })
  try {
    const kafka = clientFor(cluster.brokers)
    await create(kafka, 't')
    await isrIs(kafka, 't', 3)
    const { leader } = await replicas(kafka, 't')
    const node = cluster.nodes.find(({ id }) => id === leader)!
    await node.kill()
    expect(() => node.pid()).toThrow('does not run')
    await write(kafka, 't')
    expect((await replicas(kafka, 't')).leader).not.toBe(leader)
    await node.start()
    await isrIs(kafka, 't', 3)
    node.pause()
    await isrIs(clientFor(cluster.brokers.filter((broker) => broker !== node.broker)), 't', 2)
    node.resume()
    await isrIs(kafka, 't', 3)
    const before = node.pid()
    await node.restart()
    expect(node.pid()).not.toBe(before)
    await isrIs(kafka, 't', 3)
  } finally {
    await cluster.stop()
  }
})

it('speaks TLS and SASL, on one node', async () => {
  let folder: string
  {
    await using cluster = await startKafkaCluster({
      nodes: 1,
      tls: { requireClientCertificate: true },
      sasl: {
        users: { alice: 'a secret', bob: 'b' },
        mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
      },
    })
    folder = cluster.directory
    await create(clientFor(cluster.brokers), 't')
    const client = cluster.authority.issue('client')
    const ssl = { ca: cluster.authority.ca, ...client }
    await write(clientFor(cluster.tlsBrokers, { ssl }), 't')
    const stranger = clientFor(cluster.tlsBrokers, { ssl: { ca: ssl.ca }, retry: { retries: 0 } })
    await expect(write(stranger, 't')).rejects.toThrow()
    for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
      const sasl = { mechanism, username: 'alice', password: 'a secret' } as KafkaConfig['sasl']
      await write(clientFor(cluster.saslBrokers, { sasl: sasl! }), 't')
      await write(clientFor(cluster.saslTlsBrokers, { ssl, sasl: sasl! }), 't')
      const wrong = { mechanism, username: 'alice', password: 'b' } as KafkaConfig['sasl']
      const denied = clientFor(cluster.saslBrokers, { sasl: wrong!, retry: { retries: 0 } })
      await expect(write(denied, 't')).rejects.toThrow()
    }
  }
  expect(existsSync(folder)).toBe(false)
})

it('has rights', async () => {
  await using cluster = await startKafkaCluster({
    nodes: 1,
    sasl: { users: { alice: 'a' } },
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    },
  })
  await create(clientFor(cluster.brokers), 't')
  await write(clientFor(cluster.brokers), 't')
  const sasl = { mechanism: 'plain', username: 'alice', password: 'a' } as const
  const alice = clientFor(cluster.saslBrokers, { sasl, retry: { retries: 0 } })
  await expect(write(alice, 't')).rejects.toThrow(/authoriz/i)
})
