// How a request fails, whichever lane it was in and however far it came: here every refusal is written.
// Most of them are cheap, and made when there is the most to do; they wait for nothing.

import { asBridgeError, type Exchange } from '../core/exchange.ts'
import type { Life } from './app.ts'
import { discardRest, Gone, type Discarding } from './body.ts'
import type { Responder } from './respond.ts'

export interface RefuseOptions extends Discarding {
  readonly exchange: Exchange
  readonly responder: Responder
}

/** Answers what was thrown; where nobody is there to be answered, or an answer has begun, cuts it off. */
export type Refuse = (life: Life, error: unknown) => void

export function createRefuse({ exchange, responder, ...discarding }: RefuseOptions): Refuse {
  return (life, error) => {
    const { request, response } = life
    // Its time was over before it failed.
    if (life.error) return
    if (error instanceof Gone || response.headersSent || response.destroyed) {
      request.destroy()
      return
    }
    life.error = asBridgeError(error)
    responder.reply(life, exchange.fail(life.dialect, life.head, life.error))
    discardRest(request, discarding)
  }
}
