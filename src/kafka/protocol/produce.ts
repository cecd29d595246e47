// Produce with acks=all. Version 13 where the broker has it: it names topics by their ids, so that
// a batch for a topic that was deleted can never land in another of the same name. Version 8
// before, the first to tell which records made a batch fail.
//
// A request is one buffer: its length is known before anything is written, new batches are written
// in place, and a batch that is sent again is copied, byte for byte.
//
// Replies are read per partition and never judged here.

import { headBytes, openReply, writeHead } from './request.ts'
import type { Api } from './request.ts'
import type { Reader } from './wire.ts'

export const PRODUCE_KEY = 0
const BY_NAME: Api = { key: PRODUCE_KEY, version: 8, flexible: false }
const BY_ID: Api = { key: PRODUCE_KEY, version: 13, flexible: true }
const ACKS_ALL = -1

/** A topic in a request: named by its id (16 bytes) in version 13, by its name before. */
export interface ProduceTopic {
  readonly name: string
  readonly id: Buffer | null
  readonly parts: readonly ProducePart[]
}

/** A batch in a request. */
export interface ProducePart {
  readonly partition: number
  readonly bytes: number
  /** Writes the batch over all of the buffer it is given. */
  readonly write: (target: Buffer) => void
}

export interface ProduceRequest {
  readonly clientId: string
  /** How long the broker waits for replicas before it answers REQUEST_TIMED_OUT. */
  readonly timeoutMs: number
  readonly topics: readonly ProduceTopic[]
}

interface RecordError {
  /** The record's place in its batch. */
  readonly index: number
  readonly message: string | null
}

/** What the broker says of one batch. */
export interface ProduceAnswer {
  /** The name, or the id as 32 hexadecimal digits in version 13. */
  readonly topic: string
  readonly partition: number
  readonly code: number
  readonly baseOffset: number
  /** -1 unless the topic has the broker stamp the time. */
  readonly logAppendTimeMs: number
  readonly recordErrors: readonly RecordError[]
  readonly message: string | null
}

export interface ProduceReply {
  readonly answers: readonly ProduceAnswer[]
  readonly throttleMs: number
}

/** The version to speak with a broker whose newest is `versionMax`. */
export function produceApi(versionMax: number): Api {
  return versionMax >= BY_ID.version ? BY_ID : BY_NAME
}

/** How a topic is called in the replies of this version. */
export function produceTopicKey(
  api: Api,
  { name, idHex }: { readonly name: string; readonly idHex: string | null },
): string {
  return api.flexible && idHex !== null ? idHex : name
}

/** The whole request as one buffer. In version 13 every topic has an id. */
export function encodeProduce(api: Api, request: ProduceRequest): Buffer {
  const { clientId, timeoutMs, topics } = request
  const target = Buffer.allocUnsafe(headBytes(api, clientId) + bodyBytes(api, topics))
  const cursor = { target, at: writeHead(target, api, clientId), flexible: api.flexible }
  if (api.flexible) writeByte(cursor, 0)
  else writeInt16(cursor, -1) // either way: no transaction
  writeInt16(cursor, ACKS_ALL)
  writeInt32(cursor, timeoutMs)
  writeCount(cursor, topics.length)
  for (const topic of topics) {
    writeTopicName(cursor, topic)
    writeCount(cursor, topic.parts.length)
    for (const part of topic.parts) writePart(cursor, part)
    writeEnd(cursor)
  }
  writeEnd(cursor)
  return target
}

/** Reads a reply. Throws RangeError when it is cut short. */
export function decodeProduce(api: Api, reply: Buffer): ProduceReply {
  const reader = openReply(api, reply)
  const topics = reader.array(() => {
    const topic = api.flexible ? reader.raw(16).toString('hex') : (reader.string() ?? '')
    const answers = reader.array(() => readAnswer(reader, topic))
    reader.end()
    return answers
  })
  return { answers: topics.flat(), throttleMs: reader.int32() }
}

function readAnswer(reader: Reader, topic: string): ProduceAnswer {
  const partition = reader.int32()
  const code = reader.int16()
  const baseOffset = reader.int64()
  const logAppendTimeMs = reader.int64()
  reader.int64() // first offset still there
  const recordErrors = reader.array(readRecordError)
  const message = reader.string()
  reader.end()
  return { topic, partition, code, baseOffset, logAppendTimeMs, recordErrors, message }
}

function readRecordError(reader: Reader): RecordError {
  const index = reader.int32()
  const message = reader.string()
  reader.end()
  return { index, message }
}

interface Cursor {
  readonly target: Buffer
  readonly flexible: boolean
  at: number
}

function bodyBytes({ flexible }: Api, topics: readonly ProduceTopic[]): number {
  // Transaction (2, or 1 and 1 at the end), acks (2), time-out (4).
  let bytes = 8 + countBytes(flexible, topics.length)
  for (const { name, parts } of topics) {
    bytes += flexible ? 17 : 2 + Buffer.byteLength(name)
    bytes += countBytes(flexible, parts.length)
    for (const part of parts) {
      bytes += 4 + countBytes(flexible, part.bytes) + part.bytes + (flexible ? 1 : 0)
    }
  }
  return bytes
}

function countBytes(flexible: boolean, count: number): number {
  if (!flexible) return 4
  let bytes = 1
  for (let rest = count + 1; rest > 127; rest >>>= 7) bytes++
  return bytes
}

function writePart(cursor: Cursor, part: ProducePart): void {
  writeInt32(cursor, part.partition)
  writeCount(cursor, part.bytes)
  const end = cursor.at + part.bytes
  part.write(cursor.target.subarray(cursor.at, end))
  cursor.at = end
  writeEnd(cursor)
}

function writeTopicName(cursor: Cursor, { name, id }: ProduceTopic): void {
  if (cursor.flexible) {
    if (id === null) throw new Error(`Topic ${name} has no id`)
    cursor.at += id.copy(cursor.target, cursor.at)
    return
  }
  const length = cursor.target.write(name, cursor.at + 2)
  writeInt16(cursor, length)
  cursor.at += length
}

function writeByte(cursor: Cursor, value: number): void {
  cursor.target[cursor.at++] = value
}

function writeInt16(cursor: Cursor, value: number): void {
  cursor.at = cursor.target.writeInt16BE(value, cursor.at)
}

function writeInt32(cursor: Cursor, value: number): void {
  cursor.at = cursor.target.writeInt32BE(value, cursor.at)
}

function writeCount(cursor: Cursor, count: number): void {
  if (!cursor.flexible) {
    writeInt32(cursor, count)
    return
  }
  let rest = count + 1
  for (; rest > 127; rest >>>= 7) writeByte(cursor, (rest & 127) | 128)
  writeByte(cursor, rest)
}

function writeEnd(cursor: Cursor): void {
  if (cursor.flexible) writeByte(cursor, 0)
}
