// Waiting for something to become true, with a deadline.

const POLL_MS = 10

/** Rejects when `isTrue` has not become true in time, saying what it was. */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  withinMs = 10_000,
): Promise<void> {
  const deadlineMs = Date.now() + withinMs
  while (!(await isTrue())) {
    if (Date.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${isTrue.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
