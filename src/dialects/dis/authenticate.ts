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
import { createMemo } from '../../core/memo.ts'
import type { Identity, Principal } from '../../core/principals.ts'
import { createAuthorizationReader, type Authorization } from '../shared/authorization.ts'
import type { AuthenticationCode } from './encode.ts'
import { createSignatures, SDK, TERMINATOR, V11 } from './signature.ts'
import type { Scope, Signature } from './signature.ts'

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
export type Authenticate = (call: Call, identity: Identity) => Principal

/** Clients whose clocks differ by as many seconds sign alike within one. */
const TIMES_MAX = 64

export function createAuthentication(): Authenticate {
  const isSigned = createSignatures()
  const readAuthorization = createAuthorizationReader(PAIR)
  const timeOf = createMemo(readTime, TIMES_MAX)

  return function authenticate(call, identity) {
    const { headers } = call.head
    const header = headers['authorization']
    if (header === undefined || header === '') return holderOf(headers['x-auth-token'], identity)
    const signature = readSignature(readAuthorization(header), headers['x-sdk-date'])
    refuseTime(signature, timeOf(signature.time), call.receivedAtMs)
    const key = identity.keyOf(KEYS, signature.keyId)
    if (!key) throw refusal('DIS.4107')
    if (!isSigned(call, signature, key)) throw refusal('DIS.4112')
    return key.principal
  }
}

function holderOf(token: string | undefined, identity: Identity): Principal {
  if (token === undefined) throw refusal('DIS.4101')
  if (token === '') throw refusal('DIS.4113')
  const principal = identity.bearerOf(TOKEN, token)
  if (!principal) throw refusal('DIS.4114')
  return principal
}

const ALGORITHMS = [SDK, V11] as const
const PAIR = /^\w+=/

function readSignature(authorization: Authorization, time = ''): Signature {
  const { parts } = authorization
  const algorithm = ALGORITHMS.find((known) => known === parts.algorithm)
  if (algorithm === undefined || parts.broken !== undefined) throw refusal('DIS.4102')
  const { credential, hex } = neededOf(authorization)
  if (hex === '') throw refusal('DIS.4110')
  const [keyId = '', ...elements] = credential.split('/')
  if (keyId === '') throw refusal('DIS.4106')
  if (time === '') throw refusal('DIS.4103')
  const scope = parts.credential === undefined ? undefined : readScope(elements, time)
  return { algorithm, keyId, scope, time, signedHeaders: parts.names, hex }
}

function neededOf({ parts, signature: hex }: Authorization) {
  const { access, credential = access, signedHeaders } = parts
  if (credential === undefined || signedHeaders === undefined || hex === undefined) {
    throw refusal('DIS.4109')
  }
  return { credential, hex }
}

function readScope(elements: readonly string[], time: string): Scope {
  const [date = '', region = '', service = '', terminator] = elements
  if (service !== SERVICE) throw refusal('DIS.4108')
  if (region === '') throw refusal('DIS.4111')
  if (elements.length > 4 || (terminator ?? TERMINATOR) !== TERMINATOR) throw refusal('DIS.4102')
  if (date !== time.slice(0, 8)) throw refusal('DIS.4105', 'The credential is of another day.')
  return { date, region, service, terminated: terminator !== undefined }
}

function readTime(time: string): number {
  const [, day = '', clock = ''] = /^(\d{8})T(\d{6})Z$/.exec(time) ?? []
  return Date.parse(
    `${day.replace(/(....)(..)(..)/, '$1-$2-$3')}T${clock.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`,
  )
}

function refuseTime({ signedHeaders }: Signature, timeMs: number, nowMs: number): void {
  if (Number.isNaN(timeMs)) throw refusal('DIS.4104')
  if (Math.abs(timeMs - nowMs) > SKEW_MS) {
    throw refusal('DIS.4105', 'It is more than 15 minutes from now.')
  }
  if (!signedHeaders.includes('x-sdk-date')) throw refusal('DIS.4105', 'It is not signed.')
}
