// The four signatures of DIS clients (their signers: huaweicloud-sdk-java-dis, -python-dis 2.0.8,
// huaweicloud-sdk-*-v3 core): what is signed, and with which key.
//
//   A  SDK-HMAC-SHA256 Credential=AK/date/region/dis/sdk_request   a chain of HMACs over the SK
//   B  V11-HMAC-SHA256 Credential=AK/date/region/dis/sdk_request   the same over a derived key
//   C  SDK-HMAC-SHA256 Access=AK                                   the SK itself
//   D  V11-HMAC-SHA256 Credential=AK/date/region/dis               the derived key itself
//
// * The clients agree on no canonical form: the path ends in a slash that need not be on the wire,
//   Python leaves the port out of the host, and the `=` away from empty values, Go has a `+` for a blank,
//   Java encodes what it sent unencoded. Each form that the request allows is tried.
// * The body's hash is that of its raw bytes, whatever X-Sdk-Content-Sha256 says (Go sends that of an
//   empty body always), but for the literal UNSIGNED-PAYLOAD, which the version 3 SDKs sign.

import type { Call, Head } from '../../core/dialect.ts'
import type { SigningKey } from '../../core/principals.ts'
import {
  collapseBlanks,
  encodeSorted,
  encodeStrictly,
  decodeGently,
  hmac,
  isSameHex,
  parametersOf,
  sha256Hex,
} from '../shared/canonical.ts'
import { createMacs } from '../shared/macs.ts'

export const SDK = 'SDK-HMAC-SHA256'
export const V11 = 'V11-HMAC-SHA256'
export const TERMINATOR = 'sdk_request'

export interface Scope {
  /** yyyymmdd */
  readonly date: string
  readonly region: string
  readonly service: string
  /** Whether `sdk_request` ends it. */
  readonly terminated: boolean
}

export interface Signature {
  readonly algorithm: typeof SDK | typeof V11
  readonly keyId: string
  /** Absent in form C. */
  readonly scope: Scope | undefined
  /** yyyymmddThhmmssZ */
  readonly time: string
  /** Lower case, in the order signed. */
  readonly signedHeaders: readonly string[]
  /** Lower-case hexadecimal. */
  readonly hex: string
}

/** Whether a call was signed so, with this key. */
export type IsSigned = (call: Call, signature: Signature, key: SigningKey) => boolean

export function createSignatures(): IsSigned {
  const macOf = createMacs(deriveKey)

  return function isSigned(call, { algorithm, time, scope, signedHeaders, hex }, key) {
    const scopeText = scope ? showScope(scope) : ''
    const mac = macOf(key, `${algorithm} ${scopeText}`)
    const start = scope ? `${algorithm}\n${time}\n${scopeText}` : `${algorithm}\n${time}`
    for (const canonical of canonicalRequests(call, signedHeaders)) {
      if (isSameHex(hex, mac(`${start}\n${sha256Hex(canonical)}`))) return true
    }
    return false
  }
}

function showScope({ date, region, service, terminated }: Scope): string {
  return `${date}/${region}/${service}${terminated ? `/${TERMINATOR}` : ''}`
}

/** `purpose`: an algorithm and a scope, where there is one. */
function deriveKey({ id, secret }: SigningKey, purpose: string): string | Buffer {
  const [algorithm, scope = ''] = purpose.split(' ')
  if (scope === '') return secret
  const elements = scope.split('/')
  const place = elements.slice(0, 3).join('/')
  const own = algorithm === V11 ? derive(id, secret, place) : secret
  return elements.length > 3 ? elements.reduce<string | Buffer>(hmac, `SDK${own}`) : own
}

/** HKDF with SHA-256 (RFC 5869), one block, as hexadecimal text. */
function derive(keyId: string, secret: string, place: string): string {
  return hmac(hmac(keyId, secret), Buffer.from(`${place}\x01`)).toString('hex')
}

function* canonicalRequests(
  { head, body }: Call,
  signedHeaders: readonly string[],
): Generator<string> {
  const unsigned = head.headers['x-sdk-content-sha256'] === UNSIGNED
  const payload = unsigned ? UNSIGNED : sha256Hex(body)
  for (const host of hostsOf(head, signedHeaders)) {
    const headers = signedHeaders.map((name) => {
      const value = name === 'host' ? host : (head.headers[name] ?? '')
      return `${name}:${collapseBlanks(value)}`
    })
    const end = [...headers, '', signedHeaders.join(';'), payload].join('\n')
    for (const path of pathsOf(head.path)) {
      for (const query of queriesOf(head.query)) {
        yield `${head.method}\n${path}\n${query}\n${end}`
      }
    }
  }
}

const UNSIGNED = 'UNSIGNED-PAYLOAD'

function hostsOf({ headers }: Head, signedHeaders: readonly string[]): Iterable<string> {
  const host = headers['host'] ?? headers[':authority'] ?? ''
  return signedHeaders.includes('host') ? new Set([host, host.replace(/:\d+$/, '')]) : [host]
}

/** As most clients sign it first: the others are made where it is none. */
function* pathsOf(path: string): Generator<string> {
  const whole = path.endsWith('/') ? path : `${path}/`
  yield whole
  const elements = whole.split('/')
  const others = new Set([
    elements.map(encodeStrictly).join('/'),
    elements.map((element) => encodeStrictly(decodeGently(element))).join('/'),
  ])
  others.delete(whole)
  yield* others
}

function queriesOf(query: string): Iterable<string> {
  if (query === '') return ['']
  const decoded = encodeSorted(parametersOf(query))
  const asSent = encodeSorted(parametersOf(query.replaceAll('%', '%25')))
  const forms = encodeSorted(parametersOf(query.replaceAll('+', '%20'))).map(
    ([name, value]): [string, string] => [blanksAsPlus(name), blanksAsPlus(value)],
  )
  return new Set(
    [decoded, asSent, forms].flatMap((parameters) => [join(parameters), joinShort(parameters)]),
  )
}

function blanksAsPlus(encoded: string): string {
  return encoded.replaceAll('%20', '+')
}

function join(parameters: readonly (readonly [string, string])[]): string {
  return parameters.map(([name, value]) => `${name}=${value}`).join('&')
}

function joinShort(parameters: readonly (readonly [string, string])[]): string {
  return parameters.map(([name, value]) => (value === '' ? name : `${name}=${value}`)).join('&')
}
