// Whole requests as the clients of each vendor send them, in files that the load generator reads.
//
// * Every request of a file has other records; the file goes round.
// * Stream names end in digits that the load generator replaces, and so does the number of an attempt.

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeCbor } from '../../src/dialects/shared/cbor.ts'
import { PROTOBUF, putRequest } from '../../test/dialects/dis/protobuf.ts'
import { signHeaders } from '../../test/support/sigv4.ts'
import { createRecords } from '../shared/records.ts'
import type { Workload } from './workloads.ts'

export type RequestKind =
  | 'kinesis-json'
  | 'kinesis-sdk'
  | 'kinesis-bearing'
  | 'kinesis-signed'
  | 'kinesis-cbor'
  | 'kinesis-kpl'
  | 'dis-json'
  | 'dis-protobuf'
  | 'v3io'

interface Kind {
  /** Stands once in a reply for each record that was not stored. */
  readonly failure: string
  readonly topicOf: (stream: string) => string
  readonly requestOf: (stream: string, records: readonly Item[]) => Buffer
}

interface Item {
  readonly key: string
  readonly data: Buffer
}

export const KEY_ID = 'AKIDBENCH'
export const SECRET = 'not a secret'
const CONTAINER = 'bench'
const PROJECT = '0123456789abcdef0123456789abcdef'
const NUMBER = '00000000-0000-4000-8000-000000000000'
const FILE_BYTES_MAX = 24 * 2 ** 20
const REQUESTS_MAX = 2000
const JSON_TYPE = 'application/x-amz-json-1.1'

function whole(start: string, headers: Readonly<Record<string, string>>, body: Buffer): Buffer {
  const all = { host: 'localhost', ...headers, 'content-length': String(body.length) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`${start} HTTP/1.1\r\n${lines.join('')}\r\n`), body])
}

function kinesis(type: string, records: readonly Item[], extra: Readonly<Record<string, string>>) {
  const operation = records.length === 1 ? 'PutRecord' : 'PutRecords'
  return { 'content-type': type, 'x-amz-target': `Kinesis_20131202.${operation}`, ...extra }
}

function kinesisBody(StreamName: string, items: readonly Item[], bytes: (data: Buffer) => unknown) {
  const records = items.map(({ key, data }) => ({ Data: bytes(data), PartitionKey: key }))
  const [first] = records
  return records.length === 1 ? { StreamName, ...first } : { StreamName, Records: records }
}

function base64(data: Buffer): string {
  return data.toString('base64')
}

function kinesisJson(stream: string, items: readonly Item[]): Buffer {
  return Buffer.from(JSON.stringify(kinesisBody(stream, items, base64)))
}

function inJson(extra: Readonly<Record<string, string>>): Kind['requestOf'] {
  return (stream, items) =>
    whole('POST /', kinesis(JSON_TYPE, items, extra), kinesisJson(stream, items))
}

/** What the AWS SDK for JavaScript sends beside what is needed. */
const SDK_HEADERS = {
  accept: '*/*',
  'amz-sdk-invocation-id': NUMBER,
  'amz-sdk-request': 'attempt=1; max=3',
  authorization: `AWS4-HMAC-SHA256 Credential=${KEY_ID}/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target;x-amz-user-agent, Signature=${'0'.repeat(64)}`,
  'user-agent': 'aws-sdk-js/3.1143.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#20.20.2 api/kinesis',
  'x-amz-content-sha256': '0'.repeat(64),
  'x-amz-date': '20260101T000000Z',
  'x-amz-user-agent': 'aws-sdk-js/3.1143.0',
}

