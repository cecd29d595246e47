// Amazon Kinesis Data Streams, API version 2013-12-02, as its SDKs speak it: AWS JSON 1.1 and
// CBOR 1.1 over HTTP/1.1 and HTTP/2.
//
// * ExplicitHashKey wins over PartitionKey; shards cut the MD5 space evenly, and ListShards reports
//   exactly those cuts.
// * The order of checks and the texts are the service's own, as far as they were recorded.
// * StreamName, StreamARN or both name a stream; StreamId is reserved by the vendor and ignored.
// * Aggregates of the Kinesis Producer Library are stored as their user records.
// * Shards are read by iterators, or as event streams by registered consumers. Shards have no parents
//   and no children: a stream grows by new ones.
// * Not yet: tags, resharding.

import type { Dialect, Head, Operation } from '../../core/dialect.ts'
import { checkWith } from '../shared/check.ts'
import { createAuthentication } from './authenticate.ts'
import { decode } from './decode.ts'
import { dress, encodeError, preflight } from './encode.ts'
import type { Facts, Limits } from './facts.ts'
import { KINESIS_NAMES, kinesisStream } from './names.ts'
import { REFUSALS } from './refusals.ts'
import {
  createDeregisterStreamConsumer,
  createDescribeStreamConsumer,
  createListStreamConsumers,
  createRegisterStreamConsumer,
} from './operations/consumers.ts'
import { createGetRecords } from './operations/get-records.ts'
import { createGetShardIterator } from './operations/get-shard-iterator.ts'
import { createListShards } from './operations/list-shards.ts'
import { createPutRecord, createPutRecords } from './operations/put.ts'
import {
  createCreateStream,
  createDeleteStream,
  createDescribeStream,
  createDescribeStreamSummary,
  createListStreams,
} from './operations/streams.ts'
import { createSubscribeToShard } from './operations/subscribe.ts'
import { createSchema } from './schema.ts'
import { formatSequence, mayOrder, readSequence, startOfShard } from './sequence.ts'
import { NAME } from './shapes.ts'
import { sayBroken, sayWrongType } from './words.ts'

const PERFORMERS: Record<string, (facts: Facts) => Operation['perform']> = {
  PutRecord: createPutRecord,
  PutRecords: createPutRecords,
  DescribeStream: createDescribeStream,
  DescribeStreamSummary: createDescribeStreamSummary,
  ListShards: createListShards,
  ListStreams: createListStreams,
  CreateStream: createCreateStream,
  DeleteStream: createDeleteStream,
  GetShardIterator: createGetShardIterator,
  GetRecords: createGetRecords,
  RegisterStreamConsumer: createRegisterStreamConsumer,
  DescribeStreamConsumer: createDescribeStreamConsumer,
  ListStreamConsumers: createListStreamConsumers,
  DeregisterStreamConsumer: createDeregisterStreamConsumer,
  SubscribeToShard: createSubscribeToShard,
}

/** As many as the service collects in one message. */
const FINDINGS_MAX = 10

/** A dialect on the Kinesis wire; its child differs in facts only. */
export function createKinesisDialect(facts: Facts): Dialect {
  const schema = createSchema(facts)
  const operations: Record<string, Operation> = {}
  for (const name of facts.operations) {
    const shapes = schema[name]
    const perform = PERFORMERS[name]?.(facts)
    if (shapes && perform) operations[name] = { ...shapes, perform }
  }
  const authenticate = createAuthentication(facts)
  const check = checkWith(operations, {
    wrongType: sayWrongType,
    broken: sayBroken,
    findingsMax: FINDINGS_MAX,
  })

  return {
    name: facts.name,
    ...(facts.parent !== undefined && { parent: facts.parent }),
    names: facts.names,
    bodyBytesMax: facts.limits.bodyBytesMax,
    claim,
    ...(facts.adopts && { adopts: facts.adopts }),
    answerWithinMs: facts.answerWithinMs,
    preflight,
    open: (call, identity) => decode(call, facts, { authenticate, identity }),
    operations,
    check,
    fail: (error, head) => encodeError(error, head, facts),
    dress,
  }
}

function claim({ method, path, query, headers }: Head): 'surely' | 'perhaps' | 'no' {
  if (headers['x-amz-target'] !== undefined) return 'surely'
  if (new URLSearchParams(query).has('X-Amz-Algorithm')) return 'surely'
  if (asksForTarget(headers['access-control-request-headers'])) return 'surely'
  return method === 'POST' && path === '/' ? 'perhaps' : 'no'
}

function asksForTarget(requestHeaders: string | undefined): boolean {
  return requestHeaders?.toLowerCase().includes('x-amz-target') ?? false
}

export interface KinesisOptions {
  readonly limits: Limits
  readonly answerWithinMs: number
  readonly accountId: string
  readonly region: string
}

/** The Kinesis Producer Library gives a request up after six seconds and sends its records again. */
const KPL_ANSWER_WITHIN_MS = 5000

export function createKinesis({
  limits,
  answerWithinMs,
  accountId,
  region,
}: KinesisOptions): Dialect {
  return createKinesisDialect({
    name: 'kinesis',
    limits,
    names: KINESIS_NAMES,
    streamName: NAME,
    streamOf: kinesisStream,
    nameOf: ({ name }) => name,
    operations: Object.keys(PERFORMERS),
    acceptsPlainJson: false,
    refusals: REFUSALS,
    deny: ({ principal, operation, stream, region: asked = region }) =>
      `User: arn:aws:iam::${accountId}:user/${principal} is not authorized to perform: kinesis:${operation} on resource: arn:aws:kinesis:${asked}:${accountId}:stream/${stream} because no identity-based policy allows the kinesis:${operation} action`,
    shardId: (shard) => `shardId-${String(shard).padStart(12, '0')}`,
    sequenceNumber: formatSequence,
    startOfShard,
    readSequence,
    pathOf: ({ name }) => name,
    streamAt: KINESIS_NAMES.parse,
    iteratorCharsMax: 512,
    mayOrder,
    showsEncryption: false,
    answerWithinMs: ({ headers }) =>
      /KinesisProducerLibrary|kinesis-producer/i.test(headers['user-agent'] ?? '')
        ? Math.min(KPL_ANSWER_WITHIN_MS, answerWithinMs)
        : answerWithinMs,
    accountId,
    region,
  })
}
