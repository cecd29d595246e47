// Three brokers, each behind a proxy that it advertises: the service knows no other address, while
// the brokers talk to each other, and the harness to them, directly. What a fault wants to know of
// them: who leads, who controls, whether all is well.

import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel, type Admin } from 'kafkajs'
import { startKafkaCluster, type ClusterNode } from '../support/kafka-cluster.ts'
import { createProxy, type Proxy } from './proxy.ts'
import { quorumLeader } from './quorum.ts'

export interface Broker {
  readonly id: number
  readonly front: Proxy
  readonly kill: () => Promise<void>
  readonly pause: () => void
  readonly resume: () => void
  readonly stop: () => Promise<void>
  /** Starts it after `kill` or `stop`. */
  readonly start: () => Promise<void>
}

export interface Cluster {
  readonly brokers: readonly Broker[]
  /** What the service is told: the proxies. */
  readonly addresses: string[]
  /** The brokers themselves. */
  readonly direct: string[]
  /** With a client of its own, tried again while brokers fail. */
  readonly withAdmin: <T>(use: (admin: Admin) => Promise<T>) => Promise<T>
  readonly createTopics: (names: readonly string[], partitions: number) => Promise<void>
  /** Adds one partition; answers the new count. */
  readonly grow: (topic: string) => Promise<number>
  /** Prefers another replica as the leader of every partition; Kafka moves them within seconds. */
  readonly moveLeaders: (topic: string) => Promise<void>
  readonly leaderOf: (topic: string) => Promise<Broker>
  readonly controller: () => Promise<Broker>
  /** Resolves when every partition has a leader and all its replicas in sync. */
  readonly healthy: () => Promise<void>
  readonly stop: () => Promise<void>
}

const TRIES_MAX = 60
const HEALTH_TIMEOUT_MS = 120_000
const REPLICAS = [1, 2, 3]

export async function startCluster(): Promise<Cluster> {
  const fronts = await Promise.all(REPLICAS.map(createProxy))
  const kafka = await startKafkaCluster({
    nodes: 3,
    fronts: fronts.map(({ port }) => port),
    properties: {
      // Leaders come back to a broker that was away, and follow a change of preference.
      'leader.imbalance.check.interval.seconds': '5',
      'leader.imbalance.per.broker.percentage': '0',
    },
  })
  for (const [i, front] of fronts.entries()) front.aim(Number(kafka.fronted[i]!.split(':')[1]))
  const brokers = kafka.nodes.map((node, i) => createBroker(node, fronts[i]!))
  const topics: string[] = []
  const brokerOf = (id: number) => {
    const found = brokers.find((broker) => broker.id === id)
    if (!found) throw new Error(`no broker ${id}`)
    return found
  }

  async function withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    for (let left = TRIES_MAX; ; left--) {
      const admin = clientOf(kafka.brokers).admin()
      try {
        await admin.connect()
        return await use(admin)
      } catch (error) {
        if (left === 0) throw error
        await sleep(500)
      } finally {
        await admin.disconnect().catch(() => undefined)
      }
    }
  }

  const partitionsOf = (topic: string) =>
    withAdmin(async (admin) => {
      const { topics: found } = await admin.fetchTopicMetadata({ topics: [topic] })
      return found[0]?.partitions ?? []
    })

  async function areHealthy(): Promise<boolean> {
    return withAdmin(async (admin) => {
      const found = await admin.fetchTopicMetadata({ topics })
      const partitions = found.topics.flatMap((topic) => topic.partitions)
      return partitions.every(({ leader, isr }) => leader > 0 && isr.length === REPLICAS.length)
    })
  }

  async function healthy(): Promise<void> {
    const deadlineMs = Date.now() + HEALTH_TIMEOUT_MS
    while (!(await areHealthy().catch(() => false))) {
      if (Date.now() > deadlineMs) throw new Error('the brokers did not recover')
      await sleep(250)
    }
  }

  return {
    ...{ brokers, withAdmin, healthy, direct: kafka.brokers },
    addresses: fronts.map(({ port }) => `127.0.0.1:${port}`),
    async createTopics(names, numPartitions) {
      topics.push(...names)
      const replicationFactor = REPLICAS.length
      const wanted = names.map((topic) => ({ topic, numPartitions, replicationFactor }))
      await withAdmin((admin) => admin.createTopics({ topics: wanted, waitForLeaders: false }))
      await healthy()
    },
    async grow(topic) {
      const count = (await partitionsOf(topic)).length + 1
      const topicPartitions = [{ topic, count }]
      await withAdmin((admin) => admin.createPartitions({ topicPartitions }))
      return count
    },
    async moveLeaders(topic) {
      const partitions = await partitionsOf(topic)
      const partitionAssignment = partitions.map(({ partitionId, replicas }) => {
        const [first = 1, ...others] = replicas
        return { partition: partitionId, replicas: [...others, first] }
      })
      const reassignment = { topics: [{ topic, partitionAssignment }] }
      await withAdmin((admin) => admin.alterPartitionReassignments(reassignment))
    },
    async leaderOf(topic) {
      for (;;) {
        const led = (await partitionsOf(topic)).find(({ leader }) => leader > 0)
        if (led) return brokerOf(led.leader)
        await sleep(200)
      }
    },
    controller: async () => brokerOf(await quorumLeader(kafka.brokers)),
    async stop() {
      await kafka.stop()
      for (const front of fronts) front.shut()
    },
  }
}

/** A client that gives up soon, because its user tries again. */
export function clientOf(brokers: string[]): Kafka {
  return new Kafka({
    brokers,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2000,
    requestTimeout: 5000,
    retry: { retries: 1, initialRetryTime: 100 },
  })
}

function createBroker(node: ClusterNode, front: Proxy): Broker {
  const { id, pause, resume } = node
  return {
    ...{ id, front, pause, resume },
    async kill() {
      await node.kill()
      front.shut()
    },
    async stop() {
      await node.stop()
      front.shut()
    },
    async start() {
      await front.reopen()
      await node.start()
    },
  }
}
