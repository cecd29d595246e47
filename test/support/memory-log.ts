// The log of the tests: the ports of src/core/log.ts over arrays, held to the same suite as Kafka
// (log-suite.ts).
//
// * Messages of one partition are stored in the order of the calls, whatever a fault hook delays.
// * A hook decides the fate of what one call appends to one partition: refused, unknown, or merely
//   late (it may return a promise). What is late at the deadline is answered `unknown`, and stored
//   when the hook at last lets it pass, as Kafka would.
// * Sizes are counted roughly: a batch costs 61 bytes, a record about 12 more than its content.

import { randomUUID } from 'node:crypto'
import { BridgeError } from '../../src/core/errors.ts'
import {
  bytesOfKey,
  type Appended,
  type Header,
  type Log,
  type Message,
  type Reads,
  type Refusal,
  type TopicChange,
  type TopicPlan,
  type Topics,
  type TopicShape,
  type TopicState,
} from '../../src/core/log.ts'
import { createMemoryReads, createPartition, type MemoryPartition } from './memory-reads.ts'

/** A message where it was stored. */
interface StoredMessage {
  readonly partition: number
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer
  readonly timestampMs: number
  readonly headers: readonly Header[]
}

/** What one append call wants to add to one partition. */
interface Attempt {
  readonly topic: string
  readonly partition: number
  readonly messages: readonly Message[]
}

/** What a hook makes of an attempt; undefined: it is written. */
type Fate =
  | { readonly state: 'refused'; readonly reason: Refusal; readonly detail?: string }
  | { readonly state: 'unknown'; readonly stored: boolean; readonly detail?: string }
  | undefined

type FaultHook = (attempt: Attempt) => Fate | Promise<Fate>

export interface MemoryLogOptions {
  /** Topics there from the start, with their numbers of partitions. */
  readonly topics?: Readonly<Record<string, number>>
  readonly now?: () => number
}

export interface MemoryLog extends Log, Topics, Reads {
  /** All messages of a topic, by partition, then offset. */
  readonly messages: (topic: string) => readonly StoredMessage[]
  /** Installs the hook that decides the fate of every attempt from now on; none: no faults. */
  readonly fail: (hook?: FaultHook) => void
  /** Marks partitions of a topic as being without a leader: attempts there are `unavailable`. */
  readonly loseLeaders: (topic: string, partitions: readonly number[]) => void
  /** Retention: what lies before the offset goes. */
  readonly deleteBefore: (topic: string, partition: number, offset: number) => void
  /** Uses offsets up, as markers and aborted transactions do. */
  readonly burn: (topic: string, partition: number, offsets: number) => void
  /** Compaction: one record goes and leaves a gap. */
  readonly compact: (topic: string, partition: number, offset: number) => void
}

const MESSAGE_BYTES_MAX = 1_048_588
const RETENTION_MS = 604_800_000
const PARTITIONS_MAX = 10_000
const TIMER_MS_MAX = 2 ** 31 - 1
const BATCH_OVERHEAD_BYTES = 61
const RECORD_OVERHEAD_BYTES = 12

interface Topic {
  readonly id: string
  readonly partitions: MemoryPartition[]
  readonly turns: (Promise<unknown> | undefined)[]
  leaderless: readonly number[]
  messageBytesMax: number
  retentionMs: number
}

