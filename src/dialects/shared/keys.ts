// Names of members as bodies hold them: the same few come again and again, and are made once.

const CHARS_MAX = 32

/** The last of each length, ASCII all. */
const lastKeys: string[] = []

/** The text of these bytes where it is the last key of its length; nothing where it is another one. */
export function knownKey(input: Buffer, start: number, length: number): string | undefined {
  const last = lastKeys[length]
  if (last === undefined) return undefined
  for (let i = 0; i < length; i++) {
    if (input[start + i] !== last.charCodeAt(i)) return undefined
  }
  return last
}

/** The key, which is remembered where as many characters as bytes are all ASCII. */
export function rememberKey(key: string, bytes: number): string {
  if (key.length === bytes && bytes < CHARS_MAX) lastKeys[bytes] = key
  return key
}
