// Outcome → wire, and BridgeError → wire (docs: "Error Codes"; huaweicloud-sdk-java-dis,
// AbstractDISClient.handleError).
//
// * An error names its code and text twice: the DIS SDKs read `errorCode` and `message`, the
//   version 3 SDKs `error_code` and `error_msg`.
// * The DIS agent throws its buffer away on 400, 401 and 403, so these tell of permanent faults only.
// * A stream that is missing on upload is a 410, which all clients know; elsewhere a 400.
// * A reply takes the form of its request, JSON or protobuf; an error is JSON always.
// * An empty body is truly empty: the Java SDK cannot read `{}` where it expects nothing.

import type { Head, Reply } from '../../core/dialect.ts'
import type { BridgeError, ErrorCode } from '../../core/errors.ts'
import { isProtobuf } from './forms.ts'
import { isPut, projectOf } from './routes.ts'

/** What refines a code in this vendor's words (`BridgeError.as`). */
export const REFINED = {
  empty: 'empty',
  bodyForm: 'body-form',
  shardId: 'shard-id',
  sequence: 'sequence',
  period: 'period',
  longPeriod: 'long-period',
  label: 'label',
  appExists: 'app-exists',
  appInUse: 'app-in-use',
  appMissing: 'app-missing',
  tagsMax: 'tags-max',
  tagMissing: 'tag-missing',
  rebalancing: 'rebalancing',
  memberMissing: 'member-missing',
  generation: 'generation',
  cursorType: 'cursor-type',
  outOfRange: 'out-of-range',
  gone: 'gone',
} as const

type Refinement = (typeof REFINED)[keyof typeof REFINED]

interface Rendering {
  readonly status: number
  readonly code: string
  readonly text: string
  /** What follows the text: the error's own message, the stream's name, or nothing. */
  readonly detail: 'message' | 'stream' | 'none'
}

function rendering(
  status: number,
  [code, text]: readonly [code: string, text: string],
  detail: Rendering['detail'] = 'message',
): Rendering {
  return { status, code, text, detail }
}

const INVALID = ['DIS.4200', 'Invalid request.'] as const
const REFUSED_ACTION = ['DIS.4605', 'The action is not supported.'] as const
const LONG_PERIOD = ['DIS.4204', 'The monitoring period cannot be longer than 7 days.'] as const
const TAGS_MAX = ['DIS.4601', 'The number of resource tags has reached the maximum.'] as const
const STORAGE = ['DIS.5250', 'System error.'] as const

/** Every code in this vendor's words. */
const RENDERINGS: Record<ErrorCode, Rendering> = {
  'method-not-allowed': rendering(405, REFUSED_ACTION),
  'unknown-operation': rendering(404, INVALID),
  'not-supported': rendering(400, REFUSED_ACTION),
  'malformed-body': rendering(400, ['DIS.4300', 'Request error.']),
  'wrong-type': rendering(400, INVALID),
  constraint: rendering(400, INVALID),
  'invalid-argument': rendering(400, INVALID),
  'request-too-large': rendering(413, INVALID),
  'record-too-large': rendering(400, INVALID),
  'not-authenticated': rendering(441, ['DIS.4100', 'Authorization error.']),
  'not-permitted': rendering(403, ['DIS.4116', 'Invalid RBAC.']),
  'stream-not-found': rendering(400, ['DIS.4301', 'Stream does not exist.'], 'stream'),
  'stream-exists': rendering(400, ['DIS.4307', 'The stream already exists.'], 'stream'),
  'stream-in-use': rendering(400, ['DIS.4205', 'Stream is not running.'], 'stream'),
  'invalid-name': rendering(400, INVALID),
  'shard-not-found': rendering(400, ['DIS.4302', 'Partition does not exist.']),
  'cannot-shrink': rendering(400, INVALID),
  'limit-exceeded': rendering(400, ['DIS.4308', 'Insufficient quota.']),
  'invalid-position': rendering(400, ['DIS.4217', 'Invalid partition cursor.']),
  'expired-position': rendering(400, ['DIS.4225', 'Expired partition cursor.']),
  throttled: rendering(503, ['DIS.4303', 'Exceeded traffic control limit.'], 'none'),
  unavailable: rendering(500, STORAGE, 'none'),
  undecided: rendering(500, STORAGE, 'none'),
  internal: rendering(500, ['DIS.5000', 'System error.'], 'none'),
}

