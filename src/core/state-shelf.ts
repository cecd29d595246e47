// The part of state that is one owner's: keys of others cannot be reached through it.

import type { State } from './state.ts'

/** As in State; keys begin below the owner's own. */
export type Shelf = Pick<State, 'get' | 'list' | 'change' | 'update'>

export function createShelf(state: Shelf, owner: string): Shelf {
  const root = `${owner}/`
  return {
    get: (key) => state.get(root + key),
    list: (prefix) =>
      state
        .list(root + prefix)
        .map(({ key, ...known }) => ({ ...known, key: key.slice(root.length) })),
    change: (key, wanted) => state.change(root + key, wanted),
    update: (key, step, deadlineMs) => state.update(root + key, step, deadlineMs),
  }
}
