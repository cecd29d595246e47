// RecordBatch version 2 as it is read: the head first, then the records of one that is wanted.
//
// * What is behind the head may be compressed; that is the caller's to undo.
// * A batch whose topic keeps the time of appending has that one time, in its head.
// * Compaction takes records out and leaves the head as it was: offsets are as they are told, and a
//   batch may have no records left.
//
// Not done: the formats before version 2, which Kafka 0.10 and older wrote.

import type { Header, StoredRecord } from '../../core/log.ts'
import { BATCH_HEAD_BYTES } from './record-batch.ts'
import { Reader } from './wire.ts'

const MAGIC = 2
/** Behind the offset and the length. */
const LENGTH_FROM = 12
const CHECKED_FROM = 21
const CODEC = 7
const APPEND_TIME = 8
const TRANSACTIONAL = 16
const CONTROL = 32
const ABORT = 0

export interface BatchHead {
  readonly baseOffset: number
  readonly lastOffset: number
  /** Of the whole batch. */
  readonly bytes: number
  readonly checksum: number
  /** Kafka's number of the compression; 0: none. */
  readonly codec: number
  /** The batch's time for all its records, where there is one. */
  readonly appendTimeMs: number | undefined
  readonly baseTimestampMs: number
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly producerId: number
  readonly count: number
}

/**
 * The head of the batch at a place, or nothing where the bytes end before it does. Throws
 * RangeError for what is no batch, or one of an older format.
 */
export function readBatchHead(bytes: Buffer, at: number): BatchHead | undefined {
  if (bytes.length - at < BATCH_HEAD_BYTES) return undefined
  const reader = new Reader(bytes.subarray(at, at + BATCH_HEAD_BYTES))
  const baseOffset = reader.int64()
  const length = reader.int32() + LENGTH_FROM
  reader.int32() // leader epoch
  const magic = reader.int8()
  if (magic !== MAGIC) throw new RangeError('Records lie in a format older than Kafka 0.11’s')
  if (length < BATCH_HEAD_BYTES) throw new RangeError('A batch is shorter than its head')
  const checksum = reader.int32() >>> 0
  const attributes = reader.int16()
  const lastOffset = baseOffset + reader.int32()
  const baseTimestampMs = reader.int64()
  const newestMs = reader.int64()
  const producerId = reader.int64()
  reader.raw(6) // its epoch, its sequence
  return {
    baseOffset,
    lastOffset,
    bytes: length,
    checksum,
    codec: attributes & CODEC,
    appendTimeMs: (attributes & APPEND_TIME) !== 0 ? newestMs : undefined,
    baseTimestampMs,
    isTransactional: (attributes & TRANSACTIONAL) !== 0,
    isControl: (attributes & CONTROL) !== 0,
    producerId,
    count: reader.int32(),
  }
}

/** What a batch's checksum covers. */
export function checkedPart(batch: Buffer): Buffer {
  return batch.subarray(CHECKED_FROM)
}

/** What lies behind the head: records, compressed or not. */
export function recordsPart(batch: Buffer): Buffer {
  return batch.subarray(BATCH_HEAD_BYTES)
}

/** The records of a batch one by one. Throws RangeError where they are cut short. */
export function* readRecords(head: BatchHead, records: Buffer): Generator<StoredRecord> {
  const reader = new Reader(records)
  for (let i = 0; i < head.count; i++) {
    reader.varint() // length
    reader.int8() // attributes: none are defined
    const timestampMs = head.baseTimestampMs + reader.varint()
    yield {
      offset: head.baseOffset + reader.varint(),
      timestampMs: head.appendTimeMs ?? timestampMs,
      key: readBytes(reader),
      value: readBytes(reader),
      headers: readHeaders(reader),
    }
  }
}

/** Whether the marker in a control batch says that the transaction was aborted. */
export function isAbortMarker(head: BatchHead, records: Buffer): boolean {
  const [marker] = readRecords(head, records)
  return marker?.key?.readInt16BE(2) === ABORT
}

function readBytes(reader: Reader): Buffer | null {
  const length = reader.varint()
  return length < 0 ? null : reader.raw(length)
}

const NO_HEADERS: readonly Header[] = []

function readHeaders(reader: Reader): readonly Header[] {
  const count = reader.varint()
  if (count <= 0) return NO_HEADERS
  const headers: Header[] = []
  for (let i = 0; i < count; i++) {
    const name = readBytes(reader)?.toString() ?? ''
    headers.push({ name, value: readBytes(reader) ?? Buffer.alloc(0) })
  }
  return headers
}
