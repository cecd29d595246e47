// PutRecord and PutRecords (docs: API version 2013-12-02). One record is a batch of one.
//
// * ExplicitHashKey wins over PartitionKey, which becomes the key on Kafka either way.
// * PutRecords answers 200 with every failure in its place; when nothing at all was stored for
//   transient reasons, the call as a whole is a 500, which every SDK sends again.
// * Checked before anything is appended: hash keys, the order number, the sizes of records and request.
// * A record may be larger than on other streams where the stream was made for it; which that is, only
//   such a record asks.
// * DryRun ends where something would be stored.

import type { Ask, Operation, Reply } from '../../../core/dialect.ts'
import { BridgeError, type ErrorCode } from '../../../core/errors.ts'
import type { Outcome } from '../../../core/ingest.ts'
import type { InboundRecord, StreamRef, Target } from '../../../core/model.ts'
import { recordBytesIn } from '../../../core/sizes.ts'
import { areStored } from '../../../core/stored.ts'
import { decodeBase64 } from '../../shared/base64.ts'
import { explicitHashNote } from '../../shared/notes.ts'
import { readAggregate } from '../aggregate.ts'
import { encodeReply, errorText, recordErrorType } from '../encode.ts'
import type { Facts } from '../facts.ts'
import { BY_KEY, HASH_SPACE } from '../placement.ts'
import { createPutReplies } from '../put-reply.ts'
import { recordBytesAllowed } from '../sizes.ts'

interface Entry {
  readonly Data: string | Buffer
  readonly PartitionKey: string
  readonly ExplicitHashKey?: string | null
}

type Perform = Operation['perform']

function toRecord(
  { Data, PartitionKey, ExplicitHashKey }: Entry,
  { sentences }: Facts,
): InboundRecord {
  const data = typeof Data === 'string' ? decodeBase64(Data) : Data
  if (!data) throw new BridgeError('wrong-type', 'Data is not base64')
  const bundle = readAggregate(data)
  const key = PartitionKey
  if (typeof ExplicitHashKey !== 'string') {
    return { data, key, target: BY_KEY, notes: undefined, bundle }
  }
  const hash = toHash(ExplicitHashKey, sentences)
  const target: Target = { by: 'hash', hash, space: HASH_SPACE }
  return { data, key, target, notes: [explicitHashNote(ExplicitHashKey)], bundle }
}

function toHash(text: string, { hashKey }: Facts['sentences']): bigint {
  const hash = BigInt(text)
  if (hash <= HASH_SPACE.last) return hash
  throw new BridgeError('invalid-argument', hashKey(text))
}

/** A missing stream is answered before anything that is wrong with the records. */
async function blame(error: unknown, { streams, call }: Ask, stream: StreamRef): Promise<never> {
  await streams.shapeForPut(stream, call.deadlineMs)
  throw error
}

interface Checked {
  readonly facts: Facts
  readonly stream: StreamRef
  readonly records: readonly InboundRecord[]
  /** The path of a record's data in the call. */
  readonly pathOf: (place: number) => readonly (string | number)[]
}

/** Nearly all calls are put as they are; the others wait for what is known of their stream. */
function putAll(ask: Ask, checked: Checked): Promise<readonly Outcome[]> {
  const { stream, records } = checked
  const { deadlineMs, charge } = ask.call
  const put = () => ask.put(stream, records, { deadlineMs, tooLarge: 'fails-call', charge })
  return isDry(ask) || isLarge(checked) ? look(ask, checked).then(put) : put()
}

function isDry({ input }: Ask): boolean {
  return input['DryRun'] === true
}

function isLarge({ facts, records }: Checked): boolean {
  const { recordBytesMax } = facts.limits
  return records.some(({ data }) => data.length > recordBytesMax)
}

async function look(ask: Ask, checked: Checked): Promise<void> {
  if (isLarge(checked)) await refuseLarge(ask, checked)
  if (isDry(ask)) await refuseDry(ask, checked.stream)
}

/** Refuses records that are too large for this stream, though not for every one. */
async function refuseLarge(ask: Ask, { facts, stream, records, pathOf }: Checked): Promise<void> {
  const { messageBytesMax } = await ask.streams.shapeForPut(stream, ask.call.deadlineMs)
  const bytesMax = recordBytesAllowed(facts.limits, recordBytesIn(messageBytesMax))
  const shape = { type: 'blob', bytesMax } as const
  const findings = records.flatMap(({ data }, place) =>
    data.length > bytesMax
      ? [{ rule: 'max' as const, path: pathOf(place), shape, value: data }]
      : [],
  )
  if (findings.length > 0) throw facts.sayBroken(findings.slice(0, facts.findingsMax))
}

