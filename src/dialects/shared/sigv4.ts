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
import { createMacs } from './macs.ts'

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

export function createSigV4(): IsSigned {
  const macOf = createMacs(deriveKey)

  return function isSigned(call, signature, key) {
    const payload = payloadHash(call)
    if (payload === undefined) return false
    const { scope, time, signedHeaders, hex } = signature
    const canonical = canonicalRequest(call.head, signedHeaders, payload)
    const purpose = `${scope.date}/${scope.region}/${scope.service}/${TERMINATOR}`
    const text = `${SIGV4}\n${time}\n${purpose}\n${sha256Hex(canonical)}`
    return isSameHex(hex, macOf(key, purpose)(text))
  }
}

function deriveKey({ secret }: SigningKey, purpose: string): string | Buffer {
  return purpose.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`)
}

/** The hash that is signed; nothing where the one that was sent is another than the body's. */
function payloadHash({ head, body }: Call): string | undefined {
  const sent = head.headers['x-amz-content-sha256']
  const actual = sha256Hex(body)
  if (sent === undefined) return actual
  return sent.toLowerCase() === actual ? sent : undefined
}

function canonicalRequest(head: Head, signedHeaders: readonly string[], payload: string): string {
  let headers = ''
  for (const name of signedHeaders) headers += `${name}:${collapseBlanks(headerOf(head, name))}\n`
  const request = `${head.method}\n${canonicalPath(head.path)}\n${canonicalQuery(head.query)}`
  return `${request}\n${headers}\n${signedHeaders.join(';')}\n${payload}`
}

function canonicalQuery(query: string): string {
  if (query === '') return ''
  const parameters = parametersOf(query).filter(([name]) => name !== SIGNATURE_PARAMETER)
  return encodeSorted(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function canonicalPath(path: string): string {
  if (path === '/') return path
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
