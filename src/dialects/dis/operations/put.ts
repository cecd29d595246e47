// PutRecords (docs: "Uploading Data to a DIS Stream"). One record is a batch of one.
//
// * partition_id wins over explicit_hash_key, which wins over partition_key; without any the record
//   goes wherever there is room. The partition key is the key on Kafka whichever of them wins.
// * An explicit_hash_key outside the hash space counts as not given, as in the vendor's own
//   arithmetic; one that is no number fails its record.
// * A record's own fault is answered in its place, in a 200: the DIS agent throws its whole buffer
//   away on a 400. So is every transient failure, also when nothing could be stored: the SDKs send
//   records with DIS.4303 and DIS.5250 again, and one of them cannot repeat a whole request.
// * A timestamp that no clock of today gave is not kept: negative, more than an hour ahead (which
//   Kafka refuses), or of before 2000, as seconds in place of milliseconds are.

import type { Ask, Operation, Reply } from '../../../core/dialect.ts'
import { BridgeError, type ErrorCode } from '../../../core/errors.ts'
import type { Outcome } from '../../../core/ingest.ts'
import type { InboundRecord, Note, StreamRef, Target } from '../../../core/model.ts'
import { decodeBase64 } from '../../shared/base64.ts'
import { explicitHashNote } from '../../shared/notes.ts'
import { encodeFailure, encodeReply, REFINED, type Failure } from '../encode.ts'
import type { Facts, Limits } from '../facts.ts'
import { onStream, textOf } from '../names.ts'
import { HASH_SPACE, parseHash, placeByMd5 } from '../placement.ts'
import { formatSequence } from '../sequence.ts'
import { formatShardId, parseShardId } from '../shards.ts'

/** An element of `records`, whose members' JSON types have been checked. */
type Entry = Readonly<Record<string, unknown>>

const AHEAD_MS_MAX = 3_600_000
const TIMESTAMP_MIN_MS = Date.UTC(2000, 0, 1)

/** Failures that leave a record unwritten for now, or may: all of the call's records alike. */
const TRANSIENT: readonly ErrorCode[] = ['throttled', 'unavailable', 'undecided', 'stream-in-use']

export function createPutRecords({ limits }: Facts): Operation['perform'] {
  return async function putRecords(ask) {
    const nowMs = ask.call.receivedAtMs
    const entries = (ask.input['records'] as readonly Entry[]).map((entry) =>
      tryRecord(entry, limits, nowMs),
    )
    const records = entries.filter(isRecord)
    const outcomes = await storeAll(ask, records)
    return encodeOutcomes(ask, entries, outcomes)
  }
}

function isRecord(entry: InboundRecord | BridgeError): entry is InboundRecord {
  return !(entry instanceof BridgeError)
}

/** The record of an entry, or what is wrong with it. */
function tryRecord(entry: Entry, limits: Limits, nowMs: number): InboundRecord | BridgeError {
  try {
    const key = textOf(entry, 'partition_key')
    const timestampMs = usableTimestamp(entry['timestamp'], nowMs)
    const notes = notesOf(entry)
    return {
      data: dataOf(entry, limits),
      target: targetOf(entry),
      ...(key !== undefined && { key }),
      ...(timestampMs !== undefined && { timestampMs }),
      ...(notes && { notes }),
    }
  } catch (error) {
    if (error instanceof BridgeError) return error
    throw error
  }
}

function dataOf({ data }: Entry, { recordBytesMax }: Limits): Buffer {
  if (data === undefined || data === null) throw new BridgeError('constraint', 'data is required.')
  const bytes = typeof data === 'string' ? decodeBase64(data) : (data as Buffer)
  if (!bytes) throw new BridgeError('wrong-type', 'data must be well-formed base64.')
  if (bytes.length <= recordBytesMax) return bytes
  throw new BridgeError(
    'record-too-large',
    `data has ${bytes.length} bytes, and a record may have ${recordBytesMax}.`,
  )
}

