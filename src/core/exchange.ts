// The life of a call, in the order that is part of each vendor's protocol:
//
//   match → (limit and budget, read: the host's) → open → check → perform → dress
//
// The host (HTTP, or a test) reads bytes and writes replies; every failure passes its one catch,
// which hands the error to `fail`.

import type {
  Ask,
  Call,
  Dialect,
  Head,
  Input,
  OpenedCall,
  Reply,
  StreamedReply,
} from './dialect.ts'
import { BridgeError, isPassing } from './errors.ts'
import type { ErrorCode } from './errors.ts'
import { createFollow } from './follow.ts'
import { createPermit, guardStreams, type Permit } from './guard.ts'
import type { Incoming, Outcome, Put, PutOptions } from './ingest.ts'
import type { Reads } from './log.ts'
import { meterPut, meterReader } from './metering.ts'
import { createPatience } from './patience.ts'
import type { Identity, Principal } from './principals.ts'
import { countReads } from './read-account.ts'
import { createReader } from './read.ts'
import { digestOf, type Recall } from './recall.ts'
import { createShelf, type Shelf } from './state-shelf.ts'
import type { Streams } from './streams.ts'
import { createTraffic } from './traffic.ts'

/** What a call did, for the log line and the metrics. Filled in as the call goes on. */
export interface Account {
  dialect: string
  operation: string
  stream: string
  records: number
  /** Data and keys of the records, put or read. */
  bytes: number
  /** Whether the records were offered to Kafka by this call, and answered. */
  decided: boolean
  /** Records that were not stored, by code. */
  failures: Map<ErrorCode, number>
}

/** A call whose bytes have been authenticated and decoded. */
export interface Prepared {
  readonly dialect: Dialect
  readonly call: OpenedCall
  readonly operation: string
  readonly input: Input
  /** A principal's name; or, unverified, who its caller says to be. */
  readonly caller: string | undefined
  readonly principal: Principal | undefined
  readonly invocation: string | undefined
  /** Of the body, where an invocation may come again with it. */
  readonly digest: string
  readonly holdsBytes: boolean
}

export interface Exchange {
  /** The dialect that a request is, or nothing where it is nobody's. */
  readonly match: (head: Head) => Dialect | undefined
  /** Throws BridgeError in codes that `dialect.fail` renders. */
  readonly open: (dialect: Dialect, call: Call, account: Account) => Prepared
  /** Throws BridgeError for an input that the operation does not take. */
  readonly check: (prepared: Prepared) => void
  /** Throws, or rejects with, what is wrong with the call. */
  readonly perform: (prepared: Prepared, account: Account) => Promise<Reply | StreamedReply>
  /** The answer to a failure of whatever kind; what is not a BridgeError is a bug, and `internal`. */
  readonly fail: (dialect: Dialect, head: Head, error: unknown) => Reply
}

export interface ExchangeOptions {
  /** In the order in which a request is offered to them. */
  readonly dialects: readonly Dialect[]
  readonly put: Put
  readonly reads: Reads
  /** What dialects keep. */
  readonly state: Shelf
  readonly recall: Recall
  readonly streams: Streams
  /** Whose credentials count; absent: anybody's, or none. */
  readonly identity?: Identity | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Whether what lasts should end. */
  readonly isStopping?: () => boolean
}

export function createAccount(dialect: string): Account {
  return {
    dialect,
    operation: '',
    stream: '',
    records: 0,
    bytes: 0,
    decided: false,
    failures: new Map(),
  }
}

export function createExchange(options: ExchangeOptions): Exchange {
  const { dialects, identity } = options
  const perform = createPerforming(options)
  const { match, adopt } = createMatching(dialects)
  return {
    match,
    open(first, call, account) {
      const opened = first.open(call, identity)
      const { operation, input, principal, invocation, holdsBytes = false } = opened
      if (identity && !principal) throw new BridgeError('not-authenticated', 'Nobody is known')
      const dialect = adopt(first, call.head, input)
      if (!Object.hasOwn(dialect.operations, operation)) {
        throw new BridgeError('unknown-operation', `Unknown operation ${operation}`)
      }
      account.dialect = dialect.name
      account.operation = operation
      const caller = principal?.name ?? opened.caller
      const { body, ...openedCall } = call
      const digest = invocation === undefined ? '' : digestOf(body)
      const who = { caller, principal, invocation, digest }
      return { dialect, call: openedCall, operation, input, ...who, holdsBytes }
    },
    check: ({ dialect, operation, input }) => dialect.check(operation, input),
    perform,
    fail: (dialect, head, error) => dialect.fail(asBridgeError(error), head),
  }
}

