// Removing from the topic what was left behind: changes that have lost and whose makers are gone, and
// deletions that are too old to matter. All instances do it; twice is as good as once.

import type { StateReader } from './state-reader.ts'
import type { ChangeName } from './state-record.ts'
import type { StateView } from './state-view.ts'

export interface SweepOptions {
  readonly reader: StateReader
  readonly remove: (names: readonly ChangeName[]) => Promise<void>
  readonly now: () => number
  /** How old a deletion must be to be forgotten. */
  readonly forgetMs: number
}

/** At one time: the rest comes next. */
const SWEPT_MAX = 500

/** Creates the sweep. What has lost and is still there at the second look was left behind. */
export function createSweep({ reader, remove, now, forgetMs }: SweepOptions): () => void {
  let seen = new Set<string>()
  let isRunning = false

  async function sweep(view: StateView): Promise<void> {
    const lost = view.lost()
    const left = lost.filter(({ unique }) => seen.has(unique))
    seen = new Set(lost.map(({ unique }) => unique))
    await remove([...left, ...view.forgettable(now() - forgetMs)].slice(0, SWEPT_MAX))
    isRunning = false
  }

  return () => {
    const shown = reader.shown()
    if (isRunning || !shown) return
    isRunning = true
    void sweep(shown.view)
  }
}
