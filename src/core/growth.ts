// Streams that have grown of late, in shards or in what a record may have. Each instance learns of it by
// itself, so that for a while two may cut the hash space differently, or one refuse what another takes; the
// time of a growth is kept beside the stream, so that all of them say how long.
//
// * It is written before the topic grows, for as long as that may take, and again when it has grown.
// * Where state is not to be had, or not soon, a stream grows all the same, and is at once said to be
//   settled.

import { BridgeError } from './errors.ts'
import type { Ledger, TopicName } from './ledger.ts'
import type { Json } from './state.ts'

export interface Growth {
  /** Some instance may not know all shards of the topic yet. */
  readonly isUnderWay: (name: TopicName) => boolean
  /** Does the work that makes a topic grow. */
  readonly during: (name: TopicName, work: () => Promise<void>) => Promise<void>
}

export interface GrowthOptions {
  readonly ledger: Ledger
  /** After this all instances know of new shards. */
  readonly settleMs: number
  readonly now: () => number
}

const PART = 'growth'
/** The longest that the work is waited for, and more. */
const WORK_MS = 30_000
const MARKED_WITHIN_MS = 3000

export function createGrowth({ ledger, settleMs, now }: GrowthOptions): Growth {
  async function mark(name: TopicName, untilMs: number | undefined): Promise<void> {
    const value = untilMs === undefined ? undefined : { untilMs }
    const marking = ledger.update(name, PART, () => value).then(() => undefined, unlessTrouble)
    await within(marking, MARKED_WITHIN_MS)
  }

  return {
    isUnderWay(name) {
      try {
        return now() < untilMsOf(ledger.get(name, PART))
      } catch (error) {
        unlessTrouble(error)
        return false
      }
    },
    async during(name, work) {
      await mark(name, now() + WORK_MS)
      try {
        await work()
      } catch (error) {
        await mark(name, undefined)
        throw error
      }
      await mark(name, now() + settleMs)
    },
  }
}

function untilMsOf(kept: Json | undefined): number {
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return 0
  const { untilMs } = kept as Readonly<Record<string, Json>>
  return typeof untilMs === 'number' ? untilMs : 0
}

/** Rethrows what is a bug. */
function unlessTrouble(error: unknown): void {
  if (!(error instanceof BridgeError)) throw error
}

/** Resolves with the work, or when it takes too long: then it goes on. */
async function within(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)))
  await Promise.race([work, late])
  clearTimeout(timer)
}
