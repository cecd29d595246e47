// Reads that wait for room: each needs some for what may come, most get nothing and give it back at
// once, so that a moment later there is room. Readers take turns so, who came first goes first, and
// none is refused for the others' sake unless there is no room for long.

import { BridgeError } from './errors.ts'
import type { From, Reader, ReadLimits } from './read.ts'

const PATIENCE_MS = 1000
const PAUSE_MS = 5

/** Makes readers of one and the same queue patient. */
export function createPatience(now: () => number): (reader: Reader) => Reader {
  let last: Promise<void> = Promise.resolve()
  let waiting = 0

  /** Resolves when those who came before have room, or are gone; `pass` lets the next one go. */
  async function turn(): Promise<{ readonly pass: () => void }> {
    const before = last
    let pass = (): void => undefined
    last = new Promise((resolve) => (pass = resolve))
    await before
    return { pass }
  }

  async function readInTurn(reader: Reader, from: From, limits: ReadLimits) {
    const untilMs = Math.min(now() + PATIENCE_MS, limits.deadlineMs)
    waiting++
    const { pass } = await turn()
    try {
      for (;;) {
        const { reading, settled } = attempt(reader, from, limits)
        const isFull = await settled
        if (!isFull || now() >= untilMs) return await reading
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
    } finally {
      waiting--
      pass()
    }
  }

  return (reader) => ({
    ...reader,
    async read(from, limits) {
      if (waiting === 0) {
        const { reading, settled } = attempt(reader, from, limits)
        if (!(await settled)) return reading
      }
      return readInTurn(reader, from, limits)
    },
  })
}

/** A read under way; `settled` resolves once it has room, or with whether there was none. */
function attempt(reader: Reader, from: From, limits: ReadLimits) {
  let take = (): void => undefined
  const taken = new Promise<false>((resolve) => {
    take = () => resolve(false)
  })
  const hold = (bytes: number): void => {
    limits.hold(bytes)
    take()
  }
  const reading = reader.read(from, { ...limits, hold })
  const ended = reading.then(
    () => false,
    (error: unknown) => error instanceof BridgeError && error.code === 'throttled',
  )
  return { reading, settled: Promise.race([taken, ended]) }
}
