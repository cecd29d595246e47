// The end of one request, as metrics and the console are told of it.

import type { Account } from '../core/account.ts'

export interface Finished extends Ending {
  readonly account: Account
  /** Records that the request stored, and their bytes. */
  readonly stored: number
  readonly storedBytes: number
}

export interface Ending {
  readonly status: number
  /** Of a request that failed whole; empty: it did not. */
  readonly code: string
  readonly ms: number
  /** Of the client's software: one of a closed set. */
  readonly family: string
  /** Who the client says to be, or is known to be; empty: nobody. Never a secret. */
  readonly caller: string
  /** Whose credentials were verified; empty: nobody's. */
  readonly principal: string
}

/** What a request adds to the sums. */
export function finished(account: Account, ending: Ending): Finished {
  const { status, code, ms, family, caller, principal } = ending
  const stored = account.decided ? account.records - account.failed : 0
  const storedBytes = stored > 0 ? account.bytes : 0
  return { account, stored, storedBytes, status, code, ms, family, caller, principal }
}
