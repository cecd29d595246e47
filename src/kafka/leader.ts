// Asking the leader of a partition: again, after a look at who leads now, until the deadline.

import { BridgeError } from '../core/errors.ts'
import type { Brokers } from './brokers.ts'
import { sleep } from './deadline.ts'
import { CLUSTER_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED, meaningOf } from './errors.ts'
import { LinkError } from './link.ts'
import type { Metadata } from './metadata.ts'
import type { BrokerAddress } from './protocol/metadata.ts'
import type { TopicView } from './topic-view.ts'

export interface Place {
  readonly topic: string
  readonly partition: number
  readonly deadlineMs: number
}

export interface Leader {
  readonly view: TopicView
  readonly broker: BrokerAddress
  readonly epoch: number
}

export interface LeaderOptions {
  readonly metadata: Pick<Metadata, 'lookUp' | 'refreshSoon'>
  readonly brokers: Pick<Brokers, 'known' | 'askOne'>
  /** Deadlines are told in it. */
  readonly now: () => number
}

/** A failure that passes: another leader, or time, may mend it. */
export class Passing extends Error {
  readonly retryAfterMs: number

  constructor(reason: string, retryAfterMs = RETRY_MS) {
    super(reason)
    this.name = 'Passing'
    this.retryAfterMs = retryAfterMs
  }
}

const RETRY_MS = 100

/** Throws what a code means for a question: BridgeError, or Passing. */
export function refuse(code: number): never {
  const { name } = meaningOf(code)
  if (code === TOPIC_AUTHORIZATION_FAILED || code === CLUSTER_AUTHORIZATION_FAILED) {
    throw new BridgeError('unavailable', `Kafka does not let us read: ${name}`)
  }
  throw new Passing(name)
}

/**
 * Works with the leader until it succeeds. Rejects with BridgeError: `stream-not-found`,
 * `shard-not-found`, or `unavailable` at the deadline.
 */
export async function askLeader<T>(
  { topic, partition, deadlineMs }: Place,
  { metadata, brokers, now }: LeaderOptions,
  work: (leader: Leader) => Promise<T>,
): Promise<T> {
  for (;;) {
    const view = await metadata.lookUp(topic, deadlineMs - now())
    const found = view.partitions[partition]
    if (found === undefined) {
      throw new BridgeError('shard-not-found', `Topic ${topic} has no partition ${partition}`)
    }
    const broker = brokers.known().get(found.leader)
    const failure =
      broker === undefined
        ? new Passing('it has no leader')
        : await tryTo(() => work({ view, broker, epoch: found.leaderEpoch }))
    if (!(failure instanceof Passing)) return failure.result
    if (now() + failure.retryAfterMs >= deadlineMs) {
      const about = `Partition ${partition} of topic ${topic} cannot be read`
      throw new BridgeError('unavailable', `${about}: ${failure.message}`, { cause: failure })
    }
    metadata.refreshSoon(topic)
    await sleep(failure.retryAfterMs)
  }
}

async function tryTo<T>(work: () => Promise<T>): Promise<{ readonly result: T } | Passing> {
  try {
    return { result: await work() }
  } catch (error) {
    if (error instanceof Passing) return error
    if (error instanceof LinkError) return new Passing(error.message)
    throw error
  }
}
