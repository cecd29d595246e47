// No call hangs: what takes longer than its deadline is answered without it.

import type { Reply, StreamedReply } from '../core/dialect.ts'
import { BridgeError } from '../core/errors.ts'
import type { Exchange, Prepared } from '../core/exchange.ts'
import type { Life } from './app.ts'

/** How much longer than its deadline a call may take before it is answered as undecided. */
const OVERTIME_MS = 1000

/** Performs a call; rejects with BridgeError `undecided` when its time is over. */
// eslint-disable-next-line max-params -- on the way of every put: no object for it
export function performWithin(
  exchange: Exchange,
  { account }: Life,
  prepared: Prepared,
  now: () => number,
): Promise<Reply | StreamedReply> {
  const ms = Math.max(0, prepared.call.deadlineMs - now()) + OVERTIME_MS
  const work = exchange.perform(prepared, account)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new BridgeError('undecided', 'No answer in time')), ms)
    work.then(
      (reply) => {
        clearTimeout(timer)
        resolve(reply)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}