/** A signature that nobody verifies, for those who only want to see one. */
export const BEARING = {
  authorization: `AWS4-HMAC-SHA256 Credential=${KEY_ID}/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
  'x-amz-date': '20260101T000000Z',
}

const KINESIS = { failure: 'ErrorCode', topicOf: (stream: string) => stream }

const KINDS: Record<RequestKind, Kind> = {
  'kinesis-json': { ...KINESIS, requestOf: inJson({}) },
  'kinesis-sdk': { ...KINESIS, requestOf: inJson(SDK_HEADERS) },
  // Some say `"ErrorCode":null` of what they stored.
  'kinesis-bearing': { ...KINESIS, failure: '"ErrorCode":"', requestOf: inJson(BEARING) },
  'kinesis-signed': {
    ...KINESIS,
    requestOf(stream, items) {
      const body = kinesisJson(stream, items)
      const headers = { host: 'localhost', ...kinesis(JSON_TYPE, items, {}) }
      const signed = signHeaders({ headers, body, keyId: KEY_ID, secret: SECRET })
      return whole('POST /', signed, body)
    },
  },
  'kinesis-cbor': {
    ...KINESIS,
    requestOf(stream, items) {
      const body = encodeCbor(kinesisBody(stream, items, (data) => data))
      return whole('POST /', kinesis('application/x-amz-cbor-1.1', items, {}), body)
    },
  },
  'kinesis-kpl': {
    ...KINESIS,
    requestOf(stream, items) {
      const one = [{ key: 'a', data: aggregate(items) }]
      return whole('POST /', kinesis(JSON_TYPE, one, {}), kinesisJson(stream, one))
    },
  },
  'dis-json': {
    failure: '"DIS.',
    topicOf: (stream) => stream,
    requestOf(stream, items) {
      const records = items.map(({ key, data }) => ({ data: base64(data), partition_key: key }))
      const body = Buffer.from(JSON.stringify({ stream_name: stream, records }))
      return whole(`POST /v2/${PROJECT}/records`, { 'content-type': 'application/json' }, body)
    },
  },
  'dis-protobuf': {
    failure: 'DIS.',
    topicOf: (stream) => stream,
    requestOf(stream, items) {
      const records = items.map(({ key, data }) => ({ data, partition_key: key }))
      const body = putRequest({ stream_name: stream, records })
      return whole(`POST /v2/${PROJECT}/records`, PROTOBUF, body)
    },
  },
  v3io: {
    failure: 'ErrorCode',
    topicOf: (stream) => `${CONTAINER}.${stream}`,
    requestOf(stream, items) {
      const records = items.map(({ key, data }) => ({ Data: base64(data), PartitionKey: key }))
      const headers = { 'content-type': 'application/json', 'x-v3io-function': 'PutRecords' }
      const body = Buffer.from(JSON.stringify({ Records: records }))
      return whole(`PUT /${CONTAINER}/${stream}/`, headers, body)
    },
  },
}

const MAGIC = Buffer.from('f3899ac2', 'hex')
const KEYS_FIELD = 0x0a
const RECORDS_FIELD = 0x1a
const DATA_FIELD = 0x1a

/** An aggregate of the Kinesis Producer Library (its messages.proto). */
function aggregate(items: readonly Item[]): Buffer {
  const keys = items.map(({ key }) => field(KEYS_FIELD, Buffer.from(key)))
  const records = items.map(({ data }, i) => {
    const index = Buffer.concat([Buffer.from([0x08]), varint(i)])
    return field(RECORDS_FIELD, Buffer.concat([index, field(DATA_FIELD, data)]))
  })
  const message = Buffer.concat([...keys, ...records])
  return Buffer.concat([MAGIC, message, createHash('md5').update(message).digest()])
}

function field(tag: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), varint(value.length), value])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

export interface Prepared {
  readonly file: string
  readonly failure: string
  readonly topics: readonly string[]
}

let prepared = 0

/** Writes the requests of a run, whose streams are its own. */
export function prepareRequests(
  folder: string,
  { records, recordBytes, topics }: Workload,
  kind: RequestKind,
): Prepared {
  const { failure, topicOf, requestOf } = KINDS[kind]
  const run = `${process.pid.toString(36)}${(prepared++).toString(36)}`
  const streams = Array.from({ length: topics }, (_, i) => {
    return `b${run}-stream-${String(i).padStart(4, '0')}`
  })
  const [stream = ''] = streams
  const count = Math.min(
    REQUESTS_MAX,
    Math.max(4, Math.floor(FILE_BYTES_MAX / (records * recordBytes * 1.4))),
  )
  const all = recordsOf(count * records, recordBytes)
  const parts: Buffer[] = []
  for (let i = 0; i < count; i++) {
    const request = requestOf(stream, all.slice(i * records, (i + 1) * records))
    const length = Buffer.alloc(4)
    length.writeUInt32LE(request.length)
    parts.push(length, request)
  }
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'requests')
  writeFileSync(file, Buffer.concat(parts))
  return { file, failure, topics: streams.map(topicOf) }
}

const made = new Map<number, Item[]>()

function recordsOf(count: number, bytes: number): readonly Item[] {
  let items = made.get(bytes)
  if (items === undefined || items.length < count) {
    items = createRecords(count, bytes).map((data, i) => {
      const key = createHash('md5').update(String(i)).digest('hex').slice(0, 12)
      return { key: `user-${key}`, data }
    })
    made.set(bytes, items)
  }
  return items
}
