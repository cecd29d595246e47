// What can be done with streams as wholes: describe, create, grow, retain, remove. Every failure
// names the stream as its caller knows it.

import { createCatalogue, HOUR_MS, toStreamState } from './catalogue.ts'
import type { Catalogue, CatalogueOptions, StreamState } from './catalogue.ts'
import { BridgeError } from './errors.ts'
import type { Kept, Ledger, TopicName } from './ledger.ts'
import type { Log, Topics, TopicShape } from './log.ts'
import type { PlaceKey, StreamRef } from './model.ts'
import type { Json, Step } from './state.ts'
import { matchesAny } from './patterns.ts'
import { placeAsKafka } from './placement.ts'

export type { ShardState, StreamState } from './catalogue.ts'

export interface StreamPlan {
  readonly shards: number
  readonly retentionHours?: number
  /** The largest record this stream shall take: data and key, in bytes. */
  readonly recordBytesMax: number
}

export interface Route {
  readonly topic: string
  /** Places keys instead of the dialect's own function. */
  readonly placeKey: PlaceKey | undefined
  /** Records that hold records of their own become those. */
  readonly opensBundles: boolean
}

export interface Streams {
  readonly routeOf: (ref: StreamRef) => Route
  /** The topic's shape; makes the stream first where `autoCreate` is on. */
  readonly shapeForPut: (ref: StreamRef, deadlineMs: number) => Promise<TopicShape>
  /** The streams of a dialect whose parts agree with `parts`, sorted by name. */
  readonly list: Catalogue['list']
  /** The stream of a dialect whose `id` this is. Rejects with `stream-not-found`. */
  readonly findById: Catalogue['findById']
  readonly describe: (ref: StreamRef) => Promise<StreamState>
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
  /** Resolves when the stream is gone, or Kafka has accepted that and needs longer. */
  readonly remove: (ref: StreamRef) => Promise<void>
}

export interface StreamOptions extends CatalogueOptions {
  /** Topic patterns (`*` for any run) whose keys are placed as Kafka's own producers do. */
  readonly nativePlacement: readonly string[]
  /** Topic patterns whose bundles are opened, unless their placement is native. */
  readonly deaggregate: readonly string[]
  /** Which topics delete, resize and retention may touch. */
  readonly manage: 'own' | 'all' | 'none'
  /** Topic patterns that `own` includes. */
  readonly manageable: readonly string[]
  readonly autoCreate: false | StreamPlan
  readonly shardsMax: number
  readonly replicationFactor?: number | undefined
  /** Knows which topics were made through this service. */
  readonly ledger: Ledger
  readonly now: () => number
}

/** How long `create` and `grow` wait for leaders. Clients put right after them. */
const READY_WITHIN_MS = 10_000
const READY_POLL_MS = 50
const GONE_WITHIN_MS = 3000
/** How long to wait for what is known of makings, or until one is remembered. */
const KEPT_WITHIN_MS = 3000
/** Beside a record's data and key in `max.message.bytes`: batch framing and headers. */
const MESSAGE_OVERHEAD_BYTES = 4096
const KEY_BYTES_MAX = 1024

/** Runs work on a stream; its failure names the stream. */
export async function about<T>(ref: StreamRef, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof BridgeError ? error.about(ref.name) : error
  }
}

