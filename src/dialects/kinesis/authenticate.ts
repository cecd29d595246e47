// Whose call it is: AWS Signature Version 4 in its header or its query form, or a token where the
// dialect takes such (docs: "Signing AWS API requests"). The order of the checks is the front end's.
//
// * The host, the date and the operation must be signed, so that nothing of a signed call can be used
//   for another.
// * The signature's time may be five minutes from ours, the service's own limit; a signature in the
//   query may say how long it lives.
// * Without an identity any or no credentials will do: their form is read for the access key id and the
//   region that ARNs name, and nothing is refused.

import type { Call, Head } from '../../core/dialect.ts'
import type { Identity, Principal } from '../../core/principals.ts'
import { createSigV4, SIGV4, TERMINATOR, type IsSigned } from '../shared/sigv4.ts'
import type { Refusals } from './refusals.ts'
import { createSignatureReader, formatTime } from './signature.ts'
import type { Signed, SignatureReader } from './signature.ts'

export interface Credential {
  readonly accessKeyId: string
  readonly region: string | undefined
}

/** The key id, and the region where a scope follows. */
const CREDENTIAL = /Credential=(?=[^,\s])([^,\s/]*)(?:\/[^,\s/]*\/([^,\s/]*))?/

/** The credential scope of a call, in whichever form it is there. */
export function readCredential({ headers, query }: Head): Credential | undefined {
  const { authorization = '' } = headers
  if (authorization === '' && query === '') return undefined
  const [, accessKeyId, region] = CREDENTIAL.exec(authorization) ?? inQuery(query) ?? []
  return accessKeyId === undefined ? undefined : { accessKeyId, region }
}

function inQuery(query: string): RegExpExecArray | null {
  const text = query === '' ? null : new URLSearchParams(query).get('X-Amz-Credential')
  return text === null ? null : CREDENTIAL.exec(`Credential=${text}`)
}

export interface Rules {
  readonly refusals: Refusals
  /** The token of a call that is not signed, where the dialect takes such. */
  readonly tokenOf?: (head: Head) => string | undefined
}

/** Throws BridgeError `not-authenticated`. */
export type Authenticate = (call: Call, identity: Identity) => Principal

const SERVICE = 'kinesis'
const AWS = 'aws'
const TOKEN = 'token'

const SKEW_MS = 300_000
const MINUTE_MS = 60_000

export function createAuthentication({ refusals, tokenOf }: Rules): Authenticate {
  const means = {
    refusals,
    readSignature: createSignatureReader(refusals),
    isSigned: createSigV4(),
  }
  return function authenticate(call, identity) {
    const token = tokenOf?.(call.head)
    if (token === undefined) return verify(call, identity, means)
    const principal = identity.bearerOf(TOKEN, token)
    if (!principal) throw refusals.token()
    return principal
  }
}

interface Means {
  readonly refusals: Refusals
  readonly readSignature: SignatureReader
  readonly isSigned: IsSigned
}

function verify(call: Call, identity: Identity, means: Means): Principal {
  const { refusals, readSignature, isSigned } = means
  const signed = readSignature(call.head)
  refuseTime(signed, call.receivedAtMs, refusals)
  refuseUnsigned(signed, call.head, refusals)
  if (signed.algorithm !== SIGV4) throw refusals.algorithm(signed.algorithm)
  const { keyId, scope } = readScope(signed, refusals)
  const key = identity.keyOf(AWS, keyId)
  if (!key) throw refusals.unknownKey()
  const { time, signedHeaders, signature: hex } = signed
  if (!isSigned(call, { scope, time, signedHeaders, hex }, key)) throw refusals.mismatch()
  // The token is no secret from whoever signed with the key it belongs to.
  if (signed.sessionToken !== key.sessionToken) throw refusals.sessionToken()
  return key.principal
}

function refuseTime({ time, timeMs, livesMs }: Signed, nowMs: number, refusals: Refusals): void {
  const pastMs = livesMs ?? SKEW_MS
  if (timeMs < nowMs - pastMs) {
    const times = [time, formatTime(nowMs - pastMs), formatTime(nowMs)]
    throw refusals.expired(times, Math.floor(pastMs / MINUTE_MS))
  }
  if (timeMs > nowMs + SKEW_MS) {
    const times = [time, formatTime(nowMs + SKEW_MS), formatTime(nowMs)]
    throw refusals.early(times, SKEW_MS / MINUTE_MS)
  }
}

/** How messages name headers that must be signed. */
const SHOWN: Readonly<Record<string, string>> = {
  'x-amz-date': "'X-Amz-Date'",
  date: "'Date'",
}

function refuseUnsigned(
  { signedHeaders, timeHeader }: Signed,
  head: Head,
  refusals: Refusals,
): void {
  if (!signedHeaders.includes('host') && !signedHeaders.includes(':authority')) {
    throw refusals.headerUnsigned("'Host' or ':authority'")
  }
  if (timeHeader !== undefined && !signedHeaders.includes(timeHeader)) {
    throw refusals.headerUnsigned(SHOWN[timeHeader] ?? timeHeader)
  }
  if (head.headers['x-amz-target'] !== undefined && !signedHeaders.includes('x-amz-target')) {
    throw refusals.headerUnsigned("'X-Amz-Target'")
  }
}

function readScope({ credential, time }: Signed, refusals: Refusals) {
  const elements = credential.split('/')
  const [keyId = '', date = '', region = '', service = ''] = elements
  if (elements.length !== 5) throw refusals.credential(credential)
  const wanted = `${keyId}/${time.slice(0, 8)}/${region}/${SERVICE}/${TERMINATOR}`
  if (credential !== wanted || region === '') throw refusals.scope(findingsIn(elements, time))
  return { keyId, scope: { date, region, service } }
}

/** What is wrong with the elements of a credential. */
function findingsIn(elements: readonly string[], time: string): readonly string[] {
  const [, date = '', region = '', service = '', terminator = ''] = elements
  const day = time.slice(0, 8)
  const rules: readonly (readonly [holds: boolean, otherwise: string])[] = [
    [region !== '', `Credential should be scoped to a valid region, not '${region}'.`],
    [service === SERVICE, `Credential should be scoped to correct service: '${SERVICE}'.`],
    [
      terminator === TERMINATOR,
      `Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${terminator}'.`,
    ],
    [
      date === day,
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${day}', from '${time}'.`,
    ],
  ]
  return rules.flatMap(([holds, otherwise]) => (holds ? [] : otherwise))
}
