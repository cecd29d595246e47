// AWS Signature Version 4 (docs: "Create a signed AWS API request"): what is signed, and with which
// key. What is accepted, and in which words it is refused, is its dialect's.
//
// * Paths are normalised and encoded once more than they were sent, as for every service but S3.
// * `host` is what the client sent it as: over HTTP/2 that is `:authority`, which JavaScript's SDK signs
//   under that name and those of Java and Go as `host`.

import type { Call, Head } from '../../core/dialect.ts'
import type { SigningKey } from '../../core/principals.ts'
import { collapseBlanks, encodeSorted, encodeStrictly, hmac, parametersOf } from './canonical.ts'
import { isSameHex, sha256Hex } from './canonical.ts'

export const SIGV4 = 'AWS4-HMAC-SHA256'
export const SIGNATURE_PARAMETER = 'X-Amz-Signature'
export const TERMINATOR = 'aws4_request'

export interface Scope {
  /** yyyymmdd */
  readonly date: string
  readonly region: string
  readonly service: string
}

export interface Signature {
  readonly scope: Scope
  /** yyyymmddThhmmssZ */
  readonly time: string
  /** Lower case, in the order signed. */
  readonly signedHeaders: readonly string[]
  /** Lower-case hexadecimal. */
  readonly hex: string
}

/** Whether a call was signed so, with this key. */
export type IsSigned = (call: Call, signature: Signature, key: SigningKey) => boolean

/** Keys of so many scopes are kept for each secret; regions are anybody's to invent. */
const SCOPES_MAX = 16

export function createSigV4(): IsSigned {
  const derived = new WeakMap<SigningKey, Map<string, Buffer>>()

  function keyFor(key: SigningKey, { date, region, service }: Scope): Buffer {
    const keys = derived.get(key) ?? new Map<string, Buffer>()
    derived.set(key, keys)
    const scope = `${date}/${region}/${service}`
    const known = keys.get(scope)
    if (known) return known
    const made = [date, region, service, TERMINATOR].reduce<string | Buffer>(
      hmac,
      `AWS4${key.secret}`,
    ) as Buffer
    const [oldest] = keys.keys()
    if (keys.size >= SCOPES_MAX && oldest !== undefined) keys.delete(oldest)
    keys.set(scope, made)
    return made
  }

  return function isSigned(call, signature, key) {
    const payload = payloadHash(call)
    if (payload === undefined) return false
    const { date, region, service } = signature.scope
    const canonical = canonicalRequest(call.head, signature.signedHeaders, payload)
    const text = [
      SIGV4,
      signature.time,
      [date, region, service, TERMINATOR].join('/'),
      sha256Hex(canonical),
    ].join('\n')
    return isSameHex(signature.hex, hmac(keyFor(key, signature.scope), text))
  }
}

/** The hash that is signed; nothing where the one that was sent is another than the body's. */
function payloadHash({ head, body }: Call): string | undefined {
  const sent = head.headers['x-amz-content-sha256']
  const actual = sha256Hex(body)
  if (sent === undefined) return actual
  return sent.toLowerCase() === actual ? sent : undefined
}

function canonicalRequest(head: Head, signedHeaders: readonly string[], payload: string): string {
  const parameters = parametersOf(head.query).filter(([name]) => name !== SIGNATURE_PARAMETER)
  return [
    head.method,
    canonicalPath(head.path),
    encodeSorted(parameters)
      .map(([name, value]) => `${name}=${value}`)
      .join('&'),
    ...signedHeaders.map((name) => `${name}:${collapseBlanks(headerOf(head, name))}`),
    '',
    signedHeaders.join(';'),
    payload,
  ].join('\n')
}

function canonicalPath(path: string): string {
  const kept: string[] = []
  for (const element of path.split('/')) {
    if (element === '..') kept.pop()
    else if (element !== '' && element !== '.') kept.push(encodeStrictly(element))
  }
  return `/${kept.join('/')}${kept.length > 0 && path.endsWith('/') ? '/' : ''}`
}

function headerOf({ headers }: Head, name: string): string {
  const host = headers['host'] ?? headers[':authority'] ?? ''
  if (name === 'host') return host
  if (name === ':authority') return headers[':authority'] ?? host
  return headers[name] ?? ''
}
