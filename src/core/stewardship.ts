// Changing topics that are there, within what the settings allow: beside an existing Kafka nobody
// changes a stranger's topic through a producer's API.

import { HOUR_MS } from './catalogue.ts'
import { BridgeError } from './errors.ts'
import type { Growth } from './growth.ts'
import type { TopicName } from './ledger.ts'
import type { Log, Topics, TopicShape, TopicState } from './log.ts'
import { matchesAny } from './patterns.ts'
import { messageBytesFor } from './sizes.ts'
import type { StreamOptions } from './streams.ts'

export interface Stewardship {
  readonly grow: (topic: string, shards: number) => Promise<void>
  readonly retain: (topic: string, hours: number) => Promise<void>
  /** Rejects with `invalid-argument` where Kafka does not take records of this size. */
  readonly limitRecords: (topic: string, recordBytesMax: number) => Promise<void>
  readonly remove: (topic: string) => Promise<void>
}

export interface Means {
  readonly log: Log
  readonly topics: Topics
  readonly options: StreamOptions
  readonly growth: Growth
}

/** How long `create` and `grow` wait for leaders. Clients put right after them. */
const READY_WITHIN_MS = 10_000
const READY_POLL_MS = 50
const GONE_WITHIN_MS = 3000
/** How long to wait for what is known of makings, or until one is remembered. */
export const KEPT_WITHIN_MS = 3000

export function createStewardship({ log, topics, options, growth }: Means): Stewardship {
  /** A missing stream is missing before it is somebody else's. */
  async function owned(topic: string): Promise<TopicState> {
    const state = await topics.describe(topic)
    const { manage, ledger, now } = options
    const trouble = manage === 'own' && (await ledger.trouble(now() + KEPT_WITHIN_MS))
    if (mayManage({ topic, id: state.id }, options)) return state
    throw trouble ? notKnown(trouble) : notOurs()
  }

  return {
    async grow(topic, shards) {
      const { id } = await owned(topic)
      refuseTooManyShards(shards, options.shardsMax)
      await growth.during({ topic, id }, async () => {
        await topics.grow(topic, shards)
        await untilWritable(log, { topic, partitions: shards, now: options.now })
      })
    },
    async retain(topic, hours) {
      await owned(topic)
      await topics.configure(topic, { retentionMs: hours * HOUR_MS })
    },
    async limitRecords(topic, recordBytesMax) {
      const { id } = await owned(topic)
      const messageBytesMax = messageBytesFor(recordBytesMax)
      try {
        await growth.during({ topic, id }, () => topics.configure(topic, { messageBytesMax }))
      } catch (error) {
        if (!(error instanceof BridgeError && error.code === 'limit-exceeded')) throw error
        throw new BridgeError('invalid-argument', error.message, { cause: error })
      }
      const { messageBytesMax: taken } = await topics.describe(topic)
      if (taken >= messageBytesMax) return
      const sentence = `Kafka takes messages of ${taken} bytes at most here, and ${messageBytesMax} are needed`
      throw new BridgeError('invalid-argument', sentence)
    },
    async remove(topic) {
      const { id } = await owned(topic)
      await topics.remove(topic)
      await options.ledger.removed(topic)
      await untilGone(topics, { topic, id }, options.now)
    },
  }
}

function mayManage(name: TopicName, { manage, manageable, ledger }: StreamOptions): boolean {
  if (manage !== 'own') return manage === 'all'
  return matchesAny(name.topic, manageable) || ledger.madeAtMs(name) !== undefined
}

function notKnown(trouble: BridgeError): BridgeError {
  const sentence = `Whether this stream was created through this endpoint is not known: ${trouble.message}`
  return new BridgeError(trouble.code, sentence, { cause: trouble })
}

function notOurs(): BridgeError {
  return new BridgeError(
    'not-permitted',
    'This stream was not created through this endpoint, whose settings do not allow to change it',
  )
}

/** Throws BridgeError `limit-exceeded`. */
export function refuseTooManyShards(shards: number, shardsMax: number): void {
  if (shards <= shardsMax) return
  throw new BridgeError(
    'limit-exceeded',
    `A stream may have ${shardsMax} shards at most here, not ${shards}`,
  )
}

export interface Wanted {
  readonly topic: string
  readonly partitions: number
  readonly now: () => number
}

/** Resolves with the topic as it is then, or was last seen. */
export async function untilWritable(
  log: Log,
  { topic, partitions, now }: Wanted,
): Promise<TopicShape | undefined> {
  const deadlineMs = now() + READY_WITHIN_MS
  for (;;) {
    const shape = await log.shape(topic, deadlineMs).catch(() => undefined)
    const ready = shape?.leaderless.length === 0 && shape.partitions >= partitions
    if (ready || now() >= deadlineMs) return shape
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))
  }
}

/** Brokers tell of a topic for a moment after its end, and clients ask at once. */
async function untilGone(
  topics: Topics,
  { topic, id }: TopicName,
  now: () => number,
): Promise<void> {
  const deadlineMs = now() + GONE_WITHIN_MS
  for (;;) {
    const isThere = await topics.describe(topic).then(
      (state) => state.id === id,
      (error: unknown) => !(error instanceof BridgeError && error.code === 'stream-not-found'),
    )
    if (!isThere || now() >= deadlineMs) return
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))
  }
}
