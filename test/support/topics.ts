// Topics made in Kafka itself, as an operator of Kafka makes them.

import { Kafka, logLevel } from 'kafkajs'

export interface NewTopics {
  readonly topics: readonly string[]
  readonly partitions: number
}

/** Resolves when the topics can be written. */
export async function createTopics(
  brokers: readonly string[],
  { topics, partitions }: NewTopics,
): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({
    topics: topics.map((topic) => ({ topic, numPartitions: partitions })),
  })
  await admin.disconnect()
}
