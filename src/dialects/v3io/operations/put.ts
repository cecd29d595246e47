// PutRecords (docs: "Streaming Web API: PutRecords"), by POST or PUT.
//
// * ShardId wins over PartitionKey, which becomes the key on Kafka either way; a record with neither
//   goes round the shards in turn, on from the last request's.
// * Failed in their place, in a 200: a shard there is not (below zero too), data that is not
//   base64, data, key or ClientInfo over its limit. The other records are stored: mlrun and frames
//   send a batch once and ask nothing.
// * Whatever may pass fails the call, although some records may be stored by then.
// * ClientInfo that is not base64 (http_blaster's) is kept as the text it is.

import type { Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { Incoming, Outcome } from '../../../core/ingest.ts'
import type { Note, Target } from '../../../core/model.ts'
import { createCounting } from '../../../core/sequence.ts'
import { decodeBase64 } from '../../shared/base64.ts'
import { encodeFailure, encodeReply, staysInPlace } from '../encode.ts'
import type { Limits } from '../facts.ts'
import { streamOf } from '../names.ts'
import { placeByMurmur3 } from '../placement.ts'

interface Entry {
  readonly Data: string
  readonly ClientInfo?: string | null
  readonly PartitionKey?: string | null
  readonly ShardId?: number | null
}

export const CLIENT_INFO = 'tributary-client-info'

/** A shard's first record is number 1: v3io-go takes 0 for none. */
const { numberOf } = createCounting(1)

export function createPutRecords(limits: Limits): Operation['perform'] {
  return async function putRecords({ input, call, put }) {
    const stream = streamOf(input, call.head)
    const records = (input['Records'] as Entry[]).map((entry) => toRecord(entry, limits))
    const outcomes = await put(stream, records, {
      deadlineMs: call.deadlineMs,
      tooLarge: 'in-place',
    })
    const failed = outcomes.filter(({ stored }) => !stored)
    for (const outcome of failed) refuseWhole(outcome, stream.name)
    return encodeReply({ FailedRecordCount: failed.length, Records: outcomes.map(encodeOutcome) })
  }
}

function refuseWhole(outcome: Outcome, subject: string): void {
  if (outcome.stored || staysInPlace(outcome.code)) return
  throw new BridgeError(outcome.code, outcome.message, { subject })
}

function encodeOutcome(outcome: Outcome): Record<string, unknown> {
  if (!outcome.stored) return encodeFailure(outcome.code)
  return { SequenceNumber: numberOf(outcome), ShardId: outcome.shard }
}

/** The record, or why it cannot be one. */
function toRecord(entry: Entry, limits: Limits): Incoming {
  const data = decodeBase64(entry.Data)
  const key = textOf(entry.PartitionKey)
  const notes = notesOf(entry)
  const flaw = flawOf({ data, key, notes, shard: entry.ShardId ?? 0 }, limits)
  if (flaw || !data) return flaw ?? new BridgeError('invalid-argument', 'Data is not base64')
  return {
    data,
    ...(key !== undefined && { key }),
    target: targetOf(entry.ShardId ?? undefined, key),
    ...(notes.length > 0 && { notes }),
  }
}

function textOf(text: string | null | undefined): string | undefined {
  return text === '' ? undefined : (text ?? undefined)
}

interface Parts {
  readonly data: Buffer | undefined
  readonly key: string | undefined
  readonly notes: readonly Note[]
  readonly shard: number
}

function flawOf({ data, key = '', notes, shard }: Parts, limits: Limits): BridgeError | undefined {
  const clientInfoBytes = notes[0]?.value.length ?? 0
  if ((data?.length ?? 0) > limits.recordBytesMax) return tooLarge('Data', limits.recordBytesMax)
  if (Buffer.byteLength(key) > limits.keyBytesMax) {
    return new BridgeError('invalid-argument', `PartitionKey is over ${limits.keyBytesMax} bytes`)
  }
  if (clientInfoBytes > limits.clientInfoBytesMax) {
    return new BridgeError(
      'invalid-argument',
      `ClientInfo is over ${limits.clientInfoBytesMax} bytes`,
    )
  }
  return shard < 0 ? new BridgeError('shard-not-found', `There is no shard ${shard}`) : undefined
}

function tooLarge(member: string, bytesMax: number): BridgeError {
  return new BridgeError('record-too-large', `${member} is over ${bytesMax} bytes`)
}

function notesOf({ ClientInfo: text }: Entry): readonly Note[] {
  if (!text) return []
  return [{ name: CLIENT_INFO, value: decodeBase64(text) ?? Buffer.from(text, 'utf8') }]
}

function targetOf(shard: number | undefined, key: string | undefined): Target {
  if (shard !== undefined) return { by: 'shard', shard }
  return key === undefined ? { by: 'any' } : { by: 'key', key, place: placeByMurmur3 }
}
