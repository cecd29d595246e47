// How many bytes of messages the engine may hold, waiting and in flight. What does not fit is
// refused: the caller has the data and a way to retry, the engine has neither.

import type { Message } from '../core/log.ts'

/** What a message costs beside its content: the objects that keep it. */
const MESSAGE_OVERHEAD_BYTES = 64

export interface Budget {
  /** Takes bytes, or tells that they do not fit. */
  readonly take: (bytes: number) => boolean
  readonly give: (bytes: number) => void
  readonly held: () => number
}

export function createBudget(bytesMax: number): Budget {
  let held = 0
  return {
    take(bytes) {
      if (held + bytes > bytesMax) return false
      held += bytes
      return true
    },
    give: (bytes) => (held -= bytes),
    held: () => held,
  }
}

/** What a message takes from the budget; a text by its characters. */
export function budgetBytes({ key, value, headers }: Message): number {
  let bytes = MESSAGE_OVERHEAD_BYTES + (value?.length ?? 0) + (key?.length ?? 0)
  if (headers) for (const { name, value: of } of headers) bytes += name.length + of.length
  return bytes
}
