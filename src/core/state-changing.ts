// Changing state: propose a change at a version, read it back, tidy up.

import { BridgeError } from './errors.ts'
import type { StateLog, StateMessage } from './state-log.ts'
import type { Reading, StateReader } from './state-reader.ts'
import { bytesOf, encodeChange, encodeTombstone, nameChange } from './state-record.ts'
import type { Change, ChangeName, Json } from './state-record.ts'
import type { Votes } from './state-votes.ts'

export interface Wanted {
  /** The version that is to be replaced; 0: nothing may be there; `any`: whatever is there. */
  readonly expected: number | 'any'
  /** Absent: delete. */
  readonly value: Json | undefined
  /** Milliseconds since 1970. Default: ten seconds from now. */
  readonly deadlineMs?: number
}

export type Outcome = 'changed' | 'conflict'

export interface Means {
  readonly log: StateLog
  readonly reader: StateReader
  readonly votes: Votes
  readonly bytesMax: number
  readonly now: () => number
}

export interface Changing {
  readonly change: (key: string, wanted: Wanted) => Promise<Outcome>
  /** Removes what has lost from the topic. Never rejects: it can be done again. */
  readonly remove: (names: readonly ChangeName[]) => Promise<void>
}

/** For a change that names none, and for tidying up. */
export const DEADLINE_MS = 10_000

export function createChanging(means: Means): Changing {
  const { log, reader, now } = means

  async function remove(names: readonly ChangeName[]): Promise<void> {
    if (names.length === 0) return
    await log.append(names.map(encodeTombstone), now() + DEADLINE_MS).catch(() => undefined)
  }

  /** Whether the proposal won. */
  async function propose(proposal: Proposal): Promise<boolean> {
    const { key, basis, expected, value, deadlineMs } = proposal
    const name = nameChange(key)
    const message = encodeChange(name, expected, value)
    if (value !== undefined) refuseBeyond(means.bytesMax, message, basis)
    const voted = means.votes.expect(name.unique, basis, deadlineMs - now())
    try {
      const vote = await Promise.race([voted, store(means, message, deadlineMs)])
      if (vote === 'unclear') {
        throw new BridgeError('undecided', `Nobody can tell whether ${key} was changed`)
      }
      const hasWon = vote === 'won'
      void remove(hasWon ? (reader.shown()?.view.lost(key) ?? []) : [name])
      return hasWon
    } finally {
      means.votes.forget(name.unique)
    }
  }

  async function change(key: string, wanted: Wanted): Promise<Outcome> {
    const { expected, value, deadlineMs = now() + DEADLINE_MS } = wanted
    const patience = { now, deadlineMs, topic: log.topic }
    do {
      const basis = await openBy(reader, patience, expected === 'any' ? 0 : expected)
      const current = basis.view.current(key)
      const known = foresee(wanted, current)
      if (known) return known
      const proposal = { key, basis, expected: current?.version ?? 0, value, deadlineMs }
      if (await propose(proposal)) return 'changed'
    } while (now() < deadlineMs)
    throw new BridgeError('unavailable', `${key} is changed too often by others`)
  }

  return { change, remove }
}

/** What can be answered without asking anybody: versions never come back. */
function foresee({ expected, value }: Wanted, current: Change | undefined): Outcome | undefined {
  const version = current?.value === undefined ? 0 : current.version
  if (expected !== 'any' && expected !== version) return 'conflict'
  return value === undefined && version === 0 ? 'changed' : undefined
}

interface Proposal {
  readonly key: string
  readonly basis: Reading
  readonly expected: number
  readonly value: Json | undefined
  readonly deadlineMs: number
}

/** Rejects when it is sure that nothing was stored; else never ends, and leaves it to the vote. */
async function store(
  { log, reader }: Means,
  message: StateMessage,
  deadlineMs: number,
): Promise<never> {
  try {
    await log.append([message], deadlineMs)
    reader.wake() // the topic may have been made for it
  } catch (error) {
    if (!(error instanceof BridgeError && error.code === 'undecided')) throw error
  }
  return new Promise(() => undefined)
}

function refuseBeyond(bytesMax: number, message: StateMessage, { view }: Reading): void {
  if (view.bytes() + bytesOf(message) <= bytesMax) return
  const sentence = `What is kept for all streams together may have ${bytesMax} bytes here`
  throw new BridgeError('limit-exceeded', sentence)
}

export interface Patience {
  readonly topic: string
  readonly now: () => number
  readonly deadlineMs: number
}

/**
 * Waits until something is known, up to a version which another instance may have told of. Not for a
 * right to be given: that takes a person.
 */
export async function openBy(
  reader: StateReader,
  { topic, now, deadlineMs }: Patience,
  version = 0,
): Promise<Reading> {
  for (;;) {
    const shown = reader.shown()
    if (shown && shown.position >= version) return shown
    const isHopeless = reader.trouble()?.code === 'not-permitted'
    if (isHopeless || now() >= deadlineMs) throw notKnown(reader, topic)
    await reader.progress(deadlineMs - now())
  }
}

/** What is known. Throws where nothing is. */
export function shownBy(reader: StateReader, topic: string): Reading {
  const shown = reader.shown()
  if (shown) return shown
  throw notKnown(reader, topic)
}

function notKnown(reader: StateReader, topic: string): BridgeError {
  const trouble = reader.trouble()
  const code = trouble?.code === 'not-permitted' ? 'not-permitted' : 'unavailable'
  const sentence = trouble?.message ?? `Topic ${topic} was not read yet`
  return new BridgeError(code, sentence, trouble && { cause: trouble })
}
