// The one error vocabulary. Dialects render every code in their vendor's words (a
// Record<ErrorCode, …>, so that a gap does not compile); nobody else gives a code a meaning.

/** What can go wrong with a request as a whole, or with one record in its place. */
export const ERROR_CODES = [
  // the request itself
  'method-not-allowed',
  'unknown-operation',
  'not-supported', // an operation of the vendor's that we refuse on purpose
  'malformed-body', // cannot be parsed
  'wrong-type', // parsed, but a member has another type
  'constraint', // a member breaks a limit of its own
  'invalid-argument', // members make no sense together, or for this stream
  'request-too-large',
  'record-too-large',
  // who asks
  'not-authenticated',
  'not-permitted',
  // what it is about
  'stream-not-found',
  'stream-exists',
  'stream-in-use', // being created or deleted, not ready
  'invalid-name',
  'shard-not-found',
  'cannot-shrink', // shards grow and never shrink
  'limit-exceeded',
  'invalid-position', // a token, cursor, iterator or sequence number that is not ours
  'expired-position',
  // transient: the client should send it again
  'throttled',
  'unavailable', // not written
  'undecided', // sent to Kafka, and nobody knows
  // ours
  'internal',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

const PASSING: readonly ErrorCode[] = ['throttled', 'unavailable', 'undecided', 'stream-in-use']

/** Whether a call that failed so may succeed when it is sent again. */
export function isPassing(error: unknown): error is BridgeError {
  return error instanceof BridgeError && PASSING.includes(error.code)
}

/** What a dialect may add so as to say it in the vendor's finer words. */
export interface ErrorDetail {
  /** A vendor's own code that refines `code`, understood by the dialect that threw it only. */
  readonly as?: string
  /** The name of what it is about, as the caller knows it: a stream's, mostly. */
  readonly subject?: string
  /** Who may not do it, of `not-permitted`. */
  readonly principal?: string
  readonly cause?: unknown
}

/** A failure of the whole request. Thrown once, rendered once by the dialect. */
export class BridgeError extends Error {
  readonly code: ErrorCode
  readonly as: string | undefined
  readonly subject: string | undefined
  readonly principal: string | undefined

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = 'BridgeError'
    this.code = code
    this.as = detail.as
    this.subject = detail.subject
    this.principal = detail.principal
  }

  /** The same failure, naming what it is about. */
  about(subject: string): BridgeError {
    const { as, cause, principal } = this
    return new BridgeError(this.code, this.message, {
      ...(as !== undefined && { as }),
      ...(cause !== undefined && { cause }),
      ...(principal !== undefined && { principal }),
      subject,
    })
  }
}
