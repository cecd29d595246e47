// The two forms of a signature on the wire, in the header and in the query → one. What is wrong with
// the form itself is refused here, in the front end's order.

import type { Head } from '../../core/dialect.ts'
import { createMemo } from '../../core/memo.ts'
import { createAuthorizationReader, namesOf, type Authorization } from '../shared/authorization.ts'
import { parametersOf } from '../shared/canonical.ts'
import { SIGNATURE_PARAMETER } from '../shared/sigv4.ts'
import type { Refusals } from './refusals.ts'

interface Time {
  /** yyyymmddThhmmssZ, and the same in milliseconds since 1970. */
  readonly time: string
  readonly timeMs: number
}

export interface Signed extends Time {
  readonly algorithm: string
  readonly credential: string
  readonly signature: string
  readonly signedHeaders: readonly string[]
  /** The header that the time stands in; nothing where it is a parameter, and so signed. */
  readonly timeHeader: string | undefined
  readonly sessionToken: string | undefined
  /** How long it may be used, where the query says so. */
  readonly livesMs: number | undefined
}

/** Seven days: what AWS allows. */
const LIVES_S_MAX = 604_800

/** Throws BridgeError `not-authenticated`. */
export type SignatureReader = (head: Head) => Signed

/** Clients whose clocks differ by as many seconds sign alike within one. */
const TIMES_MAX = 64

interface Means {
  readonly refusals: Refusals
  readonly timeOf: (text: string) => Time
  readonly readAuthorization: (header: string) => Authorization
}

export function createSignatureReader(refusals: Refusals): SignatureReader {
  const means: Means = {
    refusals,
    timeOf: createMemo((text) => readTime(text, refusals), TIMES_MAX),
    readAuthorization: createAuthorizationReader(/=/),
  }
  return function readSignature(head) {
    const header = head.headers['authorization']
    if (head.query !== '') {
      const query = new Map(parametersOf(head.query))
      const isQuery = query.has('X-Amz-Algorithm')
      if (isQuery && header !== undefined) throw refusals.both()
      if (isQuery) return fromQuery(query, means)
    }
    if (!header) throw refusals.unsigned()
    return fromHeader(head, header, means)
  }
}

function fromHeader({ headers }: Head, header: string, means: Means): Signed {
  const { refusals, timeOf, readAuthorization } = means
  const { parts, signature } = readAuthorization(header)
  const { algorithm, broken, credential, signedHeaders, names } = parts
  if (broken !== undefined) throw refusals.noPair(broken, header)
  const timeHeader = headers['x-amz-date'] === undefined ? 'date' : 'x-amz-date'
  const date = headers[timeHeader]
  if (!credential || !signature || !signedHeaders || date === undefined) {
    const needed = { Credential: credential, Signature: signature, SignedHeaders: signedHeaders }
    const missing = Object.entries(needed).flatMap(([name, value]) => (value ? [] : name))
    throw refusals.incompleteHeader(missing, date !== undefined, header)
  }
  const { time, timeMs } = timeOf(date)
  return {
    algorithm,
    credential,
    signature,
    signedHeaders: names,
    time,
    timeMs,
    timeHeader,
    sessionToken: headers['x-amz-security-token'],
    livesMs: undefined,
  }
}

const QUERY_PARTS = [
  ...['X-Amz-Algorithm', 'X-Amz-Credential', SIGNATURE_PARAMETER],
  ...['X-Amz-SignedHeaders', 'X-Amz-Date'],
]

function fromQuery(query: ReadonlyMap<string, string>, { refusals, timeOf }: Means): Signed {
  const missing = QUERY_PARTS.filter((name) => !query.get(name))
  if (missing.length > 0) throw refusals.incompleteQuery(missing)
  const part = (name: string): string => query.get(name) ?? ''
  const lives = part('X-Amz-Expires')
  const isCredible = /^\d{1,6}$/.test(lives) && Number(lives) <= LIVES_S_MAX
  return {
    algorithm: part('X-Amz-Algorithm'),
    credential: part('X-Amz-Credential'),
    signature: part(SIGNATURE_PARAMETER),
    signedHeaders: namesOf(part('X-Amz-SignedHeaders')),
    ...timeOf(part('X-Amz-Date')),
    timeHeader: undefined,
    sessionToken: query.get('X-Amz-Security-Token'),
    livesMs: isCredible ? Number(lives) * 1000 : undefined,
  }
}

/** The basic format, or, in a Date header, what HTTP has for dates. */
function readTime(text: string, refusals: Refusals): Time {
  const basic = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  const timeMs = Date.parse(
    basic ? text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z') : httpDate(text),
  )
  if (Number.isNaN(timeMs)) throw refusals.date(text)
  return { time: formatTime(timeMs), timeMs }
}

function httpDate(text: string): string {
  return /^[A-Z][a-z]{2}, \d/.test(text) ? text : ''
}

/** yyyymmddThhmmssZ */
export function formatTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}
