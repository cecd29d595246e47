// What goes on, as sums since the start, for the console: whoever looks twice sees rates. All tables are
// bounded (table.ts).

import type { Account } from '../core/account.ts'
import { bucketOf, SECONDS } from './buckets.ts'
import type { Finished } from './finished.ts'
import { createTable } from './table.ts'

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
  const streams = createTable<StreamActivity>(STREAMS_MAX, now)
  const writers = createTable<WriterActivity>(WRITERS_MAX, now)
  const failures = createFailures(now)

  function countStream({ account, stored, storedBytes }: Finished, failed: number): void {
    const { dialect, stream } = account
    const entry = streams.of([dialect, stream], () => {
      return { dialect, stream, records: 0, bytes: 0, failed: 0, lastAtMs: 0 }
    })
    if (!entry) return
    entry.records += stored
    entry.bytes += storedBytes
    entry.failed += failed
    entry.lastAtMs = now()
  }

  function countWriter({ account, family, caller, stored }: Finished, failed: number): void {
    const { dialect, stream } = account
    const entry = writers.of([dialect, stream, family, caller], () => {
      return { dialect, stream, family, caller, requests: 0, records: 0, failed: 0, lastAtMs: 0 }
    })
    if (!entry) return
    entry.requests++
    entry.records += stored
    entry.failed += failed
    entry.lastAtMs = now()
  }

  return {
    finished(end) {
      const { account, code } = end
      const failed = account.failed + (code === '' ? 0 : 1)
      totals.count(end, failed)
      for (const [each, count] of account.failures) failures.count(account, each, count)
      if (code !== '') failures.count(account, code, 1)
      // Reads have records, too, but store and lose none.
      if (account.records === 0 || (!account.decided && failed === 0)) return
      countStream(end, failed)
      countWriter(end, failed)
    },
    snapshot: () => ({
      ...totals.sums(),
      streams: streams.all(),
      writers: writers.all(),
      failures: failures.all(),
    }),
  }
}

function createFailures(now: () => number) {
  const entries = createTable<FailureActivity>(FAILURES_MAX, now)
  return {
    all: entries.all,
    count({ dialect, operation }: Account, code: string, count: number): void {
      const entry = entries.of([dialect, operation, code], () => {
        return { dialect, operation, code, count: 0, lastAtMs: 0 }
      })
      if (!entry) return
      entry.count += count
      entry.lastAtMs = now()
    },
  }
}

function createTotals() {
  const sums = { requests: 0, records: 0, bytes: 0, failed: 0 }
  const durations = new Array<number>(SECONDS.length + 1).fill(0)
  return {
    count({ ms, stored, storedBytes }: Finished, failed: number): void {
      sums.requests++
      sums.records += stored
      sums.bytes += storedBytes
      sums.failed += failed
      const place = bucketOf(ms / 1000, SECONDS)
      durations[place] = (durations[place] ?? 0) + 1
    },
    sums: () => ({ ...sums, seconds: SECONDS, durations: [...durations] }),
  }
}
