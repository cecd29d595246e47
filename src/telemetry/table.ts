// A table of entries that several words tell apart, bounded: when it is full, who comes takes the place of who
// was idle for a minute, and has no entry while nobody is. So a table costs no more when more streams are busy
// than it holds. Words are looked up one by one: joined to one key they would be copied and hashed anew for
// each request.

/** Where words lead to: further, to an entry, or both. */
interface Place<Entry> {
  readonly places: Map<string, Place<Entry>>
  entry: Entry | undefined
}

interface Timed {
  /** When it was last used, in milliseconds. */
  readonly lastAtMs: number
}

export interface Table<Entry> {
  /** The entry of these words, made when it is first asked for; none while there is no room. */
  readonly of: (words: readonly string[], make: () => Entry) => Entry | undefined
  readonly all: () => readonly Entry[]
}

const IDLE_MS = 60_000
/** How long after looking for idle entries it is not worth looking again. */
const RESWEEP_MS = 1000

export function createTable<Entry extends Timed>(
  entriesMax: number,
  now: () => number,
): Table<Entry> {
  const root = createPlace<Entry>()
  let entries = 0
  let sweepAtMs = -Infinity

  function hasRoom(): boolean {
    if (entries < entriesMax) return true
    const nowMs = now()
    if (nowMs < sweepAtMs) return false
    sweepAtMs = nowMs + RESWEEP_MS
    entries -= sweep(root, nowMs - IDLE_MS)
    return entries < entriesMax
  }

  return {
    of(words, make) {
      const found = find(root, words)
      if (found || !hasRoom()) return found
      entries++
      return (placeOf(root, words).entry = make())
    },
    all: () => entriesIn(root),
  }
}

function createPlace<Entry>(): Place<Entry> {
  return { places: new Map(), entry: undefined }
}

function find<Entry>(root: Place<Entry>, words: readonly string[]): Entry | undefined {
  let place: Place<Entry> | undefined = root
  for (const word of words) place = place?.places.get(word)
  return place?.entry
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

/** Takes out what was not used since, and the places that lead to nothing any more; tells how many. */
function sweep<Entry extends Timed>({ places }: Place<Entry>, sinceMs: number): number {
  let swept = 0
  for (const [word, place] of places) {
    swept += sweep(place, sinceMs)
    if (place.entry && place.entry.lastAtMs < sinceMs) {
      place.entry = undefined
      swept++
    }
    if (place.entry === undefined && place.places.size === 0) places.delete(word)
  }
  return swept
}

function entriesIn<Entry>({ places, entry }: Place<Entry>): Entry[] {
  const further = [...places.values()].flatMap(entriesIn)
  return entry === undefined ? further : [entry, ...further]
}
