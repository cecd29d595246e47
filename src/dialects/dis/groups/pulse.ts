// Which members live: when each was last heard of.
//
// A member beats every ten seconds, and a load balancer may spread its beats over all instances. To
// write each of them to Kafka would cost too much; to keep them in memory alone would let an instance
// that hears none of them declare the member dead. So:
//
// * An instance keeps each beat that it hears in memory, and writes the time of one down only where
//   what is written is older than `WRITTEN_MS`. With a beat every ten seconds that is every other one,
//   whichever instances hear them, since all read what is written.
// * A member is dead where neither the memory of the instance that judges nor what is written has heard
//   of it for `LIFE_MS`. What is written of a living one is never older than `WRITTEN_MS` and the time
//   between two beats: 22 s, which leaves 8 s for a beat that is late and for clocks that differ.
// * Whoever asks for anything of a group judges its other members. Nobody judges a group without members
//   that ask: then nothing is to be taken over.
// * A consumer that dies is thus noticed by the others after 30 s and one more beat of theirs.
// * Where Kafka is away, beats count by memory alone until it is back.

import { BridgeError } from '../../../core/errors.ts'
import type { Shelf } from '../../../core/state-shelf.ts'
import { keyOf } from '../apps.ts'
import type { Member } from './group.ts'

const WRITTEN_MS = 12_000
const LIFE_MS = 30_000
/** Members that an instance remembers beats of. */
const BEATS_MAX = 100_000

/** A member: its app's id and its own name. */
export interface Name {
  readonly app: string
  readonly client: string
}

export interface Pulse {
  /** A member was heard of now. */
  readonly beat: (shelf: Shelf, name: Name, times: Times) => Promise<void>
  /** Writes down that a member was heard of. Rejects as State does. */
  readonly write: (shelf: Shelf, name: Name, nowMs: number) => Promise<void>
  readonly isLive: (shelf: Shelf, name: Name, times: Times) => boolean
  readonly forget: (shelf: Shelf, name: Name) => Promise<void>
}

export interface Times extends Pick<Member, 'joinedMs'> {
  readonly nowMs: number
}

function seenKey({ app, client }: Name): string {
  return keyOf('seen', app, client)
}

/** When a member was last heard of, as written; also by its joining, which is. */
function writtenMs(shelf: Shelf, name: Name, joinedMs: number): number {
  const seenMs = shelf.get(seenKey(name))?.value
  return Math.max(joinedMs, typeof seenMs === 'number' ? seenMs : 0)
}

export function createPulse(): Pulse {
  const beats = new Map<string, number>()

  function remember(key: string, nowMs: number): void {
    beats.delete(key)
    beats.set(key, nowMs)
    const [oldest] = beats.keys()
    if (beats.size > BEATS_MAX && oldest !== undefined) beats.delete(oldest)
  }

  async function write(shelf: Shelf, name: Name, nowMs: number): Promise<void> {
    await shelf.update(seenKey(name), () => nowMs)
  }

  return {
    write,
    async beat(shelf, name, { joinedMs, nowMs }) {
      remember(seenKey(name), nowMs)
      if (nowMs - writtenMs(shelf, name, joinedMs) < WRITTEN_MS) return
      try {
        await write(shelf, name, nowMs)
      } catch (error) {
        if (!(error instanceof BridgeError)) throw error
      }
    },
    isLive(shelf, name, { joinedMs, nowMs }) {
      const heardMs = beats.get(seenKey(name)) ?? 0
      return nowMs - Math.max(heardMs, writtenMs(shelf, name, joinedMs)) < LIFE_MS
    },
    async forget(shelf, name) {
      beats.delete(seenKey(name))
      await shelf.update(seenKey(name), () => undefined)
    },
  }
}
