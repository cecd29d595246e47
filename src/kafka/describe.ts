// What the catalogue shows of a topic: its settings, and the first and next offset of each
// partition, as its leader tells them.

import type { PartitionState, TopicState } from '../core/log.ts'
import { exchangeWith, listOffsets } from './codecs.ts'
import { NONE } from './errors.ts'
import { readSettings } from './settings.ts'
import { idText } from './topic-view.ts'
import type { TopicView } from './topic-view.ts'
import type { TopicsOptions } from './topics.ts'

/** The timestamps that ask for the ends of a partition. */
const FIRST = -2
const NEXT = -1
const NO_REPLICA = -1
const READ_UNCOMMITTED = 0

/** Describes a topic. Rejects with `stream-not-found` or `unavailable`. */
export async function describeTopic(topic: string, options: TopicsOptions): Promise<TopicState> {
  const { brokers, metadata, clientId, requestTimeoutMs } = options
  const view = await metadata.lookUp(topic, requestTimeoutMs)
  const [settings, first, next] = await Promise.all([
    brokers.ask((link) => readSettings(link, clientId, [topic])),
    readOffsets(view, FIRST, options),
    readOffsets(view, NEXT, options),
  ])
  const { retentionMs, messageBytesMax } = settings.reply.get(topic) ?? view
  const partitions = view.partitions.map(({ partition, leader }): PartitionState => ({
    partition,
    hasLeader: leader >= 0,
    startOffset: first.get(partition) ?? 0,
    endOffset: next.get(partition) ?? 0,
  }))
  return { id: idText(view.id), partitions, retentionMs, messageBytesMax }
}

// By partition; those whose leader does not tell are left out.
async function readOffsets(
  { name, partitions }: TopicView,
  timestamp: number,
  { brokers, clientId }: TopicsOptions,
): Promise<ReadonlyMap<number, number>> {
  const byLeader = new Map<number, { partition: number; timestamp: number }[]>()
  for (const { partition, leader } of partitions) {
    const wanted = byLeader.get(leader) ?? []
    wanted.push({ partition, timestamp })
    byLeader.set(leader, wanted)
  }
  byLeader.delete(-1)
  const offsets = new Map<number, number>()
  const reading = Array.from(byLeader, async ([leader, wanted]) => {
    const topics = [{ topic: name, partitions: wanted }]
    const request = listOffsets({ replicaId: NO_REPLICA, isolationLevel: READ_UNCOMMITTED, topics })
    const reply = await brokers.askOne((link) => exchangeWith(link, { clientId }, request), leader)
    for (const { partition, errorCode, offset } of reply.responses[0]?.partitions ?? []) {
      if (errorCode === NONE) offsets.set(partition, Number(offset))
    }
  })
  await Promise.all(reading)
  return offsets
}
