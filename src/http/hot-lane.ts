// The hot lane: puts, past Express. What is refused, by `check` or by what performs the call, is thrown.

import type { Reply, StreamedReply } from '../core/dialect.ts'
import type { Prepared } from '../core/exchange.ts'
import type { Life, Stage } from './app.ts'

/** Performs a put; nothing but puts are this lane's own. */
export type PerformHot = (
  life: Life,
  prepared: Prepared,
) => Promise<Reply | StreamedReply> | undefined

export function createHotLane({ exchange, hotLane }: Stage): PerformHot {
  return (life, prepared) => {
    const { dialect, operation } = prepared
    if (!hotLane || dialect.operations[operation]?.action !== 'put') return undefined
    exchange.check(prepared)
    return exchange.perform(prepared, life.account)
  }
}
