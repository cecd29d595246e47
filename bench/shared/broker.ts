// A Kafka of one node, tuned for throughput as far as two cores go: both compilers, and 1 GB for a thousand
// topics.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel, type Admin } from 'kafkajs'
import { jarsFor } from '../../src/embedded/jars.ts'
import { findJava } from '../../src/embedded/java.ts'
import { startKafkaProcess } from '../../src/embedded/kafka-process.ts'
import { randomKafkaId } from '../../src/embedded/node-config.ts'
import { freePorts } from '../../src/embedded/ports.ts'
import { cpuUs } from './process-stat.ts'

export interface Broker {
  readonly pid: number
  readonly brokers: readonly string[]
  /** Path of the java executable. */
  readonly java: string
  /** The folder of Kafka's jars. */
  readonly jars: string
  /**
   * Creates topics that have as many partitions each; resolves once each partition has taken its first
   * records, which cost much more than others and are not counted, and nothing of earlier topics keeps the
   * broker busy.
   */
  readonly createTopics: (topics: readonly string[], partitions: number) => Promise<void>
  /** How many records lie in topics, all together; then deletes them. */
  readonly countAndDelete: (topics: readonly string[]) => Promise<number>
  readonly stop: () => Promise<void>
}

const JVM_FLAGS = ['-XX:TieredStopAtLevel=4', '-Xms1g', '-Xmx1g']
const READY_WITHIN_MS = 60_000
const POLL_MS = 50
/** An index has an entry once more than 4,096 bytes lie before a record. */
const FIRST_RECORDS = 2
const FIRST_BYTES = 5000
/** Calm is a broker that uses less than a tenth of a core for so long. */
const CALM_MS = 300
const CALM_WITHIN_MS = 30_000

/** `root`: the repository's; everything lies under its ignored folder. */
export async function startBroker(root: string): Promise<Broker> {
  const cache = join(root, '.cache')
  mkdirSync(cache, { recursive: true })
  const java = await findJava(process.env)
  const jars = await jarsFor(java, {
    directory: join(cache, 'kafka'),
    packageRoot: root,
    environment: process.env,
    progress: (line) => process.stderr.write(`${line}\n`),
  })
  const directory = mkdtempSync(join(cache, 'bench-kafka-'))
  // Also where the bench is broken off.
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const [port = 0, controllerPort = 0] = await freePorts(2)
  const server = await startKafkaProcess({
    ...{ directory, jars, java: java.command, environment: process.env },
    plan: {
      nodeId: 1,
      voters: [{ nodeId: 1, port: controllerPort }],
      listeners: [{ name: 'PLAINTEXT', protocol: 'PLAINTEXT', port }],
      // Gigabytes are written, and nobody reads them. Indexes are as large as such a segment needs.
      properties: {
        ...{ 'log.segment.delete.delay.ms': '500', 'log.segment.bytes': '67108864' },
        'log.index.size.max.bytes': '262144',
      },
    },
    clusterId: randomKafkaId(),
    jvmFlags: JVM_FLAGS,
  })
  const brokers = [`127.0.0.1:${port}`]
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const firstRecords = new Map<string, number>()
  return {
    ...{ pid: server.pid, brokers, java: java.command, jars },
    async createTopics(topics, partitions) {
      await admin.createTopics({
        topics: topics.map((topic) => ({ topic, numPartitions: partitions })),
        waitForLeaders: false, // which fails where the topic is not there at once
      })
      const deadlineMs = Date.now() + READY_WITHIN_MS
      for (const topic of topics) await untilWritable(admin, topic, deadlineMs)
      await writeFirst(kafka, topics, partitions)
      for (const topic of topics) firstRecords.set(topic, partitions * FIRST_RECORDS)
      await untilCalm(server.pid)
    },
    async countAndDelete(topics) {
      let records = 0
      for (const topic of topics) {
        const offsets = await admin.fetchTopicOffsets(topic)
        records += offsets.reduce((sum, { high }) => sum + Number(high), 0)
        records -= firstRecords.get(topic) ?? 0
        firstRecords.delete(topic)
      }
      await admin.deleteTopics({ topics: [...topics] })
      return records
    },
    async stop() {
      await admin.disconnect()
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function untilWritable(admin: Admin, topic: string, deadlineMs: number): Promise<void> {
  for (;;) {
    try {
      await admin.fetchTopicOffsets(topic)
      return
    } catch (error) {
      if (Date.now() > deadlineMs) throw error
      await sleep(POLL_MS)
    }
  }
}

/**
 * Records of the size and number that make Kafka begin a partition's indexes: the first write to each is a
 * page fault, milliseconds of the broker's CPU. By a producer of its own, since kafkajs' would go on asking
 * for topics that are deleted since.
 */
async function writeFirst(
  kafka: Kafka,
  topics: readonly string[],
  partitions: number,
): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  for (let i = 0; i < FIRST_RECORDS; i++) {
    const messages = Array.from({ length: partitions }, (_, partition) => {
      return { partition, value: Buffer.alloc(FIRST_BYTES) }
    })
    await producer.sendBatch({ topicMessages: topics.map((topic) => ({ topic, messages })) })
  }
  await producer.disconnect()
}

/** Topics are deleted some time after they were asked to be. On a broker that is never calm it goes on. */
async function untilCalm(pid: number): Promise<void> {
  const deadlineMs = Date.now() + CALM_WITHIN_MS
  for (;;) {
    const before = cpuUs(pid)
    await sleep(CALM_MS)
    if (cpuUs(pid) - before <= CALM_MS * 100 || Date.now() > deadlineMs) return
  }
}
