// Reading the topic of state from its start, and following it.
//
// * What was read is shown only once its end was reached, since compaction may have removed what the
//   end replaces. While following, a gap between offsets means the same: then everything is read anew
//   from the start, and the old view is shown until the new one is whole. So does another topic under
//   the same name.
// * Kafka keeps tombstones for a day only. Who takes longer from the start to the end may have read what
//   a tombstone removes, and not find the tombstone: such a reading begins anew.
// * A topic that is missing is an empty one, until it is there.
// * While Kafka is away, or takes the right to read back, what is known stays shown.
// * More than may be held in memory is not held: then nothing is shown, and the trouble says so.

import { BridgeError } from './errors.ts'
import { createSignal } from './signal.ts'
import type { StateLog, StateRead } from './state-log.ts'
import type { Change } from './state-record.ts'
import { createStateView, type StateView } from './state-view.ts'

/** One reading of the topic. */
export interface Reading {
  readonly view: StateView
  /** The topic's id; undefined: not known yet, or there is no topic. */
  readonly id: string | undefined
  /** The offset to be read next. */
  readonly position: number
  /** From here to `position` no offset was left out. */
  readonly wholeFrom: number
}

export interface StateReader {
  /** The last reading that came to the end. */
  readonly shown: () => Reading | undefined
  /** Why reading does not go on at present. */
  readonly trouble: () => BridgeError | undefined
  /** Resolves when something was read, failed, or a time has passed. */
  readonly progress: (timeoutMs: number) => Promise<void>
  /** The topic may be there now: look at once. */
  readonly wake: () => void
  readonly close: () => void
}

export interface StateReaderOptions {
  readonly log: StateLog
  readonly bytesMax: number
  readonly now: () => number
  /** Called for each change, just after it was taken into the reading's view. */
  readonly onChange: (change: Change, reading: Reading) => void
  /** What was read up to now is shown. */
  readonly onShown: () => void
  /** Reading stopped for a reason, or for another one, or goes on again. */
  readonly onTrouble: (trouble: BridgeError | undefined) => void
}

const MISSING_POLL_MS = 3000
const RETRY_MS = 1000
const TOO_LARGE_RETRY_MS = 60_000

/** Half of the time for which Kafka keeps tombstones. */
const FROM_THE_START_MS = 12 * 3_600_000

interface Growing {
  readonly view: StateView
  readonly begunMs: number
  id: string | undefined
  position: number | undefined
  wholeFrom: number
  complete: boolean
}

function begin(begunMs: number): Growing {
  const view = createStateView()
  return { view, begunMs, id: undefined, position: undefined, wholeFrom: 0, complete: false }
}

/** Begins to read at once, and goes on until it is closed. */
export function createStateReader(options: StateReaderOptions): StateReader {
  const { log } = options
  const progress = createSignal()
  const alarm = createSignal()
  const reading = createReading(options)
  const trouble = createTrouble(options.onTrouble)
  const ending = new AbortController()
  const { signal } = ending

  /** Returns how long to wait before the next attempt. */
  async function step(): Promise<number> {
    try {
      const read = await log.read(reading.from())
      if (!signal.aborted) reading.take(read)
      trouble.set(undefined)
      return 0
    } catch (error) {
      return signal.aborted ? 0 : recover(asBridgeError(error))
    } finally {
      progress.fire()
    }
  }

  function recover(failure: BridgeError): number {
    const isMissing = failure.code === 'stream-not-found'
    if (isMissing || failure.code === 'expired-position') {
      reading.restart(isMissing)
      trouble.set(undefined)
      return isMissing ? MISSING_POLL_MS : 0
    }
    trouble.set(failure)
    return failure.code === 'limit-exceeded' ? TOO_LARGE_RETRY_MS : RETRY_MS
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await step()
      if (waitMs > 0) await alarm.next(waitMs)
    }
  }

  void follow()
  return {
    shown: reading.shown,
    trouble: trouble.get,
    progress: progress.next,
    wake: alarm.fire,
    close() {
      ending.abort()
      alarm.fire()
      progress.fire()
    },
  }
}

interface Trouble {
  readonly get: () => BridgeError | undefined
  readonly set: (trouble: BridgeError | undefined) => void
}

/** Tells of each trouble once. */
function createTrouble(onTrouble: StateReaderOptions['onTrouble']): Trouble {
  let trouble: BridgeError | undefined
  return {
    get: () => trouble,
    set(next) {
      const isNews = next?.code !== trouble?.code || next?.message !== trouble?.message
      trouble = next
      if (isNews) onTrouble(next)
    },
  }
}

interface ReadingInWork {
  readonly shown: () => Reading | undefined
  /** Where to read next. */
  readonly from: () => number | 'start'
  /** Takes in what was read there. Throws BridgeError `limit-exceeded`. */
  readonly take: (read: StateRead) => void
  /** Everything is to be read anew. If the topic is empty, that is known without reading. */
  readonly restart: (isEmpty: boolean) => void
}

function createReading(options: StateReaderOptions): ReadingInWork {
  const { now } = options
  let growing = begin(now())
  let shown: Growing | undefined

  /** What is read now belongs to what was read before. */
  function continues(read: StateRead): boolean {
    if (growing.complete || growing.position === undefined) return follows(growing, read)
    return follows(growing, read) && now() - growing.begunMs <= FROM_THE_START_MS
  }

  return {
    shown: () => shown && toReading(shown),
    from: () => growing.position ?? 'start',
    take(read) {
      if (!continues(read)) {
        growing = begin(now())
        return
      }
      takeIn(growing, read, options.onChange)
      if (growing.view.bytes() > options.bytesMax) {
        growing = begin(now())
        shown = undefined
        throw tooLarge(options)
      }
      if (read.next < read.end) return
      growing.complete = true
      shown = growing
      options.onShown()
    },
    restart(isEmpty) {
      growing = begin(now())
      if (isEmpty) shown = begin(now())
    },
  }
}

/** Whether what was read goes on where the reading stands; one that is not complete may have gaps. */
function follows({ id, position, complete }: Growing, read: StateRead): boolean {
  if (id !== undefined && id !== read.id) return false
  if (!complete || position === undefined) return true
  const isWhole = read.records.every(({ offset }, i) => offset === position + i)
  return isWhole && read.next === position + read.records.length
}

function takeIn(growing: Growing, read: StateRead, onChange: StateReaderOptions['onChange']): void {
  growing.id = read.id
  growing.position ??= 0
  for (const record of read.records) {
    if (record.offset !== growing.position) growing.wholeFrom = record.offset
    growing.position = record.offset + 1
    const change = growing.view.apply(record)
    if (change) onChange(change, toReading(growing))
  }
  if (read.next !== growing.position) growing.wholeFrom = read.next
  growing.position = read.next
}

function toReading({ view, id, position = 0, wholeFrom }: Growing): Reading {
  return { view, id, position, wholeFrom }
}

function tooLarge({ log, bytesMax }: StateReaderOptions): BridgeError {
  return new BridgeError(
    'limit-exceeded',
    `Topic ${log.topic} holds more state than the ${bytesMax} bytes that may be kept in memory`,
  )
}

function asBridgeError(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error
  return new BridgeError('internal', 'The topic of state could not be read', { cause: error })
}
