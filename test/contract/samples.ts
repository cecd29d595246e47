// A sample per dialect, and of one in another encoding: how its producers put, and how they read the answer. What a dialect
// cannot promise is listed by name, with the reason.

import { putRequest, PROTOBUF, readPutResult } from '../dialects/dis/protobuf.ts'

export interface SampleRecord {
  readonly data: Buffer
  readonly key?: string
}

export interface Request {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** A record's answer, in the vendor's own forms read back to plain ones. */
export type Answer =
  { readonly shard: number; readonly ordinal: number } | { readonly error: string }

/** What a failure of the whole call looks like. */
export interface Failure {
  readonly status: number
  /** Found in the body. */
  readonly says: string
}

export interface Sample {
  readonly name: string
  /** A stream's name as this dialect says it, and the topic that it is. */
  readonly stream: (name: string) => { readonly stream: string; readonly topic: string }
  readonly put: (stream: string, records: readonly SampleRecord[]) => Request
  /** `body` has a character for each byte. */
  readonly read: (body: string) => { readonly failed: number; readonly answers: readonly Answer[] }
  readonly recordsMax: number
  readonly bodyBytesMax: number
  readonly failures: {
    readonly missingStream: Failure
    readonly malformedBody: Failure
    readonly tooManyRecords: Failure
    readonly bodyTooLarge: Failure
    /** Refused for load, before the body is read. */
    readonly overload: Failure
    /** Nothing could be stored; absent: answered record by record, in a 200. */
    readonly nothingStored?: Failure
    /** Some records failed transiently; absent: in place. */
    readonly someFailed?: Failure
    /** A record too large for the topic; absent: in place. */
    readonly recordTooLarge?: Failure
  }
  /** What stands in the place of a record that failed transiently, or was too large. */
  readonly inPlace: { readonly transient?: string; readonly tooLarge?: string }
}

const JSON_1_1 = 'application/x-amz-json-1.1'

function kinesisRequest(stream: string, records: readonly SampleRecord[]): Request {
  return {
    method: 'POST',
    path: '/',
    headers: { 'content-type': JSON_1_1, 'x-amz-target': 'Kinesis_20131202.PutRecords' },
    body: json({
      StreamName: stream,
      Records: records.map(({ data, key = 'none' }) => ({
        Data: data.toString('base64'),
        PartitionKey: key,
      })),
    }),
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

interface KinesisReply {
  FailedRecordCount: number
  Records: { ShardId?: string; SequenceNumber?: string; ErrorCode?: string }[]
}

/** The ordinal lies in hexadecimal digits 11 to 26 of a Kinesis sequence number. */
function ordinalOf(sequenceNumber: string): number {
  return Number.parseInt(BigInt(sequenceNumber).toString(16).slice(11, 27), 16)
}

function readKinesis(body: string, toOrdinal: (text: string) => number) {
  const { FailedRecordCount, Records } = JSON.parse(body) as KinesisReply
  return {
    failed: FailedRecordCount,
    answers: Records.map(({ ShardId, SequenceNumber, ErrorCode }) =>
      ShardId !== undefined && SequenceNumber !== undefined
        ? { shard: Number(ShardId.split('-')[1]), ordinal: toOrdinal(SequenceNumber) }
        : { error: ErrorCode ?? '' },
    ),
  }
}

const KINESIS_FAILURES: Sample['failures'] = {
  missingStream: { status: 400, says: '"__type":"ResourceNotFoundException"' },
  malformedBody: { status: 400, says: '{"__type":"SerializationException"}' },
  tooManyRecords: { status: 400, says: 'Member must have length less than or equal to 500' },
  bodyTooLarge: { status: 413, says: '' },
  overload: { status: 400, says: '"__type":"ProvisionedThroughputExceededException"' },
  nothingStored: { status: 500, says: '{"__type":"InternalFailure"}' },
  recordTooLarge: { status: 400, says: '"__type":"InvalidArgumentException"' },
}

const kinesis: Sample = {
  name: 'kinesis',
  stream: (name) => ({ stream: name, topic: name }),
  put: kinesisRequest,
  read: (body) => readKinesis(body, ordinalOf),
  recordsMax: 500,
  bodyBytesMax: 16 * 2 ** 20,
  failures: KINESIS_FAILURES,
  inPlace: { transient: 'InternalFailure' },
}

const yandex: Sample = {
  ...kinesis,
  name: 'yandex',
  stream: (name) => ({ stream: `/ru-central1/folder/database/${name}`, topic: name }),
  put(stream, records) {
    const request = kinesisRequest(stream, records)
    return { ...request, headers: { ...request.headers, authorization: 'Bearer token' } }
  },
  read: (body) => readKinesis(body, Number),
  bodyBytesMax: 8 * 2 ** 20,
  failures: {
    ...KINESIS_FAILURES,
    tooManyRecords: {
      status: 400,
      says: 'Too many records in a single PutRecords request: 501 > 500',
    },
  },
}

interface DisReply {
  failed_record_count: number
  records: { partition_id?: string; sequence_number?: string; error_code?: string }[]
}

function readDis(reply: DisReply) {
  return {
    failed: reply.failed_record_count,
    answers: reply.records.map(({ partition_id, sequence_number, error_code }) =>
      partition_id !== undefined
        ? { shard: Number(partition_id.split('-')[1]), ordinal: Number(sequence_number) }
        : { error: error_code ?? '' },
    ),
  }
}

const dis: Sample = {
  name: 'dis',
  stream: (name) => ({ stream: name, topic: name }),
  put: (stream, records) => ({
    method: 'POST',
    path: '/v2/project/records',
    headers: { 'content-type': 'application/json' },
    body: json({
      stream_name: stream,
      records: records.map(({ data, key }) => ({
        data: data.toString('base64'),
        ...(key !== undefined && { partition_key: key }),
      })),
    }),
  }),
  read: (body) => readDis(JSON.parse(body) as DisReply),
  recordsMax: 10_000,
  bodyBytesMax: 16 * 2 ** 20,
  failures: {
    missingStream: { status: 410, says: 'DIS.4301' },
    malformedBody: { status: 400, says: 'DIS.4300' },
    tooManyRecords: { status: 400, says: 'DIS.4200' },
    bodyTooLarge: { status: 413, says: '' },
    overload: { status: 503, says: 'DIS.4303' },
  },
  inPlace: { transient: 'DIS.5250', tooLarge: 'DIS.4200' },
}

const disInProtobuf: Sample = {
  ...dis,
  name: 'dis-protobuf',
  put: (stream, records) => ({
    method: 'POST',
    path: '/v2/project/records/',
    headers: PROTOBUF,
    body: putRequest({
      stream_name: stream,
      records: records.map(({ data, key }) => ({ data, partition_key: key })),
    }),
  }),
  read: (body) => readDis(readPutResult(Buffer.from(body, 'latin1')) as DisReply),
}

const TRANSIENT_V3IO: Failure = {
  status: 503,
  says: '{"ErrorCode":-117440512,"ErrorMessage":"Failed to send a control message request"}',
}

interface V3ioReply {
  FailedRecordCount: number
  Records: { ShardId?: number; SequenceNumber?: number; ErrorMessage?: string }[]
}

const v3io: Sample = {
  name: 'v3io',
  stream: (name) => ({ stream: `bucket/${name}`, topic: `bucket.${name}` }),
  put: (stream, records) => ({
    method: 'POST',
    path: `/${stream}/`,
    headers: { 'x-v3io-function': 'PutRecords' },
    body: json({
      Records: records.map(({ data, key }) => ({
        Data: data.toString('base64'),
        ...(key !== undefined && { PartitionKey: key }),
      })),
    }),
  }),
  read(body) {
    const reply = JSON.parse(body) as V3ioReply
    return {
      failed: reply.FailedRecordCount,
      answers: reply.Records.map(({ ShardId, SequenceNumber, ErrorMessage }) =>
        ShardId !== undefined && SequenceNumber !== undefined
          ? { shard: ShardId, ordinal: SequenceNumber - 1 }
          : { error: ErrorMessage ?? '' },
      ),
    }
  },
  recordsMax: 1000,
  bodyBytesMax: 10 * 2 ** 20,
  failures: {
    missingStream: { status: 404, says: 'ResourceNotFoundException' },
    malformedBody: { status: 400, says: 'InvalidArgumentException' },
    tooManyRecords: { status: 400, says: 'InvalidArgumentException' },
    bodyTooLarge: { status: 413, says: '' },
    overload: TRANSIENT_V3IO,
    nothingStored: TRANSIENT_V3IO,
    someFailed: TRANSIENT_V3IO,
  },
  inPlace: { tooLarge: 'InvalidArgumentException' },
}

export const SAMPLES: readonly Sample[] = [kinesis, yandex, dis, disInProtobuf, v3io]
