// Amazon Kinesis Data Streams, API version 2013-12-02, as its SDKs speak it: AWS JSON 1.1 and
// CBOR 1.1 over HTTP/1.1 and HTTP/2.
//
// * ExplicitHashKey wins over PartitionKey; shards cut the MD5 space evenly, and ListShards reports
//   exactly those cuts.
// * The order of checks and the texts are the service's own, as far as they were recorded.
// * StreamName, StreamARN or both name a stream; StreamId is reserved by the vendor and ignored.
// * Aggregates of the Kinesis Producer Library are stored as their user records.
// * Streams grow and never shrink; tags, modes and metrics are remembered, and mean nothing.
// * Refused, each in a sentence: splitting and merging, encryption, policies, queues, channels.
// * Shards are read by iterators, or as event streams by registered consumers. Shards have no parents
//   and no children: a stream grows by new ones.

import { isWhole } from '../../core/dialect.ts'
import type { Dialect, Head, Operation, Reply, StreamedReply } from '../../core/dialect.ts'
import { checkWith } from '../shared/check.ts'
import { createAuthentication } from './authenticate.ts'
import { decode } from './decode.ts'
import { createDress, encodeError, preflight } from './encode.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Facts, Limits } from './facts.ts'
import { KINESIS_NAMES, kinesisStream } from './names.ts'
import * as account from './operations/account.ts'
import * as consumers from './operations/consumers.ts'
import { createGetRecords } from './operations/get-records.ts'
import { createGetShardIterator } from './operations/get-shard-iterator.ts'
import * as modes from './operations/modes.ts'
import * as refused from './operations/refused.ts'
import * as retention from './operations/retention.ts'
import * as scaling from './operations/scaling.ts'
import * as tags from './operations/tags.ts'
import { REFUSALS } from './refusals.ts'
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
import { createSchema, NO_CHANNELS, NO_QUEUES } from './schema.ts'
import { SENTENCES } from './sentences.ts'
import { formatSequence, mayOrder, readSequence, startOfShard } from './sequence.ts'
import { NAME, STREAM_ARN } from './shapes.ts'
import { FINDINGS_MAX, sayBroken, sayWrongType } from './words.ts'

const PERFORMERS: Record<string, (facts: Facts) => Operation['perform']> = {
  PutRecord: createPutRecord,
  PutRecords: createPutRecords,
  DescribeStream: createDescribeStream,
  DescribeStreamSummary: createDescribeStreamSummary,
  ListShards: createListShards,
  ListStreams: createListStreams,
  CreateStream: (facts) => (facts.createStream ?? createCreateStream)(facts),
  DeleteStream: createDeleteStream,
  GetShardIterator: createGetShardIterator,
  GetRecords: createGetRecords,
  RegisterStreamConsumer: consumers.createRegisterStreamConsumer,
  DescribeStreamConsumer: consumers.createDescribeStreamConsumer,
  ListStreamConsumers: consumers.createListStreamConsumers,
  DeregisterStreamConsumer: consumers.createDeregisterStreamConsumer,
  SubscribeToShard: createSubscribeToShard,
  UpdateShardCount: scaling.createUpdateShardCount,
  SplitShard: scaling.createSplitShard,
  MergeShards: scaling.createMergeShards,
  IncreaseStreamRetentionPeriod: retention.createIncreaseRetention,
  DecreaseStreamRetentionPeriod: retention.createDecreaseRetention,
  AddTagsToStream: tags.createAddTagsToStream,
  RemoveTagsFromStream: tags.createRemoveTagsFromStream,
  ListTagsForStream: tags.createListTagsForStream,
  TagResource: tags.createTagResource,
  UntagResource: tags.createUntagResource,
  ListTagsForResource: tags.createListTagsForResource,
  UpdateStreamMode: modes.createUpdateStreamMode,
  UpdateMaxRecordSize: modes.createUpdateMaxRecordSize,
  UpdateStreamRecordDistributionStrategy: modes.createUpdateStrategy,
  EnableEnhancedMonitoring: modes.createEnableMonitoring,
  DisableEnhancedMonitoring: modes.createDisableMonitoring,
  DescribeLimits: account.createDescribeLimits,
  DescribeAccountSettings: account.createDescribeAccountSettings,
  ListChannels: account.createListChannels,
  ListQueues: account.createListQueues,
  GetResourcePolicy: refused.createGetResourcePolicy,
  PutResourcePolicy: refused.refuseForResource(refused.WHY.policies),
  DeleteResourcePolicy: refused.refuseForResource(refused.WHY.policies),
  StartStreamEncryption: refused.refuseForStream(refused.WHY.encryption),
  StopStreamEncryption: refused.refuseForStream(refused.WHY.encryption),
  UpdateStreamWarmThroughput: refused.refuseForStream(refused.WHY.throughput),
  UpdateAccountSettings: refused.refuse(refused.WHY.commitment),
  ...refused.refuseAll(NO_CHANNELS, refused.WHY.channels),
  ...refused.refuseAll(NO_QUEUES, refused.WHY.queues),
}

