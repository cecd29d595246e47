// The clients that run in Node: each sends one call and tells how many of its records were stored.

import { Kafka, logLevel } from 'kafkajs'
import type { Compression } from '../../src/kafka/compression.ts'
import { createKafkaLog } from '../../src/kafka/log.ts'
import { PARTITIONS } from './workload.ts'

export interface Client {
  /** Sends records, spread over the partitions from `first`; resolves with how many are stored. */
  readonly send: (topic: string, values: readonly Buffer[], first: number) => Promise<number>
  /** Bytes of requests so far; 0 where unknown. */
  readonly sentBytes: () => number
  readonly close: () => Promise<void>
}

const BUDGET_BYTES = 256 * 2 ** 20
const DEADLINE_MS = 60_000

export async function openEngine(
  brokers: readonly string[],
  compression: Compression,
): Promise<Client> {
  let sentBytes = 0
  const kafka = createKafkaLog({
    ...{ brokers, clientId: 'bench', bytesMax: BUDGET_BYTES, compression },
    // Longer than anything here takes: what is measured is speed, not impatience.
    requestTimeoutMs: DEADLINE_MS,
    onEvent(event) {
      if (event.type === 'produce') sentBytes += event.bytes
    },
  })
  await kafka.connect(Date.now() + DEADLINE_MS)
  return {
    async send(topic, values, first) {
      const messages = values.map((value, i) => {
        return { partition: (first + i) % PARTITIONS, key: null, value }
      })
      const answers = await kafka.log.append(topic, messages, Date.now() + DEADLINE_MS)
      let stored = 0
      for (const { state } of answers) if (state === 'written') stored++
      return stored
    },
    sentBytes: () => sentBytes,
    close: () => kafka.close(),
  }
}

/** kafkajs as it must be used so that no record is lost unseen: a send() for each partition. */
export async function openKafkajs(brokers: readonly string[]): Promise<Client> {
  const kafka = new Kafka({
    ...{ brokers: [...brokers], clientId: 'bench', logLevel: logLevel.NOTHING },
    requestTimeout: DEADLINE_MS,
  })
  const producer = kafka.producer()
  await producer.connect()
  return {
    async send(topic, values, first) {
      const groups = new Map<number, { value: Buffer; partition: number }[]>()
      for (const [i, value] of values.entries()) {
        const partition = (first + i) % PARTITIONS
        const group = groups.get(partition)
        if (group === undefined) groups.set(partition, [{ value, partition }])
        else group.push({ value, partition })
      }
      const counts = Array.from(groups.values(), async (messages) => {
        await producer.send({ topic, messages, acks: -1 })
        return messages.length
      })
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
    },
    sentBytes: () => 0,
    close: () => producer.disconnect(),
  }
}
