// What a turn of the event loop takes of large bodies, whose decoding is most of what is done at once: a
// few, first come, first served, so that refusals, and replies from Kafka, need not wait for all of them.

/** Takes some milliseconds to decode and to place. Less makes batches for Kafka smaller, and so dearer. */
const TURN_BYTES = 2 ** 21
/** Smaller ones are not counted: it takes many to make a turn long. */
const COUNTED_BYTES_MIN = 2 ** 14

interface Waiting {
  readonly bytes: number
  readonly go: () => void
}

/** Tells a whole body when it may be decoded: nothing for at once. None overtakes another. */
export type Pace = (bytes: number) => Promise<void> | undefined

export function createPace(): Pace {
  const waiting: Waiting[] = []
  let taken = 0

  /** Whether this turn takes it, as it does of one, however large. */
  function takes(bytes: number): boolean {
    if (bytes < COUNTED_BYTES_MIN) return true
    if (taken > 0 && taken + bytes > TURN_BYTES) return false
    if (taken === 0) setImmediate(next)
    taken += bytes
    return true
  }

  function next(): void {
    taken = 0
    while (waiting[0] && takes(waiting[0].bytes)) waiting.shift()?.go()
  }

  return (bytes) => {
    if (waiting.length === 0 && takes(bytes)) return undefined
    return new Promise((go) => waiting.push({ bytes, go }))
  }
}
