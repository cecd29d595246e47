// A producer: one call after the other over its own connection, records of its own keys, and every
// answer entered in the ledger.

import { setTimeout as sleep } from 'node:timers/promises'
import { call, type Finished, type OnAttempt } from './call.ts'
import { contentOf } from './content.ts'
import { createCaller } from './http.ts'
import type { Ledger, Lane } from './ledger.ts'
import type { Random } from './random.ts'
import type { Instance } from './service.ts'
import type { Style } from './styles.ts'

export interface LaneOptions {
  readonly style: Style
  readonly stream: string
  readonly topic: string
  readonly ledger: Ledger
  readonly random: Random
  readonly current: () => Instance
  readonly isOver: () => boolean
  readonly pauseMs: number
  readonly timeoutMs: number
  /** Never sends in a new call what an old one left open. */
  readonly drops: boolean
  readonly onAttempt: OnAttempt
}

const KEYS = 3
const CALL_RECORDS_MAX = 60
const RESEND_MS = 200
const CALL_ORDER = 2 ** 12

interface Pending {
  readonly record: number
  readonly key: number
}

/** Resolves when the traffic is over and its last call is finished. */
export async function runLane(options: LaneOptions): Promise<void> {
  const { ledger, style, topic, random, isOver, pauseMs } = options
  const lane = ledger.openLane(style.sample.name, topic)
  const caller = createCaller(options.current)
  const calls = { ...options, caller }
  const counter = { calls: 0 }
  while (!isOver()) {
    const failed = await produce(lane, calls, counter)
    await sleep(failed ? RESEND_MS : Math.round(random.next() * 2 * pauseMs))
  }
  caller.close()
}

type Calls = LaneOptions & Parameters<typeof call>[0]

/** One batch, and again what failed of it. Tells whether anything was not stored in the end. */
async function produce(lane: Lane, calls: Calls, counter: { calls: number }): Promise<boolean> {
  const { random, drops, style } = calls
  const count = random.chance(0.2) ? 1 : random.between(2, CALL_RECORDS_MAX)
  let pending = Array.from({ length: count }, (): Pending => {
    const key = random.between(0, KEYS - 1)
    return { key, record: lane.submit(key, 1) }
  })
  const resends = drops ? 0 : style.resendsMax
  for (let left = resends; ; left--) {
    const first = ++counter.calls * CALL_ORDER
    const contents = pending.map(({ record, key }) => contentOf({ lane: lane.id, record, key }))
    const finished = await call(calls, contents)
    const isLast = left === 0 || calls.isOver()
    pending = enter(lane, finished, { pending, first, isLast })
    if (pending.length === 0 || isLast) return pending.length > 0
    await sleep(RESEND_MS)
  }
}

interface Entering {
  readonly pending: readonly Pending[]
  /** Order of the first record. */
  readonly first: number
  readonly isLast: boolean
}

/** Enters what a call has come to; answers what was not stored. */
function enter(
  lane: Lane,
  { results, instance, doubtAfter }: Finished,
  { pending, first, isLast }: Entering,
): Pending[] {
  const failed: Pending[] = []
  for (const [i, each] of pending.entries()) {
    const { record } = each
    const { word, doubt } = results[i] ?? { word: { kind: 'open' }, doubt: undefined }
    lane.sent(record, { order: first + i, instance })
    if (doubt) lane.doubted(record, doubt)
    if (word.kind === 'stored') lane.stored(record, word)
    else {
      failed.push(each)
      if (isLast && word.kind === 'denied') lane.denied(record)
      else if (isLast) lane.leftOpen(record)
      else if (word.kind !== 'denied') lane.doubted(record, doubtAfter)
    }
  }
  return failed
}
