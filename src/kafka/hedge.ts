// Asking several for one answer: the next one is asked when the last one failed, or takes long.

/**
 * Starts the tasks one after the other, the next one on a failure or after the delay (Infinity:
 * only on a failure), and resolves with the first success. Rejects with the error of the last
 * failure when all have failed.
 */
export function hedge<T>(tasks: readonly (() => Promise<T>)[], delayMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let started = 0
    let failed = 0
    let timer: NodeJS.Timeout | undefined

    function start(): void {
      clearTimeout(timer)
      const task = tasks[started]
      if (task === undefined) return
      started++
      if (delayMs < Infinity) timer = setTimeout(start, delayMs)
      task().then(succeed, fail)
    }

    function succeed(result: T): void {
      clearTimeout(timer)
      started = tasks.length
      resolve(result)
    }

    function fail(error: unknown): void {
      failed++
      if (failed === tasks.length) {
        clearTimeout(timer)
        reject(error instanceof Error ? error : new Error(String(error)))
      } else start()
    }

    if (tasks.length === 0) reject(new Error('There is nobody to ask'))
    start()
  })
}
