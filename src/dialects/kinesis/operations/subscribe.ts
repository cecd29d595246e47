// SubscribeToShard (docs: API version 2013-12-02): the records of a shard as events of an event stream,
// over HTTP/2 or in chunks, for up to five minutes.
//
// * Every event says where to go on, whether at that number or after it; one without records comes
//   every few seconds while there are none, and one at the end.
// * A consumer has one subscription to a shard. A second one within five seconds is refused, later it
//   takes the first one's place, which is told so. Other instances of the service are not asked.
// * What goes wrong once the stream has begun is said in it.
// * Subscriptions are as many as memory has room for; those that are refused for want of it are told so.
// * One is ended when the service stops, and none begins then.

import type { Ask, Operation, StreamedReply } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { Followed, Following } from '../../../core/follow.ts'
import { findConsumer } from '../consumers.ts'
import { encodeStreamError, replyFormat } from '../encode.ts'
import { EVENT_STREAM, encodeEvent, encodeException } from '../event-stream.ts'
import type { Facts } from '../facts.ts'
import type { Format } from '../formats.ts'
import { showRecord } from '../records.ts'
import { continuationSequence } from '../sequence.ts'
import { locate, shardNamed, type Place } from '../start.ts'
import { createSubscriptions } from '../subscriptions.ts'

const LASTS_MS = 300_000
const SILENCE_MS = 5000
const EVENT_RECORDS_MAX = 10_000
const EVENT_BYTES_MAX = 2 ** 20
/** What one costs while nothing comes. */
const SUBSCRIPTION_BYTES = 65_536

interface Position {
  readonly Type: string
  readonly SequenceNumber?: unknown
  readonly Timestamp?: unknown
}

export function createSubscribeToShard(facts: Facts): Operation['perform'] {
  const subscriptions = createSubscriptions()

  return async function subscribeToShard(ask) {
    const { input, call, isStopping } = ask
    if (isStopping()) throw new BridgeError('unavailable', 'The service is about to stop')
    const { stream, consumer } = await findConsumer(ask, facts)
    const shard = shardNamed(String(input['ShardId']), stream, facts)
    const place = { stream, shard }
    const { Type, ...position } = input['StartingPosition'] as Position
    const wanted = {
      type: Type,
      sequenceNumber: position.SequenceNumber,
      timestamp: position.Timestamp,
    }
    const start = await locate(ask, place, { facts, wanted })
    chargeOne(ask)
    const following = ask.follow({
      ...place,
      ...{ start, charge: call.charge, release: call.release },
      untilMs: call.receivedAtMs + LASTS_MS,
      silenceMs: SILENCE_MS,
      recordsMax: EVENT_RECORDS_MAX,
      bytesMax: EVENT_BYTES_MAX,
    })
    const subscription = subscriptions.begin({
      name: [facts.accountId, stream.name, facts.shardId(shard), consumer.name].join(':'),
      nowMs: call.receivedAtMs,
      stop: following.stop,
    })
    const format = replyFormat(call.head)
    const events = encodeAll({ facts, place, format, following, why: subscription.why })
    return {
      status: 200,
      headers: { 'content-type': EVENT_STREAM },
      body: endingWith(events, () => {
        following.stop()
        subscription.end()
      }),
    }
  }
}

function chargeOne({ call }: Ask): void {
  try {
    call.charge(SUBSCRIPTION_BYTES)
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error
    const message = 'There is no memory for another subscription at present.'
    throw new BridgeError('limit-exceeded', message, { cause: error })
  }
}

/** Pieces whose end is told at once, whatever they are waiting for. */
function endingWith(pieces: AsyncGenerator<Buffer>, end: () => void): StreamedReply['body'] {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => pieces.next(),
      return() {
        end()
        return pieces.return(undefined)
      },
    }),
  }
}

interface Encoding {
  readonly facts: Facts
  readonly place: Place
  readonly format: Format
  readonly following: Following
  /** Why it ended before its time. */
  readonly why: () => BridgeError | undefined
}

async function* encodeAll(encoding: Encoding): AsyncGenerator<Buffer> {
  const { facts, format, following, why } = encoding
  yield encodeEvent('initial-response', {}, format)
  try {
    for await (const reading of following.readings) {
      yield encodeEvent('SubscribeToShardEvent', show(reading, encoding), format)
    }
    const reason = why()
    if (reason) throw reason
  } catch (error) {
    const { type, message } = encodeStreamError(error, facts)
    yield encodeException(type, message, format)
  }
}

function show({ records, next, behindMs }: Followed, { facts, place }: Encoding) {
  return {
    Records: records.map((record) => showRecord(record, facts)),
    ContinuationSequenceNumber: continuationSequence(place.shard, next),
    MillisBehindLatest: Math.round(behindMs),
  }
}
