// Work on one thing, one after the other: what would only get in its own way waits for its turn.

export interface Turns {
  /** Runs the work after all that was begun under the name before, or after a time. */
  readonly take: <T>(name: string, timeoutMs: number, work: () => Promise<T>) => Promise<T>
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>()
  return {
    async take(name, timeoutMs, work) {
      const before = last.get(name)
      let done: () => void = () => undefined
      const mine = new Promise<void>((resolve) => (done = resolve))
      last.set(name, mine)
      try {
        if (before) await noLongerThan(before, timeoutMs)
        return await work()
      } finally {
        if (last.get(name) === mine) last.delete(name)
        done()
      }
    },
  }
}

async function noLongerThan(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, timeoutMs))
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}
