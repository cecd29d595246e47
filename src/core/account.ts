// What a call did, for the log line, the metrics and the console. Filled in as the call goes on.

import type { ErrorCode } from './errors.ts'

export interface Account {
  dialect: string
  operation: string
  stream: string
  records: number
  /** Data and keys of the records, put or read. */
  bytes: number
  /** Whether the records were offered to Kafka by this call, and answered. */
  decided: boolean
  /** Records that were not stored, and how many of them by code. */
  failed: number
  failures: ReadonlyMap<ErrorCode, number>
}

/** Nearly every call's: a map of its own would cost as much as decoding a record. */
const NO_FAILURES: ReadonlyMap<ErrorCode, number> = new Map()

export function createAccount(dialect: string): Account {
  return {
    dialect,
    operation: '',
    stream: '',
    records: 0,
    bytes: 0,
    decided: false,
    failed: 0,
    failures: NO_FAILURES,
  }
}

export function countFailures(account: Account, codes: readonly ErrorCode[]): void {
  const failures = new Map(account.failures)
  for (const code of codes) failures.set(code, (failures.get(code) ?? 0) + 1)
  account.failed += codes.length
  account.failures = failures
}
