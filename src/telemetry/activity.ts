// What goes on, as sums since the start, for the console: whoever looks twice sees rates. All tables are
// bounded; what comes when one is full takes the place of what was idle longest.

import type { Account } from '../core/account.ts'
import type { Finished } from './finished.ts'
import { SECONDS } from './buckets.ts'

export interface StreamActivity {
  readonly dialect: string
  readonly stream: string
  records: number
  bytes: number
  /** Records that were not stored, and calls that failed whole. */
  failed: number
  lastAtMs: number
}

export interface WriterActivity {
  readonly dialect: string
  readonly stream: string
  /** Of the client's software. */
  readonly family: string
  /** Who it says to be, or is known to be. */
  readonly caller: string
  requests: number
  records: number
  failed: number
  lastAtMs: number
}

export interface FailureActivity {
  readonly dialect: string
  readonly operation: string
  readonly code: string
  count: number
  lastAtMs: number
}

export interface Snapshot {
  readonly requests: number
  readonly records: number
  readonly bytes: number
  readonly failed: number
  /** Upper ends of the classes of duration, in seconds; one more class has no end. */
  readonly seconds: readonly number[]
  /** Requests in each class. */
  readonly durations: readonly number[]
  readonly streams: readonly StreamActivity[]
  readonly writers: readonly WriterActivity[]
  readonly failures: readonly FailureActivity[]
}

export interface Activity {
  readonly finished: (request: Finished) => void
  readonly snapshot: () => Snapshot
}

const STREAMS_MAX = 500
const WRITERS_MAX = 500
const FAILURES_MAX = 200

export function createActivity(now: () => number): Activity {
  const totals = createTotals()
  const streams = createTable<StreamActivity>(STREAMS_MAX)
  const writers = createTable<WriterActivity>(WRITERS_MAX)
  const failures = createTable<FailureActivity>(FAILURES_MAX)

  function countFailures({ account: { dialect, operation } }: Finished, part: Part): void {
    for (const [code, count] of part.failed) {
      const entry = failures.take(`${dialect} ${operation} ${code}`, () => {
        return { dialect, operation, code, count: 0, lastAtMs: 0 }
      })
      entry.count += count
      entry.lastAtMs = now()
    }
  }

  function countStream({ account: { dialect, stream } }: Finished, part: Part): void {
    const entry = streams.take(`${dialect} ${stream}`, () => {
      return { dialect, stream, records: 0, bytes: 0, failed: 0, lastAtMs: 0 }
    })
    entry.records += part.stored
    entry.bytes += part.bytes
    entry.failed += part.failedCount
    entry.lastAtMs = now()
  }

  function countWriter({ account, family, caller }: Finished, part: Part): void {
    const { dialect, stream } = account
    const entry = writers.take(`${dialect} ${stream} ${family} ${caller}`, () => {
      return { dialect, stream, family, caller, requests: 0, records: 0, failed: 0, lastAtMs: 0 }
    })
    entry.requests++
    entry.records += part.stored
    entry.failed += part.failedCount
    entry.lastAtMs = now()
  }

  return {
    finished(request) {
      const part = partOf(request)
      totals.count(request, part)
      countFailures(request, part)
      if (!isPut(request, part)) return
      countStream(request, part)
      countWriter(request, part)
    },
    snapshot: () => ({
      ...totals.sums(),
      streams: streams.all(),
      writers: writers.all(),
      failures: failures.all(),
    }),
  }
}

/** Reads have records, too, but store and lose none. */
function isPut({ account: { records, decided } }: Finished, { failedCount }: Part): boolean {
  return records > 0 && (decided || failedCount > 0)
}

/** What one request adds. */
interface Part {
  readonly failed: ReadonlyMap<string, number>
  readonly failedCount: number
  readonly stored: number
  readonly bytes: number
}

function partOf({ account, code }: Finished): Part {
  const failed = failedOf(account, code)
  let failedCount = 0
  for (const count of failed.values()) failedCount += count
  const stored = account.decided ? Math.max(0, account.records - failedCount) : 0
  return { failed, failedCount, stored, bytes: stored > 0 ? account.bytes : 0 }
}

/** Failures of records by code, and of the call, if it failed whole. */
function failedOf({ failures }: Account, code: string): ReadonlyMap<string, number> {
  if (code === '') return failures
  const failed = new Map<string, number>(failures)
  return failed.set(code, (failed.get(code) ?? 0) + 1)
}

function createTotals() {
  const sums = { requests: 0, records: 0, bytes: 0, failed: 0 }
  const durations = new Array<number>(SECONDS.length + 1).fill(0)
  return {
    count({ ms }: Finished, { stored, bytes, failedCount }: Part): void {
      sums.requests++
      sums.records += stored
      sums.bytes += bytes
      sums.failed += failedCount
      const place = classOf(ms / 1000)
      durations[place] = (durations[place] ?? 0) + 1
    },
    sums: () => ({ ...sums, seconds: SECONDS, durations: [...durations] }),
  }
}

function classOf(seconds: number): number {
  const found = SECONDS.findIndex((end) => seconds <= end)
  return found < 0 ? SECONDS.length : found
}

/** Entries by key; the one that was taken longest ago makes room. */
function createTable<Entry>(entriesMax: number) {
  const entries = new Map<string, Entry>()
  return {
    take(key: string, make: () => Entry): Entry {
      const known = entries.get(key)
      // As long as there is room for all, nobody need know who was idle longest.
      if (known !== undefined && entries.size < entriesMax / 2) return known
      const entry = known ?? make()
      if (known !== undefined) entries.delete(key)
      else if (entries.size >= entriesMax) {
        const [oldest] = entries.keys()
        if (oldest !== undefined) entries.delete(oldest)
      }
      entries.set(key, entry)
      return entry
    },
    all: (): readonly Entry[] => [...entries.values()],
  }
}
