// Wire → input: AWS JSON 1.1 and CBOR 1.1 over POST (docs: "Kinesis Data Streams API Reference").
// The order of the checks is the front end's own, as kinesalite recorded it, and part of the
// protocol: method, empty body, content type, parsing, service and operation; then the signature.

import type { Call, Decoded, Head } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Identity } from '../../core/principals.ts'
import type { Content } from '../shared/json.ts'
import { readCredential, type Authenticate } from './authenticate.ts'
import type { Facts } from './facts.ts'
import { FORMATS, PLAIN_JSON, type Format } from './formats.ts'

const SERVICE = 'Kinesis_20131202'
const PREFIX = `${SERVICE}.`

/** The forms of an error that depend on how far a request was understood. */
export const FORM = { xml: 'xml', output: 'output', cbor: 'cbor' } as const

/** The encoding of a request, and so of its reply. */
export function formatOf({ headers }: Head): Format | undefined {
  const said = headers['content-type'] ?? ''
  const type = said.includes(';') ? said.slice(0, said.indexOf(';')) : said
  return FORMATS.get(type.trim())
}

interface Target {
  readonly service: string
  readonly operation: string
}

function readTarget({ headers }: Head): Target {
  const target = headers['x-amz-target'] ?? ''
  if (target.startsWith(PREFIX) && !target.includes('.', PREFIX.length)) {
    return { service: SERVICE, operation: target.slice(PREFIX.length) }
  }
  const [service = '', operation = ''] = target.split('.')
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
  plain: () => new BridgeError('unknown-operation', '', { as: FORM.output }),
}

type Known = Pick<
  Facts,
  'operations' | 'alsoOpens' | 'acceptsPlainJson' | 'unknownOperation' | 'emptyBody'
>

function isKnown({ service, operation }: Target, { operations, alsoOpens = [] }: Known): boolean {
  return service === SERVICE && (operations.includes(operation) || alsoOpens.includes(operation))
}

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
  const known = isKnown(target, facts)
  const format = formatOf(head)
  if (body.length === 0) throw nothingSent(head, known, facts)
  if (!format) throw unknownType(target)
  const blobs = PUTS.includes(target.operation) ? 'Data' : undefined
  const { input, holdsBytes } = parseBody(format, body, {
    blobs,
    acceptsPlainJson: facts.acceptsPlainJson,
  })
  if (!known) throw facts.unknownOperation(target.operation)
  const principal = identity && authenticate(call, identity)
  return {
    operation: target.operation,
    input,
    principal,
    caller: principal ? undefined : readCredential(head)?.accessKeyId,
    // Every AWS SDK sends it, the same with each attempt of one call.
    invocation: head.headers['amz-sdk-invocation-id'],
    holdsBytes,
  }
}

/** Before a body is there Amazon does not know plain JSON as such, and answers in CBOR. */
function nothingSent(head: Head, known: boolean, facts: Known): BridgeError {
  const error = known ? facts.emptyBody() : facts.unknownOperation(operationOf(head))
  const plain = formatOf(head) === PLAIN_JSON && !facts.acceptsPlainJson
  return plain ? new BridgeError(error.code, error.message, { as: FORM.cbor }) : error
}

/** Operations in whose calls nothing but blobs is called Data. */
const PUTS: readonly string[] = ['PutRecord', 'PutRecords']

interface Parsing extends Pick<Known, 'acceptsPlainJson'> {
  readonly blobs: string | undefined
}

/** Amazon parses plain JSON, and then knows no operation in it. */
function parseBody(format: Format, body: Buffer, { acceptsPlainJson, blobs }: Parsing): Content {
  const plain = format === PLAIN_JSON && !acceptsPlainJson
  const as = plain ? FORM.output : undefined
  const content = format.parse(body, blobs)
  if (!content) throw REFUSALS.unparsed(as)
  if (plain) throw REFUSALS.plain()
  return content
}

function unknownType({ service, operation }: Target): BridgeError {
  return service && operation ? REFUSALS.unknownType() : REFUSALS.noPost()
}
