// What the topic of state says: from its records, in their order, to the state under each key.
//
// The rule
//   A change names the version that it expects; the first at a version wins. Of the changes of one key
//   that are not removed by a tombstone, the state is the one with the largest expected version, and
//   of several such the one that lies first. All others lost, or were superseded.
//
// Why that is "the first at a version wins"
//   Versions are offsets, so they grow along the chain of winners w1, w2, …, and w(n+1) expects the
//   version of w(n). Whoever proposes a change has read the topic to its end as it was, and expects a
//   version that was current then: one of the chain. If it still is, the change's expected version is
//   the largest so far, and it wins. If not, the chain has a change that expects the same and lies
//   before it, or one that expects a later version: it loses. The same for every reader.
//
// What may be removed, and when
//   Only what is not the state, by whoever has read so, at any time later, any number of times: what
//   has lost once never wins. The state's own change stays as it was written, under its own key,
//   until another has won over it. Nothing is ever written twice under one key but tombstones, so
//   that a late or repeated write cannot hide a newer one from those who read after compaction. (A
//   copy of the winner under the state's own key could: a writer that was paused between its two
//   writes would put its old copy last, and compaction would keep that one.)
//
// When a writer dies
//   Before its change is stored: nothing happened. After: everybody reads who won, and needs nothing
//   more of the writer. Its change stays the state, or has lost and is removed by others.
//
// After compaction
//   A reader finds the state's own change, since it is the last under its key, and perhaps others of
//   the key that have lost, since no tombstone came for them or theirs was not compacted yet. They
//   lose against it for this reader, too. What it finds before it has come to the end of the topic may
//   be another state, or none; so a view is not used until its reader has been at the end.
//
// Deletions
//   The change that deletes is a state like others and stays, so that what was proposed before it
//   keeps losing. It is removed when nothing else is left of its key and it has become so old that
//   nothing proposed before it can still be under way. Should two at that very moment make the key
//   anew, one knowing of the removal and one not, both may read that they won, and the latter stays.

import { parseRecord } from './state-record.ts'
import type { Change, ChangeName } from './state-record.ts'
import type { StateRecord } from './state-log.ts'

export interface StateView {
  /** Takes the next record in. Returns the change that it is, if it is one. */
  readonly apply: (record: StateRecord) => Change | undefined
  /** The change that is the state of a key: it may be one that deletes. */
  readonly current: (key: string) => Change | undefined
  readonly keys: () => Iterable<string>
  /** The other changes of a key, or of all keys, that no tombstone has removed yet. */
  readonly lost: (key?: string) => readonly Change[]
  /** Deletions of which nothing else is left, older than a time. */
  readonly forgettable: (beforeMs: number) => readonly Change[]
  readonly bytes: () => number
  /** Records that were not ours. */
  readonly foreign: () => number
}

interface Changes {
  readonly all: Map<string, Change>
  best: Change
}

/** Creates the view of a topic of which nothing was read yet. */
export function createStateView(): StateView {
  const states = new Map<string, Changes>()
  let bytes = 0
  let foreign = 0

  function add(change: Change): void {
    const changes = states.get(change.key)
    bytes += change.bytes
    if (changes === undefined) {
      states.set(change.key, { all: new Map([[change.unique, change]]), best: change })
      return
    }
    changes.all.set(change.unique, change)
    changes.best = better(changes.best, change)
  }

  function remove({ key, unique }: ChangeName): void {
    const changes = states.get(key)
    const change = changes?.all.get(unique)
    if (changes === undefined || change === undefined) return
    bytes -= change.bytes
    changes.all.delete(unique)
    const [first, ...rest] = changes.all.values()
    if (first === undefined) states.delete(key)
    else if (changes.best === change) changes.best = rest.reduce(better, first)
  }

  return {
    apply(record) {
      const parsed = parseRecord(record)
      if (parsed.is === 'foreign') foreign++
      if (parsed.is === 'tombstone') remove(parsed.name)
      if (parsed.is !== 'change') return undefined
      remove(parsed.change) // of two records under one key compaction would keep the last
      add(parsed.change)
      return parsed.change
    },
    current: (key) => states.get(key)?.best,
    keys: () => states.keys(),
    lost: (key) =>
      [...(key === undefined ? states.values() : only(states.get(key)))].flatMap(losers),
    forgettable: (beforeMs) =>
      [...states.values()].flatMap(({ all, best }) => {
        const isForgettable = all.size === 1 && best.value === undefined && best.atMs < beforeMs
        return isForgettable ? [best] : []
      }),
    bytes: () => bytes,
    foreign: () => foreign,
  }
}

function better(one: Change, other: Change): Change {
  if (one.expected !== other.expected) return one.expected > other.expected ? one : other
  return one.version < other.version ? one : other
}

function only<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value]
}

function losers({ all, best }: Changes): readonly Change[] {
  return all.size === 1 ? [] : [...all.values()].filter((change) => change !== best)
}
