// Reading changes back: who made a change waits here until this instance has read it in the topic.

import type { Reading } from './state-reader.ts'
import type { Change } from './state-record.ts'

/**
 * What reading a change back has told. `unclear`: it was not read in time, or others before it that
 * came after it was proposed were removed by compaction.
 */
export type Vote = 'won' | 'lost' | 'unclear'

export interface Votes {
  /** Resolves when the change was read, or after a time. `basis` is what it was proposed upon. */
  readonly expect: (unique: string, basis: Reading, timeoutMs: number) => Promise<Vote>
  /** Nobody waits for this change any more. */
  readonly forget: (unique: string) => void
  /** Takes note of a change that was read, just after it was taken into the reading's view. */
  readonly count: (change: Change, reading: Reading) => void
  /** What was read is shown now: whoever is answered will find it. */
  readonly announce: () => void
}

interface Waiter {
  readonly basis: Reading
  readonly resolve: (vote: Vote) => void
  readonly timer: NodeJS.Timeout
  vote?: Vote
}

export function createVotes(): Votes {
  const waiting = new Map<string, Waiter>()

  function forget(unique: string): void {
    clearTimeout(waiting.get(unique)?.timer)
    waiting.delete(unique)
  }

  return {
    expect: (unique, basis, timeoutMs) =>
      new Promise((resolve) => {
        const late = (): void => resolve(waiting.get(unique)?.vote ?? 'unclear')
        const timer = setTimeout(late, Math.max(0, timeoutMs)).unref()
        waiting.set(unique, { basis, resolve, timer })
      }),
    forget,
    count(change, reading) {
      const waiter = waiting.get(change.unique)
      if (waiter) waiter.vote = judge(waiter.basis, reading, change)
    },
    announce() {
      for (const [unique, { vote, resolve }] of waiting) {
        if (vote === undefined) continue
        forget(unique)
        resolve(vote)
      }
    },
  }
}

function judge(basis: Reading, { id, view, wholeFrom }: Reading, { key, unique }: Change): Vote {
  const isWhole = wholeFrom <= basis.position && (basis.id ?? id) === id
  if (!isWhole) return 'unclear'
  return view.current(key)?.unique === unique ? 'won' : 'lost'
}
