// Outcome → wire, and BridgeError → wire, in the encoding of the request (docs: "Common errors").
//
// * `FailedRecordCount` is always there, 0 too, and JSON is compact: Fluent Bit looks for the text
//   `"FailedRecordCount":0`.
// * A transient failure is InternalFailure or ProvisionedThroughputExceededException: every SDK and
//   the KPL send the record again.

import type { Dialect, Head, Reply } from '../../core/dialect.ts'
import { BridgeError, type ErrorCode } from '../../core/errors.ts'
import { readCredential } from './authenticate.ts'
import { FORM, formatOf, operationOf } from './decode.ts'
import { createExtendedIds } from './extended-id.ts'
import type { Facts } from './facts.ts'
import { CBOR_1_1, JSON_1_1, PLAIN_JSON, type Format, type Members } from './formats.ts'

interface Rendering {
  readonly type: string
  readonly status: number
}

const THROTTLED: Rendering = { type: 'ProvisionedThroughputExceededException', status: 400 }
const INTERNAL: Rendering = { type: 'InternalFailure', status: 500 }

function refused(type: string): Rendering {
  return { type, status: 400 }
}

/** Every code in this vendor's words. */
const RENDERINGS: Record<ErrorCode, Rendering> = {
  'method-not-allowed': { type: 'AccessDeniedException', status: 403 },
  'unknown-operation': refused('UnknownOperationException'),
  'not-supported': refused('InvalidArgumentException'),
  'malformed-body': refused('SerializationException'),
  'wrong-type': refused('SerializationException'),
  constraint: refused('ValidationException'),
  'invalid-argument': refused('InvalidArgumentException'),
  'request-too-large': { type: '', status: 413 },
  'record-too-large': refused('InvalidArgumentException'),
  'not-authenticated': refused('MissingAuthenticationTokenException'),
  'not-permitted': refused('AccessDeniedException'),
  'stream-not-found': refused('ResourceNotFoundException'),
  'stream-exists': refused('ResourceInUseException'),
  'stream-in-use': refused('ResourceInUseException'),
  'invalid-name': refused('InvalidArgumentException'),
  'shard-not-found': refused('ResourceNotFoundException'),
  'cannot-shrink': refused('InvalidArgumentException'),
  'limit-exceeded': refused('LimitExceededException'),
  'invalid-position': refused('InvalidArgumentException'),
  'expired-position': refused('ExpiredNextTokenException'),
  throttled: THROTTLED,
  unavailable: INTERNAL,
  undecided: INTERNAL,
  internal: INTERNAL,
}

/** The name of an error in a record's place. */
export function recordErrorType(code: ErrorCode): string {
  return RENDERINGS[code].type
}

/** Of an error whose message is the vendor's already, though its code has a sentence. */
export const OWN_WORDS = 'own-words'

/** What the service says of a transient failure, and no more: the rest is for our log. */
const TEXTS: Partial<Record<ErrorCode, (subject: string, facts: Facts) => string>> = {
  'unknown-operation': (name, { sentences }) => sentences.unknownOperation(name),
  'stream-not-found': (name, { accountId }) =>
    `Stream ${name} under account ${accountId} not found.`,
  'stream-exists': (name, { accountId, sentences }) => sentences.streamExists(name, accountId),
  throttled: (name, { accountId }) =>
    name ? `Rate exceeded for stream ${name} under account ${accountId}.` : 'Rate exceeded.',
  unavailable: () => '',
  undecided: () => '',
  internal: () => '',
}

export function errorText({ code, message, subject = '', as }: BridgeError, facts: Facts): string {
  if (as === OWN_WORDS) return message
  return TEXTS[code]?.(subject, facts) ?? message
}

function encode(format: Format, members: Members, status: number): Reply {
  return {
    status,
    headers: { 'content-type': format.type },
    body: format.write(members),
  }
}

/** A successful reply; without members the body is empty. */
export function encodeReply(head: Head, members?: Members): Reply {
  const format = replyFormat(head)
  return members
    ? encode(format, members, 200)
    : { status: 200, headers: { 'content-type': format.type }, body: Buffer.alloc(0) }
}

