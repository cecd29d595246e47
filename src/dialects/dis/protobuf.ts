// DIS in protocol buffers, proto2 (huaweicloud-sdk-java-dis-iface, message.proto): a put's request to
// plain input, and the replies of puts and reads to bytes.
//
// * Field numbers are those of the vendor's file, where no two fields have the same.
// * Data are views of the body, not copies.
// * No member is demanded here: the vendor's clients disagree on which are required, and send empty
//   texts for those they leave out. What a reply's reader requires is always written, zeros too.
// * No more entries are kept than one beyond the limit, so that a body of empty ones costs little.

import type { Input } from '../../core/dialect.ts'
import {
  bytesOf,
  readFields,
  roundedOf,
  spanOf,
  textOf,
  wholeOf,
  type Field,
  type Span,
} from '../shared/protobuf.ts'

interface Request {
  stream_name?: string
  stream_id?: string
  readonly records: Entry[]
}

interface Entry {
  data: Buffer | undefined
  partition_key: string | undefined
  partition_id: string | undefined
  explicit_hash_key: string | undefined
  timestamp: number | undefined
}

/** PutRecordsRequest as the input of its operation. Throws ProtobufError. */
export function readPutRecords(body: Buffer, recordsMax: number): Input {
  const request: Request = { records: [] }
  return readFields(wholeOf(body), request, (into, field) => {
    if (field.number === 1) into.stream_name = textOf(field)
    else if (field.number === 30) into.stream_id = textOf(field)
    else if (field.number === 2 && into.records.length <= recordsMax) {
      into.records.push(readEntry(spanOf(field)))
    }
  }) as unknown as Input
}

function readEntry(span: Span): Entry {
  const entry: Entry = {
    data: undefined,
    partition_key: undefined,
    partition_id: undefined,
    explicit_hash_key: undefined,
    timestamp: undefined,
  }
  return readFields(span, entry, setMember)
}

/** The members of an entry by their field numbers; `extendedInfo` (7) belongs to a service withdrawn. */
function setMember(entry: Entry, field: Field): void {
  switch (field.number) {
    case 3:
      entry.data = bytesOf(field)
      break
    case 4:
      entry.explicit_hash_key = textOf(field)
      break
    case 5:
      entry.partition_key = textOf(field)
      break
    case 6:
      entry.partition_id = textOf(field)
      break
    case 29:
      entry.timestamp = roundedOf(field)
      break
  }
}

/** What became of a record: members as in JSON. */
export interface PutResult {
  readonly partition_id?: string
  readonly sequence_number?: string
  readonly error_code?: string
  readonly error_message?: string
}

export interface PutResults {
  readonly failed_record_count: number
  readonly records: readonly PutResult[]
}

/** PutRecordsResult. */
export function writePutResults({ failed_record_count: failed, records }: PutResults): Buffer {
  return write([[21, failed], ...records.map((each): Member => [22, writeResult(each)])])
}

function writeResult(result: PutResult): Buffer {
  return write([
    [23, result.partition_id],
    [24, result.sequence_number],
    [25, result.error_code],
    [26, result.error_message],
  ])
}

/** A record that was read: members as in JSON, but for the data. */
export interface ReadResult {
  readonly partition_key?: string
  readonly sequence_number: string
  readonly data: Buffer
  /** Milliseconds since 1970; absent: nobody knows. */
  readonly timestamp?: number
  readonly timestamp_type: string
}

export interface ReadResults {
  readonly next_partition_cursor: string
  readonly records: readonly ReadResult[]
}

/** GetRecordsResult. */
export function writeReadResults({ next_partition_cursor: next, records }: ReadResults): Buffer {
  return write([[14, next], ...records.map((each): Member => [16, writeRecord(each)])])
}

function writeRecord(record: ReadResult): Buffer {
  return write([
    [17, record.partition_key],
    [18, record.sequence_number],
    [19, record.data],
    [27, record.timestamp],
    [28, record.timestamp_type],
  ])
}

/** A field; what is undefined is left out. */
type Member = readonly [number: number, value: string | number | Buffer | undefined]

const VARINT = 0
const BYTES = 2

function write(members: readonly Member[]): Buffer {
  const target = Buffer.allocUnsafe(members.reduce((sum, member) => sum + bytesMaxOf(member), 0))
  let at = 0
  for (const [number, value] of members) {
    if (value === undefined) continue
    if (typeof value === 'number') {
      at = writeVarint(target, at, number * 8 + VARINT)
      at = writeVarint(target, at, value)
    } else {
      at = writeVarint(target, at, number * 8 + BYTES)
      at = writeVarint(target, at, Buffer.byteLength(value))
      at += typeof value === 'string' ? target.write(value, at) : value.copy(target, at)
    }
  }
  return target.subarray(0, at)
}

const VARINT_BYTES_MAX = 10

function bytesMaxOf([, value]: Member): number {
  const content = value === undefined || typeof value === 'number' ? 0 : Buffer.byteLength(value)
  return 2 * VARINT_BYTES_MAX + content
}

/** Of a number from 0. Returns where it ends. */
function writeVarint(target: Buffer, start: number, value: number): number {
  let at = start
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) target[at++] = (rest % 0x80) + 0x80
  target[at] = rest
  return at + 1
}
