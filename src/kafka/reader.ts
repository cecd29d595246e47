// The way out: one partition from an offset on, without a consumer group, committed records only.
//
// * A read fetches until its limits are reached or the end is: so a caller that sees fewer records
//   than it asked for is at the end.
// * It ends where the next record lies, past all that readers do not see, and tells the time of
//   that record; one more fetch is needed for that where an answer ends just before it.
// * An empty answer below the end means that compaction took all that was there. Since a broker may
//   answer so for other reasons, it is believed only when it comes again after a wait.
// * Waiting reads have connections of their own, and those that do not wait others.

import { BridgeError } from '../core/errors.ts'
import type { PartitionBounds, ReadResult, Reads, ReadWish } from '../core/log.ts'
import { END, FIRST, offsetFor } from './bounds.ts'
import type { Address } from './brokers.ts'
import type { Crc32c } from './crc32c.ts'
import { sleep, within } from './deadline.ts'
import { createFetcher } from './fetcher.ts'
import type { Fetcher } from './fetcher.ts'
import { createHolding } from './holding.ts'
import type { Holding } from './holding.ts'
import { Passing, askLeader } from './leader.ts'
import type { Leader, LeaderOptions, Place } from './leader.ts'
import type { Link } from './link.ts'
import type { FetchAnswer } from './protocol/fetch.ts'
import { idText } from './topic-view.ts'
import { isFull, unpack } from './unpack.ts'
import type { Progress } from './unpack.ts'

export interface ReaderOptions extends LeaderOptions {
  readonly open: (address: Address) => Promise<Link>
  readonly clientId: string
  readonly requestTimeoutMs: number
  readonly crc32c: Crc32c
  /** The clock of those who call; `now` may be one that nobody sets. */
  readonly timeOfDay: () => number
}

export interface Reader extends Reads {
  /** What waits fails. */
  readonly close: () => void
}

/** One fetch asks for a step, so that room is taken for what there is, not for what there may be. */
const STEP_BYTES = 1024 * 1024
/** For few records a step is smaller: they are taken to have this many bytes at most. */
const RECORD_BYTES = 16 * 1024
const STEP_BYTES_MIN = 64 * 1024
/** A wait that makes sure of an empty answer, and the pause after one that came too soon. */
const DOUBT_MS = 250
const PAUSE_MS = 50
/** Kept back, so that what was read by the deadline can be answered. */
const MARGIN_MS = 100

export function createReader(options: ReaderOptions): Reader {
  const { now, timeOfDay } = options
  const fetcher = createFetcher(options)
  const placed = (topic: string, partition: number, untilMs: number): Place => {
    return { topic, partition, deadlineMs: now() + untilMs - timeOfDay() }
  }

  const boundsAt = async (leader: Leader, partition: number): Promise<PartitionBounds> => {
    const at = { ...leader, partition }
    const [start, end] = await Promise.all([
      offsetFor(FIRST, at, options),
      offsetFor(END, at, options),
    ])
    return { topicId: idText(leader.view.id), start, end }
  }
  const guard = <T>({ topic, partition, deadlineMs }: Place, work: Promise<T>): Promise<T> =>
    within(work, deadlineMs - now(), () => {
      const about = `Partition ${partition} of topic ${topic} cannot be read in time`
      return new BridgeError('unavailable', about)
    })

  return {
    async read(topic, wish, deadlineMs) {
      const whole = placed(topic, wish.partition, deadlineMs)
      const place = { ...whole, deadlineMs: whole.deadlineMs - MARGIN_MS }
      const holding = createHolding(wish.hold)
      try {
        const reading = { wish, place, holding, fetcher, boundsAt, options }
        return await guard(whole, read(reading))
      } finally {
        holding.end()
      }
    },
    bounds(topic, partition, deadlineMs) {
      const place = placed(topic, partition, deadlineMs)
      return guard(
        place,
        askLeader(place, options, (leader) => boundsAt(leader, partition)),
      )
    },
    offsetAt(topic, { partition, timestampMs }, deadlineMs) {
      const place = placed(topic, partition, deadlineMs)
      const asking = askLeader(place, options, async (leader) => {
        const at = { ...leader, partition }
        const offset = await offsetFor(Math.max(0, Math.ceil(timestampMs)), at, options)
        return offset < 0 ? offsetFor(END, at, options) : offset
      })
      return guard(place, asking)
    },
    close: fetcher.close,
  }
}

interface Reading {
  readonly wish: ReadWish
  readonly place: Place
  readonly holding: Holding
  readonly fetcher: Fetcher
  readonly boundsAt: (leader: Leader, partition: number) => Promise<PartitionBounds>
  readonly options: ReaderOptions
}

/** One fetch, and where it has brought the read. */
interface Round {
  readonly bounds: PartitionBounds
  readonly state: 'more' | 'stuck' | 'done' | 'cut-short' | 'outside'
}

async function read(reading: Reading): Promise<ReadResult> {
  const { wish, place, options } = reading
  const progress: Progress = {
    records: [],
    bytes: 0,
    next: wish.offset,
    nextTimestampMs: undefined,
  }
  const waitUntilMs = Math.min(options.now() + wish.waitMs, place.deadlineMs)
  let round: Round | undefined
  do {
    round = await goOn(reading, progress, { waitUntilMs, last: round })
  } while (round.state === 'more' || round.state === 'stuck')
  if (round.state === 'outside') return outside(wish, round.bounds)
  return round.state === 'done'
    ? resultOf(progress, round.bounds)
    : cutShort(progress, round.bounds)
}

