// Reads that wait for room: each needs some for what may come, most get nothing and give it back at
// once, so that a moment later there is room. Many readers take turns so, and none is refused for the
// others' sake unless there is no room for long.

import { BridgeError } from './errors.ts'
import type { Reader } from './read.ts'

const PATIENCE_MS = 1000
const PAUSE_MS_MIN = 5
const PAUSE_MS_MAX = 40

export function createPatientReader(reader: Reader, now: () => number): Reader {
  return {
    ...reader,
    async read(from, limits) {
      const untilMs = Math.min(now() + PATIENCE_MS, limits.deadlineMs)
      for (;;) {
        try {
          return await reader.read(from, limits)
        } catch (error) {
          const isFull = error instanceof BridgeError && error.code === 'throttled'
          if (!isFull || now() >= untilMs) throw error
        }
        const pauseMs = PAUSE_MS_MIN + Math.random() * (PAUSE_MS_MAX - PAUSE_MS_MIN)
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    },
  }
}
