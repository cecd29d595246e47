// Wire → input: path, query and body become one plain input, under the vendor's names (docs:
// "Making an API Request").
//
// * What the path says holds; then the body, then the query, into which the Java SDK copies all of
//   its request once more, unencoded and with a dangling `&`. A `+` there is a plus.
// * Numbers and flags of a query are converted where the operation's shape wants such; a text that
//   is neither is left for `check` to name.
// * The body of a GET or DELETE is ignored: the Python SDK sends one.

import type { Call, Decoded, Input, Operation } from '../../core/dialect.ts'
import type { Identity } from '../../core/principals.ts'
import type { Shape } from '../../core/shape.ts'
import { readAccessKey, type Authenticate } from './authenticate.ts'
import type { Content } from '../shared/json.ts'
import { readBody } from './body.ts'
import type { Limits } from './facts.ts'
import { decodePercent, findRoute } from './routes.ts'

export interface Decoding {
  readonly operations: Readonly<Record<string, Pick<Operation, 'input'>>>
  readonly limits: Limits
  readonly authenticate: Authenticate
}

/**
 * Throws BridgeError for a call that is nobody's, where there is an `identity`, and for a path, a
 * method or a body that cannot be understood.
 */
export function decode(call: Call, decoding: Decoding, identity?: Identity): Decoded {
  const { operations, limits, authenticate } = decoding
  const { head } = call
  const principal = identity && authenticate(call, identity)
  const { operation, parameters } = findRoute(head)
  const members = operations[operation]?.input.members ?? {}
  const body = BODILESS.includes(head.method) ? NO_BODY : readBody(call, operation, limits)
  const input = { ...readQuery(head.query, members), ...body.input, ...parameters }
  const { holdsBytes } = body
  return { operation, input, caller: readAccessKey(head), principal, holdsBytes }
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
const NO_BODY: Content = { input: {}, holdsBytes: false }
