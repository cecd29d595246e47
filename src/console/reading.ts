// What the console is told, put together from those who know it.

import type { Topics } from '../core/log.ts'
import type { Snapshot } from '../telemetry/activity.ts'

export interface Reading {
  readonly now: () => object
  readonly connect: () => object
  /** Rejects when Kafka does not answer. */
  readonly topics: () => Promise<object>
  /** Nothing where there is none that may be seen. */
  readonly topic: (name: string) => Promise<object | undefined>
}

export interface ReadingOptions {
  readonly version: string
  readonly startedMs: number
  readonly now: () => number
  readonly activity: () => Snapshot
  readonly state: () => string
  readonly kafka: () => object
  readonly memory: () => { readonly held: number; readonly max: number }
  readonly connections: () => number
  /** Milliseconds that the event loop worked, and waited, since the start. */
  readonly eventLoop: () => { readonly active: number; readonly idle: number }
  readonly topics: Pick<Topics, 'list' | 'describe'>
  /** The topic of a stream as a dialect names it. */
  readonly topicOf: (dialect: string, stream: string) => string | undefined
  /** Commands that put a record, by dialect; `{endpoint}` and `{stream}` stand for what they name. */
  readonly commands: Readonly<Record<string, readonly string[]>>
  readonly ports: () => object
}

const TOPICS_MAX_AGE_MS = 5000

export function createReading(options: ReadingOptions): Reading {
  const { version, startedMs, now, activity, topics } = options
  let listed: { readonly atMs: number; readonly names: Promise<readonly string[]> } | undefined

  /** Many who look at once ask Kafka once. */
  function list(): Promise<readonly string[]> {
    if (!listed || now() - listed.atMs > TOPICS_MAX_AGE_MS) {
      const names = topics.list().then((all) => all.filter(isPublic).sort())
      listed = { atMs: now(), names }
      names.catch(() => (listed = undefined))
    }
    return listed.names
  }

  return {
    now() {
      const { streams, ...sums } = activity()
      return {
        atMs: now(),
        version,
        startedMs,
        state: options.state(),
        kafka: options.kafka(),
        memory: options.memory(),
        connections: options.connections(),
        eventLoop: options.eventLoop(),
        ...sums,
        streams: streams.map((each) => ({
          ...each,
          topic: options.topicOf(each.dialect, each.stream),
        })),
      }
    },
    connect: () => ({ ports: options.ports(), commands: options.commands }),
    topics: async () => ({ topics: await list() }),
    async topic(name) {
      if (!(await list()).includes(name)) return undefined
      const { partitions, retentionMs, messageBytesMax } = await topics.describe(name)
      return { name, atMs: now(), partitions, retentionMs, messageBytesMax }
    },
  }
}

/** What begins with _ is Kafka's own, or ours. */
function isPublic(topic: string): boolean {
  return !topic.startsWith('_')
}
