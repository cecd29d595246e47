// What can be done with streams as wholes: describe, create, grow, retain, remove. Every failure
// names the stream as its caller knows it.

import { createCatalogue, HOUR_MS } from './catalogue.ts'
import type { Catalogue, CatalogueOptions, StreamState, StreamSummary } from './catalogue.ts'
import { about } from './about.ts'
import { BridgeError } from './errors.ts'
import { createGrowth } from './growth.ts'
import type { Kept, Ledger } from './ledger.ts'
import type { Log, Topics, TopicShape } from './log.ts'
import type { StreamRef } from './model.ts'
import { createKnowledge } from './knowledge.ts'
import type { Json, Step } from './state.ts'
import { createRoutes, type Route, type RouteOptions } from './routes.ts'
import { messageBytesFor } from './sizes.ts'
import { createStewardship, KEPT_WITHIN_MS } from './stewardship.ts'
import { refuseTooManyShards, untilWritable, type Means } from './stewardship.ts'

export type { ShardState, StreamState, StreamSummary } from './catalogue.ts'

export interface StreamPlan {
  readonly shards: number
  readonly retentionHours?: number
  /** The largest record this stream shall take: data and key, in bytes. */
  readonly recordBytesMax: number
}

export interface Streams {
  readonly routeOf: (ref: StreamRef) => Route
  /** The topic's shape where it is known just now: for a put that need not wait. */
  readonly shapeNow: (ref: StreamRef) => TopicShape | undefined
  /** The topic's shape; makes the stream first where `autoCreate` is on. */
  readonly shapeForPut: (ref: StreamRef, deadlineMs: number) => Promise<TopicShape>
  /** The streams of a dialect whose parts agree with `parts`, sorted by name. */
  readonly list: Catalogue['list']
  /** The stream of a dialect whose `id` this is. Rejects with `stream-not-found`. */
  readonly findById: Catalogue['findById']
  readonly describe: (ref: StreamRef) => Promise<StreamState>
  /** Less than `describe`, and cheap: for lists, and for what must know the number of shards. */
  readonly summarise: (ref: StreamRef) => Promise<StreamSummary>
  /** What is kept beside the stream under a part, a path; absent: nothing. Rejects as State does. */
  readonly kept: (ref: StreamRef, part: string) => Promise<Json | undefined>
  /** What is kept beside the stream under all parts that begin so. Rejects as State does. */
  readonly keptUnder: (ref: StreamRef, prefix: string) => Promise<readonly Kept[]>
  /** Changes what is kept beside the stream under a part. Rejects as State does. */
  readonly keep: (ref: StreamRef, part: string, step: Step) => Promise<Json | undefined>
  /** Resolves when the stream can be written, or Kafka has accepted it and needs longer. */
  readonly create: (ref: StreamRef, plan: StreamPlan) => Promise<void>
  /** Like create; a stream that is there already is left as it is. */
  readonly createIfMissing: (ref: StreamRef, plan: StreamPlan) => Promise<void>
  /** Resolves when the new shards can be written, or Kafka has accepted them and needs longer. */
  readonly grow: (ref: StreamRef, shards: number) => Promise<void>
  readonly retain: (ref: StreamRef, hours: number) => Promise<void>
  /** Takes records of up to so many bytes from now on. `invalid-argument`: Kafka does not. */
  readonly limitRecords: (ref: StreamRef, recordBytesMax: number) => Promise<void>
  readonly remove: (ref: StreamRef) => Promise<void>
}

export interface StreamOptions extends CatalogueOptions, RouteOptions {
  /** Which topics delete, resize and retention may touch. */
  readonly manage: 'own' | 'all' | 'none'
  /** Topic patterns that `own` includes. */
  readonly manageable: readonly string[]
  readonly autoCreate: false | StreamPlan
  readonly shardsMax: number
  readonly replicationFactor?: number | undefined
  /** Knows which topics were made through this service. */
  readonly ledger: Ledger
  /** After this all instances know of shards that were added. Default: 4 s. */
  readonly settleMs?: number
  readonly now: () => number
}

const SETTLE_MS = 4000

export function createStreams(log: Log, topics: Topics, options: StreamOptions): Streams {
  const catalogue = createCatalogue(topics, options)
  const { topicOf } = catalogue
  const { ledger, now, settleMs = SETTLE_MS } = options
  const growth = createGrowth({ ledger, settleMs, now })
  const means = { log, topics, options, growth }
  const { create, createIfMissing, createOnPut } = createMaking(means)
  const { grow, retain, limitRecords, remove } = createStewardship(means)

  const routeOf = createRoutes(topicOf, options)

  return {
    routeOf,
    shapeNow: (ref) => orNothing(() => log.shapeNow(routeOf(ref).topic)),
    shapeForPut: (ref, deadlineMs) =>
      about(ref, async () => {
        const topic = topicOf(ref)
        try {
          return await log.shape(topic, deadlineMs)
        } catch (error) {
          if (options.autoCreate === false || !is(error, 'stream-not-found')) throw error
          await createOnPut(topic, options.autoCreate)
          return log.shape(topic, deadlineMs)
        }
      }),
    list: catalogue.list,
    findById: catalogue.findById,
    ...createKnowledge(catalogue, means),
    create: (ref, plan) => about(ref, () => create(topicOf(ref), plan)),
    createIfMissing: (ref, plan) => about(ref, () => createIfMissing(topicOf(ref), plan)),
    grow: (ref, shards) => about(ref, () => grow(topicOf(ref), shards)),
    retain: (ref, hours) => about(ref, () => retain(topicOf(ref), hours)),
    limitRecords: (ref, bytes) => about(ref, () => limitRecords(topicOf(ref), bytes)),
    remove: (ref) => about(ref, () => remove(topicOf(ref))),
  }
}

/** A name without a topic is told of by whoever waits for the shape. */
function orNothing<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (error instanceof BridgeError) return undefined
    throw error
  }
}

type Make = (topic: string, plan: StreamPlan) => Promise<void>

function createMaking({ log, topics, options }: Means) {
  const { ledger, now } = options
  const create: Make = async (topic, plan) => {
    refuseTooManyShards(plan.shards, options.shardsMax)
    await topics.create(topic, toTopicPlan(plan, options))
    const atMs = now()
    const shape = await untilWritable(log, { topic, partitions: plan.shards, now })
    if (!shape) return
    await ledger.made({ topic, id: shape.id }, { atMs, deadlineMs: now() + KEPT_WITHIN_MS })
  }

  const createIfMissing: Make = async (topic, plan) => {
    try {
      await create(topic, plan)
    } catch (error) {
      if (!is(error, 'stream-exists')) throw error
    }
  }

  /** What Kafka refuses to us is never the fault of the one who puts. */
  const createOnPut: Make = async (topic, plan) => {
    try {
      await createIfMissing(topic, plan)
    } catch (error) {
      const refused = is(error, 'not-permitted') || is(error, 'limit-exceeded')
      if (!refused) throw error
      throw new BridgeError('unavailable', 'The stream could not be created', { cause: error })
    }
  }

  return { create, createIfMissing, createOnPut }
}

function is(error: unknown, code: BridgeError['code']): boolean {
  return error instanceof BridgeError && error.code === code
}

function toTopicPlan(plan: StreamPlan, { replicationFactor }: StreamOptions) {
  return {
    partitions: plan.shards,
    messageBytesMax: messageBytesFor(plan.recordBytesMax),
    ...(plan.retentionHours !== undefined && { retentionMs: plan.retentionHours * HOUR_MS }),
    ...(replicationFactor !== undefined && { replicationFactor }),
  }
}