function targetOf(entry: Entry): Target {
  const id = textOf(entry, 'partition_id')
  if (id !== undefined) return { by: 'shard', shard: toShard(id) }
  const hash = toHash(textOf(entry, 'explicit_hash_key'))
  if (hash !== undefined) return { by: 'hash', hash, space: HASH_SPACE }
  const key = textOf(entry, 'partition_key')
  return key === undefined ? { by: 'any' } : { by: 'key', key, place: placeByMd5 }
}

function toShard(id: string): number {
  const shard = parseShardId(id)
  if (shard !== undefined) return shard
  throw new BridgeError('invalid-argument', quote(id), { as: REFINED.shardId })
}

function toHash(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined
  const hash = parseHash(text)
  if (hash === undefined) {
    throw new BridgeError('invalid-argument', `explicit_hash_key is no number: ${quote(text)}`)
  }
  return hash === 'out-of-range' ? undefined : hash
}

/** Enough of a caller's text to recognise it. */
function quote(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function notesOf(entry: Entry): readonly Note[] | undefined {
  const hash = textOf(entry, 'explicit_hash_key')
  return hash === undefined ? undefined : [explicitHashNote(hash)]
}

function usableTimestamp(timestamp: unknown, nowMs: number): number | undefined {
  if (typeof timestamp !== 'number') return undefined
  const usable = timestamp >= TIMESTAMP_MIN_MS && timestamp <= nowMs + AHEAD_MS_MAX
  return usable ? Math.floor(timestamp) : undefined
}

/** Rejects with BridgeError for what is permanent and the whole call's: a missing stream. */
async function storeAll(ask: Ask, records: readonly InboundRecord[]): Promise<readonly Outcome[]> {
  try {
    return await onStream(ask, (stream) => storeIn(ask, stream, records))
  } catch (error) {
    if (!(error instanceof BridgeError) || !TRANSIENT.includes(error.code)) throw error
    const code = error.code === 'throttled' ? 'throttled' : 'unavailable'
    return records.map(() => ({ stored: false, code, message: error.message }))
  }
}

async function storeIn(
  ask: Ask,
  stream: StreamRef,
  records: readonly InboundRecord[],
): Promise<readonly Outcome[]> {
  const outcomes = await ask.put(stream, records, {
    deadlineMs: ask.call.deadlineMs,
    tooLarge: 'in-place',
  })
  const isGone = outcomes.every((each) => !each.stored && each.code === 'stream-not-found')
  if (outcomes.length === 0 || !isGone) return outcomes
  throw new BridgeError('stream-not-found', 'The stream is gone', { subject: stream.name })
}

/** Every entry's result in its place: its own fault, or what became of its record. */
function encodeOutcomes(
  { call, input }: Ask,
  entries: readonly (InboundRecord | BridgeError)[],
  outcomes: readonly Outcome[],
): Reply {
  const subject = textOf(input, 'stream_name') ?? textOf(input, 'stream_id') ?? ''
  let failed = 0
  let next = 0
  const fail = (failure: Failure): Record<string, string> => {
    failed++
    return encodeFailure(failure, call.head)
  }
  const records = entries.map((entry) => {
    if (!isRecord(entry)) return fail(entry)
    const outcome = outcomes[next++] ?? { stored: false, code: 'internal', message: '' }
    if (!outcome.stored) return fail({ ...outcome, message: messageOf(entry, outcome), subject })
    return {
      partition_id: formatShardId(outcome.shard),
      sequence_number: formatSequence(outcome),
    }
  })
  return encodeReply({ failed_record_count: failed, records })
}

/** A partition that there is not is named as its caller would. */
function messageOf({ target }: InboundRecord, { code, message }: Failure): string {
  const isShard = code === 'shard-not-found' && target.by === 'shard'
  return isShard ? formatShardId(target.shard) : message
}
