// put: place, append, answer record by record. One record is a batch of one.

import { BridgeError, type ErrorCode } from './errors.ts'
import type { Appended, Log, Message, Refusal, TopicShape } from './log.ts'
import type { InboundRecord, Position, StreamRef } from './model.ts'
import { createSpread, place, type Placement } from './placement.ts'
import type { Streams } from './streams.ts'

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
}

/** A record, or why the dialect could not make one of what stands in its place. */
export type Incoming = InboundRecord | BridgeError

export type Put = (
  stream: StreamRef,
  records: readonly Incoming[],
  options: PutOptions,
) => Promise<readonly Outcome[]>

/** What Kafka's framing of a batch of one record can take at most, without key, value, headers. */
const BATCH_OVERHEAD_BYTES = 61 + 32
const HEADER_OVERHEAD_BYTES = 10

const CODE_OF_REFUSAL: Record<Refusal, ErrorCode> = {
  'too-large': 'record-too-large',
  malformed: 'invalid-argument',
  'topic-missing': 'stream-not-found',
  'partition-missing': 'unavailable',
  throttled: 'throttled',
  unavailable: 'unavailable',
}

/**
 * Rejects with BridgeError `stream-not-found` or `unavailable` before anything was appended, and
 * with `record-too-large` where the dialect asks for that; all else is an outcome in its place.
 */
export function createIngest(log: Log, streams: Streams, now: () => number): Put {
  const spread = createSpread()

  return async function put(stream, records, { deadlineMs, tooLarge }) {
    const shape = await streams.shapeForPut(stream, deadlineMs)
    const { topic, placeKey } = streams.routeOf(stream)
    const nowMs = now()
    const outcomes = new Array<Outcome>(records.length)
    const messages: Message[] = []
    /** Of each message, the record's place in the call. */
    const places: number[] = []
    for (const [i, record] of records.entries()) {
      const message = tryMessage(record, { topic, shape, spread, placeKey }, nowMs)
      if (message instanceof BridgeError) {
        if (message.code === 'record-too-large' && tooLarge === 'fails-call') throw message
        outcomes[i] = failed(message)
      } else {
        messages.push(message)
        places.push(i)
      }
    }
    const appended = messages.length > 0 ? await log.append(topic, messages, deadlineMs) : []
    for (const [j, result] of appended.entries()) {
      outcomes[places[j] ?? 0] = toOutcome(result, messages[j]?.partition ?? 0)
    }
    return outcomes
  }
}

/** The record as a message, or why it cannot be one. */
function tryMessage(record: Incoming, placement: Placement, nowMs: number): Message | BridgeError {
  if (record instanceof BridgeError) return record
  const message = toMessage(record, (timestampMs) =>
    isCredible(timestampMs, placement.shape, nowMs),
  )
  try {
    refuseTooLarge(message, placement.shape)
    return { ...message, partition: place(record.target, placement) }
  } catch (error) {
    if (error instanceof BridgeError) return error
    throw error
  }
}

/** Further ahead, and Kafka refuses a record by its own default. */
const AHEAD_MS_MAX = 3_600_000

/** A time that Kafka would refuse, or delete the record for at once, is not kept. */
function isCredible(timestampMs: number, { retentionMs }: TopicShape, nowMs: number): boolean {
  const oldestMs = retentionMs < 0 ? 0 : Math.max(0, nowMs - retentionMs)
  return timestampMs >= oldestMs && timestampMs <= nowMs + AHEAD_MS_MAX
}

function toMessage(
  { data, key, timestampMs, notes }: InboundRecord,
  isKept: (timestampMs: number) => boolean,
): Omit<Message, 'partition'> {
  return {
    key: key === undefined ? null : Buffer.from(key, 'utf8'),
    value: data,
    ...(timestampMs !== undefined && isKept(timestampMs) && { timestampMs }),
    ...(notes?.length && { headers: notes }),
  }
}

function refuseTooLarge(
  { key, value, headers = [] }: Omit<Message, 'partition'>,
  { messageBytesMax }: TopicShape,
): void {
  let bytes = BATCH_OVERHEAD_BYTES + (value?.length ?? 0) + (key?.length ?? 0)
  for (const header of headers) {
    bytes += HEADER_OVERHEAD_BYTES + header.name.length + header.value.length
  }
  if (bytes > messageBytesMax) {
    throw new BridgeError(
      'record-too-large',
      `A record of ${bytes} bytes exceeds the stream's limit of ${messageBytesMax} bytes`,
    )
  }
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
