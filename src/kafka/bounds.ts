// Where a partition begins and ends, and which offset belongs to a time, as its leader tells.

import { exchangeWith, listOffsets } from './codecs.ts'
import { NONE } from './errors.ts'
import { Passing, refuse } from './leader.ts'
import type { Leader } from './leader.ts'
import type { Brokers } from './brokers.ts'

/** Times that ask for the ends of a partition. */
export const FIRST = -2
export const END = -1
const NO_REPLICA = -1
const COMMITTED = 1

export interface BoundsOptions {
  readonly brokers: Pick<Brokers, 'askOne'>
  readonly clientId: string
}

/**
 * The first offset with this time or a later one; -1: there is none. Rejects with Passing, or with
 * BridgeError `unavailable`.
 */
export async function offsetFor(
  timestamp: number,
  { view, broker, partition }: Leader & { readonly partition: number },
  { brokers, clientId }: BoundsOptions,
): Promise<number> {
  const topics = [{ topic: view.name, partitions: [{ partition, timestamp }] }]
  const request = listOffsets({ replicaId: NO_REPLICA, isolationLevel: COMMITTED, topics })
  const reply = await brokers
    .askOne((link) => exchangeWith(link, { clientId }, request), broker.nodeId)
    .catch((error: unknown) => {
      throw new Passing(error instanceof Error ? error.message : String(error))
    })
  const answer = reply.responses[0]?.partitions[0]
  if (answer === undefined) throw new Passing('The broker answered for no partition')
  return answer.errorCode === NONE ? Number(answer.offset) : refuse(answer.errorCode)
}
