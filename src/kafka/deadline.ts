// Waiting no longer than until a deadline.

const TIMER_MS_MAX = 2 ** 31 - 1

/** Resolves or rejects as the work does; rejects with `late()` when the time is over first. */
export async function within<T>(
  work: Promise<T>,
  timeoutMs: number,
  late: () => Error,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), Math.min(Math.max(0, timeoutMs), TIMER_MS_MAX))
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}

export function sleep(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs))
}
