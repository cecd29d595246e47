// What was made of texts that come again and again: the last so many, and none that is long, since
// the texts are a stranger's.

const TEXT_LENGTH_MAX = 1024

/** `make` as it is, but once for each text while that is remembered; what it throws is not. */
export function createMemo<Made>(make: (text: string) => Made, entriesMax: number) {
  const made = new Map<string, Made>()

  return function remembered(text: string): Made {
    const known = made.get(text)
    if (known !== undefined) return known
    const fresh = make(text)
    if (text.length > TEXT_LENGTH_MAX) return fresh
    const [oldest] = made.keys()
    if (made.size >= entriesMax && oldest !== undefined) made.delete(oldest)
    made.set(text, fresh)
    return fresh
  }
}
