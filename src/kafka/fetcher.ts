// One Fetch request to a leader, and what its answer means.

import { BridgeError } from '../core/errors.ts'
import type { Address } from './brokers.ts'
import { NONE, OFFSET_OUT_OF_RANGE } from './errors.ts'
import { Passing, refuse } from './leader.ts'
import type { Leader } from './leader.ts'
import { createLinkPool } from './link-pool.ts'
import type { LinkPool } from './link-pool.ts'
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

  let isClosed = false

  return {
    async fetch(leader, wish) {
      const { nodeId } = leader.broker
      if (isClosed) throw new BridgeError('unavailable', 'The log is closed')
      const quietMs = (quietUntilMs.get(nodeId) ?? 0) - now()
      if (quietMs > 0) throw new Passing('The quota of reading is used up', quietMs)
      quietUntilMs.delete(nodeId)
      const pool = wish.waitMs > 0 ? patient : prompt
      const reply = await exchange(pool, leader, { ...options, wish })
      if (reply.throttleMs > 0) quietUntilMs.set(nodeId, now() + reply.throttleMs)
      return answerOf(reply)
    },
    close() {
      isClosed = true
      prompt.close()
      patient.close()
    },
  }
}

interface Exchange extends FetcherOptions {
  readonly wish: FetchWish
}

async function exchange(
  pool: LinkPool,
  { view, broker, epoch: leaderEpoch }: Leader,
  { clientId, requestTimeoutMs, now, wish }: Exchange,
): Promise<FetchReply> {
  const { api, reply } = await pool.use(broker, async (link) => {
    const leftMs = wish.deadlineMs - now()
    if (leftMs <= 0) throw new Passing('All connections were in use')
    const api = fetchApi(link.versionMax(FETCH_KEY), view.id !== null)
    const waitMs = Math.max(0, Math.min(wish.waitMs, leftMs))
    const frame = encodeFetch(api, { ...wish, clientId, topic: view, leaderEpoch, waitMs })
    const timeoutMs = Math.min(waitMs + requestTimeoutMs, leftMs)
    return { api, reply: await link.request(frame, timeoutMs) }
  })
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
