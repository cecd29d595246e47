// Streams by their ids: topics are listed only where nobody knows an id yet.
//
// * An id is made from the topic's name alone, so that what is known never becomes wrong: a topic that
//   is gone is missed by whoever then works on it.
// * An unknown id costs a listing, which serves all who ask within a second. So a stream made elsewhere
//   may be missing for that long; one whose id was told here is not.

import { createHash } from 'node:crypto'

export interface StreamIds {
  /** Twenty digits, the same on every instance. */
  readonly idOf: (topic: string) => string
  /** The topic whose id this is, or nothing. Rejects as the listing does. */
  readonly find: (id: string) => Promise<string | undefined>
}

const LISTING_MS = 1000
const DIGITS = 20
const SHA256_DIGITS = 43
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The first twenty base62 digits of SHA-256 of the topic's name. */
function makeId(topic: string): string {
  let rest = BigInt(`0x${createHash('sha256').update(topic).digest('hex')}`)
  const digits = Array.from({ length: SHA256_DIGITS }, () => {
    const digit = BASE62[Number(rest % 62n)]
    rest /= 62n
    return digit
  })
  return digits.reverse().slice(0, DIGITS).join('')
}

export function createStreamIds(
  list: () => Promise<readonly string[]>,
  now: () => number,
): StreamIds {
  let ids = new Map<string, string>()
  let topics = new Map<string, string>()
  let listing: { readonly atMs: number; readonly done: Promise<void> } | undefined

  function idOf(topic: string): string {
    const known = ids.get(topic)
    if (known !== undefined) return known
    const id = makeId(topic)
    ids.set(topic, id)
    topics.set(id, topic)
    return id
  }

  /** What is not listed is forgotten, so that no more is kept than there are topics. */
  async function listAnew(): Promise<void> {
    const listed = await list()
    const before = ids
    ids = new Map(listed.map((topic) => [topic, before.get(topic) ?? makeId(topic)]))
    topics = new Map([...ids].map(([topic, id]) => [id, topic]))
  }

  function listRecently(): Promise<void> {
    if (listing && Math.abs(now() - listing.atMs) < LISTING_MS) return listing.done
    const done = listAnew()
    listing = { atMs: now(), done }
    // A listing that failed tells nothing: the next one who asks lists again.
    done.catch(() => {
      listing = undefined
    })
    return done
  }

  return {
    idOf,
    async find(id) {
      if (!topics.has(id)) await listRecently()
      return topics.get(id)
    },
  }
}
