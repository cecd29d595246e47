// Yandex Data Streams: the Kinesis wire with other facts (docs: "Data Streams API, PutRecord").
//
// * Streams are named by path, /region/folder/database/stream, or relative to the path of the URL.
// * Shards are shard-000000 (six digits), sequence numbers plain offsets from 0.
// * EncryptionType is always NONE and always shown.
// * A request is Yandex' by its token header or Bearer, its URL path, the region of its signature's
//   scope, a StreamName that begins with a slash, or a token of ours that was given for one of its
//   streams.
// * An IAM token, as Bearer or in a header of its own, stands for a signature.
// * Replies carry the CRC-32 of their bodies, and the request's own id behind ours.
// * Iterators have the form of Amazon's, and hold a stream's whole path. A large answer to GetRecords is
//   written as it is taken, and carries no CRC-32.

import { crc32 } from 'node:zlib'
import type { Dialect, Head, Input, Operation, Reply } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { StreamRef } from '../../core/model.ts'
import type { NameRules } from '../../core/naming.ts'
import { createCounting } from '../../core/sequence.ts'
import { readCredential } from '../kinesis/authenticate.ts'
import type { Facts, Limits, SequenceRead } from '../kinesis/facts.ts'
import { createKinesisDialect } from '../kinesis/index.ts'
import { readIterator } from '../kinesis/iterator.ts'
import { REFUSALS, type Refusals } from '../kinesis/refusals.ts'
import { namedStream } from '../kinesis/names.ts'
import { dialectOfPage } from '../kinesis/page-token.ts'
import { createCreateStream, createSetRetention } from './operations/streams.ts'
import { createSetWriteQuota, createUpdateStream } from './operations/streams.ts'
import { adapt, createOwnSchema, STREAM_ARN, STREAM_NAME, type OwnName } from './schema.ts'
import { OWN_SENTENCES, sayBroken } from './words.ts'

const NAME = 'yandex'

/** The documentation writes the region both ways. */
const REGIONS = ['ru-central1', 'ru-central-1']

const STREAM = /^[a-zA-Z0-9_.-]{1,128}$/

function toRef(path: string): StreamRef {
  const elements = path.split('/').filter((element) => element !== '')
  const stream = elements.at(-1) ?? ''
  const [region, folder, database] = elements.length === 4 ? elements : []
  return {
    dialect: NAME,
    name: stream,
    parts: {
      stream,
      ...(region !== undefined && { region }),
      ...(folder !== undefined && { folder }),
      ...(database !== undefined && { database }),
    },
  }
}

function pathOf({ name, parts: { region, folder, database } }: StreamRef): string {
  const isWhole = region !== undefined && folder !== undefined && database !== undefined
  return isWhole ? `/${region}/${folder}/${database}/${name}` : name
}

const NAMES: NameRules = {
  refOf: ({ stream = '' }) => (STREAM.test(stream) ? toRef(stream) : undefined),
  parse: (name) => (STREAM.test(name) ? toRef(name) : undefined),
}

/** The full path: a relative name continues the database that the URL names. */
function streamOf(input: Input, { path }: Head): StreamRef {
  const name = namedStream(input)
  return toRef(name.startsWith('/') ? name : `${path}/${name}`)
}

/** The token of a call that carries one instead of a signature. */
function tokenOf({ headers }: Head): string | undefined {
  return (
    headers['x-yacloud-subjecttoken'] ?? /^bearer +(.*)$/i.exec(headers['authorization'] ?? '')?.[1]
  )
}

/** Where the service's words are others than Amazon's (ydb, http_req.cpp). */
const OWN_REFUSALS: Refusals = {
  ...REFUSALS,
  unsigned: () => incomplete('Neither Credentials nor IAM token was provided'),
  date: () => incomplete('Failed to parse Signature timestamp'),
}

function incomplete(message: string): BridgeError {
  return new BridgeError('not-authenticated', message, { as: 'IncompleteSignature' })
}

function adopts({ headers, path, query }: Head, input: Input = {}): boolean {
  const name = input['StreamName']
  return (
    tokenOf({ headers } as Head) !== undefined ||
    namesDatabase(path) ||
    REGIONS.includes(readCredential({ headers, query } as Head)?.region ?? '') ||
    (typeof name === 'string' && name.startsWith('/')) ||
    carriesMark(input)
  )
}

/** A token that was given for a stream of this dialect. */
function carriesMark({ ShardIterator: iterator, NextToken: page }: Input): boolean {
  if (typeof iterator === 'string') return readIterator(iterator)?.dialect === NAME
  return typeof page === 'string' && dialectOfPage(page) === NAME
}