/** Gives an operation what it may use, and no more. */
function createPerforming(options: ExchangeOptions): Exchange['perform'] {
  const { dialects, put, now, isStopping = () => false } = options
  const traffic = createTraffic({ now })
  const metering = { traffic, streams: options.streams, now }
  const patient = createPatience(now)
  const metered = meterPut(put, metering)
  const shelves = new Map(dialects.map(({ name }) => [name, createShelf(options.state, name)]))

  function readingFor(streams: Streams, account: Account): Reading {
    const plain = createReader(options.reads, streams, now)
    const metered = meterReader(plain, metering)
    const reader = countReads(account, patient(metered))
    return { reader, follow: createFollow({ reader, now, isStopping }) }
  }

  return (prepared, account) => {
    const { dialect, operation: name, call, input, caller, principal } = prepared
    const operation = dialect.operations[name]
    const shelf = shelves.get(dialect.name)
    if (!operation || !shelf) throw new BridgeError('unknown-operation', name)
    const permit = createPermit(principal, operation.action)
    const streams = guardStreams(options.streams, permit, principal)
    const store = principal ? meterPut(charging(principal, put), metering) : metered
    const reading = operation.action === 'put' ? NO_READING : readingFor(streams, account)
    return operation.perform({
      input,
      call,
      caller,
      streams,
      put: createPut(options.recall, store, { prepared, account, permit }),
      ...reading,
      shelf,
      traffic,
      isStopping,
    })
  }
}

type Reading = Pick<Ask, 'reader' | 'follow'>

/** Puts are most of all calls, and read nothing. */
const NO_READING: Reading = {
  reader: { locate: refuseReading, read: refuseReading },
  follow: refuseReading,
}

function refuseReading(): never {
  throw new Error('an operation that puts has read')
}

interface Matching {
  readonly match: Exchange['match']
  /** The child that a call of its parent's turns out to be, or the dialect itself. */
  readonly adopt: (dialect: Dialect, head: Head, input?: Input) => Dialect
}

function createMatching(dialects: readonly Dialect[]): Matching {
  const parents = dialects.filter(({ parent }) => parent === undefined)
  const childrenOf = new Map(
    parents.map(({ name }) => [name, dialects.filter(({ parent }) => parent === name)]),
  )

  function adopt(dialect: Dialect, head: Head, input?: Input): Dialect {
    for (const child of childrenOf.get(dialect.name) ?? []) {
      if (child.adopts?.(head, input)) return child
    }
    return dialect
  }

  return {
    adopt,
    match(head) {
      if (head.pinned !== undefined) return dialects.find(({ name }) => name === head.pinned)
      const found =
        parents.find(({ claim }) => claim(head) === 'surely') ??
        parents.find(({ claim }) => claim(head) === 'perhaps')
      return found && adopt(found, head)
    },
  }
}

interface Putting {
  readonly prepared: Prepared
  readonly account: Account
  readonly permit: Permit
}

interface Stored {
  readonly outcomes: readonly Outcome[]
  /** This call did not offer them to Kafka: an earlier attempt did, or none could. */
  readonly recalled: boolean
}

/** Of a call that does not say whether it comes again. */
async function onlyOnce(work: () => ReturnType<Put>): Promise<Stored> {
  return { outcomes: await work(), recalled: false }
}

/** Puts within the quota; what is over it is refused before anything is stored. */
function charging(principal: Principal, put: Put): Put {
  return async (stream, records, options) => {
    principal.charge(records.length, bytesOf(records))
    return put(stream, records, options)
  }
}

/**
 * The put of one call: to permitted streams only, and once for all attempts that carry the same
 * invocation. Fills the account in; what an earlier attempt stored is not counted again. What it stores
 * is part of the call's span.
 */
function createPut(recall: Recall, store: Put, { prepared, account, permit }: Putting): Put {
  const { dialect, operation, call, caller, invocation, digest } = prepared
  return async (stream, records, asked) => {
    permit(stream, 'put')
    account.stream = stream.name
    account.records = records.length
    account.bytes = bytesOf(records)
    const options = call.span ? { ...asked, span: call.span } : asked
    const work = (): ReturnType<Put> => store(stream, records, options)
    const of = { caller, dialect: dialect.name, operation, stream: stream.name, digest }
    const { outcomes, recalled } = await (
      invocation === undefined
        ? onlyOnce(work)
        : recall.once({ ...of, invocation }, options.deadlineMs, work)
    ).catch((error: unknown) => inPlace(error, records, options))
    countFailures(account, outcomes)
    account.decided = !recalled
    return outcomes
  }
}

/** What keeps every record from being stored for now, said of each where the dialect wants that. */
function inPlace(error: unknown, records: readonly Incoming[], { passing }: PutOptions): Stored {
  if (passing !== 'in-place' || !isPassing(error)) throw error
  const outcomes = records.map((record): Outcome => {
    const { code, message } = record instanceof BridgeError ? record : error
    return { stored: false, code, message }
  })
  return { outcomes, recalled: true }
}

/** What the caller may know of an error; the cause is for our log. */
export function asBridgeError(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error
  return new BridgeError('internal', 'Internal error', { cause: error })
}

function bytesOf(records: readonly Incoming[]): number {
  let bytes = 0
  for (const record of records) {
    if (!(record instanceof BridgeError)) bytes += record.data.length + (record.key?.length ?? 0)
  }
  return bytes
}

function countFailures({ failures }: Account, outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) {
    if (!outcome.stored) failures.set(outcome.code, (failures.get(outcome.code) ?? 0) + 1)
  }
}
