// The two forms of a signature on the wire, in the header and in the query → one. What is wrong with
// the form itself is refused here, in the front end's order.

import type { Head } from '../../core/dialect.ts'
import { parametersOf } from '../shared/canonical.ts'
import { SIGNATURE_PARAMETER } from '../shared/sigv4.ts'
import type { Refusals } from './refusals.ts'

export interface Signed {
  readonly algorithm: string
  readonly credential: string
  readonly signature: string
  readonly signedHeaders: readonly string[]
  /** yyyymmddThhmmssZ, and the same in milliseconds since 1970. */
  readonly time: string
  readonly timeMs: number
  /** The header that the time stands in; nothing where it is a parameter, and so signed. */
  readonly timeHeader: string | undefined
  readonly sessionToken: string | undefined
  /** How long it may be used, where the query says so. */
  readonly livesMs: number | undefined
}

/** Seven days: what AWS allows. */
const LIVES_S_MAX = 604_800

/** Throws BridgeError `not-authenticated`. */
export function readSignature(head: Head, refusals: Refusals): Signed {
  const header = head.headers['authorization']
  const query = new Map(parametersOf(head.query))
  const isQuery = query.has('X-Amz-Algorithm')
  if (isQuery && header !== undefined) throw refusals.both()
  if (isQuery) return fromQuery(query, refusals)
  if (!header) throw refusals.unsigned()
  return fromHeader(head, header, refusals)
}

const HEADER_PARTS = ['Credential', 'Signature', 'SignedHeaders']

function fromHeader({ headers }: Head, header: string, refusals: Refusals): Signed {
  const [algorithm = '', ...tokens] = header.split(/[\s,]+/).filter((token) => token !== '')
  const parts = new Map<string, string>()
  for (const token of tokens) {
    const equals = token.indexOf('=')
    if (equals < 0) throw refusals.noPair(token, header)
    parts.set(token.slice(0, equals), token.slice(equals + 1))
  }
  const timeHeader = headers['x-amz-date'] === undefined ? 'date' : 'x-amz-date'
  const date = headers[timeHeader]
  const missing = HEADER_PARTS.filter((name) => !parts.get(name))
  if (missing.length > 0 || date === undefined) {
    throw refusals.incompleteHeader(missing, date !== undefined, header)
  }
  return {
    algorithm,
    credential: parts.get('Credential') ?? '',
    signature: parts.get('Signature') ?? '',
    signedHeaders: namesOf(parts.get('SignedHeaders')),
    ...readTime(date, refusals),
    timeHeader,
    sessionToken: headers['x-amz-security-token'],
    livesMs: undefined,
  }
}

const QUERY_PARTS = [
  ...['X-Amz-Algorithm', 'X-Amz-Credential', SIGNATURE_PARAMETER],
  ...['X-Amz-SignedHeaders', 'X-Amz-Date'],
]

function fromQuery(query: ReadonlyMap<string, string>, refusals: Refusals): Signed {
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
    ...readTime(part('X-Amz-Date'), refusals),
    timeHeader: undefined,
    sessionToken: query.get('X-Amz-Security-Token'),
    livesMs: isCredible ? Number(lives) * 1000 : undefined,
  }
}

function namesOf(list = ''): string[] {
  return list.toLowerCase().split(';')
}

/** The basic format, or, in a Date header, what HTTP has for dates. */
function readTime(text: string, refusals: Refusals): { time: string; timeMs: number } {
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
