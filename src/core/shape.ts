// What a call may contain: members, types and limits, in the vendor's order. One such table per
// operation is the only place where they are written: the dialect's `check` reads it, and the
// OpenAPI documents are made from it.

interface Common {
  /** A sentence for the document. */
  readonly about?: string
  /** Must be there; a name says: unless that sibling is. */
  readonly required?: true | { readonly unless: string }
  /** Accepted instead of leaving the member out, as vendors' clients do. */
  readonly emptyIsAbsent?: true
}

export interface TextShape extends Common {
  readonly type: 'text'
  readonly pattern?: string
  readonly charsMin?: number
  readonly charsMax?: number
  readonly values?: readonly string[]
}

/** A number; `whole` when a fraction is an error rather than rounded down. */
export interface NumberShape extends Common {
  readonly type: 'number'
  readonly whole?: true
  readonly min?: number
  readonly max?: number
}

export interface FlagShape extends Common {
  readonly type: 'flag'
}

/** Seconds since 1970 in JSON. */
export interface TimeShape extends Common {
  readonly type: 'time'
}

/** Bytes, base64 in JSON. Limits count decoded bytes. */
export interface BlobShape extends Common {
  readonly type: 'blob'
  readonly bytesMin?: number
  readonly bytesMax?: number
  /** Bad base64 fails the element it is in, not the call: the operation itself finds it. */
  readonly failsInPlace?: true
}

export interface ListShape extends Common {
  readonly type: 'list'
  readonly of: Shape
  /** What is wrong with an element is said once, of the list. */
  readonly judgedWhole?: true
  readonly lengthMin?: number
  readonly lengthMax?: number
}

/** Text to text, as tags are. */
export interface MapShape extends Common {
  readonly type: 'map'
  readonly keyCharsMax?: number
  readonly valueCharsMax?: number
  readonly sizeMin?: number
  readonly sizeMax?: number
}

export interface StructureShape extends Common {
  readonly type: 'structure'
  /** What an element is called in the vendor's model. */
  readonly name?: string
  readonly members: Readonly<Record<string, Shape>>
}

/** Anything: taken as it is and ignored. */
export interface AnyShape extends Common {
  readonly type: 'any'
}

export type Shape =
  | TextShape
  | NumberShape
  | FlagShape
  | TimeShape
  | BlobShape
  | ListShape
  | MapShape
  | StructureShape
  | AnyShape
