// Members in the order in which they came, who may leave from anywhere. A Map keeps that order, too, but
// is slow to find its first entry once many before it have left.

/** A member's place among the others; the chain alone changes it. */
export interface Link<Self> {
  older?: Self | undefined
  newer?: Self | undefined
}

export class Chain<Self extends Link<Self>> {
  #oldest: Self | undefined
  #newest: Self | undefined

  get oldest(): Self | undefined {
    return this.#oldest
  }

  /** Adds one that is in no chain. */
  add(member: Self): void {
    if (this.#newest) this.#newest.newer = member
    else this.#oldest = member
    member.older = this.#newest
    this.#newest = member
  }

  /** Takes one out that is in this chain. */
  remove(member: Self): void {
    const { older, newer } = member
    if (older) older.newer = newer
    else this.#oldest = newer
    if (newer) newer.older = older
    else this.#newest = older
    member.older = member.newer = undefined
  }

  *[Symbol.iterator](): Generator<Self> {
    for (let member = this.#oldest; member; member = member.newer) yield member
  }
}