/** Creates a log in memory. Its errors are those that the ports document. */
export function createMemoryLog(options: MemoryLogOptions = {}): MemoryLog {
  const now = options.now ?? Date.now
  const topics = new Map<string, Topic>()
  let hook: FaultHook | undefined

  for (const [name, partitions] of Object.entries(options.topics ?? {})) {
    topics.set(name, createTopic({ partitions }))
  }

  function find(name: string): Topic {
    const topic = topics.get(name)
    if (topic === undefined) throw new BridgeError('stream-not-found', `No topic ${name}`)
    return topic
  }

  function store(topic: Topic, partition: number, messages: readonly Message[]): Appended[] {
    const lane = topic.partitions[partition]!
    return messages.map((message) => {
      if (bytesOf(message) > topic.messageBytesMax) {
        return refused('too-large', 'The message is larger than the topic allows')
      }
      const timestampMs = message.timestampMs ?? now()
      const { value, headers = [] } = message
      const key = typeof message.key === 'string' ? Buffer.from(message.key) : message.key
      if (value === null) throw new Error('tombstones are not played here')
      const offset = lane.append({ key, value: Buffer.from(value), timestampMs, headers })
      return { state: 'written', offset, timestampMs }
    })
  }

  function settle(attempt: Attempt, topic: Topic, fate: Fate): Appended[] {
    const { partition, messages } = attempt
    if (topics.get(attempt.topic) !== topic) return fill(messages, gone(attempt.topic))
    if (fate === undefined) return store(topic, partition, messages)
    const detail = fate.detail ?? 'A fault of the test'
    if (fate.state === 'refused') return fill(messages, refused(fate.reason, detail))
    if (fate.stored) store(topic, partition, messages)
    return fill(messages, { state: 'unknown', detail })
  }

  function attemptOne(attempt: Attempt): Appended[] | Promise<Appended[]> {
    const { partition, messages } = attempt
    const topic = topics.get(attempt.topic)
    if (topic === undefined) return fill(messages, gone(attempt.topic))
    if (partition >= topic.partitions.length || partition < 0 || !Number.isInteger(partition)) {
      return fill(messages, refused('partition-missing', `No partition ${partition}`))
    }
    if (topic.leaderless.includes(partition)) {
      return fill(messages, refused('unavailable', 'The partition has no leader'))
    }
    if (hook === undefined && topic.turns[partition] === undefined) {
      return store(topic, partition, messages)
    }
    const fate = hook
    const turn = (topic.turns[partition] ?? Promise.resolve())
      .then(() => fate?.(attempt))
      .then((result) => settle(attempt, topic, result))
    const done = turn
      .catch(() => undefined)
      .then(() => {
        if (topic.turns[partition] === done) topic.turns[partition] = undefined
      })
    topic.turns[partition] = done
    return turn
  }

  return {
    shape: (name) =>
      attemptTo((): TopicShape => {
        const topic = find(name)
        const { id, partitions, leaderless, messageBytesMax, retentionMs } = topic
        return { id, partitions: partitions.length, leaderless, messageBytesMax, retentionMs }
      }),
    // Whoever asks sees the faults that are played here.
    shapeNow: () => undefined,

    async append(name, messages, deadlineMs) {
      const places = new Map<number, number[]>()
      messages.forEach(({ partition }, index) => {
        const lane = places.get(partition)
        if (lane === undefined) places.set(partition, [index])
        else lane.push(index)
      })
      const results = new Array<Appended>(messages.length)
      const lanes = [...places].map(async ([partition, indexes]) => {
        const lane = indexes.map((index) => messages[index]!)
        const outcome = attemptOne({ topic: name, partition, messages: lane })
        const settled = Array.isArray(outcome)
          ? outcome
          : await within(outcome, deadlineMs - now(), toldLater(lane, outcome))
        indexes.forEach((index, i) => (results[index] = settled[i]!))
      })
      await Promise.all(lanes)
      return results
    },

    list: () => attemptTo(() => [...topics.keys()]),

    describe: (name) =>
      attemptTo((): TopicState => {
        const { id, partitions, leaderless, retentionMs, messageBytesMax } = find(name)
        const states = partitions.map((lane, partition) => ({
          partition,
          hasLeader: !leaderless.includes(partition),
          startOffset: lane.start,
          endOffset: lane.end,
        }))
        return { id, partitions: states, retentionMs, messageBytesMax }
      }),

    create: (name, plan) =>
      attemptTo(() => {
        checkName(name, topics)
        if (plan.partitions < 1 || plan.partitions > PARTITIONS_MAX) {
          throw new BridgeError('limit-exceeded', `${plan.partitions} partitions are not possible`)
        }
        topics.set(name, createTopic(plan))
      }),

    grow: (name, partitions) =>
      attemptTo(() => {
        const topic = find(name)
        if (partitions <= topic.partitions.length || partitions > PARTITIONS_MAX) {
          throw new BridgeError('limit-exceeded', `The topic cannot grow to ${partitions}`)
        }
        while (topic.partitions.length < partitions) topic.partitions.push(createPartition())
      }),

    configure: (name, change: TopicChange) =>
      attemptTo(() => {
        const topic = find(name)
        topic.retentionMs = change.retentionMs ?? topic.retentionMs
        topic.messageBytesMax = change.messageBytesMax ?? topic.messageBytesMax
      }),

    remove: (name) =>
      attemptTo(() => {
        find(name)
        topics.delete(name)
      }),

    ...createMemoryReads(find, now),

    messages: (name) =>
      find(name).partitions.flatMap(({ records }, partition) =>
        records.map((record) => ({ ...record, partition })),
      ),
    fail: (next) => (hook = next),
    loseLeaders: (name, partitions) => (find(name).leaderless = partitions),
    deleteBefore: (name, partition, offset) =>
      find(name).partitions[partition]!.deleteBefore(offset),
    burn: (name, partition, offsets) => find(name).partitions[partition]!.burn(offsets),
    compact: (name, partition, offset) => find(name).partitions[partition]!.compact(offset),
  }
}

