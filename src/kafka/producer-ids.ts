// The producer id that new lanes start with: asked for once, shared by all lanes, replaced when a
// topic is lost (a lane made anew must not begin again where a forgotten one began) and when a
// lane has used up its epochs.

import { meaningOf, NONE } from './errors.ts'
import type { ProducerIdReply } from './protocol/init-producer-id.ts'
import type { ProducerState } from './protocol/record-batch.ts'

export interface ProducerIds {
  /** The state in which a new lane starts, if an id is at hand. */
  readonly peek: () => ProducerState | undefined
  /** Resolves once an id is at hand; rejects when Kafka gives none at present. */
  readonly need: () => Promise<ProducerState>
  /** From now on new lanes need another id. */
  readonly renew: () => void
}

/** Creates the keeper over a request that any broker answers. */
export function createProducerIds(request: () => Promise<ProducerIdReply>): ProducerIds {
  let current: ProducerState | undefined
  let asking: Promise<ProducerState> | undefined
  let generation = 0

  async function ask(): Promise<ProducerState> {
    const asked = generation
    try {
      const { code, producerId, epoch } = await request()
      if (code !== NONE) throw new Error(`No producer id: ${meaningOf(code).name}`)
      const state = { producerId, epoch, sequence: 0 }
      if (asked === generation) current = state
      return state
    } finally {
      asking = undefined
    }
  }

  return {
    peek: () => current,
    need: () => (current === undefined ? (asking ??= ask()) : Promise.resolve(current)),
    renew() {
      generation++
      current = undefined
    },
  }
}
