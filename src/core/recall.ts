// A retried call is stored once: the window in which an attempt that comes again gets the answer of
// the first one, and joins it while it is under way or undecided.
//
// * Remembered is what became of the records, not the reply: a few numbers a record.
// * What failed with nothing stored is forgotten at once; so is what stays undecided to the end,
//   since only another attempt can bring it further.
// * Bounded in time and bytes; the oldest goes first. Within one instance only.

import { crc32 } from 'node:zlib'
import type { Outcome } from './ingest.ts'

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

export interface Recall {
  /**
   * Runs `put` for a first attempt and remembers what became of it; answers a later one with that.
   * `deadlineMs` bounds the wait for what is still undecided.
   */
  readonly once: (
    attempt: Attempt,
    deadlineMs: number,
    put: () => Promise<Outcomes>,
  ) => Promise<{ readonly outcomes: Outcomes; readonly recalled: boolean }>
  readonly bytesHeld: () => number
}

export interface RecallOptions {
  readonly windowMs: number
  readonly bytesMax: number
  readonly now: () => number
}

/** Roughly what an entry costs beside its records: key, promise, map. */
const ENTRY_BYTES = 500
const STORED_BYTES = 24
const FAILED_BYTES = 150

interface Entry {
  readonly startedMs: number
  bytes: number
  /** What is known now, or will be at the first attempt's deadline; nothing: it failed whole. */
  answer: Promise<Remembered | undefined>
}

interface Remembered {
  readonly outcomes: () => Outcomes
  /** Resolves when nothing is undecided any more. */
  readonly settled: Promise<Remembered> | undefined
  readonly bytes: number
  /** Some record is stored, or may be. */
  readonly worthKeeping: boolean
}

/** The entries, oldest first, within their bounds. */
interface Store {
  /** An entry that is not too old. */
  readonly find: (key: string) => Entry | undefined
  readonly add: (key: string, entry: Entry) => void
  /** Counts an entry anew, and forgets the oldest ones that are too many. */
  readonly resize: (key: string, entry: Entry, bytes: number) => void
  readonly forget: (key: string, entry: Entry) => void
  readonly bytesHeld: () => number
}

function createStore({ windowMs, bytesMax, now }: RecallOptions): Store {
  const entries = new Map<string, Entry>()
  let held = 0

  function forget(key: string, entry: Entry): void {
    if (entries.get(key) !== entry) return
    entries.delete(key)
    held -= entry.bytes
  }

  return {
    bytesHeld: () => held,
    forget,
    find(key) {
      const entry = entries.get(key)
      return entry && now() - entry.startedMs <= windowMs ? entry : undefined
    },
    add(key, entry) {
      entries.delete(key)
      entries.set(key, entry)
      held += entry.bytes
    },
    resize(key, entry, bytes) {
      if (entries.get(key) !== entry) return
      held += bytes - entry.bytes
      entry.bytes = bytes
      for (const [oldKey, old] of entries) {
        if (held <= bytesMax && now() - old.startedMs <= windowMs) return
        forget(oldKey, old)
      }
    },
  }
}

export function createRecall(options: RecallOptions): Recall {
  const { now } = options
  const store = createStore(options)

  /** Takes in what is known of a call; undecided records are followed until they are decided. */
  function keep(key: string, entry: Entry, remembered: Remembered): Remembered | undefined {
    if (!remembered.worthKeeping) {
      store.forget(key, entry)
      return undefined
    }
    store.resize(key, entry, ENTRY_BYTES + remembered.bytes)
    void remembered.settled?.then((final) => {
      entry.answer = Promise.resolve(keep(key, entry, final))
    })
    return remembered
  }

  function runFirst(key: string, put: () => Promise<Outcomes>): Promise<Outcomes> {
    const work = put()
    const entry: Entry = {
      startedMs: now(),
      bytes: ENTRY_BYTES,
      answer: work.then(
        (outcomes) => keep(key, entry, remember(outcomes)),
        () => {
          store.forget(key, entry)
          return undefined
        },
      ),
    }
    store.add(key, entry)
    return work
  }

  return {
    bytesHeld: store.bytesHeld,
    async once(attempt, deadlineMs, put) {
      const key = keyOf(attempt)
      // Nothing may come between finding no entry and making one: attempts can come at once.
      for (let known = store.find(key); known; known = store.find(key)) {
        const remembered = await known.answer
        const final = remembered && (await settle(remembered, deadlineMs - now()))
        if (final?.worthKeeping) return { outcomes: final.outcomes(), recalled: true }
        store.forget(key, known)
      }
      return { outcomes: await runFirst(key, put), recalled: false }
    },
  }
}

/** Tells a body from another that came with the same invocation. */
export function digestOf(body: Buffer): string {
  return `${body.length}-${crc32(body)}`
}

function keyOf({ caller, dialect, operation, stream, invocation, digest }: Attempt): string {
  return JSON.stringify([caller, dialect, operation, stream, invocation, digest])
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

/** Numbers a stored record is remembered by. */
const NUMBERS = 3

function remember(outcomes: Outcomes): Remembered {
  const stored = outcomes.filter((outcome) => outcome.stored)
  const waiting = outcomes.filter((outcome) => !outcome.stored && outcome.later !== undefined)
  const failed = outcomes.length - stored.length
  return {
    outcomes: failed === 0 ? pack(stored) : () => outcomes,
    settled: waiting.length > 0 ? settleAll(outcomes) : undefined,
    bytes: stored.length * STORED_BYTES + failed * FAILED_BYTES,
    worthKeeping: stored.length + waiting.length > 0,
  }
}

async function settleAll(outcomes: Outcomes): Promise<Remembered> {
  const settled = outcomes.map((outcome) =>
    outcome.stored ? Promise.resolve(outcome) : (outcome.later ?? Promise.resolve(outcome)),
  )
  return remember(await Promise.all(settled))
}

type Stored = Extract<Outcome, { stored: true }>

function pack(stored: readonly Stored[]): () => Outcomes {
  const numbers = new Float64Array(stored.length * NUMBERS)
  for (const [i, { shard, ordinal, timestampMs }] of stored.entries()) {
    numbers.set([shard, ordinal, timestampMs], i * NUMBERS)
  }
  return () =>
    Array.from({ length: numbers.length / NUMBERS }, (_, i) => {
      const [shard = 0, ordinal = 0, timestampMs = 0] = numbers.subarray(i * NUMBERS)
      return { stored: true, shard, ordinal, timestampMs }
    })
}