async function refuseDry({ streams }: Ask, stream: StreamRef): Promise<void> {
  await streams.summarise(stream)
  throw new BridgeError(
    'invalid-argument',
    'The request was rejected because the DryRun parameter was specified.',
    { as: 'DryRunOperationException' },
  )
}

export function createPutRecord(facts: Facts): Perform {
  const replies = createPutReplies(facts)
  const pathOf = () => ['Data']
  return async function putRecord(ask) {
    const stream = facts.streamOf(ask.input, ask.call.head)
    let record: InboundRecord
    try {
      record = toRecord(ask.input as unknown as Entry, facts)
      refuseOrder(ask, facts, stream)
    } catch (error) {
      return blame(error, ask, stream)
    }
    const [outcome] = await putAll(ask, { facts, stream, records: [record], pathOf })
    if (!outcome?.stored) throw failureOf(outcome, stream)
    return replies.one(ask.call.head, outcome)
  }
}

function refuseOrder({ input, call }: Ask, facts: Facts, { name }: StreamRef): void {
  const order = input['SequenceNumberForOrdering']
  if (typeof order !== 'string' || facts.mayOrder(order, call.receivedAtMs)) return
  throw new BridgeError(
    'invalid-argument',
    `ExclusiveMinimumSequenceNumber ${order} used in PutRecord on stream ${name} under account ${facts.accountId} is invalid.`,
  )
}

export function createPutRecords(facts: Facts): Perform {
  const replies = createPutReplies(facts)
  const pathOf = (place: number) => ['Records', place, 'Data']
  return async function putRecords(ask) {
    const stream = facts.streamOf(ask.input, ask.call.head)
    let records: readonly InboundRecord[]
    try {
      records = (ask.input['Records'] as Entry[]).map((entry) => toRecord(entry, facts))
      refuseTooLarge(records, facts)
    } catch (error) {
      return blame(error, ask, stream)
    }
    const outcomes = await putAll(ask, { facts, stream, records, pathOf })
    if (areStored(outcomes)) return replies.many(ask.call.head, outcomes)
    const failed = outcomes.filter(({ stored }) => !stored)
    if (failed.length === outcomes.length) refuseWhole(failed, stream)
    return encodeOutcomes(ask, { facts, stream, outcomes })
  }
}

function refuseTooLarge(
  records: readonly InboundRecord[],
  { limits: { requestBytesMax }, sentences }: Facts,
): void {
  let bytes = 0
  for (const { data, key = '' } of records) bytes += data.length + Buffer.byteLength(key)
  if (bytes <= requestBytesMax) return
  throw new BridgeError('invalid-argument', sentences.requestTooLarge(bytes, requestBytesMax))
}

/** Codes that, when they hit every record, are the call's own failure. */
const WHOLE: readonly ErrorCode[] = ['undecided', 'unavailable', 'throttled', 'stream-not-found']

/** Nothing was stored: the gravest transient reason is the answer to the call. */
function refuseWhole(failed: readonly Outcome[], stream: StreamRef): void {
  const codes = new Set(failed.map((outcome) => (outcome.stored ? undefined : outcome.code)))
  if (![...codes].every((code) => code !== undefined && WHOLE.includes(code))) return
  const code = WHOLE.find((each) => codes.has(each))
  if (code) throw new BridgeError(code, 'No record was stored', { subject: stream.name })
}

function failureOf(outcome: Outcome | undefined, stream: StreamRef): BridgeError {
  if (!outcome || outcome.stored) return new BridgeError('internal', 'no outcome for a record')
  return new BridgeError(outcome.code, outcome.message, { subject: stream.name })
}

interface Results {
  readonly facts: Facts
  readonly stream: StreamRef
  readonly outcomes: readonly Outcome[]
}

function encodeOutcomes({ call }: Ask, { facts, stream, outcomes }: Results): Reply {
  let failed = 0
  const records = outcomes.map((outcome) => {
    if (outcome.stored) {
      return {
        SequenceNumber: facts.sequenceNumber(outcome),
        ShardId: facts.shardId(outcome.shard),
      }
    }
    failed++
    return {
      ErrorCode: recordErrorType(outcome.code),
      ErrorMessage: recordMessage(failureOf(outcome, stream), facts),
    }
  })
  return encodeReply(call.head, {
    FailedRecordCount: failed,
    Records: records,
    ...(facts.showsEncryption && { EncryptionType: 'NONE' }),
  })
}

function recordMessage(error: BridgeError, facts: Facts): string {
  return errorText(error, facts) || 'Internal service failure.'
}
