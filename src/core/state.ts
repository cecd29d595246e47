// What Kafka has no place for, kept in one compacted topic: JSON values by key, each with a version.
// All instances read the same topic and come to the same values (state-view.ts has the rule and why it
// holds), so that any of them can answer, and none keeps anything of its own.
//
// * A change is conditional. It is appended and answered only once this instance has read it back: by
//   then it is known whether it was the first at the version that it expected.
// * Read back means: with every record since it was proposed. Where compaction has taken some of them,
//   or the deadline comes first, nobody can tell here who won: `undecided`.
// * Reading serves what is known, however long Kafka is away. What was changed elsewhere is known here
//   as soon as it was read, in milliseconds mostly.
// * Whoever wins removes what it superseded, whoever loses removes its own change. What those leave who
//   die in between is swept by the others; all may do so at once.
// * One value, all values together and keys are bounded in bytes. A deletion is never refused for want
//   of room.
//
// Keys are paths, `kind/name/…`; each owner of a kind says what lies below it.

import type { BridgeError } from './errors.ts'
import { createChanging, DEADLINE_MS, openBy, shownBy } from './state-changing.ts'
import type { Outcome, Wanted } from './state-changing.ts'
import type { StateLog } from './state-log.ts'
import { createStateReader } from './state-reader.ts'
import type { Change, Json } from './state-record.ts'
import { createSweep } from './state-sweep.ts'
import type { StateView } from './state-view.ts'
import { createVotes } from './state-votes.ts'
import { createTurns } from './turns.ts'

export type { Outcome, Wanted } from './state-changing.ts'
export type { Json } from './state-record.ts'

/** A value that is there. */
export interface Known {
  readonly value: Json
  /** Grows with every change of the key, also beyond its deletion. From 1. */
  readonly version: number
}

export interface Listed extends Known {
  readonly key: string
}

/** Makes the next value of the one that is there. The same again: nothing is to be changed. */
export type Step = (value: Json | undefined) => Json | undefined

/**
 * All throw or reject with BridgeError: `unavailable` (not changed, or not read yet), `not-permitted`
 * (a right on the topic that Kafka denies us). Changes with `undecided` (nobody knows) and
 * `limit-exceeded` (too large), too.
 */
export interface State {
  readonly get: (key: string) => Known | undefined
  /** All whose keys begin so, in the order of their keys. */
  readonly list: (prefix: string) => readonly Listed[]
  readonly change: (key: string, wanted: Wanted) => Promise<Outcome>
  /**
   * Changes what is there, again until nobody came in between. Resolves with the new value. Those of
   * one key and one instance take turns.
   */
  readonly update: (key: string, step: Step, deadlineMs?: number) => Promise<Json | undefined>
  /** Resolves once the topic was read or cannot be, or at the deadline: then calls will fail. */
  readonly opened: (deadlineMs: number) => Promise<void>
  readonly health: () => StateHealth
  readonly close: () => void
}

export interface StateHealth {
  /** Something was read, and is served. */
  readonly known: boolean
  /** Why it is not followed at present. */
  readonly trouble: BridgeError | undefined
  /** Of memory. */
  readonly bytes: number
  /** Records in the topic that are nobody's state. */
  readonly foreign: number
}

export interface StateOptions {
  /** Of memory for all values together. */
  readonly bytesMax: number
  readonly now: () => number
  /** Called when following stops for a reason, or goes on again. */
  readonly onTrouble?: (trouble: BridgeError | undefined) => void
  /** How often to look for what others have left behind. Default: 15 s. */
  readonly sweepMs?: number
  /** How old a deletion must be to be forgotten. Default: 30 h. */
  readonly forgetMs?: number
}

const SWEEP_MS = 15_000
/** Far above the time for which anything can be under way to Kafka. */
const FORGET_MS = 30 * 3_600_000
/** Instances may have different bounds: what one has let in, another reads. */
const READ_BYTES_FACTOR = 4

/** Begins to read at once. */
export function createState(log: StateLog, options: StateOptions): State {
  const { now, onTrouble = () => undefined } = options
  const votes = createVotes()
  const reader = createStateReader({
    log,
    bytesMax: options.bytesMax * READ_BYTES_FACTOR,
    now,
    onChange: votes.count,
    onShown: votes.announce,
    onTrouble,
  })
  const view = (): StateView => shownBy(reader, log.topic).view
  const { change, remove } = createChanging({ log, reader, votes, bytesMax: options.bytesMax, now })
  const sweep = createSweep({ reader, remove, now, forgetMs: options.forgetMs ?? FORGET_MS })
  const sweeper = setInterval(sweep, options.sweepMs ?? SWEEP_MS)
  sweeper.unref()
  const turns = createTurns()

  async function updateBy(key: string, step: Step, deadlineMs: number) {
    for (;;) {
      await openBy(reader, { topic: log.topic, now, deadlineMs })
      const known = toKnown(view().current(key))
      const value = step(known?.value)
      if (value === known?.value) return value
      const wanted = { expected: known?.version ?? 0, value, deadlineMs }
      if ((await change(key, wanted)) === 'changed') return value
    }
  }

  return {
    get: (key) => toKnown(view().current(key)),
    list: (prefix) => listIn(view(), prefix),
    change,
    update: (key, step, deadlineMs = now() + DEADLINE_MS) =>
      turns.take(key, deadlineMs - now(), () => updateBy(key, step, deadlineMs)),
    async opened(deadlineMs) {
      const isOpen = () => reader.shown() !== undefined || reader.trouble() !== undefined
      while (!isOpen() && now() < deadlineMs) await reader.progress(deadlineMs - now())
    },
    health() {
      const shown = reader.shown()?.view
      const [bytes, foreign] = [shown?.bytes() ?? 0, shown?.foreign() ?? 0]
      return { known: shown !== undefined, trouble: reader.trouble(), bytes, foreign }
    },
    close() {
      clearInterval(sweeper)
      reader.close()
    },
  }
}

function toKnown(change: Change | undefined): Known | undefined {
  if (change?.value === undefined) return undefined
  return { value: change.value, version: change.version }
}

function listIn(view: StateView, prefix: string): readonly Listed[] {
  return [...view.keys()]
    .filter((key) => key.startsWith(prefix))
    .sort()
    .flatMap((key) => {
      const known = toKnown(view.current(key))
      return known ? [{ key, ...known }] : []
    })
}
