// A budget of bytes in flight, held for as long as the work lasts. What does not fit is refused at
// once: the client has the data and a retry policy, we have neither.
//
// * Reads may have half of it, however many there are: what is put always finds the other half.

import { BridgeError } from './errors.ts'

/** A hold on the budget by one call. */
export interface Lease {
  /** Takes more, for a body without a length. Throws BridgeError `throttled` when it does not fit. */
  readonly grow: (bytes: number) => void
  /** Gives back so many of the bytes that it holds. */
  readonly giveBack: (bytes: number) => void
  /** What it holds, and takes from now on, is a read's. Throws BridgeError `throttled`. */
  readonly toRead: () => void
  /** Gives back what is held beyond `bytes`. */
  readonly shrinkTo: (bytes: number) => void
  /**
   * Gives everything back, for good: what grows later, of a call that goes on although its client has
   * left, is not held. Calling it again changes nothing.
   */
  readonly release: () => void
}

export interface Admission {
  /**
   * Holds what a call is expected to need, so that what was let in is not refused half way; who asked
   * for it gives back what does not come. Throws BridgeError `throttled` when it does not fit.
   */
  readonly admit: (bytes: number) => Lease
  readonly bytesHeld: () => number
}

/** One for all, since it is thrown when there is the most to do, and an error of one's own is dear. */
const FULL = new BridgeError('throttled', 'Too many bytes are in flight')

/** `bytesElsewhere` counts what outlives its calls, such as batches that are still undecided. */
export function createAdmission(bytesMax: number, bytesElsewhere = () => 0): Admission {
  let held = 0
  let heldByReads = 0

  function refuse(bytes: number): void {
    if (held + bytesElsewhere() + bytes > bytesMax) throw FULL
  }

  function refuseRead(bytes: number): void {
    if (heldByReads + bytes > bytesMax / 2) {
      throw new BridgeError('throttled', 'Too many bytes are being read')
    }
  }

  return {
    bytesHeld: () => held,
    admit(bytes) {
      refuse(bytes)
      held += bytes
      let mine = bytes
      let isRead = false
      let isReleased = false

      function shrinkTo(rest: number): void {
        const extra = Math.max(0, mine - rest)
        held -= extra
        mine -= extra
        if (isRead) heldByReads -= extra
      }

      return {
        grow(more) {
          if (isReleased) return
          refuse(more)
          if (isRead) refuseRead(more)
          held += more
          mine += more
          if (isRead) heldByReads += more
        },
        giveBack: (some) => shrinkTo(Math.max(0, mine - some)),
        toRead() {
          if (isRead) return
          refuseRead(mine)
          isRead = true
          heldByReads += mine
        },
        shrinkTo,
        release() {
          isReleased = true
          shrinkTo(0)
        },
      }
    },
  }
}
