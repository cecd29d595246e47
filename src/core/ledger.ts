// What is kept beside a stream: when it was made through this service, and whatever else its dialects
// keep, under names of their own.
//
// * Keys: `streams/{topic}` for the making, `streams/{topic}/{part}` for the rest. Topics have no
//   slashes in their names.
// * Everything carries the topic's id: a topic that others have deleted and made again is another
//   stream, of which nothing is kept yet. Brokers that give no ids cannot tell the two apart.
// * Where state is not to be had, a making is remembered by this process alone.

import { BridgeError } from './errors.ts'
import type { Json, State, Step } from './state.ts'

/** A topic as it is at present. */
export interface TopicName {
  readonly topic: string
  readonly id: string
}

export interface Ledger {
  /** When the topic was made through this service, in milliseconds since 1970; else nothing. */
  readonly madeAtMs: (name: TopicName) => number | undefined
  /** Waits until makings are known. Resolves with why `madeAtMs` knows too little, if it does. */
  readonly trouble: (deadlineMs: number) => Promise<BridgeError | undefined>
  /** Never rejects. */
  readonly made: (name: TopicName, making: Making) => Promise<void>
  /** Forgets everything of a topic that is gone. Never rejects: its id is of no topic any more. */
  readonly removed: (topic: string) => Promise<void>
  /** What is kept under a part. Throws as State does. */
  readonly get: (name: TopicName, part: string) => Json | undefined
  /** What is kept under all parts that begin so, in the order of the parts. Throws as State does. */
  readonly list: (name: TopicName, prefix: string) => readonly Kept[]
  /** Changes what is kept under a part; absent: nothing is. Rejects as State does. */
  readonly update: (name: TopicName, part: string, step: Step) => Promise<Json | undefined>
}

/** What is kept beside a stream under a part. */
export interface Kept {
  readonly part: string
  readonly value: Json
}

export interface Making {
  /** Milliseconds since 1970. */
  readonly atMs: number
  readonly deadlineMs: number
}

const ROOT = 'streams'

export function createLedger(state: State): Ledger {
  const makings = createMakings(state)
  return {
    ...makings.told,
    async removed(topic) {
      makings.forget(topic)
      await orTrouble(async () => {
        const parts = state.list(`${keyOf(topic)}/`).map(({ key }) => key)
        const removing = [keyOf(topic), ...parts].map((key) =>
          state.change(key, { expected: 'any', value: undefined }),
        )
        await Promise.all(removing)
      })
    },
    get: ({ topic, id }, part) => memberOf(state.get(keyOf(topic, part))?.value, id, 'value'),
    list: ({ topic, id }, prefix) =>
      state.list(keyOf(topic, prefix)).flatMap(({ key, value: kept }) => {
        const value = memberOf(kept, id, 'value')
        return value === undefined ? [] : [{ part: key.slice(keyOf(topic, '').length), value }]
      }),
    async update({ topic, id }, part, step) {
      const kept = await state.update(keyOf(topic, part), (before) => {
        const old = memberOf(before, id, 'value')
        const value = step(old)
        if (value === old) return before
        return value === undefined ? undefined : { id, value }
      })
      return memberOf(kept, id, 'value')
    },
  }
}

interface Makings {
  readonly told: Pick<Ledger, 'madeAtMs' | 'trouble' | 'made'>
  readonly forget: (topic: string) => void
}

function createMakings(state: State): Makings {
  /** Makings that could not be kept. */
  const unkept = new Map<string, { readonly id: string; readonly atMs: number }>()

  return {
    told: {
      async trouble(deadlineMs) {
        await state.opened(deadlineMs)
        return orTrouble(() => state.get(ROOT))
      },
      madeAtMs({ topic, id }) {
        const kept = state.health().known ? state.get(keyOf(topic))?.value : undefined
        const atMs = memberOf(kept, id, 'createdAtMs')
        if (typeof atMs === 'number') return atMs
        const own = unkept.get(topic)
        return own?.id === id ? own.atMs : undefined
      },
      async made({ topic, id }, { atMs, deadlineMs }) {
        const value = { id, createdAtMs: atMs }
        const failure = await orTrouble(() =>
          state.change(keyOf(topic), { expected: 'any', value, deadlineMs }),
        )
        if (failure) unkept.set(topic, { id, atMs })
        else unkept.delete(topic)
      },
    },
    forget: (topic) => unkept.delete(topic),
  }
}

/** Resolves with what kept the work from being done, if something did. */
async function orTrouble(work: () => unknown): Promise<BridgeError | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (error instanceof BridgeError) return error
    throw error
  }
}

function keyOf(topic: string, part?: string): string {
  return part === undefined ? `${ROOT}/${topic}` : `${ROOT}/${topic}/${part}`
}

/** A member of what was kept of the topic with this id. */
function memberOf(kept: Json | undefined, id: string, member: string): Json | undefined {
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return undefined
  const members = kept as Readonly<Record<string, Json>>
  return members['id'] === id ? members[member] : undefined
}