/** A dialect on the Kinesis wire; its child differs in facts only. */
export function createKinesisDialect(facts: Facts): Dialect {
  const operations = operationsOf(facts)
  const { seal = (reply: Reply) => reply } = facts
  const authenticate = createAuthentication(facts)
  const dress = createDress()
  const check = checkWith(operations, {
    wrongType: sayWrongType,
    broken: facts.sayBroken,
    findingsMax: facts.findingsMax,
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
    fail: (error, head) => seal(encodeError(error, head, facts)),
    dress: (head, id) => dress(head, facts.idOf?.(head, id) ?? id),
  }
}

function operationsOf(facts: Facts): Readonly<Record<string, Operation>> {
  const { seal, ownOperations, adapt } = facts
  const parents = createSchema(facts)
  const schema = adapt ? adapt(parents) : parents
  const operations: Record<string, Operation> = { ...ownOperations?.(facts) }
  for (const name of facts.operations) {
    const shapes = schema[name]
    const perform = PERFORMERS[name]?.(facts)
    if (shapes && perform) operations[name] = { ...shapes, perform }
  }
  return seal ? sealed(operations, seal) : operations
}

type Seal = NonNullable<Facts['seal']>

function sealed(
  operations: Readonly<Record<string, Operation>>,
  seal: Seal,
): Readonly<Record<string, Operation>> {
  const entries = Object.entries(operations).map(([name, operation]): [string, Operation] => [
    name,
    { ...operation, perform: async (ask) => sealWhole(await operation.perform(ask), seal) },
  ])
  return Object.fromEntries(entries)
}

/** Of a body that comes piece by piece nothing can be said before it has come. */
function sealWhole(reply: Reply | StreamedReply, seal: Seal): Reply | StreamedReply {
  return isWhole(reply) ? seal(reply) : reply
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
  readonly newerMembers: boolean
  /** Operations of a child that only the body tells from this dialect's. */
  readonly alsoOpens?: readonly string[]
}

/** The Kinesis Producer Library gives a request up after six seconds and sends its records again. */
const KPL_ANSWER_WITHIN_MS = 5000

export function createKinesis({
  limits,
  answerWithinMs,
  accountId,
  region,
  ...options
}: KinesisOptions): Dialect {
  return createKinesisDialect({
    ...options,
    name: 'kinesis',
    limits,
    names: KINESIS_NAMES,
    streamName: NAME,
    streamArn: STREAM_ARN,
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
    showsWriteQuota: false,
    sentences: SENTENCES,
    findingsMax: FINDINGS_MAX,
    sayBroken,
    unknownOperation: () => new BridgeError('unknown-operation', ''),
    emptyBody: () => new BridgeError('malformed-body', ''),
    answerWithinMs: ({ headers }) =>
      /KinesisProducerLibrary|kinesis-producer/i.test(headers['user-agent'] ?? '')
        ? Math.min(KPL_ANSWER_WITHIN_MS, answerWithinMs)
        : answerWithinMs,
    accountId,
    region,
  })
}
