// A table of entries that several words tell apart, bounded: who comes when it is full takes the place of
// who was idle longest. Words are looked up one by one: joined to one key they would be copied and hashed
// anew for each request.

interface Place<Entry> {
  entry: Entry | undefined
  readonly places: Map<string, Place<Entry>>
}

export interface Table<Entry> {
  /** The entry of these words, made when it is first asked for. */
  readonly of: (words: readonly string[], make: () => Entry) => Entry
  readonly all: () => readonly Entry[]
}

export function createTable<Entry extends { readonly lastAtMs: number }>(
  entriesMax: number,
): Table<Entry> {
  const root = createPlace<Entry>()
  const known = new Map<Entry, readonly string[]>()

  function makeRoom(): void {
    let idlest: Entry | undefined
    for (const entry of known.keys()) {
      if (idlest === undefined || entry.lastAtMs < idlest.lastAtMs) idlest = entry
    }
    if (idlest === undefined) return
    empty(root, known.get(idlest) ?? [])
    known.delete(idlest)
  }

  return {
    of(words, make) {
      let place = root
      for (const word of words) {
        let next = place.places.get(word)
        if (!next) place.places.set(word, (next = createPlace()))
        place = next
      }
      if (place.entry !== undefined) return place.entry
      if (known.size >= entriesMax) makeRoom()
      known.set((place.entry = make()), words)
      return place.entry
    },
    all: () => [...known.keys()],
  }
}

function createPlace<Entry>(): Place<Entry> {
  return { entry: undefined, places: new Map() }
}

/** Takes an entry out, and the places that led to nothing else. */
function empty<Entry>(place: Place<Entry>, [word, ...rest]: readonly string[]): void {
  if (word === undefined) {
    place.entry = undefined
    return
  }
  const next = place.places.get(word)
  if (!next) return
  empty(next, rest)
  if (next.entry === undefined && next.places.size === 0) place.places.delete(word)
}
