// Who is subscribed to what: one consumer of one shard at a time. A new subscription takes the place of
// one that has lasted a while; a younger one, even if it has ended, keeps it out.

import { BridgeError } from '../../core/errors.ts'

const KEEPS_OTHERS_OUT_MS = 5000

export interface Subscription {
  /** Why it was ended; nothing where it was not. */
  readonly why: () => BridgeError | undefined
  readonly end: () => void
}

export interface Beginning {
  /** account:stream:shard:consumer */
  readonly name: string
  readonly nowMs: number
  readonly stop: () => void
}

export interface Subscriptions {
  /** Throws BridgeError `stream-in-use`. */
  readonly begin: (beginning: Beginning) => Subscription
}

interface Entry {
  readonly sinceMs: number
  readonly takeOver: () => void
  hasEnded: boolean
}

export function createSubscriptions(): Subscriptions {
  const entries = new Map<string, Entry>()

  function forgetOld(nowMs: number): void {
    for (const [name, { hasEnded, sinceMs }] of entries) {
      if (hasEnded && nowMs - sinceMs >= KEEPS_OTHERS_OUT_MS) entries.delete(name)
    }
  }

  return {
    begin({ name, nowMs, stop }) {
      forgetOld(nowMs)
      const message = `Another active subscription exists for this consumer: ${name}`
      const inUse = new BridgeError('stream-in-use', message)
      const before = entries.get(name)
      if (before && nowMs - before.sinceMs < KEEPS_OTHERS_OUT_MS) throw inUse
      let why: BridgeError | undefined
      before?.takeOver()
      const entry: Entry = {
        sinceMs: nowMs,
        hasEnded: false,
        takeOver() {
          why = inUse
          stop()
        },
      }
      entries.set(name, entry)
      return {
        why: () => why,
        end() {
          entry.hasEnded = true
        },
      }
    },
  }
}
