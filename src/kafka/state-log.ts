// The partition of state on Kafka: partition 0 of one compacted topic, over the same producer and
// reader as all others.
//
// * The topic is made when something is first to be written: one partition, compacted, as many
//   replicas as other topics have. One that is there is used as it is, if it is compacted.
// * Rights are asked for before the first use, and again after every failure, so that a missing one is
//   said at once instead of being waited for.
// * `key` and `value` are UTF-8.

import { BridgeError } from '../core/errors.ts'
import type { Appended, Log, Message, ReadResult, Reads, Topics } from '../core/log.ts'
import type { StateLog, StateMessage, StateRead } from '../core/state-log.ts'
import { sleep } from './deadline.ts'
import type { TopicRights } from './rights.ts'

export interface StateLogOptions {
  readonly topic: string
  /** Default: min(3, brokers). */
  readonly replicationFactor?: number | undefined
  readonly log: Log
  readonly topics: Topics
  readonly reads: Reads
  readonly rightsOn: (topic: string) => Promise<TopicRights>
  readonly now: () => number
}

const PARTITION = 0
const WAIT_MS = 1000
const READ_WITHIN_MS = 10_000
const READ_BYTES_MAX = 1024 * 1024
const READ_RECORDS_MAX = 10_000
const READY_POLL_MS = 50

export function createStateLog(options: StateLogOptions): StateLog {
  const { topic, log, reads, now } = options
  const { mayUse, doubt } = createPermission(options)

  async function append(messages: readonly StateMessage[], deadlineMs: number): Promise<void> {
    if (!(await mayUse('write'))) await make(options, deadlineMs)
    const results = await log.append(topic, messages.map(toMessage), deadlineMs)
    for (const result of results) check(result)
  }

  async function read(from: number | 'start'): Promise<StateRead> {
    if (!(await mayUse('read'))) throw new BridgeError('stream-not-found', `No topic ${topic}`)
    const result = await readFrom(from === 'start' ? 0 : from)
    if (result.state === 'read') return toRead(result)
    if (from !== 'start') throw new BridgeError('expired-position', `Offset ${from} is not there`)
    return toRead(await readFrom(result.start))
  }

  function readFrom(offset: number): Promise<ReadResult> {
    const wish = {
      ...{ partition: PARTITION, offset, waitMs: WAIT_MS },
      ...{ bytesMax: READ_BYTES_MAX, recordsMax: READ_RECORDS_MAX, hold: () => undefined },
    }
    return reads.read(topic, wish, now() + READ_WITHIN_MS)
  }

  return {
    topic,
    append: (messages, deadlineMs) => doubt(append(messages, deadlineMs)),
    read: (from) => doubt(read(from)),
  }
}

interface Permission {
  /** Whether the topic is there, as far as is known. Rejects where it may not be used so. */
  readonly mayUse: (how: 'read' | 'write') => Promise<boolean>
  /** Whatever fails, what was known of rights is not known any more. */
  readonly doubt: <T>(work: Promise<T>) => Promise<T>
}

function createPermission({ topic, rightsOn }: StateLogOptions): Permission {
  let known: Promise<TopicRights> | undefined
  return {
    async mayUse(how) {
      known ??= rightsOn(topic)
      const rights = await known
      if (!(how === 'read' ? rights.mayRead : rights.mayWrite)) {
        const sentence = `Kafka does not let this service ${how} topic ${topic}, where state is kept`
        throw new BridgeError('not-permitted', sentence)
      }
      if (!rights.isCompacted) {
        const sentence = `Topic ${topic} cannot keep state: its cleanup.policy must be compact`
        throw new BridgeError('unavailable', sentence)
      }
      if (!rights.exists) known = undefined
      return rights.exists
    },
    async doubt(work) {
      try {
        return await work
      } catch (error) {
        known = undefined
        throw error instanceof BridgeError ? error : unreachable(error)
      }
    },
  }
}

function unreachable(error: unknown): BridgeError {
  const reason = error instanceof Error ? error.message : String(error)
  return new BridgeError('unavailable', `Kafka does not answer: ${reason}`, { cause: error })
}

/** Makes the topic, or finds that another instance has. */
async function make(options: StateLogOptions, deadlineMs: number): Promise<void> {
  const { topic, topics, replicationFactor } = options
  try {
    await topics.create(topic, {
      partitions: 1,
      compacted: true,
      ...(replicationFactor !== undefined && { replicationFactor }),
    })
  } catch (error) {
    const code = error instanceof BridgeError ? error.code : undefined
    if (code === 'not-permitted') {
      const sentence = `Topic ${topic}, where state is kept, is missing, and Kafka does not let this service create it`
      throw new BridgeError('not-permitted', sentence, { cause: error })
    }
    if (code !== 'stream-exists') throw error
  }
  await untilThere(options, deadlineMs)
}

async function untilThere({ topic, log, now }: StateLogOptions, deadlineMs: number): Promise<void> {
  while (now() < deadlineMs) {
    const shape = await log.shape(topic, deadlineMs).catch(() => undefined)
    if (shape?.leaderless.length === 0) return
    await sleep(READY_POLL_MS)
  }
}

function toMessage({ key, value }: StateMessage): Message {
  return {
    partition: PARTITION,
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
  }
}

function check(result: Appended): void {
  if (result.state === 'written') return
  const code = result.state === 'unknown' ? 'undecided' : 'unavailable'
  throw new BridgeError(code, `State could not be written: ${result.detail}`)
}

function toRead(result: ReadResult): StateRead {
  if (result.state !== 'read') {
    throw new BridgeError('unavailable', 'The topic of state has just changed its ends')
  }
  const { topicId: id, records, next, end } = result
  return {
    id,
    records: records.map(({ offset, timestampMs, key, value }) => ({
      ...{ offset, timestampMs },
      key: key === null ? null : key.toString('utf8'),
      value: value === null ? null : value.toString('utf8'),
    })),
    next,
    end,
  }
}
