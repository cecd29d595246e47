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
import { BridgeError, isPassing } from '../../../core/errors.ts'
import type { Incoming, Outcome } from '../../../core/ingest.ts'
import type { InboundRecord, StreamRef, Target } from '../../../core/model.ts'
import { ANYWHERE } from '../../../core/placement.ts'
import { areStored } from '../../../core/stored.ts'
import { decodeBase64 } from '../../shared/base64.ts'
import { explicitHashNote } from '../../shared/notes.ts'
import { encodeFailure, encodeLike, REFINED, type Failure } from '../encode.ts'
import type { Facts, Limits } from '../facts.ts'
import { onStream, textOf } from '../names.ts'
import { BY_KEY, HASH_SPACE, parseHash } from '../placement.ts'
import { writePutResults, type PutResult } from '../protobuf.ts'
import { createPutReply } from '../put-reply.ts'
import { formatSequence } from '../sequence.ts'
import { formatShardId, parseShardId } from '../shards.ts'

/** An element of `records`, whose members' JSON types have been checked. */
interface Entry {
  readonly data?: unknown
  readonly partition_key?: unknown
  readonly partition_id?: unknown
  readonly explicit_hash_key?: unknown
  readonly timestamp?: unknown
}

const AHEAD_MS_MAX = 3_600_000
const TIMESTAMP_MIN_MS = Date.UTC(2000, 0, 1)

export function createPutRecords({ limits }: Facts): Operation['perform'] {
  const writeReply = createPutReply()
  return async function putRecords(ask) {
    const nowMs = ask.call.receivedAtMs
    const records = (ask.input['records'] as readonly Entry[]).map((entry) =>
      tryRecord(entry, limits, nowMs),
    )
    const outcomes = await storeAll(ask, records)
    if (areStored(outcomes)) return writeReply(ask.call.head, outcomes)
    return encodeOutcomes(ask, records, outcomes)
  }
}

/** The record of an entry, or what is wrong with it. */
function tryRecord(entry: Entry, limits: Limits, nowMs: number): Incoming {
  try {
    return toRecord(entry, limits, nowMs)
  } catch (error) {
    if (error instanceof BridgeError) return error
    throw error
  }
}

function toRecord(entry: Entry, limits: Limits, nowMs: number): InboundRecord {
  const key = presentText(entry.partition_key)
  const hash = presentText(entry.explicit_hash_key)
  const timestampMs = usableTimestamp(entry.timestamp, nowMs)
  const data = dataOf(entry, limits)
  const target = targetOf(entry, { key, hash })
  const notes = hash === undefined ? undefined : [explicitHashNote(hash)]
  return { data, key, target, timestampMs, notes }
}

/** A text; nothing where it is absent, null or empty. */
function presentText(text: unknown): string | undefined {
  return typeof text === 'string' && text !== '' ? text : undefined
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

interface Keys {
  readonly key: string | undefined
  readonly hash: string | undefined
}

function targetOf({ partition_id }: Entry, { key, hash: text }: Keys): Target {
  const id = presentText(partition_id)
  if (id !== undefined) return { by: 'shard', shard: toShard(id) }
  const hash = toHash(text)
  if (hash !== undefined) return { by: 'hash', hash, space: HASH_SPACE }
  return key === undefined ? ANYWHERE : BY_KEY
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

function usableTimestamp(timestamp: unknown, nowMs: number): number | undefined {
  if (typeof timestamp !== 'number') return undefined
  const usable = timestamp >= TIMESTAMP_MIN_MS && timestamp <= nowMs + AHEAD_MS_MAX
  return usable ? Math.floor(timestamp) : undefined
}

/** Rejects with BridgeError for what is permanent and the whole call's: a missing stream. */
async function storeAll(ask: Ask, records: readonly Incoming[]): Promise<readonly Outcome[]> {
  try {
    return await onStream(ask, (stream) => storeIn(ask, stream, records))
  } catch (error) {
    // Not even the stream could be looked for.
    if (!isPassing(error)) throw error
    const { code, message } = error
    return records.map(() => ({ stored: false, code, message }))
  }
}

async function storeIn(
  ask: Ask,
  stream: StreamRef,
  records: readonly Incoming[],
): Promise<readonly Outcome[]> {
  const outcomes = await ask.put(stream, records, {
    deadlineMs: ask.call.deadlineMs,
    tooLarge: 'in-place',
    passing: 'in-place',
  })
  const offered = outcomes.filter((_, i) => !(records[i] instanceof BridgeError))
  const isGone = offered.every((each) => !each.stored && each.code === 'stream-not-found')
  if (offered.length === 0 || !isGone) return outcomes
  throw new BridgeError('stream-not-found', 'The stream is gone', { subject: stream.name })
}

/** Every record's result in its place: its own fault, or what became of it. */
function encodeOutcomes(
  { call, input }: Ask,
  entries: readonly Incoming[],
  outcomes: readonly Outcome[],
): Reply {
  const subject = textOf(input, 'stream_name') ?? textOf(input, 'stream_id') ?? ''
  let failed = 0
  const records = entries.map((entry, i): PutResult => {
    const outcome = outcomes[i] ?? { stored: false, code: 'internal', message: '' }
    if (outcome.stored) {
      return {
        partition_id: formatShardId(outcome.shard),
        sequence_number: formatSequence(outcome),
      }
    }
    failed++
    return encodeFailure(failureOf(entry, outcome, subject), call.head)
  })
  return encodeLike(call.head, { failed_record_count: failed, records }, writePutResults)
}

function failureOf(entry: Incoming, outcome: Failure, subject: string): Failure {
  if (entry instanceof BridgeError) return entry
  // A stream that is not ready yet is no fault of the record's, and it may be sent again.
  const code = outcome.code === 'stream-in-use' ? 'unavailable' : outcome.code
  return { ...outcome, code, message: messageOf(entry, outcome), subject }
}

/** A partition that there is not is named as its caller would. */
function messageOf({ target }: InboundRecord, { code, message }: Failure): string {
  const isShard = code === 'shard-not-found' && target.by === 'shard'
  return isShard ? formatShardId(target.shard) : message
}
