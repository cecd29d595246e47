// GetCursor and GetRecords (docs: "Obtaining a Data Cursor", "Downloading Data").
//
// * A cursor without a type is AT_SEQUENCE_NUMBER, as the Kafka adapter asks for it. The number may
//   be that of the next record to come, and is refused beyond: a reader then asks where the
//   partition begins and ends (huaweicloud-sdk-java-dis, DISSequenceNumberOutOfRangeException, which
//   takes these from the text).
// * A time before the oldest record means that one.
// * A read does not wait for records: its clients ask again at once, partition after partition.
// * What retention has deleted since the cursor was given is DIS.4226: readers take a new cursor.

import type { Ask, Input, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { Reading, ReadRecord, Start } from '../../../core/read.ts'
import { parseOrdinal, readCursor, writeCursor } from '../cursor.ts'
import { encodeLike, encodeReply, REFINED } from '../encode.ts'
import { isProtobuf } from '../forms.ts'
import { onStream, textOf } from '../names.ts'
import { writeReadResults, type ReadResult, type ReadResults } from '../protobuf.ts'
import { formatSequence } from '../sequence.ts'
import { formatShardId, parseShardId } from '../shards.ts'

const RECORDS_MAX = 10_000
const BYTES_DEFAULT = 2 ** 20
const BYTES_MAX = 4 * 2 ** 20

export function createGetCursor(): Operation['perform'] {
  return async function getCursor(ask) {
    const { input, call, reader } = ask
    const shard = shardOf(input)
    const start = startOf(input)
    const wanted = { name: textOf(input, 'stream-name'), id: textOf(input, 'stream-id') }
    const cursor = await onStream(
      ask,
      async (stream) => {
        const located = await named(shard, () =>
          reader.locate({ stream, shard }, start, call.deadlineMs),
        )
        refuseOutside(start, located)
        return { ...located, naming: wanted, shard }
      },
      wanted,
    )
    return encodeReply({ partition_cursor: writeCursor(cursor, call.receivedAtMs) })
  }
}

function shardOf(input: Input): number {
  const id = textOf(input, 'partition-id') ?? ''
  const shard = parseShardId(id)
  if (shard !== undefined) return shard
  throw new BridgeError('invalid-argument', id, { as: REFINED.shardId })
}

const TYPES: Readonly<Record<string, (input: Input) => Start>> = {
  AT_SEQUENCE_NUMBER: (input) => ({ by: 'at', ordinal: ordinalOf(input) }),
  AFTER_SEQUENCE_NUMBER: (input) => ({ by: 'after', ordinal: ordinalOf(input) }),
  TRIM_HORIZON: () => ({ by: 'oldest' }),
  LATEST: () => ({ by: 'latest' }),
  AT_TIMESTAMP: (input) => ({ by: 'time', timestampMs: timestampOf(input) }),
}

function startOf(input: Input): Start {
  const type = textOf(input, 'cursor-type') ?? 'AT_SEQUENCE_NUMBER'
  const start = Object.hasOwn(TYPES, type) ? TYPES[type]?.(input) : undefined
  if (start) return start
  throw new BridgeError('invalid-argument', `There is ${Object.keys(TYPES).join(', ')}.`, {
    as: REFINED.cursorType,
  })
}

function ordinalOf(input: Input): number {
  const text = textOf(input, 'starting-sequence-number')
  if (text === undefined) {
    throw new BridgeError('invalid-argument', 'starting-sequence-number is required.', {
      as: REFINED.sequence,
    })
  }
  // What is beyond all numbers is out of range like any other that is too large.
  const ordinal = /^\d+$/.test(text) ? (parseOrdinal(text) ?? Number.MAX_SAFE_INTEGER) : undefined
  if (ordinal !== undefined) return ordinal
  throw new BridgeError('invalid-argument', 'It must be a decimal number.', {
    as: REFINED.sequence,
  })
}

function timestampOf(input: Input): number {
  const timestamp = input['timestamp']
  if (typeof timestamp === 'number') return timestamp
  throw new BridgeError('invalid-argument', 'timestamp is required.')
}

interface Ends {
  readonly ordinal: number
  readonly oldest: number
  readonly latest: number
}

function refuseOutside(start: Start, { ordinal, oldest, latest }: Ends): void {
  const isNumber = start.by === 'at' || start.by === 'after'
  if (!isNumber || (ordinal >= oldest && ordinal <= latest)) return
  throw new BridgeError(
    'invalid-position',
    `[${start.ordinal}][ should be within ][${oldest}][ ][${latest}]`,
    { as: REFINED.outOfRange },
  )
}

/** A partition that there is not is named as its caller would. */
async function named<T>(shard: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof BridgeError) || error.code !== 'shard-not-found') throw error
    throw new BridgeError('shard-not-found', formatShardId(shard))
  }
}

export function createGetRecords(): Operation['perform'] {
  return async function getRecords(ask) {
    const { input, call } = ask
    const nowMs = call.receivedAtMs
    const cursor = readCursor(textOf(input, 'partition-cursor') ?? '', nowMs)
    const { records, next } = await readAt(ask, cursor)
    const results: ReadResults = {
      next_partition_cursor: writeCursor({ ...cursor, ordinal: next }, nowMs),
      records: records.map(toResult),
    }
    if (isProtobuf(call.head)) return encodeLike(call.head, results, writeReadResults)
    chargeForText(ask, records)
    return encodeReply({ ...results, records: results.records.map(toText) })
  }
}

/** Rejects with BridgeError where what is wanted is no longer there, or cannot be yet. */
async function readAt(
  ask: Ask,
  { naming, shard, ordinal, topic }: ReturnType<typeof readCursor>,
): Promise<Reading> {
  const { input, call, reader } = ask
  const limits = {
    recordsMax: within(input['limit'], RECORDS_MAX, RECORDS_MAX),
    bytesMax: within(input['max_fetch_bytes'], BYTES_DEFAULT, BYTES_MAX),
    waitMs: 0,
    deadlineMs: call.deadlineMs,
    hold: call.charge,
  }
  const reading = await onStream(
    ask,
    (stream) => named(shard, () => reader.read({ stream, shard, ordinal, topic }, limits)),
    naming,
  )
  if (reading.state === 'read') return reading
  throw new BridgeError('expired-position', '', { as: REFINED.gone })
}

/** A limit as wanted, if it is one; nobody is refused for one that is too large. */
function within(wanted: unknown, usual: number, most: number): number {
  return typeof wanted === 'number' && wanted >= 1 ? Math.min(Math.floor(wanted), most) : usual
}

function toResult({ position, key, data }: ReadRecord): ReadResult {
  const { timestampMs } = position
  return {
    ...(key !== undefined && { partition_key: key }),
    sequence_number: formatSequence(position),
    data,
    // Kafka's own way of saying that nobody knows it is -1.
    ...(timestampMs >= 0 && { timestamp: timestampMs }),
    timestamp_type: 'CreateTime',
  }
}

/** A third more than the data, which are still there. */
function chargeForText({ call }: Ask, records: readonly ReadRecord[]): void {
  const bytes = records.reduce((sum, { data }) => sum + data.length, 0)
  if (bytes > 0) call.charge(Math.ceil(bytes / 3) * 4)
}

function toText({ data, ...others }: ReadResult): object {
  return { ...others, data: data.toString('base64') }
}
