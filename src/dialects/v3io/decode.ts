// Wire → input (docs: "Data-Service Web-API General Structure"). A call is a function named in a
// header, with JSON in its body, by POST or PUT alike; or, without that header, plain HTTP on
// objects and containers.
//
// * The body is JSON whatever its Content-Type says: clients send several, and none. An empty body
//   is an empty object.
// * Functions that are the vendor's and not spoken here are refused by name.

import { isUtf8 } from 'node:buffer'
import type { Call, Decoded, Head, Input } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Identity } from '../../core/principals.ts'
import { authenticate, readUser } from './authenticate.ts'
import { elementsOf } from './names.ts'

const READS = 'streams are read from Kafka'
const ITEMS = 'this endpoint keeps no items'
const OBJECTS = 'this endpoint keeps no objects'
const CONTAINERS = 'containers are not managed here'

/** What is the vendor's and refused on purpose, with the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  Seek: READS,
  SeekShard: READS,
  GetRecords: READS,
  GetItem: ITEMS,
  GetItems: ITEMS,
  PutItem: ITEMS,
  UpdateItem: ITEMS,
  PutChunk: OBJECTS,
  PutOOSObject: OBJECTS,
  GetClusterMD: CONTAINERS,
}

/** The function that a call names; absent: it is about objects. */
export function functionOf({ headers }: Head): string | undefined {
  const name = headers['x-v3io-function']?.trim()
  return name === '' ? undefined : name
}

function refuse(name: string, why: string | undefined = ''): BridgeError {
  return new BridgeError('not-supported', `${name} is not supported here: ${why}`)
}

function inAnyCase(names: readonly string[], wanted: string): string | undefined {
  return names.find((name) => name.toLowerCase() === wanted.toLowerCase())
}

/** `functions`: the names of those that are spoken. Throws BridgeError, first for a call that is nobody's. */
export function decode(
  { head, body }: Call,
  functions: readonly string[],
  identity?: Identity,
): Decoded {
  const principal = identity && authenticate(head, identity)
  const caller = readUser(head)
  const elements = elementsOf(head.path)
  const asked = functionOf(head)
  if (asked === undefined) return { ...decodePlain(head, elements), caller, principal }
  const operation = namedOperation(asked, head, functions)
  return { operation, input: parse(body), caller, principal }
}

function namedOperation(asked: string, { method }: Head, functions: readonly string[]): string {
  const refused = inAnyCase(Object.keys(REFUSED), asked)
  if (refused !== undefined) throw refuse(refused, REFUSED[refused])
  const operation = inAnyCase(functions, asked)
  if (operation === undefined) {
    throw new BridgeError('unknown-operation', `There is no function ${asked}`)
  }
  if (method === 'POST' || method === 'PUT') return operation
  throw new BridgeError('method-not-allowed', `${operation} is a POST or a PUT`)
}

type Plain = Pick<Decoded, 'operation' | 'input'>

function decodePlain(head: Head, elements: readonly string[]): Plain {
  if (elements.length === 0) throw refuse('GetContainers', CONTAINERS)
  const plain = Object.hasOwn(PLAIN, head.method) ? PLAIN[head.method] : undefined
  if (plain) return plain(head, elements)
  throw new BridgeError('method-not-allowed', `${head.method} is not a method of this API`)
}

const PLAIN: Readonly<Record<string, (head: Head, elements: readonly string[]) => Plain>> = {
  GET({ path, query }, elements) {
    if (elements.length > 1 && !path.endsWith('/')) throw refuse('GetObject', OBJECTS)
    const prefix = new URLSearchParams(query).get('prefix')
    return { operation: 'GetContainerContents', input: prefix === null ? {} : { prefix } }
  },
  HEAD: () => ({ operation: 'HeadObject', input: {} }),
  DELETE(_head, elements) {
    if (elements.length === 1) throw refuse('DeleteContainer', CONTAINERS)
    return { operation: 'DeleteObject', input: {} }
  },
  PUT: refusePut,
  POST: refusePut,
}

function refusePut(): never {
  throw refuse('PutObject', OBJECTS)
}

function parse(body: Buffer): Input {
  if (body.length === 0) return {}
  const value = isUtf8(body) ? parseJson(body.toString('utf8')) : undefined
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Input
  throw new BridgeError('malformed-body', 'The body is not a JSON object in UTF-8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
