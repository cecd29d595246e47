// The end of one request, as metrics and the console are told of it.

import type { Account } from '../core/account.ts'

export interface Finished {
  readonly account: Account
  readonly status: number
  /** Of a failure; empty: none. */
  readonly code: string
  readonly ms: number
  /** Of the client's software: one of a closed set. */
  readonly family: string
  /** Who the client says to be, or is known to be; empty: nobody. Never a secret. */
  readonly caller: string
  /** Whose credentials were verified; empty: nobody's. */
  readonly principal: string
}
