// No request hangs: each has a time by which it must have come further. One look finds all that have not;
// a timer for each, set and cleared again, would cost as much as decoding a record.
//
// * They are a chain, not a Set: a Set that many leave makes tables anew all the time, and each keeps the
//   next one, and all that is in it, from being collected.

import { Chain, type Link } from '../core/chain.ts'

const LOOK_MS = 250

export interface Watched<Self> extends Link<Self> {
  /** By when it must have come further, in milliseconds since 1970. */
  dueMs: number
}

export interface Watch<One> {
  readonly add: (one: One) => void
  /** Takes out what was added, once. */
  readonly remove: (one: One) => void
}

/** Calls `late` once for what was not put off by its time, no more than a look later. */
export function createWatch<One extends Watched<One>>(
  now: () => number,
  late: (one: One) => void,
): Watch<One> {
  const watched = new Chain<One>()
  let timer: NodeJS.Timeout | undefined

  function look(): void {
    const nowMs = now()
    for (const one of watched) {
      if (one.dueMs > nowMs) continue
      one.dueMs = Infinity
      late(one)
    }
    if (watched.oldest) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    add(one) {
      watched.add(one)
      timer ??= setInterval(look, LOOK_MS).unref()
    },
    remove: (one) => watched.remove(one),
  }
}
