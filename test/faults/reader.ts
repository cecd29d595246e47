// The independent reader: kafkajs, from the brokers themselves, every record of every partition. It
// shares no code with what wrote them.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EachBatchPayload } from 'kafkajs'
import { clientOf, type Cluster } from './cluster.ts'
import { readContent } from './content.ts'
import type { Ledger } from './ledger.ts'

const STALLED_MS = 60_000

/** Shows the ledger all that lies in these topics; resolves with the number of records. */
export async function readBack(
  cluster: Cluster,
  topics: readonly string[],
  ledger: Ledger,
): Promise<number> {
  const ends = await endsOf(cluster, topics)
  const ahead = new Set([...ends].filter(([, end]) => end > 0).map(([where]) => where))
  let records = 0
  let lastMs = Date.now()
  const consumer = clientOf(cluster.direct).consumer({
    groupId: `reader-${randomUUID()}`,
    maxWaitTimeInMs: 200,
    retry: { retries: 50 },
  })
  const positions = new Map<string, number>()
  const eachBatch = ({ batch }: EachBatchPayload): Promise<void> => {
    const where = `${batch.topic}/${batch.partition}`
    lastMs = Date.now()
    for (const { offset: text, key, value } of batch.messages) {
      const offset = Number(text)
      // A batch that is fetched again after an error was seen already.
      if (offset < (positions.get(where) ?? 0)) continue
      positions.set(where, offset + 1)
      records++
      ledger.see({
        ...{ topic: batch.topic, partition: batch.partition, offset },
        ...readContent(key, value),
      })
    }
    if (Number(batch.lastOffset()) + 1 >= (ends.get(where) ?? 0)) ahead.delete(where)
    return Promise.resolve()
  }
  await consumer.connect()
  await consumer.subscribe({ topics: [...topics], fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatch, partitionsConsumedConcurrently: 1 })
  while (ahead.size > 0) {
    if (Date.now() - lastMs > STALLED_MS) throw new Error(`cannot read ${[...ahead].join(', ')}`)
    await sleep(100)
  }
  await consumer.disconnect()
  return records
}

/** The high watermark of every partition. */
async function endsOf(
  cluster: Cluster,
  topics: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>()
  for (const topic of topics) {
    const offsets = await cluster.withAdmin((admin) => admin.fetchTopicOffsets(topic))
    for (const { partition, high } of offsets) ends.set(`${topic}/${partition}`, Number(high))
  }
  return ends
}