/** /region/folder/database; one or two elements are an endpoint's own path, as SDKs allow. */
function namesDatabase(path: string): boolean {
  if (path === '/') return false
  return path.split('/').filter((element) => element !== '').length >= 3
}

const COUNTING = createCounting(0)

function readSequence(text: string): SequenceRead | undefined {
  const ordinal = /^\d{1,15}$/.test(text) ? COUNTING.ordinalOf(Number(text)) : undefined
  return ordinal === undefined ? undefined : { ordinal, isBetween: false, isForeign: false }
}

const OPERATIONS = [
  'PutRecord',
  'PutRecords',
  'CreateStream',
  'DeleteStream',
  'DescribeStream',
  'DescribeStreamSummary',
  'ListStreams',
  'ListShards',
  'GetShardIterator',
  'GetRecords',
  'UpdateShardCount',
  'UpdateStreamMode',
  'IncreaseStreamRetentionPeriod',
  'DecreaseStreamRetentionPeriod',
  'AddTagsToStream',
  'RemoveTagsFromStream',
  'ListTagsForStream',
  'DescribeLimits',
  'EnableEnhancedMonitoring',
  'DisableEnhancedMonitoring',
  'SplitShard',
  'MergeShards',
  'StartStreamEncryption',
  'StopStreamEncryption',
]

const OWN: Readonly<Record<OwnName, (facts: Facts) => Operation['perform']>> = {
  UpdateStream: createUpdateStream,
  SetWriteQuota: createSetWriteQuota,
  SetStreamRetentionPeriod: createSetRetention,
}

/** Operations that Amazon does not have. */
export const YANDEX_OPERATIONS: readonly string[] = Object.keys(OWN)

function ownOperations(facts: Facts): Readonly<Record<string, Operation>> {
  const schema = createOwnSchema(facts)
  const names = Object.keys(OWN) as OwnName[]
  return Object.fromEntries(
    names.map((name) => [name, { ...schema[name], perform: OWN[name](facts) }]),
  )
}

/** What a caller's own id may add to ours. */
const ID = /^[\w.-]{1,128}$/

function idOf({ headers }: Head, id: string): string {
  const own = headers['x-request-id'] ?? ''
  return ID.test(own) ? `${id}-${own}` : id
}

function seal({ status, headers, body }: Reply): Reply {
  const sealed = { 'x-amz-crc32': String(crc32(body)) }
  return { status, headers: Object.assign(sealed, headers), body }
}

function unknownOperation(name: string): BridgeError {
  const as = name === '' ? 'MissingAction' : 'InvalidAction'
  return new BridgeError('unknown-operation', '', { as, subject: name })
}

export interface YandexOptions {
  readonly limits: Limits
  readonly answerWithinMs: number
  readonly accountId: string
}

export function createYandex({ limits, answerWithinMs, accountId }: YandexOptions): Dialect {
  return createKinesisDialect({
    name: NAME,
    parent: 'kinesis',
    limits,
    names: NAMES,
    streamName: STREAM_NAME,
    streamArn: STREAM_ARN,
    streamOf,
    nameOf: (ref, input) =>
      typeof input['StreamName'] === 'string' ? input['StreamName'] : ref.name,
    operations: [...OPERATIONS, ...YANDEX_OPERATIONS],
    ownOperations,
    adapt,
    createStream: createCreateStream,
    retentionHoursOf: ({ RetentionPeriodHours: hours }) =>
      typeof hours === 'number' ? hours : undefined,
    acceptsPlainJson: true,
    refusals: OWN_REFUSALS,
    tokenOf,
    deny: ({ stream }) => `Access to stream ${stream} is denied`,
    shardId: (shard) => `shard-${String(shard).padStart(6, '0')}`,
    sequenceNumber: (position) => String(COUNTING.numberOf(position)),
    startOfShard: () => '0',
    readSequence,
    pathOf,
    streamAt: (path) => (STREAM.test(toRef(path).name) ? toRef(path) : undefined),
    iteratorCharsMax: 2048,
    mayOrder: () => true,
    showsEncryption: true,
    showsWriteQuota: true,
    newerMembers: true,
    sentences: OWN_SENTENCES,
    // It looks at everything, and says the first that it finds in an order of its own.
    findingsMax: Infinity,
    sayBroken,
    unknownOperation,
    emptyBody: () => new BridgeError('malformed-body', 'Empty body'),
    seal,
    idOf,
    adopts,
    answerWithinMs: () => answerWithinMs,
    accountId,
    region: 'ru-central1',
  })
}
