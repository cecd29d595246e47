// RecordBatch version 2, the only form in which records travel and lie on disk.
//
// * Sizes are computed first and are exact; a batch is written in place into a buffer of its
//   request, each value copied once.
// * Timestamps are deltas to the first record's, which may be negative; offsets and sequences
//   count from the first record's.
// * The checksum covers everything behind itself, so that producer id, epoch and sequence are
//   part of it, and the leader epoch before it is not.
// * The records may be compressed, all of them as one section, by whoever has a codec; its number
//   stands in the low three bits of the attributes. The head is never compressed.

import { bytesOfKey, type Message } from '../../core/log.ts'
import type { Crc32c } from '../crc32c.ts'
import { writeInt64 } from './wire.ts'

/** Bytes of a batch without records. */
export const BATCH_HEAD_BYTES = 61

const CHECKSUM_AT = 17
const CHECKED_FROM = 21
const ATTRIBUTES = 0 // timestamps of the producer, no transaction
const NONE = 1 // length of a varint that is -1

/** What makes a batch idempotent: the same three, and the broker stores it once. */
export interface ProducerState {
  readonly producerId: number
  readonly epoch: number
  readonly sequence: number
}

/** What stands in a batch's head beside what its content tells. */
export interface BatchHead {
  readonly producer: ProducerState
  readonly crc32c: Crc32c
  /** Kafka's number of what compressed the records; absent: nothing did. */
  readonly codec?: number
}

/** Messages of one partition, each with its timestamp in milliseconds. */
export interface BatchContent {
  readonly messages: readonly Message[]
  readonly timestamps: readonly number[]
}

/** The exact size of one record, its own length included. */
export function recordBytes(message: Message, offsetDelta: number, timestampDelta: number): number {
  const bytes = bodyBytes(message, offsetDelta, timestampDelta)
  return bytes + varintBytes(bytes * 2)
}

/** The exact size of a batch. */
export function batchBytes({ messages, timestamps }: BatchContent): number {
  const first = timestamps[0] ?? 0
  let bytes = BATCH_HEAD_BYTES
  for (const [i, message] of messages.entries()) {
    bytes += recordBytes(message, i, (timestamps[i] ?? first) - first)
  }
  return bytes
}

/**
 * Writes a batch over the whole of `target`, which is exactly `batchBytes(content)` long. The
 * content has at least one message.
 */
export function writeBatch(target: Buffer, content: BatchContent, head: BatchHead): void {
  writeRecords(target, BATCH_HEAD_BYTES, content)
  writeBatchHead(target, content, head)
}

/** Writes the records alone: `batchBytes(content)` without the head. */
export function writeRecords(target: Buffer, start: number, content: BatchContent): void {
  const { messages, timestamps } = content
  const first = timestamps[0] ?? 0
  let at = start
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]
    const delta = (timestamps[i] ?? first) - first
    if (message === undefined) continue
    at = writeVarint(target, at, bodyBytes(message, i, delta))
    target[at++] = 0 // attributes of a record: none are defined
    at = writeVarint(target, at, delta)
    at = writeVarint(target, at, i)
    at = writeMessage(target, at, message)
  }
}

/** Writes the head before records that lie in `target` already, to its end. */
export function writeBatchHead(
  target: Buffer,
  { messages, timestamps }: BatchContent,
  { producer, crc32c, codec = 0 }: BatchHead,
): void {
  const first = timestamps[0] ?? 0
  let newest = first
  for (const timestamp of timestamps) if (timestamp > newest) newest = timestamp
  writeInt64(target, 0, 0) // base offset: the broker's to give
  target.writeInt32BE(target.length - 12, 8)
  target.writeInt32BE(-1, 12) // leader epoch: the broker's, too
  target.writeInt8(2, 16)
  target.writeInt16BE(ATTRIBUTES | codec, 21)
  target.writeInt32BE(messages.length - 1, 23)
  writeInt64(target, first, 27)
  writeInt64(target, newest, 35)
  target.writeInt32BE(messages.length, 57)
  writeInt64(target, producer.producerId, 43)
  target.writeInt16BE(producer.epoch, 51)
  target.writeInt32BE(producer.sequence, 53)
  target.writeUInt32BE(crc32c(target.subarray(CHECKED_FROM)), CHECKSUM_AT)
}

function writeMessage(target: Buffer, start: number, { key, value, headers }: Message): number {
  let at = writeContent(target, start, key)
  at = writeContent(target, at, value)
  if (headers === undefined) return writeVarint(target, at, 0)
  at = writeVarint(target, at, headers.length)
  for (const header of headers) {
    at = writeContent(target, at, header.name)
    at = writeContent(target, at, header.value)
  }
  return at
}

function bodyBytes({ key, value, headers }: Message, offsetDelta: number, delta: number): number {
  let bytes = 1 + varintBytes(zigzag(delta)) + varintBytes(offsetDelta * 2)
  bytes += key === null ? NONE : sizedBytes(bytesOfKey(key))
  bytes += value === null ? NONE : sizedBytes(value.length)
  if (headers === undefined) return bytes + 1
  bytes += varintBytes(headers.length * 2)
  for (const header of headers) {
    bytes += sizedBytes(Buffer.byteLength(header.name)) + sizedBytes(header.value.length)
  }
  return bytes
}

/** Of so many bytes after their length. */
function sizedBytes(length: number): number {
  return varintBytes(length * 2) + length
}

/** Writes what a record holds after its length; of nothing, that it is nothing. */
function writeContent(target: Buffer, start: number, content: Buffer | string | null): number {
  if (content === null) return writeVarint(target, start, -1)
  if (typeof content === 'string') return writeText(target, start, content)
  const at = writeVarint(target, start, content.length)
  return at + content.copy(target, at)
}

// A text is nearly always as many bytes as characters: it is written as if it were, and once more
// if its length turned out to take more room before it.
function writeText(target: Buffer, start: number, text: string): number {
  const expected = start + varintBytes(text.length * 2)
  const length = target.write(text, expected)
  const at = writeVarint(target, start, length)
  if (at !== expected) target.write(text, at)
  return at + length
}

/** Signed integers alternate so that small ones of either sign are short: 0 -1 1 -2 2. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

// Arithmetic instead of bits above 2^31, which only differences of strange timestamps reach.
function writeVarint(target: Buffer, start: number, value: number): number {
  let rest = zigzag(value)
  let at = start
  for (; rest >= 0x8000_0000; rest = Math.floor(rest / 128)) target[at++] = (rest % 128) | 128
  for (; rest > 127; rest >>>= 7) target[at++] = (rest & 127) | 128
  target[at] = rest
  return at + 1
}

function varintBytes(unsigned: number): number {
  if (unsigned < 0x80) return 1
  if (unsigned < 0x4000) return 2
  if (unsigned < 0x20_0000) return 3
  let bytes = 4
  for (let rest = unsigned / 0x1000_0000; rest >= 1; rest /= 128) bytes++
  return bytes
}
