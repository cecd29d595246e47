// Following a shard: what is read as it comes, for as long as the follower wants it.
//
// * While there is nothing to read, nothing of the memory budget is held: the shard's end is asked for,
//   less often the longer nothing comes. Where there is no room to read, the follower waits its turn.
// * What a reading holds is given back when the next one is asked for.
// * Something is told at least every so often, and once more when it ends: so that the follower knows
//   where to go on.
// * What Kafka refuses in passing is tried again for a while. All else, and what lasts, is thrown.

import { BridgeError } from './errors.ts'
import type { ErrorCode } from './errors.ts'
import type { Located, Reader, Reading, ShardRef } from './read.ts'
import { createSignal } from './signal.ts'
import { contentBytesOf } from './sizes.ts'

export interface Course extends ShardRef {
  readonly start: Located
  /** Milliseconds since 1970: how long it lasts at most. */
  readonly untilMs: number
  /** How long nothing may be told. */
  readonly silenceMs: number
  readonly recordsMax: number
  /** Of data, keys and notes of one reading; a first record that is larger comes all the same. */
  readonly bytesMax: number
  readonly charge: (bytes: number) => void
  readonly release: (bytes: number) => void
}

/** Of a reading, what its follower needs. */
export type Followed = Pick<Reading, 'records' | 'next' | 'behindMs'>

export interface Following {
  /** Throws BridgeError as reading does. */
  readonly readings: AsyncIterable<Followed>
  /** Ends it at once. */
  readonly stop: () => void
}

const PAUSE_MS_MIN = 50
const PAUSE_MS_MAX = 400
const READ_WITHIN_MS = 10_000
/** How long trouble may last, and of which kinds. */
const TROUBLE_MS_MAX = 15_000
const PASSING: readonly ErrorCode[] = ['unavailable', 'throttled', 'undecided']
/** Held beside what was read while it is on its way out. */
const FRAME_BYTES = 16_384

export type Follow = (course: Course) => Following

export interface FollowOptions {
  readonly reader: Reader
  readonly now: () => number
  /** Ends all of them. */
  readonly isStopping: () => boolean
}

export function createFollow(options: FollowOptions): Follow {
  return (course) => follow(course, options)
}

function follow(course: Course, { reader, now, isStopping }: FollowOptions): Following {
  const signal = createSignal()
  let isStopped = false
  const isOver = (): boolean => isStopped || isStopping() || now() >= course.untilMs
  const pacing = createPacing(async (ms) => {
    if (!isStopped) await signal.next(Math.min(ms, course.untilMs - now()))
  })
  const steps = createSteps(course, reader, now)

  async function* readings(): AsyncGenerator<Followed> {
    let toldMs = now()
    while (!isOver()) {
      const reading = await steps.next()
      if (isStopped) break
      const isNews = reading !== undefined && reading.records.length > 0
      if (isNews || now() - toldMs >= course.silenceMs) {
        toldMs = now()
        yield reading ?? steps.nothing()
      }
      steps.giveBack()
      if (isNews) pacing.hurry()
      else await pacing.rest()
    }
    if (!isStopped) yield steps.nothing()
  }

  return {
    readings: readings(),
    stop() {
      isStopped = true
      signal.fire()
    },
  }
}

interface Pacing {
  readonly hurry: () => void
  readonly rest: () => Promise<void>
}

function createPacing(sleep: (ms: number) => Promise<void>): Pacing {
  let pauseMs = PAUSE_MS_MIN
  return {
    hurry() {
      pauseMs = PAUSE_MS_MIN
    },
    async rest() {
      await sleep(pauseMs)
      pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 1.5)
    },
  }
}

interface Steps {
  /** What there is to read now; nothing where there is none. */
  readonly next: () => Promise<Followed | undefined>
  /** Where it has come to. */
  readonly nothing: () => Followed
  /** Of what the last step holds. */
  readonly giveBack: () => void
}

function createSteps(course: Course, reader: Reader, now: () => number): Steps {
  const { stream, shard, start, recordsMax, bytesMax } = course
  const room = createRoom(course)
  let { ordinal } = start
  let troubleSinceMs: number | undefined

  async function step(): Promise<Followed | undefined> {
    const deadlineMs = now() + READ_WITHIN_MS
    const { latest } = await reader.locate({ stream, shard }, { by: 'latest' }, deadlineMs)
    if (latest <= ordinal) return undefined
    const limits = { recordsMax, bytesMax, waitMs: 0, deadlineMs, hold: room.take }
    const reading = await reader.read({ stream, shard, ordinal, topic: start.topic }, limits)
    if (reading.state !== 'read') {
      // What is gone is skipped; what is not there yet is waited for.
      if (reading.state === 'expired') ordinal = reading.oldest
      return undefined
    }
    ordinal = reading.next
    room.shrinkTo(FRAME_BYTES + contentBytesOf(reading.records))
    return reading
  }

  return {
    async next() {
      try {
        const reading = await step()
        troubleSinceMs = undefined
        return reading
      } catch (error) {
        room.shrinkTo(0)
        troubleSinceMs ??= now()
        if (!isPassing(error) || now() - troubleSinceMs > TROUBLE_MS_MAX) throw error
        return undefined
      }
    },
    nothing: () => ({ records: [], next: ordinal, behindMs: 0 }),
    giveBack: () => room.shrinkTo(0),
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof BridgeError && PASSING.includes(error.code)
}

interface Room {
  readonly take: (bytes: number) => void
  readonly shrinkTo: (bytes: number) => void
}

/** What is held of the budget by the reading at hand. */
function createRoom({ charge, release }: Pick<Course, 'charge' | 'release'>): Room {
  let held = 0
  return {
    take(bytes) {
      charge(bytes)
      held += bytes
    },
    shrinkTo(bytes) {
      const extra = Math.max(0, held - bytes)
      held -= extra
      release(extra)
    },
  }
}
