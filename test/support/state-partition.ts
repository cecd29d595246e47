// The partition of state in memory: what src/core/state-log.ts asks of Kafka, for many instances at
// once, with compaction when a test wants it, and with writers that die.
//
// * Like Kafka's cleaner, compaction may take any message that a later one of its key stands for, and
//   a tombstone when nothing older is left of its key; never the last message of the partition.
// * Kafka keeps tombstones for a time (`delete.retention.ms`), within which whoever reads from the start
//   must come to the end: here they stay for as long as somebody does, or until a test says that the
//   time is over.
// * Every step of an instance passes its gate, so that a test decides what comes when.

import { randomUUID } from 'node:crypto'
import { BridgeError } from '../../src/core/errors.ts'
import type { StateLog, StateMessage, StateRead, StateRecord } from '../../src/core/state-log.ts'

/** What becomes of an append. `lost`: it is stored, and the writer is told that nobody knows. */
export type Fate = 'stored' | 'lost' | 'refused'

export interface Client {
  /** Resolves when the instance may take its next step. Default: at once. */
  readonly gate?: (step: string) => Promise<void>
  /** Default: everything is stored. */
  readonly fate?: (messages: readonly StateMessage[]) => Fate
  /** How many records one read returns. Default: all. */
  readonly chunk?: () => number
  /** How long a read waits where nothing is there yet. Default: 50 ms. */
  readonly pollMs?: number
}

export interface StatePartition {
  readonly open: (client?: Client) => StateLog
  /** What lies there, by offset. */
  readonly records: () => readonly StateRecord[]
  /** Puts anything there, as a stranger would. */
  readonly put: (key: string | null, value: string | null) => void
  /** Takes what may be taken of the messages before an offset, where `take` wants it. */
  readonly compact: (before: number, take?: () => boolean) => void
  /** Nobody who reads from the start finds tombstones waiting any more. */
  readonly outlive: () => void
  readonly end: () => number
  /** The topic goes, or is made again. Default at the start: it is there. */
  readonly exist: (isThere: boolean) => void
  /** From now on reads and appends fail so; nothing: no more. */
  readonly fail: (failure?: { read?: BridgeError; append?: BridgeError }) => void
}

const NOW_MS = 1_700_000_000_000

export function createStatePartition(now = () => NOW_MS): StatePartition {
  let id: string | undefined = randomUUID()
  let records: StateRecord[] = []
  let end = 0
  let failure: { read?: BridgeError; append?: BridgeError } = {}
  const readers = new Set<() => void>()
  /** Clients that have begun at the start, and were not at the end yet. */
  const beginners = new Set<object>()

  function put(key: string | null, value: string | null): void {
    records.push({ offset: end++, timestampMs: now(), key, value })
    for (const wake of [...readers]) wake()
  }

  function exist(isThere: boolean): void {
    id = isThere ? randomUUID() : undefined
    records = []
    end = 0
    for (const wake of [...readers]) wake()
  }

  function readNow(from: number | 'start', limit: number): StateRead {
    if (failure.read) throw failure.read
    if (id === undefined) throw new BridgeError('stream-not-found', 'no such topic')
    if (from !== 'start' && from > end) throw new BridgeError('expired-position', 'beyond the end')
    const found = records.filter(({ offset }) => from === 'start' || offset >= from)
    const part = found.slice(0, limit)
    const next = part.length < found.length ? part.at(-1)!.offset + 1 : end
    return { id, records: part, next, end }
  }

  /** Whether the time was over before anything happened. */
  function woken(pollMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isLate: boolean) => {
        clearTimeout(timer)
        readers.delete(wake)
        resolve(isLate)
      }
      const wake = () => end(false)
      const timer = pollMs < Infinity ? setTimeout(end, pollMs, true) : undefined
      readers.add(wake)
    })
  }

  function open({
    gate = () => Promise.resolve(),
    fate,
    chunk,
    pollMs = 50,
  }: Client = {}): StateLog {
    const client = {}
    return {
      topic: '_state',
      async append(messages) {
        await gate('append')
        if (failure.append) throw failure.append
        const decided = fate?.(messages) ?? 'stored'
        if (decided === 'refused') throw new BridgeError('unavailable', 'not written')
        if (id === undefined) exist(true)
        for (const { key, value } of messages) put(key, value)
        await gate('appended')
        if (decided === 'lost') throw new BridgeError('undecided', 'nobody knows')
      },
      async read(from) {
        await gate('read')
        const mustWait = () => !failure.read && id !== undefined && from === end
        let isLate = false
        while (mustWait() && !isLate) {
          isLate = await woken(pollMs)
          await gate('woken')
        }
        const read = readNow(from, chunk?.() ?? Infinity)
        if (read.next >= read.end) beginners.delete(client)
        else if (from === 'start') beginners.add(client)
        return read
      },
    }
  }

  return {
    open,
    records: () => records,
    put,
    compact(before, take = () => true) {
      const lastOf = new Map<string | null, number>()
      const limit = Math.min(before, end - 1)
      for (const { key, offset } of records) if (offset < limit) lastOf.set(key, offset)
      const isSuperseded = ({ key, offset }: StateRecord) =>
        key !== null && offset < limit && lastOf.get(key) !== offset
      records = records.filter((record) => !isSuperseded(record) || !take())
      if (beginners.size > 0) return
      const isRest = ({ key, value, offset }: StateRecord) =>
        value === null &&
        offset < limit &&
        records.find((other) => other.key === key)!.offset === offset
      const rest = new Set(records.filter(isRest))
      records = records.filter((record) => !rest.has(record) || !take())
    },
    outlive: () => beginners.clear(),
    end: () => end,
    exist,
    fail(next = {}) {
      failure = next
      for (const wake of [...readers]) wake()
    },
  }
}
