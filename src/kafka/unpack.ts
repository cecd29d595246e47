// From what a broker sends to the records that a reader of committed records sees.
//
// * Whole batches come, so that the first one may begin before the offset that was wanted.
// * Markers of transactions are no records, and those of aborted transactions are not seen: the
//   broker tells which producers' from which offset, and an abort marker ends it.
// * Reading goes on over all that is not seen, even when there is room for no more: so `next` is
//   where the next record lies, as far as the bytes tell.

import { BridgeError } from '../core/errors.ts'
import type { StoredRecord } from '../core/log.ts'
import { DecompressionError } from '../compression/decompress.ts'
import type { Crc32c } from './crc32c.ts'
import { decompressBatch } from './decompress.ts'
import type { Holding } from './holding.ts'
import type { FetchAnswer } from './protocol/fetch.ts'
import {
  checkedPart,
  isAbortMarker,
  readBatchHead,
  readRecords,
  recordsPart,
} from './protocol/stored-batch.ts'
import type { BatchHead } from './protocol/stored-batch.ts'

/** A read under way: what it has, and where it goes on. */
export interface Progress {
  readonly records: StoredRecord[]
  /** Of the records' keys, values and headers. */
  bytes: number
  next: number
  /** The time of the record at `next`, once it is known that there is one. */
  nextTimestampMs: number | undefined
}

export interface Limits {
  readonly recordsMax: number
  readonly bytesMax: number
}

export interface Unpacking {
  readonly limits: Limits
  readonly holding: Holding
  readonly crc32c: Crc32c
}

/** Whether another record would be one too many, whatever its size. */
export function isFull({ records, bytes }: Progress, { recordsMax, bytesMax }: Limits): boolean {
  return records.length >= recordsMax || bytes >= bytesMax
}

/**
 * Takes from an answer what there is room for. Rejects with BridgeError `unavailable` for records
 * that cannot be read, unless some before them could, and with what `holding` throws.
 */
export async function unpack(
  { batches, aborted }: Pick<FetchAnswer, 'batches' | 'aborted'>,
  progress: Progress,
  unpacking: Unpacking,
): Promise<void> {
  const isSeen = createSight(aborted)
  for (let at = 0; progress.nextTimestampMs === undefined;) {
    const head = tryReadHead(batches, at)
    if (head === undefined) return
    const batch = batches.subarray(at, at + head.bytes)
    const isWhole = batch.length === head.bytes
    if (head.isControl && !isWhole) return
    if (!isSeen(head, batch)) advance(progress, head)
    else if (!isWhole || isFull(progress, unpacking.limits)) stopBefore(progress, head)
    else await takeBatch(head, batch, { ...unpacking, progress })
    at += head.bytes
  }
}

/** Tells of one batch after the other whether its records are seen. */
function createSight(aborted: FetchAnswer['aborted']): (head: BatchHead, batch: Buffer) => boolean {
  const unseen = new Set<number>()
  const coming = [...aborted].sort((a, b) => b.firstOffset - a.firstOffset)
  return (head, batch) => {
    for (let first = coming.at(-1); first !== undefined; first = coming.at(-1)) {
      if (first.firstOffset > head.lastOffset) break
      unseen.add(first.producerId)
      coming.pop()
    }
    if (head.isControl) {
      if (isAbortMarker(head, recordsPart(batch))) unseen.delete(head.producerId)
      return false
    }
    return head.count > 0 && !(head.isTransactional && unseen.has(head.producerId))
  }
}

function advance(progress: Progress, { lastOffset }: BatchHead): void {
  progress.next = Math.max(progress.next, lastOffset + 1)
}

/** There is a record in this batch, but no room for it. */
function stopBefore(progress: Progress, { baseOffset, appendTimeMs, baseTimestampMs }: BatchHead) {
  progress.next = Math.max(progress.next, baseOffset)
  progress.nextTimestampMs = appendTimeMs ?? baseTimestampMs
}

interface Taking extends Unpacking {
  readonly progress: Progress
}

async function takeBatch(head: BatchHead, batch: Buffer, taking: Taking): Promise<void> {
  const { progress, limits } = taking
  try {
    const records = await plainRecords(head, batch, taking)
    for (const record of readRecords(head, records)) {
      if (record.offset < progress.next) continue
      if (!fits(record, progress, limits)) {
        progress.next = record.offset
        progress.nextTimestampMs = record.timestampMs
        return
      }
      progress.records.push(record)
      progress.bytes += bytesOf(record)
      progress.next = record.offset + 1
    }
    advance(progress, head)
  } catch (error) {
    // What was read before stands: the next read begins here, and says what is wrong.
    if (progress.records.length === 0) throw readable(error, head)
    stopBefore(progress, head)
  }
}

async function plainRecords(
  head: BatchHead,
  batch: Buffer,
  { holding, crc32c }: Unpacking,
): Promise<Buffer> {
  if (crc32c(checkedPart(batch)) !== head.checksum) throw new RangeError('Its checksum is wrong')
  const records = recordsPart(batch)
  return head.codec === 0 ? records : decompressBatch(head.codec, records, holding)
}

/** The first record fits always. */
function fits(record: StoredRecord, progress: Progress, limits: Limits): boolean {
  if (progress.records.length === 0) return true
  if (progress.records.length >= limits.recordsMax) return false
  return progress.bytes + bytesOf(record) <= limits.bytesMax
}

function bytesOf({ key, value, headers }: StoredRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0)
  for (const header of headers) bytes += header.name.length + header.value.length
  return bytes
}

function tryReadHead(batches: Buffer, at: number): BatchHead | undefined {
  try {
    return readBatchHead(batches, at)
  } catch (error) {
    throw unreadable(error)
  }
}

function readable(error: unknown, { baseOffset }: BatchHead): unknown {
  const isOurs = error instanceof RangeError || error instanceof DecompressionError
  return isOurs ? unreadable(error, ` at offset ${baseOffset}`) : error
}

function unreadable(error: unknown, where = ''): BridgeError {
  const reason = error instanceof Error ? error.message : String(error)
  return new BridgeError('unavailable', `The records${where} cannot be read: ${reason}`, {
    cause: error,
  })
}