export function createStreams(log: Log, topics: Topics, options: StreamOptions): Streams {
  const catalogue = createCatalogue(topics, options)
  const { topicOf } = catalogue
  const { create, createIfMissing, createOnPut } = createMaking({ log, topics, options })
  const { grow, retain, remove } = createStewardship({ log, topics, options })
  const { ledger } = options

  return {
    ...createKeeping({ log, topics, options }, topicOf),
    routeOf(ref) {
      const topic = topicOf(ref)
      const native = matchesAny(topic, options.nativePlacement)
      return {
        topic,
        placeKey: native ? placeAsKafka : undefined,
        opensBundles: !native && matchesAny(topic, options.deaggregate),
      }
    },
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
    describe: (ref) =>
      about(ref, async () => {
        const topic = topicOf(ref)
        const state = await topics.describe(topic)
        const createdAtMs = ledger.madeAtMs({ topic, id: state.id })
        return { ...toStreamState(ref, topic, state), createdAtMs }
      }),
    create: (ref, plan) => about(ref, () => create(topicOf(ref), plan)),
    createIfMissing: (ref, plan) => about(ref, () => createIfMissing(topicOf(ref), plan)),
    grow: (ref, shards) => about(ref, () => grow(topicOf(ref), shards)),
    retain: (ref, hours) => about(ref, () => retain(topicOf(ref), hours)),
    remove: (ref) => about(ref, () => remove(topicOf(ref))),
  }
}

interface Means {
  readonly log: Log
  readonly topics: Topics
  readonly options: StreamOptions
}

type Keeping = Pick<Streams, 'kept' | 'keptUnder' | 'keep'>

/** What is kept beside streams, each as it is at present. */
function createKeeping({ log, options }: Means, topicOf: Catalogue['topicOf']): Keeping {
  const { ledger, now } = options

  async function nameOf(ref: StreamRef): Promise<TopicName> {
    const topic = topicOf(ref)
    const { id } = await log.shape(topic, now() + KEPT_WITHIN_MS)
    return { topic, id }
  }

  return {
    kept: (ref, part) => about(ref, async () => ledger.get(await nameOf(ref), part)),
    keptUnder: (ref, prefix) => about(ref, async () => ledger.list(await nameOf(ref), prefix)),
    keep: (ref, part, step) => about(ref, async () => ledger.update(await nameOf(ref), part, step)),
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

interface Stewardship {
  readonly grow: (topic: string, shards: number) => Promise<void>
  readonly retain: (topic: string, hours: number) => Promise<void>
  readonly remove: (topic: string) => Promise<void>
}

/** Changing topics, within what the settings allow. */
function createStewardship({ log, topics, options }: Means): Stewardship {
  /** The topic's id. A missing stream is missing before it is somebody else's. */
  async function owned(topic: string): Promise<string> {
    const { id } = await topics.describe(topic)
    const { manage, ledger, now } = options
    const trouble = manage === 'own' && (await ledger.trouble(now() + KEPT_WITHIN_MS))
    if (mayManage({ topic, id }, options)) return id
    throw trouble ? notKnown(trouble) : notOurs()
  }

  return {
    async grow(topic, shards) {
      await owned(topic)
      refuseTooManyShards(shards, options.shardsMax)
      await topics.grow(topic, shards)
      await untilWritable(log, { topic, partitions: shards, now: options.now })
    },
    async retain(topic, hours) {
      await owned(topic)
      await topics.configure(topic, { retentionMs: hours * HOUR_MS })
    },
    async remove(topic) {
      const id = await owned(topic)
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

function is(error: unknown, code: BridgeError['code']): boolean {
  return error instanceof BridgeError && error.code === code
}

function refuseTooManyShards(shards: number, shardsMax: number): void {
  if (shards <= shardsMax) return
  throw new BridgeError(
    'limit-exceeded',
    `A stream may have ${shardsMax} shards at most here, not ${shards}`,
  )
}

function toTopicPlan(plan: StreamPlan, { replicationFactor }: StreamOptions) {
  return {
    partitions: plan.shards,
    messageBytesMax: plan.recordBytesMax + KEY_BYTES_MAX + MESSAGE_OVERHEAD_BYTES,
    ...(plan.retentionHours !== undefined && { retentionMs: plan.retentionHours * HOUR_MS }),
    ...(replicationFactor !== undefined && { replicationFactor }),
  }
}

interface Wanted {
  readonly topic: string
  readonly partitions: number
  readonly now: () => number
}

/** Resolves with the topic as it is then, or was last seen. */
async function untilWritable(
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
      (error: unknown) => !is(error, 'stream-not-found'),
    )
    if (!isThere || now() >= deadlineMs) return
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))
  }
}
