// The port to a dialect: one vendor's API as spoken on the wire. Bytes in, values out; a dialect
// knows neither the HTTP library nor Kafka nor the clock.

import type { BridgeError } from './errors.ts'
import type { Follow } from './follow.ts'
import type { NameRules } from './naming.ts'
import type { Put } from './ingest.ts'
import type { Identity, Need, Principal } from './principals.ts'
import type { Reader } from './read.ts'
import type { StructureShape } from './shape.ts'
import type { Shelf } from './state-shelf.ts'
import type { Streams } from './streams.ts'
import type { Span } from './trace.ts'
import type { Traffic } from './traffic.ts'

/** A request before its body. Header names are lower case; HTTP/2's `:authority` is among them. */
export interface Head {
  readonly method: string
  /** As sent, query included. */
  readonly target: string
  /** The target's path, as sent. */
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The dialect whose own port or host was addressed. */
  readonly pinned?: string | undefined
}

/** A request, whole: raw bytes, untouched. */
export interface Call {
  readonly head: Head
  readonly body: Buffer
  readonly id: string
  /** Milliseconds since 1970. */
  readonly receivedAtMs: number
  readonly deadlineMs: number
  /** Takes from the memory budget what a call becomes larger than its body; throws `throttled`. */
  readonly charge: (bytes: number) => void
  /** Gives back what was charged, and the call needs no longer; the rest goes when it is answered. */
  readonly release: (bytes: number) => void
  /** The whole call; absent: nobody traces it. */
  readonly span?: Span | undefined
}

/** A request whose bytes have been read: nobody holds them while Kafka is waited for. */
export type OpenedCall = Omit<Call, 'body'>

/** A request's plain content, whatever its encoding was. */
export type Input = Readonly<Record<string, unknown>>

export interface Decoded {
  readonly operation: string
  readonly input: Input
  /** Who says to be asking: an access key id, a user; absent: nobody said. Never a secret. */
  readonly caller?: string | undefined
  /** Who it is: always there where credentials are verified. */
  readonly principal?: Principal | undefined
  /** The same for every attempt of one call, where the vendor's clients say so. */
  readonly invocation?: string | undefined
  /** Blobs are bytes and times dates already: an encoding that JSON's validator cannot read. */
  readonly holdsBytes?: boolean
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Bytes, or a text of ASCII: short ones travel in one piece with the head. */
  readonly body: Buffer | string
}

/**
 * A reply whose body comes piece by piece, each asked for when those before it are on their way to
 * the client. It is asked to return as soon as the client is gone. A failure cuts the reply off: what
 * the vendor has words for is a piece.
 */
export interface StreamedReply extends Omit<Reply, 'body'> {
  readonly body: AsyncIterable<Buffer>
}

export function isWhole(reply: Reply | StreamedReply): reply is Reply {
  return typeof reply.body === 'string' || Buffer.isBuffer(reply.body)
}

/** What an operation is given to do its work. */
export interface Ask {
  readonly input: Input
  readonly call: OpenedCall
  readonly caller?: string | undefined
  readonly streams: Streams
  /** Stores records in one stream and says of each, in its place, what became of it. */
  readonly put: Put
  /** Reads shards of streams; what the answer keeps of the memory budget is taken by `call.charge`. */
  readonly reader: Reader
  /** Reads on and on, as records come. */
  readonly follow: Follow
  /** What this dialect keeps of no stream in particular. What is kept of a stream is in `streams`. */
  readonly shelf: Shelf
  /** What went through streams, as far as this instance saw it. */
  readonly traffic: Pick<Traffic, 'points' | 'sinceMs'>
  /** The service is about to stop: what lasts should end. */
  readonly isStopping: () => boolean
}

export interface Operation {
  /** One sentence. */
  readonly about: string
  /** What its caller must be permitted to do with the streams that it touches. */
  readonly action: Need
  readonly input: StructureShape
  /** The content of a successful reply; absent: an empty body. */
  readonly output?: StructureShape
  readonly perform: (ask: Ask) => Promise<Reply | StreamedReply>
}

/** How sure a dialect is, from the head alone, that a request is its own. */
export type Claim = 'surely' | 'perhaps' | 'no'

export interface Dialect {
  readonly name: string
  /** The dialect that opens calls for this one: the two are told apart in what they carry. */
  readonly parent?: string
  readonly names: NameRules
  readonly bodyBytesMax: number
  readonly claim: (head: Head) => Claim
  /** A child's word on a call of its parent's; `input` is absent before the body is decoded. */
  readonly adopts?: (head: Head, input?: Input) => boolean
  /** How long a client may be kept waiting for an answer, in milliseconds. */
  readonly answerWithinMs: (head: Head) => number
  /** An answer that needs no body, such as to a preflight. */
  readonly preflight?: (head: Head) => Reply | undefined
  /**
   * Authenticates the raw bytes and decodes them, in the vendor's order. Without an `identity` any or
   * no credentials will do, and only their form is read. Throws BridgeError.
   */
  readonly open: (call: Call, identity?: Identity) => Decoded
  readonly operations: Readonly<Record<string, Operation>>
  /** Throws BridgeError in the vendor's words for the first thing wrong with the input. */
  readonly check: (operation: string, input: Input) => void
  /** The vendor's form of a failure. */
  readonly fail: (error: BridgeError, head: Head) => Reply
  /** Headers that every reply carries, in an object of their own. */
  readonly dress: (head: Head, id: string) => Record<string, string | number>
}
