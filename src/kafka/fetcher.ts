// One Fetch request to a leader, and what its answer means.

import type { Address } from './brokers.ts'
import { NONE, OFFSET_OUT_OF_RANGE } from './errors.ts'
import { Passing, refuse } from './leader.ts'
import type { Leader } from './leader.ts'
import { createLinkPool } from './link-pool.ts'
import type { Link } from './link.ts'
import { FETCH_KEY, decodeFetch, encodeFetch, fetchApi } from './protocol/fetch.ts'
import type { FetchAnswer, FetchReply } from './protocol/fetch.ts'

export interface FetcherOptions {
  readonly open: (address: Address) => Promise<Link>
  readonly clientId: string
  readonly requestTimeoutMs: number
  readonly now: () => number
}

export interface FetchWish {
  readonly partition: number
  readonly offset: number
  readonly bytesMax: number
  readonly waitMs: number
  readonly deadlineMs: number
}

export interface Fetcher {
  /** Rejects with LinkError, Passing, or BridgeError `unavailable`. */
  readonly fetch: (leader: Leader, wish: FetchWish) => Promise<FetchAnswer | 'out-of-range'>
  readonly close: () => void
}

/** Per broker: reads that do not wait take turns, those that wait do not hold them up. */
const PROMPT_LINKS_MAX = 8
const PATIENT_LINKS_MAX = 256

export function createFetcher(options: FetcherOptions): Fetcher {
  const { open, now } = options
  const prompt = createLinkPool({ open, linksMax: PROMPT_LINKS_MAX })
  const patient = createLinkPool({ open, linksMax: PATIENT_LINKS_MAX })
  /** By node: when a broker wants the next request, by its quota. */
  const quietUntilMs = new Map<number, number>()

  return {
    async fetch(leader, wish) {
      const { broker } = leader
      const quietMs = (quietUntilMs.get(broker.nodeId) ?? 0) - now()
      if (quietMs > 0) throw new Passing('The quota of reading is used up', quietMs)
      quietUntilMs.delete(broker.nodeId)
      const pool = wish.waitMs > 0 ? patient : prompt
      const reply = await pool.use(broker, (link) => exchange(link, leader, { ...options, wish }))
      if (reply.throttleMs > 0) quietUntilMs.set(broker.nodeId, now() + reply.throttleMs)
      return answerOf(reply)
    },
    close() {
      prompt.close()
      patient.close()
    },
  }
}

interface Exchange extends FetcherOptions {
  readonly wish: FetchWish
}

async function exchange(
  link: Link,
  { view, epoch }: Leader,
  { clientId, requestTimeoutMs, now, wish }: Exchange,
): Promise<FetchReply> {
  const { partition, offset, bytesMax, deadlineMs } = wish
  const api = fetchApi(link.versionMax(FETCH_KEY), view.id !== null)
  const waitMs = Math.max(0, Math.min(wish.waitMs, deadlineMs - now()))
  const request = { clientId, topic: view, partition, leaderEpoch: epoch, offset, bytesMax, waitMs }
  const timeoutMs = Math.max(1, Math.min(waitMs + requestTimeoutMs, deadlineMs - now()))
  const reply = await link.request(encodeFetch(api, request), timeoutMs)
  try {
    return decodeFetch(api, reply)
  } catch (error) {
    throw new Passing(`The reply makes no sense: ${String(error)}`)
  }
}

function answerOf({ code, throttleMs, answer }: FetchReply): FetchAnswer | 'out-of-range' {
  if (code !== NONE) refuse(code)
  if (answer === undefined) throw new Passing('The broker answered for no partition', throttleMs)
  if (answer.code === OFFSET_OUT_OF_RANGE) return 'out-of-range'
  return answer.code === NONE ? answer : refuse(answer.code)
}
