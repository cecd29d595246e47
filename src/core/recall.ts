// A retried call is stored once: the window in which an attempt that comes again gets the answer of
// the first one, and joins it while it is under way or undecided.
//
// * Remembered is what became of the records, not the reply: a few numbers a record.
// * What failed with nothing stored is forgotten at once; so is what stays undecided to the end,
//   since only another attempt can bring it further.
// * Bounded in time and bytes; the oldest goes first. Within one instance only.

import { crc32 } from 'node:zlib'
import type { Outcome } from './ingest.ts'
import { areStored } from './stored.ts'
import { createWindow, type Member, type WindowOptions } from './window.ts'

/** What makes two attempts the same call. */
export interface Attempt {
  readonly caller: string | undefined
  readonly dialect: string
  readonly operation: string
  readonly stream: string
  readonly invocation: string
  /** Of its body. */
  readonly digest: string
}

type Outcomes = readonly Outcome[]
type Work = () => Promise<Outcomes>

export interface Recall {
  /**
   * Runs `put` for a first attempt and remembers what became of it; answers a later one with that.
   * `deadlineMs` bounds the wait for what is still undecided.
   */
  readonly once: (attempt: Attempt, deadlineMs: number, put: Work) => Promise<Outcomes>
  readonly bytesHeld: () => number
}

export type RecallOptions = WindowOptions

/** What an entry costs beside its records, as a heap showed: its key, itself, its place in the map. */
const ENTRY_BYTES = 400
const STORED_BYTES = 24
/** Of a record whose call was not stored whole. */
const OUTCOME_BYTES = 150

interface Entry extends Member<Entry> {
  /** What is known now, or will be at the first attempt's deadline; nothing: it failed whole. */
  answer: Remembered | Promise<Remembered | undefined>
}

interface Remembered {
  /** Where every record was stored: a third of what the outcomes themselves would take. */
  readonly positions?: readonly number[]
  /** Where some were not. */
  readonly outcomes?: Outcomes
  /** Resolves when nothing is undecided any more. */
  readonly settled?: Promise<Remembered>
  readonly bytes: number
  /** Some record is stored, or may be. */
  readonly worthKeeping: boolean
}

export function createRecall(options: RecallOptions): Recall {
  const { now } = options
  const recent = createWindow<Entry>(options)

  /** Takes in what is known of a call; undecided records are followed until they are decided. */
  function keep(entry: Entry, remembered: Remembered): Remembered | undefined {
    if (!remembered.worthKeeping) {
      recent.forget(entry)
      return undefined
    }
    entry.answer = remembered
    recent.resize(entry, ENTRY_BYTES + remembered.bytes)
    void remembered.settled?.then((final) => keep(entry, final))
    return remembered
  }

  function runFirst(key: string, put: Work): Promise<Outcomes> {
    const work = put()
    const answer = work.then(
      (outcomes) => keep(entry, remember(outcomes)),
      () => {
        recent.forget(entry)
        return undefined
      },
    )
    const entry: Entry = { key, startedMs: now(), bytes: ENTRY_BYTES, answer }
    recent.add(entry)
    return work
  }

  /** Another attempt of a call that is known. */
  async function again(key: string, deadlineMs: number, put: Work): Promise<Outcomes> {
    for (let known = recent.find(key); known; known = recent.find(key)) {
      const remembered = await known.answer
      const final = remembered && (await settle(remembered, deadlineMs - now()))
      if (final?.worthKeeping) return outcomesOf(final)
      recent.forget(known)
    }
    return runFirst(key, put)
  }

  return {
    bytesHeld: recent.bytesHeld,
    once(attempt, deadlineMs, put) {
      const key = keyOf(attempt)
      // Nothing may come between finding no entry and making one: attempts can come at once.
      return recent.find(key) ? again(key, deadlineMs, put) : runFirst(key, put)
    },
  }
}

/** Tells a body from another that came with the same invocation. */
export function digestOf(body: Buffer): string {
  return `${body.length}-${crc32(body)}`
}

/** Headers and names hold no end of line; of the stream, which may, it is the rest. */
function keyOf({ caller = '', dialect, operation, stream, invocation, digest }: Attempt): string {
  return [invocation, digest, caller, dialect, operation, stream].join('\n')
}

/** Waits for what is undecided, as long as the attempt may. */
async function settle(remembered: Remembered, withinMs: number): Promise<Remembered> {
  if (!remembered.settled) return remembered
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Remembered>((resolve) => {
    timer = setTimeout(() => resolve(remembered), Math.max(0, withinMs))
  })
  try {
    return await Promise.race([remembered.settled, late])
  } finally {
    clearTimeout(timer)
  }
}

function remember(outcomes: Outcomes): Remembered {
  if (areStored(outcomes)) {
    const positions = new Array<number>(3 * outcomes.length)
    for (const [i, { shard, ordinal, timestampMs }] of outcomes.entries()) {
      positions[3 * i] = shard
      positions[3 * i + 1] = ordinal
      positions[3 * i + 2] = timestampMs
    }
    return { positions, bytes: outcomes.length * STORED_BYTES, worthKeeping: true }
  }
  const waits = outcomes.some((outcome) => !outcome.stored && outcome.later !== undefined)
  return {
    outcomes,
    ...(waits && { settled: settleAll(outcomes) }),
    bytes: outcomes.length * OUTCOME_BYTES,
    worthKeeping: waits || outcomes.some(({ stored }) => stored),
  }
}

function outcomesOf({ positions = [], outcomes }: Remembered): Outcomes {
  if (outcomes) return outcomes
  return Array.from({ length: positions.length / 3 }, (_, i): Outcome => {
    const [shard = 0, ordinal = 0, timestampMs = 0] = positions.slice(3 * i, 3 * i + 3)
    return { stored: true, shard, ordinal, timestampMs }
  })
}

async function settleAll(outcomes: Outcomes): Promise<Remembered> {
  const settled = outcomes.map((outcome) =>
    outcome.stored ? Promise.resolve(outcome) : (outcome.later ?? Promise.resolve(outcome)),
  )
  return remember(await Promise.all(settled))
}