/** That of the request; the front end answers in CBOR where it does not know the request's. */
export function replyFormat(head: Head): Format {
  const asked = formatOf(head) ?? CBOR_1_1
  return asked === PLAIN_JSON ? JSON_1_1 : asked
}

const ACCESS_DENIED = `<AccessDeniedException>
  <Message>Unable to determine service/operation name to be authorized</Message>
</AccessDeniedException>
`

/** What a principal may not do is said of it, the operation and the stream. */
function messageOf(error: BridgeError, head: Head, facts: Facts): string {
  const { principal, subject: stream = '' } = error
  if (principal === undefined) return errorText(error, facts)
  const region = readCredential(head)?.region
  return facts.deny({ principal, operation: operationOf(head), stream, region })
}

const FORMS: readonly string[] = [...Object.values(FORM), OWN_WORDS]

/** The name of an error: a finer one than its code's where whoever threw it gave one. */
function typeOf({ code, as }: BridgeError): string {
  return as === undefined || FORMS.includes(as) ? RENDERINGS[code].type : as
}

export function encodeError(error: BridgeError, head: Head, facts: Facts): Reply {
  const { status } = RENDERINGS[error.code]
  const type = typeOf(error)
  if (error.code === 'request-too-large') return { status, headers: {}, body: Buffer.alloc(0) }
  if (error.as === FORM.xml) {
    return error.code === 'method-not-allowed'
      ? { status, headers: {}, body: Buffer.from(ACCESS_DENIED) }
      : { status: 404, headers: {}, body: Buffer.from('<UnknownOperationException/>\n') }
  }
  if (error.as === FORM.output) {
    const output = { Output: { __type: `com.amazon.coral.service#${type}` }, Version: '1.0' }
    return encode(PLAIN_JSON, output, error.code === 'unknown-operation' ? 404 : 400)
  }
  const message = messageOf(error, head, facts)
  const name = error.code === 'wrong-type' ? 'Message' : 'message'
  const format = error.as === FORM.cbor ? CBOR_1_1 : replyFormat(head)
  return encode(format, { __type: type, ...(message && { [name]: message }) }, status)
}

/** The failures that an event stream has names for; all others are the service's own. */
const IN_STREAMS: Partial<Record<ErrorCode, string>> = {
  'stream-not-found': 'ResourceNotFoundException',
  'shard-not-found': 'ResourceNotFoundException',
  'invalid-position': 'ResourceNotFoundException',
  'stream-in-use': 'ResourceInUseException',
}

/** A failure as it is said in a stream that has begun. */
export function encodeStreamError(error: unknown, facts: Facts) {
  const type = error instanceof BridgeError ? IN_STREAMS[error.code] : undefined
  return type === undefined
    ? { type: 'InternalFailureException', message: 'Internal service failure.' }
    : { type, message: errorText(error as BridgeError, facts) }
}

const EXPOSED =
  'x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date'

/** Headers that every reply carries; the ones for browsers where an Origin asks for them. */
export function createDress(): Dialect['dress'] {
  const extendedId = createExtendedIds()
  return ({ method, headers }, id) => {
    if (headers['origin'] === undefined) {
      return { 'x-amzn-requestid': id, 'x-amz-id-2': extendedId() }
    }
    const isPreflight = method === 'OPTIONS'
    return {
      'x-amzn-requestid': id,
      ...(!isPreflight && { 'x-amz-id-2': extendedId() }),
      'access-control-allow-origin': '*',
      ...(!isPreflight && { 'access-control-expose-headers': EXPOSED }),
    }
  }
}

/** The answer to a browser's preflight. */
export function preflight({ method, headers }: Head): Reply | undefined {
  if (method !== 'OPTIONS' || headers['origin'] === undefined) return undefined
  const asked = headers['access-control-request-headers']
  const verb = headers['access-control-request-method']
  return {
    status: 200,
    headers: {
      'access-control-max-age': '172800',
      ...(asked !== undefined && { 'access-control-allow-headers': asked }),
      ...(verb !== undefined && { 'access-control-allow-methods': verb }),
    },
    body: Buffer.alloc(0),
  }
}
