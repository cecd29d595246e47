// The put of one call: to permitted streams only, within the quota, once for all attempts that carry the
// same invocation, and counted. It is given to an operation as its `put`.

import { countFailures, type Account } from './account.ts'
import type { Prepared } from './exchange.ts'
import { BridgeError, isPassing, type ErrorCode } from './errors.ts'
import type { Permit } from './guard.ts'
import type { Incoming, Outcome, Put, PutOptions } from './ingest.ts'
import { countPut, isThrottled, minuteOf, type Metering } from './metering.ts'
import type { StreamRef } from './model.ts'
import type { Recall } from './recall.ts'
import { contentBytes } from './sizes.ts'

export interface PuttingMeans extends Metering {
  readonly store: Put
  readonly recall: Recall
}

/** Whose put it is. */
export interface Putting {
  readonly prepared: Prepared
  readonly account: Account
  readonly permit: Permit
}

/** What is put, and by which call. */
interface Offer extends Pick<Putting, 'prepared' | 'account'> {
  readonly stream: StreamRef
  readonly records: readonly Incoming[]
  readonly options: PutOptions
}

type Outcomes = readonly Outcome[]

/**
 * Fills the account in; what an earlier attempt stored is not counted again. What is stored is part of
 * the call's span.
 */
export function createPut(means: PuttingMeans, { prepared, account, permit }: Putting): Put {
  const { call, invocation } = prepared
  return async (stream, records, asked) => {
    permit(stream, 'put')
    account.stream = stream.name
    account.records = records.length
    account.bytes = bytesOf(records)
    const options = call.span ? { ...asked, span: call.span } : asked
    const offer = { prepared, account, stream, records, options }
    let outcomes: Outcomes
    try {
      outcomes = await (invocation === undefined
        ? store(means, offer)
        : storeOnce(means, offer, invocation))
    } catch (error) {
      outcomes = inPlace(error, offer)
    }
    tellFailures(account, outcomes)
    return outcomes
  }
}

/** Stores what the quota lets in; what is over it is refused before anything is stored. */
async function store(means: PuttingMeans, offer: Offer): Promise<Outcomes> {
  const { prepared, account, stream, records, options } = offer
  const startedMs = means.now()
  try {
    prepared.principal?.charge(records.length, account.bytes)
    const outcomes = await means.store(stream, records, options)
    const ms = means.now() - startedMs
    countPut(minuteOf(means, stream), { records, outcomes, ms })
    account.decided = true
    return outcomes
  } catch (error) {
    if (isThrottled(error)) minuteOf(means, stream).all.put.throttled++
    throw error
  }
}

/** The same, or what an earlier attempt of the same call has stored. */
function storeOnce(means: PuttingMeans, offer: Offer, invocation: string): Promise<Outcomes> {
  const { dialect, operation, caller, digest } = offer.prepared
  const stream = offer.stream.name
  const attempt = { caller, dialect: dialect.name, operation, stream, digest, invocation }
  return means.recall.once(attempt, offer.options.deadlineMs, () => store(means, offer))
}

/** What keeps every record from being stored for now, said of each where the dialect wants that. */
function inPlace(error: unknown, { records, options: { passing } }: Offer): Outcomes {
  if (passing !== 'in-place' || !isPassing(error)) throw error
  return records.map((record): Outcome => {
    const { code, message } = record instanceof BridgeError ? record : error
    return { stored: false, code, message }
  })
}

function bytesOf(records: readonly Incoming[]): number {
  let bytes = 0
  for (const record of records) if (!(record instanceof BridgeError)) bytes += contentBytes(record)
  return bytes
}

function tellFailures(account: Account, outcomes: Outcomes): void {
  let codes: ErrorCode[] | undefined
  for (const outcome of outcomes) if (!outcome.stored) (codes ??= []).push(outcome.code)
  if (codes) countFailures(account, codes)
}