function createTopic(plan: TopicPlan): Topic {
  return {
    id: randomUUID(),
    partitions: Array.from({ length: plan.partitions }, createPartition),
    turns: [],
    leaderless: [],
    messageBytesMax: plan.messageBytesMax ?? MESSAGE_BYTES_MAX,
    retentionMs: plan.retentionMs ?? RETENTION_MS,
  }
}

function checkName(name: string, topics: ReadonlyMap<string, Topic>): void {
  if (topics.has(name)) throw new BridgeError('stream-exists', `Topic ${name} exists`)
  if (!/^[A-Za-z0-9._-]{1,249}$/.test(name) || name === '.' || name === '..') {
    throw new BridgeError('invalid-name', `${name} cannot be the name of a topic`)
  }
  const folded = name.replaceAll('.', '_')
  for (const other of topics.keys()) {
    if (other.replaceAll('.', '_') === folded) {
      throw new BridgeError('invalid-name', `Topic ${name} collides with ${other}`)
    }
  }
}

function bytesOf({ key, value, headers = [] }: Message): number {
  let bytes = BATCH_OVERHEAD_BYTES + RECORD_OVERHEAD_BYTES + (value?.length ?? 0) + bytesOfKey(key)
  for (const header of headers) bytes += header.name.length + header.value.length
  return bytes
}

function refused(reason: Refusal, detail: string): Appended {
  return { state: 'refused', reason, detail }
}

function gone(topic: string): Appended {
  return refused('topic-missing', `No topic ${topic}`)
}

/** The answer at the deadline, which tells when the fate is known. */
function toldLater(messages: readonly Message[], outcome: Promise<Appended[]>): Appended[] {
  const detail = 'No answer before the deadline'
  return messages.map((_, i) => ({
    state: 'unknown',
    detail,
    later: outcome.then((results) => results[i] ?? { state: 'unknown', detail }),
  }))
}

function fill(messages: readonly Message[], result: Appended): Appended[] {
  return messages.map(() => result)
}

/** Runs at once, and turns what is thrown into a rejection. */
function attemptTo<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work())
  })
}

async function within<T>(work: Promise<T>, timeoutMs: number, late: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late), Math.min(Math.max(0, timeoutMs), TIMER_MS_MAX))
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
