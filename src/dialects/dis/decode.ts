// Wire → input: path, query and JSON body become one plain input, under the vendor's names (docs:
// "Making an API Request").
//
// * What the path says holds; then the body, then the query, into which the Java SDK copies all of
//   its request once more, unencoded and with a dangling `&`. A `+` there is a plus.
// * Numbers and flags of a query are converted where the operation's shape wants such; a text that
//   is neither is left for `check` to name.
// * The body of a GET or DELETE is ignored: the Python SDK sends one, and a protobuf content type
//   there asks for the form of the reply only.
// * Not yet: protobuf, and bodies compressed as lz4, snappy or zstd. They are answered 415: the DIS
//   agent throws its buffer away on 400, 401 and 403, and keeps it on anything else.

import type { Call, Decoded, Head, Input, Operation } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Identity } from '../../core/principals.ts'
import type { Shape } from '../../core/shape.ts'
import { authenticate, readAccessKey } from './authenticate.ts'
import { REFINED } from './encode.ts'
import { decodePercent, findRoute } from './routes.ts'

type Operations = Readonly<Record<string, Pick<Operation, 'input'>>>

/**
 * Throws BridgeError for a call that is nobody's, where there is an `identity`, and for a path, a
 * method or a body that cannot be understood.
 */
export function decode(call: Call, operations: Operations, identity?: Identity): Decoded {
  const { head, body } = call
  const principal = identity && authenticate(call, identity)
  const { operation, parameters } = findRoute(head)
  const members = operations[operation]?.input.members ?? {}
  const input = { ...readQuery(head.query, members), ...readBody(head, body), ...parameters }
  return { operation, input, caller: readAccessKey(head), principal }
}

function readQuery(query: string, members: Readonly<Record<string, Shape>>): Input {
  const input = new Map<string, unknown>()
  for (const pair of query.split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? []
    if (name === '') continue
    const member = decodePercent(name)
    const converted = convert(decodePercent(value), members[member])
    if (!input.has(member) && converted !== undefined) input.set(member, converted)
  }
  return Object.fromEntries(input)
}

/** A query's text as the shape wants it. An empty text is no number and no flag, but nothing. */
function convert(text: string, shape: Shape | undefined): unknown {
  if (shape?.type !== 'number' && shape?.type !== 'flag') return text
  if (text === '') return undefined
  if (shape.type === 'number') return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  return text
}

const BODILESS: readonly string[] = ['GET', 'DELETE', 'HEAD']
const PROTOBUF = /^\s*application\/(?:x-)?protobuf\b/i

function readBody(head: Head, body: Buffer): Input {
  if (BODILESS.includes(head.method)) return {}
  refuseForm(head)
  if (body.length === 0) throw new BridgeError('malformed-body', '', { as: REFINED.empty })
  return parse(body)
}

/** Any other media type is tried as JSON. */
function refuseForm({ headers }: Head): void {
  const encoding = headers['content-encoding']?.trim() ?? ''
  if (encoding !== '' && encoding.toLowerCase() !== 'identity') {
    throw refusedForm(`Bodies compressed as ${encoding} are not supported; send the body as it is.`)
  }
  if (PROTOBUF.test(headers['content-type'] ?? '')) {
    throw refusedForm('Bodies in protobuf are not supported; send application/json.')
  }
}

function refusedForm(message: string): BridgeError {
  return new BridgeError('not-supported', message, { as: REFINED.bodyForm })
}

function parse(body: Buffer): Input {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw new BridgeError('malformed-body', 'The body is not JSON.')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Input
  throw new BridgeError('malformed-body', 'The body is not a JSON object.')
}
