// PutRecords (docs: "Streaming Web API: PutRecords"), by POST or PUT.
//
// * ShardId wins over PartitionKey, which becomes the key on Kafka either way; a record with neither
//   goes round the shards in turn, on from the last request's.
// * Failed in their place, in a 200: a shard there is not (whatever the number is), data that is not
//   base64, data, key or ClientInfo over its limit. The other records are stored: mlrun and frames
//   send a batch once and ask nothing.
// * Whatever may pass fails the call, although some records may be stored by then.

import type { Operation, Reply } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { Incoming, Outcome } from '../../../core/ingest.ts'
import type { InboundRecord, Note, Position, Target } from '../../../core/model.ts'
import { ANYWHERE } from '../../../core/placement.ts'
import { areStored } from '../../../core/stored.ts'
import { decodeBase64 } from '../../shared/base64.ts'
import { noteOf } from '../client-info.ts'
import { encodeFailure, encodeReply, encodeText, staysInPlace } from '../encode.ts'
import type { Limits } from '../facts.ts'
import { streamOf } from '../names.ts'
import { numberOf } from '../numbers.ts'
import { BY_KEY } from '../placement.ts'

interface Entry {
  readonly Data: string | Buffer
  readonly ClientInfo?: string | null
  readonly PartitionKey?: string | null
  readonly ShardId?: number | null
}

export function createPutRecords(limits: Limits): Operation['perform'] {
  return async function putRecords({ input, call, put }) {
    const stream = streamOf(input, call.head)
    const records = (input['Records'] as Entry[]).map((entry) => tryRecord(entry, limits))
    const outcomes = await put(stream, records, {
      deadlineMs: call.deadlineMs,
      tooLarge: 'in-place',
    })
    if (areStored(outcomes)) return writeReply(outcomes)
    const failed = outcomes.filter(({ stored }) => !stored)
    for (const outcome of failed) refuseWhole(outcome, stream.name)
    return encodeReply({ FailedRecordCount: failed.length, Records: outcomes.map(encodeOutcome) })
  }
}

function refuseWhole(outcome: Outcome, subject: string): void {
  if (outcome.stored || staysInPlace(outcome.code)) return
  throw new BridgeError(outcome.code, outcome.message, { subject })
}

/** As encoding the members would, byte for byte: nearly all replies are this one. */
function writeReply(positions: readonly Position[]): Reply {
  const records = positions.map((position) => {
    return `{"SequenceNumber":${numberOf(position)},"ShardId":${position.shard}}`
  })
  return encodeText(`{"FailedRecordCount":0,"Records":[${records.join(',')}]}`)
}

function encodeOutcome(outcome: Outcome): Record<string, unknown> {
  if (!outcome.stored) return encodeFailure(outcome.code)
  return { SequenceNumber: numberOf(outcome), ShardId: outcome.shard }
}

/** The record, or why it cannot be one. */
function tryRecord(entry: Entry, limits: Limits): Incoming {
  try {
    return toRecord(entry, limits)
  } catch (error) {
    if (error instanceof BridgeError) return error
    throw error
  }
}

function toRecord(entry: Entry, limits: Limits): InboundRecord {
  const key = presentText(entry.PartitionKey)
  const clientInfo = presentText(entry.ClientInfo)
  const target = toTarget(entry.ShardId ?? undefined, key)
  refuseOver(limits.keyBytesMax, 'PartitionKey', Buffer.byteLength(key ?? ''))
  const data = toData(entry.Data, limits)
  const notes = clientInfo === undefined ? undefined : [toNote(clientInfo, limits)]
  return { data, key, target, notes }
}

function presentText(text: string | null | undefined): string | undefined {
  return text === '' ? undefined : (text ?? undefined)
}

function toTarget(shard: number | undefined, key: string | undefined): Target {
  if (shard === undefined) {
    return key === undefined ? ANYWHERE : BY_KEY
  }
  if (shard >= 0 && Number.isSafeInteger(shard)) return { by: 'shard', shard }
  throw new BridgeError('shard-not-found', `There is no shard ${shard}`)
}

function toData(given: string | Buffer, { recordBytesMax }: Limits): Buffer {
  const data = typeof given === 'string' ? decodeBase64(given) : given
  if (!data) throw new BridgeError('invalid-argument', 'Data is not base64')
  if (data.length <= recordBytesMax) return data
  throw new BridgeError('record-too-large', `Data is over ${recordBytesMax} bytes`)
}

function toNote(text: string, { clientInfoBytesMax }: Limits): Note {
  const note = noteOf(text)
  refuseOver(clientInfoBytesMax, 'ClientInfo', note.value.length)
  return note
}

function refuseOver(bytesMax: number, member: string, bytes: number): void {
  if (bytes <= bytesMax) return
  throw new BridgeError('invalid-argument', `${member} is over ${bytesMax} bytes`)
}
