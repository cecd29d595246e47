// A table of entries that several words tell apart, bounded: who comes when it is full takes the place of
// who was idle longest. Words are looked up one by one: joined to one key they would be copied and hashed
// anew for each request.

import { Chain, type Link } from '../core/chain.ts'

/** Where words lead to: further, to an entry, or both. */
interface Place<Entry> extends Link<Place<Entry>> {
  readonly places: Map<string, Place<Entry>>
  words: readonly string[]
  entry: Entry | undefined
}

export interface Table<Entry> {
  /** The entry of these words, made when it is first asked for. */
  readonly of: (words: readonly string[], make: () => Entry) => Entry
  readonly all: () => readonly Entry[]
}

export function createTable<Entry>(entriesMax: number): Table<Entry> {
  const root = createPlace<Entry>()
  const busy = new Chain<Place<Entry>>()
  let entries = 0

  function makeRoom(): void {
    const { oldest } = busy
    if (!oldest || entries < entriesMax) return
    busy.remove(oldest)
    oldest.entry = undefined
    prune(root, oldest.words)
    entries--
  }

  return {
    of(words, make) {
      const place = placeOf(root, words)
      if (place.entry === undefined) {
        place.words = words
        place.entry = make()
        makeRoom()
        entries++
      } else busy.remove(place)
      busy.add(place)
      return place.entry
    },
    all: () => [...busy].flatMap(({ entry }) => entry ?? []),
  }
}

function createPlace<Entry>(): Place<Entry> {
  return { places: new Map(), words: [], entry: undefined, older: undefined, newer: undefined }
}

function placeOf<Entry>(root: Place<Entry>, words: readonly string[]): Place<Entry> {
  let place = root
  for (const word of words) {
    let next = place.places.get(word)
    if (!next) place.places.set(word, (next = createPlace()))
    place = next
  }
  return place
}

/** Takes out the places on the way that lead to nothing any more. */
function prune<Entry>(place: Place<Entry>, [word, ...rest]: readonly string[]): void {
  const next = word === undefined ? undefined : place.places.get(word)
  if (word === undefined || !next) return
  prune(next, rest)
  if (next.entry === undefined && next.places.size === 0) place.places.delete(word)
}
