// Whose call it is: one of four signatures, or a token (docs: "Authentication"; "Error Codes" DIS.4100
// to DIS.4114, all of them HTTP 441, which no agent takes for a reason to throw data away).
//
// * The date must be signed and at most fifteen minutes from ours; the host need not be: the version 3
//   SDK for Go leaves it out.
// * X-Security-Token is taken as it comes: temporary keys are listed like others.
// * Without an identity any or no credentials will do: their form is read for the access key, and
//   nothing is refused.

import type { Call, Head } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Identity, Principal } from '../../core/principals.ts'
import type { AuthenticationCode } from './encode.ts'
import { isSigned, SDK, TERMINATOR, V11, type Scope, type Signature } from './signature.ts'

/** The access key of a call, where one is named. */
export function readAccessKey({ headers }: Head): string | undefined {
  return /\b(?:Credential|Access)=([^/,\s]+)/.exec(headers['authorization'] ?? '')?.[1]
}

const KEYS = 'dis'
const TOKEN = 'token'
const SERVICE = 'dis'
const SKEW_MS = 900_000

function refusal(code: AuthenticationCode, message = ''): BridgeError {
  return new BridgeError('not-authenticated', message, { as: code })
}

/** Throws BridgeError `not-authenticated`. */
export function authenticate(call: Call, identity: Identity): Principal {
  const { headers } = call.head
  const header = headers['authorization']
  if (header === undefined || header === '') return holderOf(headers['x-auth-token'], identity)
  const signature = readSignature(header, headers['x-sdk-date'])
  refuseTime(signature, call.receivedAtMs)
  const key = identity.keyOf(KEYS, signature.keyId)
  if (!key) throw refusal('DIS.4107')
  if (!isSigned(call, signature, key.secret)) throw refusal('DIS.4112')
  return key.principal
}

function holderOf(token: string | undefined, identity: Identity): Principal {
  if (token === undefined) throw refusal('DIS.4101')
  if (token === '') throw refusal('DIS.4113')
  const principal = identity.bearerOf(TOKEN, token)
  if (!principal) throw refusal('DIS.4114')
  return principal
}

function readSignature(header: string, time = ''): Signature {
  const { algorithm, parts } = readParts(header)
  const [credential, signedHeaders, hex] = threeOf(parts)
  if (hex === '') throw refusal('DIS.4110')
  const [keyId = '', ...scope] = credential.split('/')
  if (keyId === '') throw refusal('DIS.4106')
  if (time === '') throw refusal('DIS.4103')
  return {
    algorithm,
    keyId,
    scope: parts.has('Credential') ? readScope(scope, time) : undefined,
    time,
    signedHeaders: signedHeaders.toLowerCase().split(';'),
    hex,
  }
}

function threeOf(parts: ReadonlyMap<string, string>): [string, string, string] {
  const credential = parts.get('Credential') ?? parts.get('Access')
  const signedHeaders = parts.get('SignedHeaders')
  const hex = parts.get('Signature')
  if (credential === undefined || signedHeaders === undefined || hex === undefined) {
    throw refusal('DIS.4109')
  }
  return [credential, signedHeaders, hex]
}

const ALGORITHMS = [SDK, V11] as const

function readParts(header: string) {
  const [name, ...tokens] = header.split(/[\s,]+/).filter((token) => token !== '')
  const algorithm = ALGORITHMS.find((known) => known === name)
  const pairs = tokens.map((token) => /^(\w+)=(.*)$/s.exec(token))
  if (algorithm === undefined || pairs.includes(null)) throw refusal('DIS.4102')
  return {
    algorithm,
    parts: new Map(pairs.map((pair): [string, string] => [pair?.[1] ?? '', pair?.[2] ?? ''])),
  }
}

function readScope(elements: readonly string[], time: string): Scope {
  const [date = '', region = '', service = '', terminator] = elements
  if (service !== SERVICE) throw refusal('DIS.4108')
  if (region === '') throw refusal('DIS.4111')
  if (elements.length > 4 || (terminator ?? TERMINATOR) !== TERMINATOR) throw refusal('DIS.4102')
  if (date !== time.slice(0, 8)) throw refusal('DIS.4105', 'The credential is of another day.')
  return { date, region, service, terminated: terminator !== undefined }
}

function refuseTime({ time, signedHeaders }: Signature, nowMs: number): void {
  const [, day = '', clock = ''] = /^(\d{8})T(\d{6})Z$/.exec(time) ?? []
  const timeMs = Date.parse(
    `${day.replace(/(....)(..)(..)/, '$1-$2-$3')}T${clock.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`,
  )
  if (Number.isNaN(timeMs)) throw refusal('DIS.4104')
  if (Math.abs(timeMs - nowMs) > SKEW_MS) {
    throw refusal('DIS.4105', 'It is more than 15 minutes from now.')
  }
  if (!signedHeaders.includes('x-sdk-date')) throw refusal('DIS.4105', 'It is not signed.')
}
