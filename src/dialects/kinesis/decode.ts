// Wire → input: AWS JSON 1.1 over POST (docs: "Kinesis Data Streams API Reference"). The order of
// the checks is the front end's own, as kinesalite recorded it, and part of the protocol:
// method, empty body, content type, parsing, service and operation; then the signature.
//
// Not yet: AWS CBOR 1.1.

import type { Call, Decoded, Head, Input } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Identity } from '../../core/principals.ts'
import { readCredential, type Authenticate } from './authenticate.ts'
import type { Facts } from './facts.ts'

export const JSON_1_1 = 'application/x-amz-json-1.1'
const PLAIN_JSON = 'application/json'
const SERVICE = 'Kinesis_20131202'

/** The forms of an error that depend on how far a request was understood. */
export const FORM = { xml: 'xml', output: 'output' } as const

/** The media type without parameters. */
export function mediaType({ headers }: Head): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''
}

interface Target {
  readonly service: string
  readonly operation: string
}

function readTarget({ headers }: Head): Target {
  const [service = '', operation = ''] = (headers['x-amz-target'] ?? '').split('.')
  return { service, operation }
}

/** The operation that a call names. */
export function operationOf(head: Head): string {
  return readTarget(head).operation
}

/** What is thrown before the operation is known. */
const REFUSALS = {
  noPost: () => new BridgeError('method-not-allowed', '', { as: FORM.xml }),
  unknownType: () => new BridgeError('unknown-operation', '', { as: FORM.xml }),
  unparsed: (as?: string) => new BridgeError('malformed-body', '', as === undefined ? {} : { as }),
  unknown: (as?: string) =>
    new BridgeError('unknown-operation', '', as === undefined ? {} : { as }),
}

type Known = Pick<Facts, 'operations' | 'acceptsPlainJson'>

export interface Doorkeeper {
  readonly authenticate: Authenticate
  /** Absent: any or no credentials will do. */
  readonly identity: Identity | undefined
}

/** Throws BridgeError in the order of the checks above. */
export function decode(call: Call, facts: Known, { authenticate, identity }: Doorkeeper): Decoded {
  const { head, body } = call
  if (head.method !== 'POST') throw REFUSALS.noPost()
  const target = readTarget(head)
  const known = target.service === SERVICE && facts.operations.includes(target.operation)
  if (body.length === 0) throw known ? REFUSALS.unparsed() : REFUSALS.unknown()
  if (!isKnownType(head)) throw unknownType(target)
  const input = parseBody(head, body, facts)
  if (!known) throw REFUSALS.unknown()
  return {
    operation: target.operation,
    input,
    principal: identity && authenticate(call, identity),
    caller: readCredential(head)?.accessKeyId,
    // Every AWS SDK sends it, the same with each attempt of one call.
    invocation: head.headers['amz-sdk-invocation-id'],
  }
}

/** Amazon parses plain JSON, and then knows no operation in it. */
function parseBody(head: Head, body: Buffer, { acceptsPlainJson }: Known): Input {
  const plain = mediaType(head) === PLAIN_JSON && !acceptsPlainJson
  const as = plain ? FORM.output : undefined
  const input = parse(body)
  if (!input) throw REFUSALS.unparsed(as)
  if (plain) throw REFUSALS.unknown(as)
  return input
}

function isKnownType(head: Head): boolean {
  return [JSON_1_1, PLAIN_JSON].includes(mediaType(head))
}

function unknownType({ service, operation }: Target): BridgeError {
  return service && operation ? REFUSALS.unknownType() : REFUSALS.noPost()
}

/** The members of a body; nothing where it is not an object (an array has no members). */
function parse(body: Buffer): Input | undefined {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
  if (Array.isArray(value)) return {}
  return typeof value === 'object' && value !== null ? (value as Input) : undefined
}
