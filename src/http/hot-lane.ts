// The hot lane: puts, past Express. What is refused, by `check` or by what performs the call, is thrown.

import type { Reply, StreamedReply } from '../core/dialect.ts'
import type { Prepared } from '../core/exchange.ts'
import type { Life, Stage } from './app.ts'
import { performWithin } from './deadline.ts'

/** Performs a put; nothing but puts are this lane's own. */
export type PerformHot = (
  life: Life,
  prepared: Prepared,
) => Promise<Reply | StreamedReply> | undefined

export function createHotLane({ exchange, now }: Stage): PerformHot {
  return (life, prepared) => {
    if (prepared.dialect.operations[prepared.operation]?.action !== 'put') return undefined
    exchange.check(prepared)
    return performWithin(exchange, life, prepared, now)
  }
}
