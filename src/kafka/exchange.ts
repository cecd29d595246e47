// One Produce request and its reply: batches out, one outcome for each back, in their order. It
// never throws: a connection that broke and a reply that makes no sense are outcomes, too.

import { compressBatch } from './compression.ts'
import type { Compressor } from './compression.ts'
import type { Crc32c } from './crc32c.ts'
import type { Batch, Lane } from './lane.ts'
import { LinkError } from './link.ts'
import type { Link } from './link.ts'
import {
  PRODUCE_KEY,
  decodeProduce,
  encodeProduce,
  produceApi,
  produceTopicKey,
} from './protocol/produce.ts'
import type { ProduceAnswer, ProducePart, ProduceTopic } from './protocol/produce.ts'
import { writeBatch } from './protocol/record-batch.ts'
import type { Outcome } from './recovery.ts'
import type { TopicView } from './topic-view.ts'

/** A lane's batch on its way. */
export interface Sent {
  readonly lane: Lane
  readonly batch: Batch
}

export interface ExchangeOptions {
  readonly clientId: string
  readonly crc32c: Crc32c
  /** Absent: batches travel as they are. */
  readonly compressor?: Compressor | undefined
  /** How long the broker may wait for replicas; the connection's time-out is above it. */
  readonly produceTimeoutMs: number
}

export interface Exchanged {
  readonly outcomes: readonly Outcome[]
  readonly throttleMs: number
  /** Of the request. */
  readonly bytes: number
}

const NOT_ANSWERED: Outcome = {
  kind: 'lost',
  written: true,
  reason: 'The broker answered, but not for this partition',
}

/** Sends batches in one request and waits for what came of them. */
export async function exchange(
  link: Link,
  sent: readonly Sent[],
  options: ExchangeOptions,
): Promise<Exchanged> {
  if (options.compressor !== undefined) await compressAll(sent, options)
  const topics = groupByTopic(sent, options.crc32c)
  const byId = topics.every(({ id }) => id !== null)
  const api = produceApi(byId ? link.versionMax(PRODUCE_KEY) : 0)
  const { clientId, produceTimeoutMs: timeoutMs } = options
  const frame = encodeProduce(api, { clientId, timeoutMs, topics })
  const bytes = frame.length
  try {
    const { answers, throttleMs } = decodeProduce(api, await link.request(frame))
    const byTopic = groupAnswers(answers)
    const outcomes = sent.map(({ lane: { topic, partition } }): Outcome => {
      const answer = byTopic.get(produceTopicKey(api, topic))?.get(partition)
      return answer === undefined ? NOT_ANSWERED : { kind: 'answered', answer }
    })
    return { outcomes, throttleMs, bytes }
  } catch (error) {
    const outcome = lost(error)
    link.destroy(outcome.reason)
    return { outcomes: sent.map(() => outcome), throttleMs: 0, bytes }
  }
}

async function compressAll(
  sent: readonly Sent[],
  { compressor, crc32c }: ExchangeOptions,
): Promise<void> {
  if (compressor === undefined) return
  await Promise.all(sent.map(({ batch }) => compressBatch(batch, { compressor, crc32c })))
}

function lost(error: unknown): Extract<Outcome, { kind: 'lost' }> {
  if (error instanceof LinkError) {
    return { kind: 'lost', written: error.written, reason: error.message }
  }
  return { kind: 'lost', written: true, reason: `The reply makes no sense: ${String(error)}` }
}

function groupByTopic(sent: readonly Sent[], crc32c: Crc32c): ProduceTopic[] {
  const groups = new Map<TopicView, ProducePart[]>()
  for (const { lane, batch } of sent) {
    const part = {
      partition: lane.partition,
      bytes: batch.encoded?.length ?? batch.bytes,
      write: (target: Buffer): void => write(batch, target, crc32c),
    }
    const parts = groups.get(lane.topic)
    if (parts === undefined) groups.set(lane.topic, [part])
    else parts.push(part)
  }
  return Array.from(groups, ([{ name, id }, parts]) => ({ name, id, parts }))
}

// The first time in place unless it was compressed, from then on the same bytes.
function write(batch: Batch, target: Buffer, crc32c: Crc32c): void {
  if (batch.encoded === undefined) writeBatch(target, batch, { producer: batch.producer, crc32c })
  else batch.encoded.copy(target)
  batch.encoded = target
}

function groupAnswers(answers: readonly ProduceAnswer[]) {
  const groups = new Map<string, Map<number, ProduceAnswer>>()
  for (const answer of answers) {
    let group = groups.get(answer.topic)
    if (group === undefined) groups.set(answer.topic, (group = new Map<number, ProduceAnswer>()))
    group.set(answer.partition, answer)
  }
  return groups
}
