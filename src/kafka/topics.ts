// The catalogue's port: topics as Kafka keeps them.
//
// * Asked of any broker, which hands the request to the controller. A broker that cannot be reached
//   is passed over; a creation that is repeated so may find that the first attempt worked, and that
//   is success.
// * Settings change by IncrementalAlterConfigs, which leaves the others as they are.
// * After every change the topic is looked up again, so that the log writes by the new shape.

import { BridgeError } from '../core/errors.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { TopicChange, TopicPlan, Topics } from '../core/log.ts'
import type { Brokers } from './brokers.ts'
import { createPartitions, createTopics, deleteTopics, exchangeWith } from './codecs.ts'
import { describeTopic } from './describe.ts'
import { INVALID_PARTITIONS, NONE, TOPIC_EXISTS, UNKNOWN_TOPIC, meaningOf } from './errors.ts'
import type { Link } from './link.ts'
import type { Metadata } from './metadata.ts'
import { decodeAlterConfigs, encodeAlterConfigs } from './protocol/alter-configs.ts'
import { decodeMetadata, encodeMetadata, metadataApi, METADATA_KEY } from './protocol/metadata.ts'

export interface TopicsOptions {
  readonly brokers: Brokers
  readonly metadata: Metadata
  readonly clientId: string
  readonly requestTimeoutMs: number
}

/** What Kafka's codes mean for the catalogue; all others are `unavailable`. */
const CODES: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [3, 'stream-not-found'], // UNKNOWN_TOPIC_OR_PARTITION
  [17, 'invalid-name'], // INVALID_TOPIC_EXCEPTION: characters, length, or a collision of . and _
  [29, 'not-permitted'], // TOPIC_AUTHORIZATION_FAILED
  [31, 'not-permitted'], // CLUSTER_AUTHORIZATION_FAILED
  [36, 'stream-exists'], // TOPIC_ALREADY_EXISTS
  [37, 'limit-exceeded'], // INVALID_PARTITIONS
  [40, 'limit-exceeded'], // INVALID_CONFIG: a value that Kafka does not take
  [44, 'limit-exceeded'], // POLICY_VIOLATION
  [73, 'not-permitted'], // TOPIC_DELETION_DISABLED
  [89, 'limit-exceeded'], // THROTTLING_QUOTA_EXCEEDED
])

const REPLICAS_WANTED = 3
/**
 * What lies in the newest segment is never compacted, so it must not become large. Tombstones stay for
 * a day, whatever the broker's own default is: readers count on it.
 */
const COMPACTED: readonly [string, string][] = [
  ['cleanup.policy', 'compact'],
  ['delete.retention.ms', String(24 * 3_600_000)],
  ['segment.bytes', String(4 * 1024 * 1024)],
]

interface Result {
  readonly errorCode: number
  readonly errorMessage?: string | null
}

/** Creates the port over the same brokers and metadata as the log's. */
export function createTopicsPort(options: TopicsOptions): Topics {
  const { clientId, requestTimeoutMs: timeout } = options
  // The broker has as long as a request may take; so its answer may take longer.
  const terms = { clientId, timeoutMs: 2 * timeout }

  return {
    list: () => reach(() => listTopics(options)),
    describe: (topic) => reach(() => describeTopic(topic, options)),
    async create(topic, plan) {
      const topics = [planned(topic, plan, await countBrokers(options))]
      await change({ topic, doneBefore: TOPIC_EXISTS, creates: true }, options, async (link) => {
        const reply = await exchangeWith(link, terms, createTopics({ topics, timeout }))
        return only(reply.topicErrors)
      })
    },
    async grow(topic, count) {
      const topicPartitions = [{ topic, count }]
      await change({ topic, doneBefore: INVALID_PARTITIONS }, options, async (link) => {
        const request = createPartitions({ topicPartitions, timeout })
        return only((await exchangeWith(link, terms, request)).topicErrors)
      })
    },
    async configure(topic, wanted) {
      const settings = settingsOf(wanted)
      await change({ topic }, options, async (link) => {
        const frame = encodeAlterConfigs(clientId, topic, settings)
        const { code, message } = decodeAlterConfigs(await link.request(frame, terms.timeoutMs))
        return { errorCode: code, errorMessage: message }
      })
    },
    async remove(topic) {
      await change({ topic, doneBefore: UNKNOWN_TOPIC }, options, async (link) => {
        const request = deleteTopics({ topics: [topic], timeout })
        return only((await exchangeWith(link, terms, request)).topicErrors)
      })
    },
  }
}

interface Change {
  readonly topic: string
  /** The code of a repetition when the attempt before it worked. */
  readonly doneBefore?: number
  readonly creates?: boolean
}

async function change(
  { topic, doneBefore, creates = false }: Change,
  { brokers, metadata }: TopicsOptions,
  request: (link: Link) => Promise<Result>,
): Promise<void> {
  let attempts = 0
  const { reply } = await reach(() =>
    brokers.order((link) => {
      attempts++
      return request(link)
    }),
  )
  metadata.invalidate(topic)
  if (attempts === 1 || reply.errorCode !== doneBefore) check(topic, reply)
  if (creates) metadata.expect(topic)
  await metadata.refresh([topic]).catch(() => undefined) // the change is made all the same
}

async function listTopics({ brokers, clientId }: TopicsOptions): Promise<readonly string[]> {
  const { reply } = await brokers.ask(async (link) => {
    const api = metadataApi(link.versionMax(METADATA_KEY))
    return decodeMetadata(api, await link.request(encodeMetadata(api, clientId, { topics: null })))
  })
  return reply.topics.map(({ name }) => name)
}

async function countBrokers({ brokers, metadata }: TopicsOptions): Promise<number> {
  if (brokers.known().size === 0) await reach(() => metadata.refresh([]))
  return brokers.known().size
}

function planned(topic: string, plan: TopicPlan, brokers: number) {
  const replicationFactor = plan.replicationFactor ?? Math.min(REPLICAS_WANTED, brokers)
  const settings = [...settingsOf(plan), ...(plan.compacted ? COMPACTED : [])]
  settings.push(['min.insync.replicas', String(Math.max(1, replicationFactor - 1))])
  const configEntries = settings.map(([name, value]) => ({ name, value }))
  return { topic, numPartitions: plan.partitions, replicationFactor, configEntries }
}

function settingsOf({ retentionMs, messageBytesMax }: TopicChange): [string, string][] {
  const settings: [string, string][] = []
  if (retentionMs !== undefined) settings.push(['retention.ms', String(retentionMs)])
  if (messageBytesMax !== undefined) settings.push(['max.message.bytes', String(messageBytesMax)])
  return settings
}

function only(results: readonly Result[]): Result {
  const [result] = results
  if (result === undefined) throw new RangeError('The reply answers for no topic')
  return result
}

function check(topic: string, { errorCode, errorMessage }: Result): void {
  if (errorCode === NONE) return
  const code = CODES.get(errorCode) ?? 'unavailable'
  throw new BridgeError(code, errorMessage ?? `Topic ${topic}: ${meaningOf(errorCode).name}`)
}

/** Whatever kept Kafka from answering is `unavailable`. */
async function reach<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof BridgeError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new BridgeError('unavailable', `Kafka does not answer: ${reason}`, { cause: error })
  }
}
