// The words of the inside, as types. Dialects translate their vendor's words into these and back.

/** The numbers that hashes of one vendor lie in, and how shards cut them. */
export interface HashSpace {
  /** What is divided by the number of shards, rounded down, to give the width of a shard. */
  readonly divided: bigint
  /** The largest hash: the end of the last shard's range. */
  readonly last: bigint
}

/** A pure function that places a key among `shards` shards. */
export type PlaceKey = (key: string, shards: number) => number

/** Where a record wants to go, by its own key or another way: what all dialects translate into. */
export type Target =
  | { readonly by: 'shard'; readonly shard: number }
  | { readonly by: 'hash'; readonly hash: bigint; readonly space: HashSpace }
  | { readonly by: 'key'; readonly place: PlaceKey }
  | { readonly by: 'any' }

/** What is kept beside a record because it would be lost otherwise. */
export interface Note {
  readonly name: string
  readonly value: Buffer
}

/** A record on its way in: data, key, and where it wants to go. */
export interface InboundRecord {
  readonly data: Buffer
  /** The partition key as the producer gave it; absent: none. */
  readonly key?: string | undefined
  readonly target: Target
  /** Milliseconds since 1970; absent: when it is stored. */
  readonly timestampMs?: number | undefined
  readonly notes?: readonly Note[] | undefined
  /** What the data holds, where it holds records of their own. */
  readonly bundle?: Bundle | undefined
}

/**
 * Records that travelled as the data of one: stored one by one, in the shard of the whole and in
 * one batch, and answered by the first of them.
 */
export interface Bundle {
  readonly count: number
  /** Data, keys and notes of all of them. */
  readonly bytes: number
  /** Takes them out. */
  readonly open: () => readonly BundledRecord[]
}

export interface BundledRecord {
  readonly data: Buffer
  readonly key: string
  readonly notes: readonly Note[]
}

/** A stream as a dialect names it: whose name it is, the name whole, and its parts. */
export interface StreamRef {
  readonly dialect: string
  /** As its owner would write it; the key of the table of exact overrides. */
  readonly name: string
  /** The parts a topic template may use, `stream` among them. */
  readonly parts: Readonly<Record<string, string>>
}

/** A shard's range of hashes, both ends included. */
export interface HashRange {
  readonly first: bigint
  readonly last: bigint
}

/** Where a record lies. Dialects write `ordinal` in their vendor's form of a sequence number. */
export interface Position {
  readonly shard: number
  /** The record's number within its shard, from 0. */
  readonly ordinal: number
  /** The record's time as stored, milliseconds since 1970. */
  readonly timestampMs: number
}