interface Course {
  readonly waitUntilMs: number
  readonly last: Round | undefined
}

/** Once there are records, whatever keeps from reading more does not take them away. */
async function goOn(
  reading: Reading,
  progress: Progress,
  { waitUntilMs, last }: Course,
): Promise<Round> {
  const isBegun = progress.records.length > 0
  try {
    const round = await readOn(reading, progress, {
      waitUntilMs: isBegun ? 0 : waitUntilMs,
      isDoubted: last?.state === 'stuck',
      topicId: last?.bounds.topicId,
    })
    return isBegun && round.state === 'outside' ? { ...round, state: 'cut-short' } : round
  } catch (error) {
    if (!isBegun || last === undefined) throw error
    return { ...last, state: 'cut-short' }
  }
}

interface Wait {
  readonly waitUntilMs: number
  /** The last answer was empty, and should not have been. */
  readonly isDoubted: boolean
  /** What was read until now is of this topic. */
  readonly topicId: string | undefined
}

async function readOn(reading: Reading, progress: Progress, wait: Wait): Promise<Round> {
  const { waitUntilMs, isDoubted } = wait
  const { now } = reading.options
  const startedMs = now()
  const { next: before } = progress
  const { answer, bounds } = await fetchOn(reading, progress, wait)
  if (answer === undefined) return { bounds, state: 'outside' }
  await take(reading, answer, progress)
  if (progress.nextTimestampMs !== undefined) return { bounds, state: 'done' }
  if (progress.next < bounds.end) {
    if (progress.next > before) return { bounds, state: 'more' }
    if (!isDoubted) return { bounds, state: 'stuck' }
    progress.next = bounds.end
  }
  if (progress.records.length > 0 || now() >= waitUntilMs) return { bounds, state: 'done' }
  if (now() - startedMs < PAUSE_MS) await sleep(PAUSE_MS)
  return { bounds, state: 'more' }
}

function madeAgain({ topic }: Place): BridgeError {
  return new BridgeError('stream-not-found', `Topic ${topic} was deleted, and made again`)
}

/** What was read stands; the last record tells the time of what comes, near enough. */
function cutShort(progress: Progress, bounds: PartitionBounds): ReadResult {
  const nextTimestampMs = progress.records.at(-1)?.timestampMs
  return resultOf({ ...progress, nextTimestampMs }, bounds)
}

function outside({ offset }: ReadWish, bounds: PartitionBounds): ReadResult {
  return { ...bounds, state: offset < bounds.start ? 'below' : 'beyond' }
}

function resultOf(progress: Progress, { topicId, start, end }: PartitionBounds): ReadResult {
  const { records, next, nextTimestampMs } = progress
  return {
    state: 'read',
    topicId,
    records,
    next,
    ...(nextTimestampMs !== undefined && { nextTimestampMs }),
    start,
    end,
  }
}

interface Fetched {
  /** Absent: the offset is below the start or beyond the end. */
  readonly answer?: FetchAnswer
  readonly bounds: PartitionBounds
}

/** Fetches from where the read has come to. */
function fetchOn(
  reading: Reading,
  progress: Progress,
  { waitUntilMs, isDoubted, topicId = '' }: Wait,
): Promise<Fetched> {
  const { wish, place, holding, fetcher, boundsAt, options } = reading
  const { next: offset } = progress
  const bytesMax = bytesFor(progress, wish)
  return askLeader(place, options, async (leader): Promise<Fetched> => {
    if (topicId !== '' && topicId !== idText(leader.view.id)) throw madeAgain(place)
    const waitMs = Math.max(isDoubted ? DOUBT_MS : 0, waitUntilMs - options.now())
    // A batch comes whole, however large the topic lets it be.
    holding.reserve(Math.max(bytesMax, leader.view.messageBytesMax))
    const answer = await fetcher.fetch(leader, { ...place, offset, bytesMax, waitMs })
    if (answer !== 'out-of-range') {
      return {
        answer,
        bounds: { start: answer.start, end: answer.end, topicId: idText(leader.view.id) },
      }
    }
    const bounds = await boundsAt(leader, wish.partition)
    const isInside = offset >= bounds.start && offset <= bounds.end
    if (isInside) throw new Passing('The partition has just changed its ends')
    return { bounds }
  })
}

/** What to ask for: no more than fits, and a single batch to know what comes next. */
function bytesFor(progress: Progress, wish: ReadWish): number {
  if (isFull(progress, wish)) return 1
  const records = wish.recordsMax - progress.records.length
  const step = Math.min(STEP_BYTES, Math.max(STEP_BYTES_MIN, records * RECORD_BYTES))
  return Math.min(wish.bytesMax - progress.bytes, step)
}

async function take(
  { wish, holding, options: { crc32c } }: Reading,
  answer: FetchAnswer,
  progress: Progress,
): Promise<void> {
  const before = progress.records.length
  const bytes = answer.batches.length
  holding.keep(bytes)
  await unpack(answer, progress, { limits: wish, holding, crc32c })
  if (progress.records.length === before) holding.keep(-bytes)
}
