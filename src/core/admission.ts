// A budget of bytes in flight, held for as long as the work lasts. What does not fit is refused at
// once: the client has the data and a retry policy, we have neither.

import { BridgeError } from './errors.ts'

/** A hold on the budget by one call. */
export interface Lease {
  /** Takes more, for a body without a length. Throws BridgeError `throttled` when it does not fit. */
  readonly grow: (bytes: number) => void
  /** Gives back what is held beyond `bytes`. */
  readonly shrinkTo: (bytes: number) => void
  /** Gives everything back; calling it again changes nothing. */
  readonly release: () => void
}

export interface Admission {
  /**
   * Holds `bytes`, of `expected` that will come. Throws BridgeError `throttled` when what is
   * expected does not fit beside what is held; it is held as it comes, so that a body which only
   * announces itself keeps nobody out.
   */
  readonly admit: (bytes: number, expected?: number) => Lease
  readonly bytesHeld: () => number
}

/** `bytesElsewhere` counts what outlives its calls, such as batches that are still undecided. */
export function createAdmission(bytesMax: number, bytesElsewhere = () => 0): Admission {
  let held = 0

  function refuse(bytes: number): void {
    if (held + bytesElsewhere() + bytes > bytesMax) {
      throw new BridgeError('throttled', 'Too many bytes are in flight')
    }
  }

  return {
    bytesHeld: () => held,
    admit(bytes, expected = bytes) {
      refuse(Math.max(bytes, expected))
      held += bytes
      let mine = bytes

      function shrinkTo(rest: number): void {
        const extra = Math.max(0, mine - rest)
        held -= extra
        mine -= extra
      }

      return {
        grow(more) {
          refuse(more)
          held += more
          mine += more
        },
        shrinkTo,
        release: () => shrinkTo(0),
      }
    },
  }
}