const REFINEMENTS: Record<Refinement, Rendering> = {
  [REFINED.empty]: rendering(400, ['DIS.4202', 'Empty request.']),
  [REFINED.bodyForm]: rendering(415, REFUSED_ACTION),
  [REFINED.shardId]: rendering(400, ['DIS.4201', 'Invalid partition_id.']),
  [REFINED.sequence]: rendering(400, ['DIS.4216', 'Invalid sequence_number.']),
  [REFINED.period]: rendering(400, ['DIS.4203', 'Invalid monitoring period.']),
  [REFINED.longPeriod]: rendering(400, LONG_PERIOD, 'none'),
  [REFINED.label]: rendering(400, ['DIS.4209', 'Invalid metrics label.']),
  [REFINED.appExists]: rendering(400, ['DIS.4330', 'app already exist.']),
  [REFINED.appInUse]: rendering(400, ['DIS.4331', 'app is using.']),
  [REFINED.appMissing]: rendering(400, ['DIS.4332', 'app not found.']),
  [REFINED.tagsMax]: rendering(400, TAGS_MAX, 'none'),
  [REFINED.tagMissing]: rendering(400, ['DIS.4604', 'The key does not exist.']),
  [REFINED.rebalancing]: rendering(400, ['DIS.4701', 'The consumer group is rebalancing.']),
  [REFINED.memberMissing]: rendering(400, ['DIS.4702', 'The group has no such member.']),
  [REFINED.generation]: rendering(400, ['DIS.4703', 'Illegal generation of the group.']),
  [REFINED.cursorType]: rendering(400, ['DIS.4215', 'Invalid cursor type.']),
  [REFINED.outOfRange]: rendering(400, ['DIS.4224', 'Sequence_number out of range.']),
  [REFINED.gone]: rendering(
    400,
    [
      'DIS.4226',
      'A partition iterator error occurred or a record to which the SN corresponds has expired. Try to obtain the partition iterator again.',
    ],
    'none',
  ),
}

/** Why nobody is known (docs: "Error Codes"). */
const AUTHENTICATION = {
  'DIS.4101': 'Authorization header cannot be empty.',
  'DIS.4102': 'Incorrectly parsed authorization header.',
  'DIS.4103': 'Empty X-Sdk-Date header.',
  'DIS.4104': 'Error parsing X-Sdk-Date header.',
  'DIS.4105': 'Invalid X-Sdk-Date header.',
  'DIS.4106': 'Empty AccessKey header.',
  'DIS.4107': 'Invalid AccessKey header.',
  'DIS.4108': 'Empty ServiceName header.',
  'DIS.4109':
    'The Authorization header must contain the following field: {Credential,SignedHeaders,Signature;}',
  'DIS.4110': 'Empty Signature header.',
  'DIS.4111': 'Invalid Region header.',
  'DIS.4112': 'Invalid authorization request.',
  'DIS.4113': 'Empty Token header.',
  'DIS.4114': 'Invalid Token header.',
} as const

export type AuthenticationCode = keyof typeof AUTHENTICATION

function isAuthenticationCode(code: string | undefined): code is AuthenticationCode {
  return code !== undefined && Object.hasOwn(AUTHENTICATION, code)
}

/** Other statuses where records are uploaded. */
const PUT_STATUS: Partial<Record<ErrorCode, number>> = {
  'stream-not-found': 410,
  'stream-in-use': 503,
}

function renderingOf({ code, as }: Failure): Rendering {
  if (isAuthenticationCode(as)) {
    return rendering(RENDERINGS[code].status, [as, AUTHENTICATION[as]])
  }
  const refined: Partial<Record<string, Rendering>> = REFINEMENTS
  return refined[as ?? ''] ?? RENDERINGS[code]
}

/** What a failure says: a whole call's, or one record's. */
export type Failure = Pick<BridgeError, 'code' | 'message'> &
  Partial<Pick<BridgeError, 'as' | 'subject'>>

function textOf(
  { text, detail }: Rendering,
  { message, subject = '' }: Failure,
  head: Head,
): string {
  if (detail === 'stream') return `${text} [${subject}][${projectOf(head.path)}]`
  return detail === 'message' && message !== '' ? `${text} ${message}` : text
}

/** A failure in a record's place, which carries nothing else. */
export function encodeFailure(failure: Failure, head: Head): Record<string, string> {
  const found = renderingOf(failure)
  return { error_code: found.code, error_message: textOf(found, failure, head) }
}

export function encodeError(error: BridgeError, head: Head): Reply {
  const found = renderingOf(error)
  const { code } = found
  const text = textOf(found, error, head)
  const status = (isPut(head) ? PUT_STATUS[error.code] : undefined) ?? found.status
  return json(status, { errorCode: code, message: text, error_code: code, error_msg: text })
}

/** A successful reply with content. */
export function encodeReply(members: Readonly<Record<string, unknown>>): Reply {
  return json(200, members)
}

/** A successful reply in the form of its request: JSON, or what `write` makes of the members. */
export function encodeLike<T extends object>(
  head: Head,
  members: T,
  write: (members: T) => Buffer,
): Reply {
  if (!isProtobuf(head)) return json(200, members)
  const headers = { 'content-type': 'application/x-protobuf' }
  return { status: 200, headers, body: write(members) }
}

/** A successful reply without any: 201 after a creation, 204 after a deletion. */
export function encodeEmpty(status: 201 | 204): Reply {
  return { status, headers: {}, body: Buffer.alloc(0) }
}

function json(status: number, members: object): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(members)),
  }
}

/** Headers that every reply carries. */
export function dress(_head: Head, id: string): Record<string, string> {
  return { 'x-request-id': id }
}
