// How the vendors' producers behave: what they send again, how often, and after how long; and what
// the words of an answer tell of a record.
//
//   kinesis, yandex   the SDKs: 3 attempts under one invocation id, on 5xx, throttling and broken
//                     connections; then the producer sends failed records in new calls
//   dis               Java SDK: 5 tries on 5xx, 429 and broken connections; records in a 200 that
//                     failed with DIS.4303 or DIS.5250 go again
//   v3io              never on a status; once on a broken connection

import { SAMPLES, type Request, type Sample } from '../contract/samples.ts'
import type { Answered, Attempt } from './http.ts'
import type { Place } from './ledger.ts'

/** What an answer says of one record. */
export type Word =
  | ({ readonly kind: 'stored' } & Place)
  | { readonly kind: 'denied' }
  /** It may be stored. */
  | { readonly kind: 'open' }
  /** Nothing that a healthy request may be answered. */
  | { readonly kind: 'strange' }

export interface Style {
  readonly sample: Sample
  /** Every attempt of a call carries the same one. */
  readonly hasInvocationId: boolean
  readonly attemptsMax: number
  readonly backOffMs: (attempt: number) => number
  readonly triesAgain: (attempt: Attempt) => boolean
  /** How often records that failed are sent in a new call. */
  readonly resendsMax: number
  readonly dress: (request: Request, call: { id: string; attempt: number }) => Request
  /** `codes`: of the service's own log, since some words mean several things. */
  readonly read: (reply: Answered, codes: readonly string[], records: number) => Word[]
}

const OPEN: Word = { kind: 'open' }
const DENIED: Word = { kind: 'denied' }
const STRANGE: Word = { kind: 'strange' }

/** Codes of the service that promise: not written. */
const NOT_WRITTEN = ['unavailable', 'throttled', 'stream-not-found']

/** A word of doubt, unless the service's log has only codes that promise the better. */
function unlessPromised(codes: readonly string[]): Word {
  const promised = codes.length > 0 && codes.every((code) => NOT_WRITTEN.includes(code))
  return promised ? DENIED : OPEN
}

type WordOf = (error: string, codes: readonly string[]) => Word

function inPlace(sample: Sample, { body }: Answered, wordOf: (error: string) => Word): Word[] {
  return sample
    .read(body)
    .answers.map((answer) =>
      'error' in answer
        ? wordOf(answer.error)
        : { kind: 'stored', partition: answer.shard, offset: answer.ordinal },
    )
}

function all(count: number, word: Word): Word[] {
  return Array.from({ length: count }, () => word)
}

const plain = (request: Request) => request

function withHeaders(request: Request, headers: Record<string, string>): Request {
  return { ...request, headers: { ...request.headers, ...headers } }
}

const THROTTLED = 'ProvisionedThroughputExceededException'

const amazon: Omit<Style, 'sample'> = {
  hasInvocationId: true,
  attemptsMax: 3,
  backOffMs: (attempt) => 100 * 2 ** attempt,
  triesAgain: (attempt) =>
    attempt.kind === 'broken' ||
    attempt.status >= 500 ||
    (attempt.status === 400 && attempt.body.includes(THROTTLED)),
  resendsMax: 20,
  dress: (request, { id, attempt }) =>
    withHeaders(request, {
      'amz-sdk-invocation-id': id,
      'amz-sdk-request': `attempt=${attempt}; max=3`,
    }),
  read: () => [],
}

function readAmazon(sample: Sample): Style['read'] {
  const wordOf: WordOf = (error, codes) => {
    if (error === THROTTLED) return DENIED
    return error === 'InternalFailure' ? unlessPromised(codes) : STRANGE
  }
  return (reply, codes, records) => {
    if (reply.status === 200) return inPlace(sample, reply, (error) => wordOf(error, codes))
    if (reply.status >= 500) return all(records, unlessPromised(codes))
    return all(records, reply.body.includes(THROTTLED) ? DENIED : STRANGE)
  }
}

const dis: Omit<Style, 'sample'> = {
  hasInvocationId: false,
  attemptsMax: 5,
  backOffMs: (attempt) => 125 * 2 ** attempt,
  triesAgain: (attempt) =>
    attempt.kind === 'broken' || attempt.status >= 500 || attempt.status === 429,
  resendsMax: 10,
  dress: plain,
  read: () => [],
}

function readDis(sample: Sample): Style['read'] {
  const wordOf: WordOf = (error, codes) => {
    if (error === 'DIS.4303') return DENIED
    return error === 'DIS.5250' ? unlessPromised(codes) : STRANGE
  }
  return (reply, codes, records) => {
    if (reply.status === 200) return inPlace(sample, reply, (error) => wordOf(error, codes))
    if (reply.status === 503 && reply.body.includes('DIS.4303')) return all(records, DENIED)
    return all(records, reply.status >= 500 ? unlessPromised(codes) : STRANGE)
  }
}

const v3io: Omit<Style, 'sample'> = {
  hasInvocationId: false,
  attemptsMax: 2,
  backOffMs: () => 0,
  triesAgain: (attempt) => attempt.kind === 'broken' && !attempt.timedOut,
  resendsMax: 0,
  dress: plain,
  read: () => [],
}

/** The one failure of a call hides that others of its records are stored. */
function readV3io(sample: Sample): Style['read'] {
  return (reply, _codes, records) => {
    if (reply.status === 200) return inPlace(sample, reply, () => STRANGE)
    return all(records, reply.status === 503 ? OPEN : STRANGE)
  }
}

const STYLES: Readonly<Record<string, (sample: Sample) => Style>> = {
  kinesis: (sample) => ({ ...amazon, sample, read: readAmazon(sample) }),
  yandex: (sample) => ({ ...amazon, sample, read: readAmazon(sample) }),
  dis: (sample) => ({ ...dis, sample, read: readDis(sample) }),
  'dis-protobuf': (sample) => ({ ...dis, sample, read: readDis(sample) }),
  v3io: (sample) => ({ ...v3io, sample, read: readV3io(sample) }),
}

export const ALL_STYLES: readonly Style[] = SAMPLES.map((sample) => STYLES[sample.name]!(sample))
