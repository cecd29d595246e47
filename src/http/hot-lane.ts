// The hot lane: puts, past Express. What is refused, by `check` or by what performs the call, is thrown.

import type { Prepared } from '../core/exchange.ts'
import type { Life, Stage } from './app.ts'
import { performWithin } from './deadline.ts'
import type { Exchanged } from './respond.ts'

/** Resolves with whether this lane answered: nothing but puts are its own. */
export function createHotLane({ exchange, responder, now }: Stage) {
  return async (life: Life, prepared: Prepared, exchanged: Exchanged): Promise<boolean> => {
    if (prepared.dialect.operations[prepared.operation]?.action !== 'put') return false
    exchange.check(prepared)
    const reply = await performWithin(exchange, life, prepared, now)
    responder.reply(life, reply, exchanged)
    return true
  }
}
