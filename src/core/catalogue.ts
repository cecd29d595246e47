// Which streams there are: names ↔ topics, and what a topic looks like as a stream.

import { BridgeError } from './errors.ts'
import type { Topics, TopicShape, TopicState } from './log.ts'
import type { StreamRef } from './model.ts'
import { createTopicNames, type NameRules, type Naming, type TopicNames } from './naming.ts'
import { recordBytesIn } from './sizes.ts'
import { createStreamIds } from './stream-ids.ts'

/** A shard as its readers see it: the first ordinal still there, and the next to be given. */
export interface ShardState {
  readonly shard: number
  readonly ready: boolean
  readonly first: number
  readonly next: number
}

export interface StreamState {
  readonly ref: StreamRef
  /** Twenty base62 digits, the same on every instance. */
  readonly id: string
  /** All shards can be written. */
  readonly active: boolean
  /** Shards were added, and some instance may not know of them yet. */
  readonly growing: boolean
  readonly shards: readonly ShardState[]
  /** Rounded up; `Infinity`: for ever. */
  readonly retentionHours: number
  /** Data of the largest record that the topic was made for. */
  readonly recordBytesMax: number
  /** Milliseconds since 1970, where known. */
  readonly createdAtMs: number | undefined
}

/** What is known of a stream without asking for its shards' ends. */
export type StreamSummary = Omit<StreamState, 'shards'> & {
  /** How many there are. */
  readonly shards: number
}

export interface CatalogueOptions {
  /** Naming and rules of each dialect by its name. */
  readonly naming: Readonly<Record<string, Naming>>
  readonly rules: Readonly<Record<string, NameRules>>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface Catalogue {
  /** Throws BridgeError `stream-not-found` for a topic that `list` would not show. */
  readonly topicOf: (ref: StreamRef) => string
  readonly list: (
    dialect: string,
    parts?: Readonly<Record<string, string>>,
  ) => Promise<readonly StreamRef[]>
  readonly findById: (dialect: string, id: string) => Promise<StreamRef>
  /** The id of the stream that a topic is; it is found by it from then on. */
  readonly idOf: (topic: string) => string
}

export const HOUR_MS = 3_600_000
export function createCatalogue(topics: Topics, options: CatalogueOptions): Catalogue {
  const names = new Map<string, TopicNames>()
  for (const [dialect, rules] of Object.entries(options.rules)) {
    const naming = options.naming[dialect]
    if (naming) names.set(dialect, createTopicNames(naming, rules))
  }

  function namesOf(dialect: string): TopicNames {
    const found = names.get(dialect)
    if (!found) throw new Error(`no naming for dialect ${dialect}`)
    return found
  }

  /** Permissions go by the name and topics by the parts: a token may have been made up of two streams. */
  function isOfOneMind({ dialect, name, parts }: StreamRef): boolean {
    const named = options.rules[dialect]?.parse(name)?.parts
    return (
      named !== undefined && Object.entries(named).every(([part, value]) => parts[part] === value)
    )
  }

  async function listAll(dialect: string): Promise<{ topic: string; ref: StreamRef }[]> {
    const { streamOf } = namesOf(dialect)
    return (await topics.list()).flatMap((topic) => {
      const ref = streamOf(topic)
      return ref ? [{ topic, ref }] : []
    })
  }

  const ids = createStreamIds(() => topics.list(), options.now)

  return {
    idOf: ids.idOf,
    topicOf(ref) {
      const { topicOf, streamOf } = namesOf(ref.dialect)
      const topic = topicOf(ref)
      if (streamOf(topic) && isOfOneMind(ref)) return topic
      throw new BridgeError('stream-not-found', `There is no stream ${ref.name}`)
    },

    async list(dialect, parts = {}) {
      const agrees = (ref: StreamRef): boolean =>
        Object.entries(parts).every(([part, value]) => (ref.parts[part] ?? value) === value)
      const refs = (await listAll(dialect)).map(({ ref }) => ref).filter(agrees)
      return refs.sort((a, b) => (a.name < b.name ? -1 : 1))
    },

    async findById(dialect, id) {
      const topic = await ids.find(id)
      const ref = topic === undefined ? undefined : namesOf(dialect).streamOf(topic)
      if (ref) return ref
      throw new BridgeError('stream-not-found', `There is no stream with id ${id}`, { subject: id })
    },
  }
}

/** What the ledger and the catalogue add to what Kafka tells. */
type Told = 'id' | 'createdAtMs' | 'growing'

/** A topic's shape as a stream. */
export function toStreamSummary(ref: StreamRef, shape: TopicShape): Omit<StreamSummary, Told> {
  return {
    ref,
    active: shape.leaderless.length === 0,
    shards: shape.partitions,
    retentionHours: toHours(shape.retentionMs),
    recordBytesMax: recordBytesIn(shape.messageBytesMax),
  }
}

function toHours(retentionMs: number): number {
  return retentionMs < 0 ? Infinity : Math.ceil(retentionMs / HOUR_MS)
}

/** A topic as a stream. */
export function toStreamState(ref: StreamRef, state: TopicState): Omit<StreamState, Told> {
  return {
    ref,
    active: state.partitions.every(({ hasLeader }) => hasLeader),
    shards: state.partitions.map(({ partition, hasLeader, startOffset, endOffset }) => ({
      shard: partition,
      ready: hasLeader,
      first: startOffset,
      next: endOffset,
    })),
    retentionHours: toHours(state.retentionMs),
    recordBytesMax: recordBytesIn(state.messageBytesMax),
  }
}
