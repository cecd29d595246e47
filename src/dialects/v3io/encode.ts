// Outcome → wire, and BridgeError → wire (docs: "Error Information"; "PutRecords").
//
// * An error's body is {ErrorCode, ErrorMessage}: for streams the message is the vendor's name of
//   the error, which clients search for, and nothing more. What exactly was wrong stands in the
//   header `x-tributary-reason`.
// * Numbers known from the vendor's pages, tests or logs: -1, -2, -13, -117440512, -201326592,
//   -201326594. For errors whose number was never published ours begin at -201326608 (-0x0C000010),
//   in the vendor's pattern and clear of its first sixteen; clients ask for non-zero only. -95 and
//   -27 are Linux's "operation not supported" and "file too large".
// * Of items, storey and frames know 16777244 (a condition is false) and 369098809 (an item exists).
// * What is transient is a 503 for the call as a whole, never a record's own failure: clients such
//   as mlrun ignore FailedRecordCount, and go's consumer group waits on a 503 and nothing else.

import type { Head, Reply } from '../../core/dialect.ts'
import type { BridgeError, ErrorCode } from '../../core/errors.ts'
import { functionOf } from './decode.ts'
import { CONDITION_FALSE, CONTAINER, ITEM_EXISTS, ITEM_TOO_LARGE } from './refinements.ts'

interface Rendering {
  readonly status: number
  readonly number: number
  /** Absent: the error's own message. */
  readonly text?: string
}

const INVALID: Rendering = { status: 400, number: -201326592, text: 'InvalidArgumentException' }
const OUT_OF_RANGE: Rendering = {
  status: 400,
  number: -201326594,
  text: 'ShardIDOutOfRangeException',
}
const NOT_FOUND: Rendering = { status: 404, number: -201326608, text: 'ResourceNotFoundException' }
const EXISTS: Rendering = { status: 409, number: -201326609, text: 'ResourceInUseException' }
const SHARD_COUNT: Rendering = {
  status: 400,
  number: -201326610,
  text: 'InvalidShardCountException',
}
const LOCATION: Rendering = { status: 400, number: -201326611, text: 'IllegalLocationException' }
const DENIED: Rendering = { status: 403, number: -13, text: 'Permission denied' }
const TRANSIENT: Rendering = {
  status: 503,
  number: -117440512,
  text: 'Failed to send a control message request',
}

/** Every code in this vendor's words. */
const RENDERINGS: Record<ErrorCode, Rendering> = {
  'method-not-allowed': { ...INVALID, status: 405 },
  'unknown-operation': INVALID,
  'not-supported': { status: 501, number: -95 },
  'malformed-body': INVALID,
  'wrong-type': INVALID,
  constraint: INVALID,
  'invalid-argument': INVALID,
  'request-too-large': { ...INVALID, status: 413 },
  'record-too-large': INVALID,
  'not-authenticated': { ...DENIED, status: 401 },
  'not-permitted': DENIED,
  'stream-not-found': NOT_FOUND,
  'stream-exists': EXISTS,
  'stream-in-use': TRANSIENT,
  'invalid-name': INVALID,
  'shard-not-found': OUT_OF_RANGE,
  'cannot-shrink': SHARD_COUNT,
  'limit-exceeded': SHARD_COUNT,
  'invalid-position': LOCATION,
  'expired-position': LOCATION,
  throttled: TRANSIENT,
  unavailable: TRANSIENT,
  undecided: TRANSIENT,
  internal: TRANSIENT,
}

/** A missing path, to the calls on objects and items. */
const NO_SUCH_FILE: Rendering = { status: 404, number: -2, text: 'No such file or directory' }

const REFINED: Readonly<Record<string, Rendering>> = {
  [CONTAINER]: { ...NO_SUCH_FILE, text: 'Container not found' },
  [CONDITION_FALSE]: { status: 400, number: -16777244, text: 'The condition is false' },
  [ITEM_EXISTS]: { status: 409, number: -369098809, text: 'The item exists' },
  [ITEM_TOO_LARGE]: { status: 413, number: -27, text: 'File too large' },
}

/** Functions that are not about streams. */
const ON_ITEMS: ReadonlySet<string> = new Set(['getitem', 'getitems', 'putitem', 'updateitem'])

function renderingOf({ code, as = '' }: BridgeError, head: Head): Rendering {
  const refined = Object.hasOwn(REFINED, as) ? REFINED[as] : undefined
  if (refined) return refined
  if (code !== 'stream-not-found') return RENDERINGS[code]
  const name = functionOf(head)?.toLowerCase()
  return name === undefined || ON_ITEMS.has(name) ? NO_SUCH_FILE : NOT_FOUND
}

/** Failures that stay in a record's place; any other fails the call. */
const IN_PLACE: ReadonlySet<ErrorCode> = new Set([
  'invalid-argument',
  'record-too-large',
  'shard-not-found',
])

export function staysInPlace(code: ErrorCode): boolean {
  return IN_PLACE.has(code)
}

/** A failure in a record's place. */
export function encodeFailure(code: ErrorCode): { ErrorCode: number; ErrorMessage: string } {
  const { number, text = '' } = RENDERINGS[code]
  return { ErrorCode: number, ErrorMessage: text }
}

const JSON_TYPE = { 'content-type': 'application/json' }

export function encodeReply(members: Readonly<Record<string, unknown>>): Reply {
  return { status: 200, headers: JSON_TYPE, body: Buffer.from(JSON.stringify(members)) }
}

/** A reply that is written already, in ASCII. */
export function encodeText(body: string): Reply {
  return { status: 200, headers: JSON_TYPE, body }
}

/** An empty reply: 204 to what changes something; HEAD asks for a 200. */
export function encodeEmpty(status: 200 | 204): Reply {
  return { status, headers: {}, body: Buffer.alloc(0) }
}

const REASON_CHARS_MAX = 1024

/** A header's value is printable ASCII; names in a message may be anything. */
function showReason(message: string): string {
  return message.replace(/[^ -~]/g, '?').slice(0, REASON_CHARS_MAX)
}

export function encodeError(error: BridgeError, head: Head): Reply {
  const { status, number, text = error.message } = renderingOf(error, head)
  const isOurs = status >= 500
  const members = { ErrorCode: number, ErrorMessage: text }
  return {
    status,
    headers: { ...JSON_TYPE, ...(!isOurs && { 'x-tributary-reason': showReason(error.message) }) },
    body: head.method === 'HEAD' ? Buffer.alloc(0) : Buffer.from(JSON.stringify(members)),
  }
}
