// SeekShard, which the vendor's pages call Seek, and GetRecords (docs: "Streaming Web API").
//
// * Shards come into being with their first record, as on the platform: until then SeekShard says
//   404, which v3io-go, storey and mlrun wait on. GetRecords from the start, hard-coded, finds nothing.
// * A sequence number that is still to come fails, but for the next one: v3io-go's consumer groups go
//   on after the last they have committed. One that retention took gets a location all the same, which
//   GetRecords refuses: those groups then begin at the earliest record, and would else give up.
// * At the end of a shard NextLocation is the location that was asked for.
// * An answer ends where its records become too many bytes, whatever Limit says.

import type { Ask, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { Reading, ReadRecord, ShardRef, Start } from '../../../core/read.ts'
import { clientInfoIn } from '../client-info.ts'
import { encodeReply } from '../encode.ts'
import type { Limits } from '../facts.ts'
import { readLocation, writeLocation, type Location } from '../locations.ts'
import { shardOf } from '../names.ts'
import { numberOf, ordinalOf } from '../numbers.ts'

type Perform = Operation['perform']
type Input = Ask['input']

/** What clients that name no limit, or 0, get at the most; and all others. */
const RECORDS_DEFAULT = 1000
const RECORDS_MAX = 10_000
/** The last millisecond that a date can have. */
const TIME_MS_MAX = 8_640_000_000_000_000

export function createSeekShard(): Perform {
  return async function seekShard({ input, call, reader }) {
    const shard = shardOf(input, call.head)
    const start = toStart(input)
    const { ordinal, latest, topic } = await reader.locate(shard, start, call.deadlineMs)
    if (latest === 0) {
      throw new BridgeError('stream-not-found', `Shard ${shard.shard} has no records yet`)
    }
    if (start.by === 'at' && ordinal > latest) throw noRecord(input['StartingSequenceNumber'])
    return encodeReply({ Location: writeLocation({ ordinal, topic }) })
  }
}

function noRecord(number: unknown): BridgeError {
  return new BridgeError('invalid-argument', `There is no record ${String(number)} in the shard`)
}

/** Throws BridgeError where what the type needs is missing. */
function toStart(input: Input): Start {
  switch (input['Type']) {
    case 'EARLIEST':
      return { by: 'oldest' }
    case 'LATEST':
      return { by: 'latest' }
    case 'TIME':
      return { by: 'time', timestampMs: timestampOf(input) }
    default:
      return toSequence(input['StartingSequenceNumber'])
  }
}

function toSequence(number: unknown): Start {
  const ordinal = Number.isInteger(number) ? ordinalOf(number as number) : undefined
  if (ordinal === undefined) throw noRecord(number)
  return { by: 'at', ordinal }
}

/** Kafka's times are milliseconds: the first at or after the one asked for. */
function timestampOf(input: Input): number {
  const seconds = input['TimestampSec'] ?? input['TimeStampSec']
  const nanoseconds = input['TimestampNSec'] ?? input['TimeStampNSec']
  if (typeof seconds !== 'number' || typeof nanoseconds !== 'number') {
    throw new BridgeError('invalid-argument', 'TimestampSec and TimestampNSec are both needed')
  }
  const wantedMs = Math.ceil(seconds * 1000) + Math.ceil(nanoseconds / 1_000_000)
  return Math.min(Math.max(0, wantedMs), TIME_MS_MAX)
}

export function createGetRecords({ readBytesMax }: Limits): Perform {
  return async function getRecords(ask) {
    const shard = shardOf(ask.input, ask.call.head)
    const location = readLocation(String(ask.input['Location']))
    if (!location) throw new BridgeError('invalid-position', 'The location was not given here')
    const reader = reading(ask, shard, readBytesMax)
    const from = location === 'start' ? await reader.start() : location
    const { records, next, behind, behindMs } = await reader.read(from)
    ask.call.charge(replyBytes(records))
    return encodeReply({
      NextLocation: writeLocation({ ordinal: next, topic: from.topic }),
      MSecBehindLatest: Math.round(behindMs),
      RecordsBehindLatest: behind,
      Records: records.map(encodeRecord),
    })
  }
}

/** One shard, as a call wants it read. */
function reading({ input, call, reader }: Ask, shard: ShardRef, bytesMax: number) {
  const { deadlineMs, charge: hold } = call
  const wanted = Math.trunc(Number(input['Limit'] ?? 0)) || RECORDS_DEFAULT
  const limits = {
    recordsMax: Math.min(wanted, RECORDS_MAX),
    bytesMax,
    waitMs: 0,
    deadlineMs,
    hold,
  }
  return {
    async start(): Promise<Location> {
      const { oldest, topic } = await reader.locate(shard, { by: 'oldest' }, deadlineMs)
      return { ordinal: oldest, topic }
    },

    /** Throws BridgeError `invalid-position` where there is no such record, or not any more. */
    async read(from: Location): Promise<Reading> {
      const result = await reader.read({ ...shard, ...from }, limits)
      if (result.state === 'read') return result
      const { oldest, latest } = result
      throw new BridgeError('invalid-position', `The shard has records ${oldest + 1} to ${latest}`)
    },
  }
}

function encodeRecord({ position, data, key, notes }: ReadRecord): Record<string, unknown> {
  const atMs = Math.max(0, position.timestampMs)
  const clientInfo = clientInfoIn(notes)
  return {
    ArrivalTimeSec: Math.floor(atMs / 1000),
    ArrivalTimeNSec: (atMs % 1000) * 1_000_000,
    SequenceNumber: numberOf(position),
    ...(clientInfo !== undefined && { ClientInfo: clientInfo }),
    ...(key !== undefined && { PartitionKey: key }),
    Data: data.toString('base64'),
  }
}

/** Of the names and numbers around a record's data. */
const FRAME_BYTES = 160

/** What the answer takes, roughly, beside the records themselves. */
function replyBytes(records: readonly ReadRecord[]): number {
  let bytes = 0
  for (const { data, key = '' } of records) {
    bytes += FRAME_BYTES + Math.ceil((data.length * 4) / 3) + key.length
  }
  return bytes
}
