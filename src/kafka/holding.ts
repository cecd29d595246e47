// What one read holds of the memory that its caller answers for. Room is taken before it is filled,
// and what was taken for one fetch serves the next one, too.

export interface Holding {
  /** Makes sure of room for this many bytes beside what is kept. Throws what the caller throws. */
  readonly reserve: (bytes: number) => void
  /** Counts bytes that the answer refers to; negative: refers to no longer. */
  readonly keep: (bytes: number) => void
  /** From now on nothing more is taken: the caller has its answer. */
  readonly end: () => void
}

export function createHolding(hold: (bytes: number) => void): Holding {
  let held = 0
  let kept = 0
  let isOver = false
  return {
    reserve(bytes) {
      if (isOver) throw new Error('The read is over')
      const missing = kept + bytes - held
      if (missing <= 0) return
      hold(missing)
      held += missing
    },
    keep(bytes) {
      kept += bytes
    },
    end() {
      isOver = true
    },
  }
}
