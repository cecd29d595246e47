// Waiting for the next time that something happens, no longer than until a deadline. Nobody's waiting
// keeps the process alive.

export interface Signal {
  /** Wakes all who wait now. */
  readonly fire: () => void
  /** Resolves when it fires next, or after a time. */
  readonly next: (timeoutMs: number) => Promise<void>
}

const TIMER_MS_MAX = 2 ** 31 - 1

export function createSignal(): Signal {
  const waiting = new Set<() => void>()
  return {
    fire() {
      for (const wake of [...waiting]) wake()
    },
    next: (timeoutMs) =>
      new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer)
          waiting.delete(wake)
          resolve()
        }
        const timer = setTimeout(wake, Math.min(Math.max(0, timeoutMs), TIMER_MS_MAX)).unref()
        waiting.add(wake)
      }),
  }
}
