// Reading a topic for a person: the last records of each partition, then what comes. Needs the right
// to read and a consumer group of its own, which it removes again.

import { randomUUID } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import { Kafka, logLevel, type KafkaConfig } from 'kafkajs'

export interface TailRecord {
  readonly partition: number
  readonly offset: string
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer>>
}

export interface TailOptions {
  readonly topic: string
  /** Records already there to begin with, per partition. */
  readonly back: number
  readonly show: (record: TailRecord) => void
}

export interface TailConnection {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly ssl: ConnectionOptions | false
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  }
}

/** Resolves once reading has begun, with nothing where there is no such topic. */
export async function readTail(
  { brokers, ...connection }: TailConnection,
  { topic, back, show }: TailOptions,
): Promise<{ close: () => Promise<void> } | undefined> {
  const kafka = new Kafka({
    ...(connection as Omit<KafkaConfig, 'brokers'>),
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
  })
  const admin = kafka.admin()
  await admin.connect()
  if (!(await admin.listTopics()).includes(topic)) {
    await admin.disconnect()
    return undefined
  }
  const groupId = `tributary-tail-${randomUUID()}`
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 500 })
  const offsets = await admin.fetchTopicOffsets(topic)
  await consumer.connect()
  await consumer.subscribe({ topic })
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ partition, message }) => {
      show(toRecord(partition, message))
      return Promise.resolve()
    },
  })
  for (const { partition, low, high } of offsets) {
    const from = [BigInt(low), BigInt(high) - BigInt(back)].reduce((a, b) => (a > b ? a : b))
    consumer.seek({ topic, partition, offset: from.toString() })
  }
  return {
    async close() {
      await consumer.disconnect()
      await admin.deleteGroups([groupId]).catch(() => undefined)
      await admin.disconnect()
    },
  }
}

interface Message {
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, unknown>>
}

function toRecord(partition: number, message: Message): TailRecord {
  const headers = Object.entries(message.headers ?? {}).flatMap(([name, value]) =>
    Buffer.isBuffer(value) ? [[name, value] as const] : [],
  )
  return {
    partition,
    offset: message.offset,
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: Object.fromEntries(headers),
  }
}
