// Wire → input (docs: "Data-Service Web-API General Structure"). A call is a function named in a
// header, with JSON in its body, by POST or PUT alike; or, without that header, plain HTTP on
// objects and containers.
//
// * The body is JSON whatever its Content-Type says: clients send several, and none. An empty body
//   is an empty object. JSON in single quotes, which a sample of the vendor's sends, is taken.
// * Functions that are the vendor's and not spoken here are refused by name.

import { isUtf8 } from 'node:buffer'
import type { Call, Decoded, Head } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Identity } from '../../core/principals.ts'
import { authenticate, readUser } from './authenticate.ts'
import { contentOf, parseJson, type Content, type Parsed } from '../shared/json.ts'
import { STATE_NAME } from './items.ts'
import { elementsOf } from './names.ts'

const EXPRESSIONS = 'updates are not evaluated; PutItem with an UpdateMode sets attributes'
const OBJECTS = 'this endpoint keeps no objects but states of consumer groups (GROUP-state.json)'
const CHUNKS = 'records of streams are written by PutRecords'
const CONTAINERS = 'containers are not managed here'

/** What is the vendor's and refused on purpose, with the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  UpdateItem: EXPRESSIONS,
  PutChunk: CHUNKS,
  PutOOSObject: OBJECTS,
  DirSetAttr: OBJECTS,
  GetClusterMD: CONTAINERS,
}

/** What the vendor's pages call it; its clients have another name. */
const ALIASES: ReadonlyMap<string, string> = new Map([['seek', 'SeekShard']])

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
export function decode(call: Call, functions: readonly string[], identity?: Identity): Decoded {
  const { head, body } = call
  const principal = identity && authenticate(head, identity)
  const caller = readUser(head)
  const elements = elementsOf(head.path)
  const asked = functionOf(head)
  if (asked === undefined) return { ...decodePlain(call, elements), caller, principal }
  const operation = namedOperation(asked, head, functions)
  const { input, holdsBytes } = parse(body, operation)
  return { operation, input, caller, principal, holdsBytes }
}

function namedOperation(asked: string, { method }: Head, functions: readonly string[]): string {
  const refused = inAnyCase(Object.keys(REFUSED), asked)
  if (refused !== undefined) throw refuse(refused, REFUSED[refused])
  const operation = ALIASES.get(asked.toLowerCase()) ?? inAnyCase(functions, asked)
  if (operation === undefined) {
    throw new BridgeError('unknown-operation', `There is no function ${asked}`)
  }
  if (method === 'POST' || method === 'PUT') return operation
  throw new BridgeError('method-not-allowed', `${operation} is a POST or a PUT`)
}

type Plain = Pick<Decoded, 'operation' | 'input'>

function decodePlain(call: Call, elements: readonly string[]): Plain {
  const { method } = call.head
  if (elements.length === 0) throw refuse('GetContainers', CONTAINERS)
  const plain = Object.hasOwn(PLAIN, method) ? PLAIN[method] : undefined
  if (plain) return plain(call, elements)
  throw new BridgeError('method-not-allowed', `${method} is not a method of this API`)
}

/** Whether a target is that of an object that can be kept. */
function isState({ path }: Head, elements: readonly string[]): boolean {
  return elements.length > 2 && !path.endsWith('/') && STATE_NAME.test(elements.at(-1) ?? '')
}

const PLAIN: Readonly<Record<string, (call: Call, elements: readonly string[]) => Plain>> = {
  GET({ head }, elements) {
    if (isState(head, elements)) return { operation: 'GetObject', input: {} }
    if (elements.length > 1 && !head.path.endsWith('/')) throw refuse('GetObject', OBJECTS)
    return {
      operation: 'GetContainerContents',
      input: Object.fromEntries(new URLSearchParams(head.query)),
    }
  },
  HEAD: () => ({ operation: 'HeadObject', input: {} }),
  DELETE(_call, elements) {
    if (elements.length === 1) throw refuse('DeleteContainer', CONTAINERS)
    return { operation: 'DeleteObject', input: {} }
  },
  PUT: decodePut,
  POST: decodePut,
}

function decodePut({ head, body }: Call, elements: readonly string[]): Plain {
  if (!isState(head, elements)) throw refuse('PutObject', OBJECTS)
  if (head.headers['range'] !== undefined)
    throw refuse('PutObject', 'nothing is appended to objects')
  return { operation: 'PutObject', input: { Body: body.toString('base64') } }
}

function parse(body: Buffer, operation: string): Content {
  if (body.length === 0) return { input: {}, holdsBytes: false }
  const blobs = operation === 'PutRecords' ? 'Data' : undefined
  const parsed = isUtf8(body) ? readJson(body, blobs) : undefined
  const content = parsed && contentOf(parsed)
  if (content) return content
  throw new BridgeError('malformed-body', 'The body is not a JSON object in UTF-8')
}

/** Some samples of the vendor's are written with single quotes throughout. */
function readJson(body: Buffer, blobs: string | undefined): Parsed | undefined {
  const parsed = tryJson(body, blobs)
  if (parsed || body.includes('"')) return parsed
  return tryJson(Buffer.from(body.toString('utf8').replaceAll("'", '"')), blobs)
}

function tryJson(body: Buffer, blobs: string | undefined): Parsed | undefined {
  try {
    return parseJson(body, blobs)
  } catch {
    return undefined
  }
}
