// One piece of work at a time, for everybody who wants a part of it: names that are asked for while
// a round is under way go together into the next one.

export interface Rounds {
  /** Resolves when a round that began after this call, and includes the names, is over. */
  readonly join: (names: readonly string[]) => Promise<void>
  readonly isBusy: () => boolean
}

interface Round {
  readonly names: Set<string>
  readonly done: Promise<void>
}

export function createRounds(work: (names: ReadonlySet<string>) => Promise<void>): Rounds {
  let running: Promise<void> | undefined
  let next: Round | undefined

  async function run(names: ReadonlySet<string>, before: Promise<void> | undefined) {
    await before?.catch(() => undefined) // whose failure is told to those who joined it
    const mine = next
    next = undefined
    running = mine?.done
    try {
      await work(names)
    } finally {
      if (running === mine?.done) running = undefined
    }
  }

  return {
    join(names) {
      if (next === undefined) {
        const all = new Set<string>()
        const done = Promise.resolve().then(() => run(all, running))
        next = { names: all, done }
      }
      for (const name of names) next.names.add(name)
      return next.done
    },
    isBusy: () => running !== undefined || next !== undefined,
  }
}
