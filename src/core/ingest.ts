// put: place, append, answer record by record. One record is a batch of one.

import { BridgeError, type ErrorCode } from './errors.ts'
import type { Appended, Log, Message, Refusal } from './log.ts'
import { addMessages, type Making } from './messages.ts'
import type { InboundRecord, Position, StreamRef } from './model.ts'
import { createSpread } from './placement.ts'
import type { Streams } from './streams.ts'
import type { Ending, Span } from './trace.ts'

/** What became of one record, in the record's place. */
export type Outcome =
  | ({ readonly stored: true } & Position)
  | {
      readonly stored: false
      readonly code: ErrorCode
      readonly message: string
      /** Of an undecided record: what became of it, once that is known. Never rejects. */
      readonly later?: Promise<Outcome>
    }

export interface PutOptions {
  /** Milliseconds since 1970: when an answer must be there. */
  readonly deadlineMs: number
  /** Whether one record that is too large fails the call or only itself. */
  readonly tooLarge: 'fails-call' | 'in-place'
  /** Whether what keeps all records from being stored for now fails the call, or each of them. */
  readonly passing?: 'fails-call' | 'in-place'
  /** Takes from the memory budget what a call becomes larger than its body; throws `throttled`. */
  readonly charge?: (bytes: number) => void
  /** The call that puts; absent: nobody traces it. */
  readonly span?: Span | undefined
}

/** A record, or why the dialect could not make one of what stands in its place. */
export type Incoming = InboundRecord | BridgeError

export type Put = (
  stream: StreamRef,
  records: readonly Incoming[],
  options: PutOptions,
) => Promise<readonly Outcome[]>

const CODE_OF_REFUSAL: Record<Refusal, ErrorCode> = {
  'too-large': 'record-too-large',
  malformed: 'invalid-argument',
  'topic-missing': 'stream-not-found',
  'partition-missing': 'unavailable',
  throttled: 'throttled',
  unavailable: 'unavailable',
}

export interface IngestOptions {
  readonly log: Log
  readonly streams: Streams
  readonly now: () => number
  /** Told of every bundle, and whether it was opened. */
  readonly onBundle?: (fate: 'opened' | 'kept') => void
}

const NOTHING = (): void => undefined

/**
 * Rejects with BridgeError `stream-not-found` or `unavailable` before anything was appended, and
 * with `record-too-large` where the dialect asks for that; all else is an outcome in its place.
 */
export function createIngest({ log, streams, now, onBundle = NOTHING }: IngestOptions): Put {
  const spread = createSpread()

  return async function put(stream, records, options) {
    const { deadlineMs, tooLarge, charge = NOTHING } = options
    const shape = streams.shapeNow(stream) ?? (await streams.shapeForPut(stream, deadlineMs))
    const { topic, placeKey, opensBundles } = streams.routeOf(stream)
    const placement = { topic, shape, spread, placeKey }
    const span = options.span && beginSending(options.span, topic, records.length)
    const notes = span && [{ name: 'traceparent', value: Buffer.from(span.traceparent) }]
    try {
      const making = { placement, nowMs: now(), opensBundles, charge, onBundle, notes }
      const { outcomes, messages, ends } = assemble(records, making, tooLarge)
      const appended = messages.length > 0 ? await log.append(topic, messages, deadlineMs) : []
      fillIn(outcomes, ends, { messages, appended })
      span?.end(endingOf(outcomes))
      return outcomes
    } catch (error) {
      span?.end({ failure: error instanceof BridgeError ? error.code : 'internal' })
      throw error
    }
  }
}

/** The span of storing, which every message names to its readers. */
function beginSending(call: Span, topic: string, records: number): Span {
  return call.handOn(`send ${topic}`, {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'send',
    'messaging.destination.name': topic,
    'messaging.batch.message_count': records,
  })
}

function endingOf(outcomes: readonly Outcome[]): Ending | undefined {
  const failed = outcomes.find((outcome) => !outcome.stored)
  return failed && { failure: failed.code }
}

interface Assembly {
  /** Of the records that cannot be stored, in their places. */
  readonly outcomes: Outcome[]
  readonly messages: readonly Message[]
  /** Where the messages of each record end; where the last one's did, for one that has none. */
  readonly ends: readonly number[]
}

function assemble(
  records: readonly Incoming[],
  making: Making,
  tooLarge: PutOptions['tooLarge'],
): Assembly {
  const outcomes = new Array<Outcome>(records.length)
  const messages: Message[] = []
  const ends: number[] = []
  for (const record of records) {
    const failure = tryMessages(record, making, messages)
    ends.push(messages.length)
    if (failure === undefined) continue
    if (failure.code === 'record-too-large' && tooLarge === 'fails-call') throw failure
    outcomes[ends.length - 1] = failed(failure)
  }
  return { outcomes, messages, ends }
}

/** Adds the record's messages, or tells why it cannot be any. */
function tryMessages(record: Incoming, making: Making, to: Message[]): BridgeError | undefined {
  if (record instanceof BridgeError) return record
  try {
    addMessages(record, making, to)
    return undefined
  } catch (error) {
    if (error instanceof BridgeError) return error
    throw error
  }
}

/** What was appended, message by message. */
interface Answered {
  readonly messages: readonly Message[]
  readonly appended: readonly Appended[]
}

/** Puts what became of the messages in their records' places. */
function fillIn(outcomes: Outcome[], ends: readonly number[], answered: Answered): void {
  let first = 0
  for (let place = 0; place < ends.length; place++) {
    const end = ends[place] ?? first
    if (end > first) outcomes[place] = outcomeOf(answered, first, end)
    first = end
  }
}

/** A bundle is stored where its first record is, once all of them are. */
function outcomeOf({ messages, appended }: Answered, first: number, end: number): Outcome {
  const partition = messages[first]?.partition ?? 0
  const only = appended[first]
  if (only && end - first === 1) return toOutcome(only, partition)
  return bundleOutcome(appended.slice(first, end), partition)
}

function bundleOutcome(results: readonly Appended[], partition: number): Outcome {
  const worst = results.find(({ state }) => state !== 'written') ?? results[0]
  if (!worst) return { stored: false, code: 'internal', message: 'no answer for a record' }
  if (worst.state !== 'unknown' || !worst.later) return toOutcome(worst, partition)
  const later = Promise.all(
    results.map((each) =>
      each.state === 'unknown' && each.later ? each.later : Promise.resolve(each),
    ),
  )
  const { code, message } = { code: 'undecided' as const, message: worst.detail }
  return { stored: false, code, message, later: later.then((all) => bundleOutcome(all, partition)) }
}

function toOutcome(result: Appended, partition: number): Outcome {
  switch (result.state) {
    case 'written':
      return {
        stored: true,
        shard: partition,
        ordinal: result.offset,
        timestampMs: result.timestampMs,
      }
    case 'refused':
      return { stored: false, code: CODE_OF_REFUSAL[result.reason], message: result.detail }
    case 'unknown':
      return {
        stored: false,
        code: 'undecided',
        message: result.detail,
        ...(result.later && { later: result.later.then((each) => toOutcome(each, partition)) }),
      }
  }
}

function failed({ code, message }: BridgeError): Outcome {
  return { stored: false, code, message }
}
