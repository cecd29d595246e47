// The independent reader: what lies in a topic, read by kafkajs' own consumer from its first record
// to its last, and nothing of ours in between. And the comparison with what producers were told.

import { randomUUID } from 'node:crypto'
import {
  Kafka,
  KafkaJSError,
  logLevel,
  type Admin,
  type Consumer,
  type KafkaMessage,
} from 'kafkajs'
import { until } from './until.ts'

export interface StoredRecord {
  readonly partition: number
  readonly offset: number
  /** Keys are text in all dialects. */
  readonly key: string | null
  readonly value: Buffer | null
  readonly timestampMs: number
  readonly headers: Readonly<Record<string, string>>
}

/** A record that was sent, and where its answer says it is. */
export interface Acknowledged {
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: Buffer
  /** Default: none. */
  readonly headers?: Readonly<Record<string, string>>
}

const READ_WITHIN_MS = 20_000

/** All records of a topic, by partition and offset. */
export async function readTopic(
  brokers: readonly string[],
  topic: string,
): Promise<readonly StoredRecord[]> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const groupId = `reader-${randomUUID()}`
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 })
  await admin.connect()
  try {
    const ends = await readEnds(admin, topic)
    if (ends.size === 0) return []
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    return await readUpTo(consumer, ends)
  } finally {
    await consumer.disconnect()
    await admin.deleteGroups([groupId]).catch(() => undefined)
    await admin.disconnect()
  }
}

/** The next offset of each partition that has records. */
async function readEnds(admin: Admin, topic: string): Promise<Map<number, number>> {
  let offsets: Awaited<ReturnType<Admin['fetchTopicOffsets']>> = []
  // A new partition's leader may not know yet that it is one.
  await until(async () => {
    try {
      offsets = await admin.fetchTopicOffsets(topic)
      return true
    } catch (error) {
      if (error instanceof KafkaJSError && error.retriable) return false
      throw error
    }
  }, READ_WITHIN_MS)
  return new Map(
    offsets.flatMap(({ partition, low, high }) =>
      Number(high) > Number(low) ? [[partition, Number(high)]] : [],
    ),
  )
}

async function readUpTo(consumer: Consumer, ends: Map<number, number>): Promise<StoredRecord[]> {
  const records: StoredRecord[] = []
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      const missing = [...ends].map(([partition, end]) => `partition ${partition} up to ${end}`)
      reject(new Error(`not read within ${READ_WITHIN_MS} ms: ${missing.join(', ')}`))
    }, READ_WITHIN_MS)
    const eachMessage = ({ partition, message }: { partition: number; message: KafkaMessage }) => {
      const record = recordOf(partition, message)
      records.push(record)
      if (record.offset + 1 >= (ends.get(partition) ?? Infinity)) ends.delete(partition)
      if (ends.size === 0) {
        clearTimeout(timer)
        resolve()
      }
      return Promise.resolve()
    }
    consumer.run({ autoCommit: false, eachMessage }).catch(reject)
  })
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
}

function recordOf(partition: number, message: KafkaMessage): StoredRecord {
  return {
    partition,
    offset: Number(message.offset),
    key: message.key?.toString('utf8') ?? null,
    value: message.value,
    timestampMs: Number(message.timestamp),
    headers: Object.fromEntries(
      Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
    ),
  }
}

/**
 * Holds the topic against the answers, in the order sent: each record lies where its answer said, as
 * it was sent; nothing else does; and within a partition the order is the one of sending.
 */
export function expectStored(
  answers: readonly Acknowledged[],
  records: readonly StoredRecord[],
): void {
  const stored = records.map(({ timestampMs: _, ...record }) => record)
  const expected = answers.map((answer) => ({ headers: {}, ...answer }))
  expect(stored).toEqual(
    [...expected].sort((a, b) => a.partition - b.partition || a.offset - b.offset),
  )
  for (const partition of new Set(answers.map((answer) => answer.partition))) {
    const offsets = answers
      .filter((answer) => answer.partition === partition)
      .map(({ offset }) => offset)
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b))
  }
}
