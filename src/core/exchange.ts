// The life of a call, in the order that is part of each vendor's protocol:
//
//   match → (limit and budget, read: the host's) → open → check → perform → dress
//
// The host (HTTP, or a test) reads bytes and writes replies; every failure passes its one catch,
// which hands the error to `fail`.

import type { Account } from './account.ts'
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
import { BridgeError } from './errors.ts'
import { createFollow } from './follow.ts'
import { createPermit, guardStreams } from './guard.ts'
import type { Put } from './ingest.ts'
import type { Reads } from './log.ts'
import { meterReader } from './metering.ts'
import { createPatience } from './patience.ts'
import type { Identity, Principal } from './principals.ts'
import { createPut } from './putting.ts'
import { countReads } from './read-account.ts'
import { createReader } from './read.ts'
import { digestOf, type Recall } from './recall.ts'
import { createShelf, type Shelf } from './state-shelf.ts'
import type { Streams } from './streams.ts'
import { createTraffic } from './traffic.ts'

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
      const digest = invocation === undefined ? '' : digestOf(call.body)
      return {
        dialect,
        call: withoutBody(call),
        operation,
        input,
        caller,
        principal,
        invocation,
        digest,
        holdsBytes,
      }
    },
    check: ({ dialect, operation, input }) => dialect.check(operation, input),
    perform,
    fail: (dialect, head, error) => dialect.fail(asBridgeError(error), head),
  }
}

/** The body is not kept while Kafka is waited for. */
function withoutBody(call: Call): OpenedCall {
  const { head, id, receivedAtMs, deadlineMs, charge, release, span } = call
  return { head, id, receivedAtMs, deadlineMs, charge, release, span }
}

/** Gives an operation what it may use, and no more. */
function createPerforming(options: ExchangeOptions): Exchange['perform'] {
  const { dialects, put, now, isStopping = () => false } = options
  const traffic = createTraffic({ now })
  const metering = { traffic, streams: options.streams, now }
  const putting = { ...metering, store: put, recall: options.recall }
  const patient = createPatience(now)
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
    const { reader, follow } =
      operation.action === 'put' ? NO_READING : readingFor(streams, account)
    return operation.perform({
      input,
      call,
      caller,
      streams,
      put: createPut(putting, { prepared, account, permit }),
      reader,
      follow,
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

/** What the caller may know of an error; the cause is for our log. */
export function asBridgeError(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error
  return new BridgeError('internal', 'Internal error', { cause: error })
}
