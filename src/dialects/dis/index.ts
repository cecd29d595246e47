// Huawei Cloud Data Ingestion Service, API version 2 with version 3's update, as its SDKs and agents
// speak it: JSON or protobuf over REST, sold under other names too (Open Telekom Cloud and others).
//
// * The stream is named in the path or the body, or by id; the project in the path is the tenant.
// * partition_id wins over explicit_hash_key, which wins over partition_key.
// * A record's own failure is reported in a 200 reply, in the record's place, and so is whatever
//   passes: nothing transient is ever a 400, 401, 403 or 429.
// * Paths with or without a trailing slash, queries with a dangling `&`, empty texts for absent ones.
// * Bodies as they are, or compressed as lz4, snappy or zstd; replies never are.
// * Not here: transfer tasks, stream policies.

import type { Dialect, Operation } from '../../core/dialect.ts'
import { checkWith } from '../shared/check.ts'
import { createAuthentication } from './authenticate.ts'
import { decode } from './decode.ts'
import { dress, encodeError } from './encode.ts'
import { DIALECT, type Facts, type Limits } from './facts.ts'
import { DIS_NAMES } from './names.ts'
import { createGroups } from './groups/groups.ts'
import {
  createCreateApp,
  createDeleteApp,
  createDescribeApp,
  createListApps,
} from './operations/apps.ts'
import {
  createCommitCheckpoint,
  createDeleteCheckpoint,
  createDescribeConsumerState,
  createGetCheckpoint,
} from './operations/checkpoints.ts'
import {
  createHeartbeat,
  createJoinGroup,
  createLeaveGroup,
  createSyncGroup,
} from './operations/groups.ts'
import { createPartitionMetrics, createStreamMetrics } from './operations/metrics.ts'
import { createPutRecords } from './operations/put.ts'
import { createGetCursor, createGetRecords } from './operations/read.ts'
import { createRefused } from './operations/refused.ts'
import {
  createCreateStream,
  createDeleteStream,
  createDescribeStream,
  createListStreams,
  createUpdatePartitionCount,
  createUpdateStream,
} from './operations/streams.ts'
import {
  createBatchTags,
  createCreateTag,
  createDeleteTag,
  createFilterStreams,
  createListStreamTags,
  createListTags,
} from './operations/tags.ts'
import { isOurs } from './routes.ts'
import { createSchema, type ServedName } from './schema.ts'
import { sayBroken, sayWrongType } from './words.ts'

export interface DisOptions {
  readonly limits: Limits
  readonly answerWithinMs: number
}

function createPerformers(facts: Facts): Record<ServedName, Operation['perform']> {
  const groups = createGroups()
  return {
    PutRecords: createPutRecords(facts),
    GetCursor: createGetCursor(),
    GetRecords: createGetRecords(),
    CreateStream: createCreateStream(facts),
    ListStreams: createListStreams(),
    DescribeStream: createDescribeStream(),
    UpdatePartitionCount: createUpdatePartitionCount(),
    UpdateStream: createUpdateStream(),
    DeleteStream: createDeleteStream(),
    CreateApp: createCreateApp(),
    ListApps: createListApps(),
    DescribeApp: createDescribeApp(),
    DeleteApp: createDeleteApp(groups),
    DescribeConsumerState: createDescribeConsumerState(),
    CommitCheckpoint: createCommitCheckpoint(groups),
    GetCheckpoint: createGetCheckpoint(),
    DeleteCheckpoint: createDeleteCheckpoint(),
    JoinGroup: createJoinGroup(groups),
    SyncGroup: createSyncGroup(groups),
    Heartbeat: createHeartbeat(groups),
    LeaveGroup: createLeaveGroup(groups),
    GetStreamMetrics: createStreamMetrics(),
    GetPartitionMetrics: createPartitionMetrics(),
    CreateTag: createCreateTag(),
    BatchTags: createBatchTags(),
    DeleteTag: createDeleteTag(),
    ListStreamTags: createListStreamTags(),
    ListTags: createListTags(),
    FilterStreams: createFilterStreams(),
  }
}

function createOperations(facts: Facts): Record<string, Operation> {
  const operations = createRefused()
  const performers = createPerformers(facts)
  for (const [name, shapes] of Object.entries(createSchema(facts))) {
    operations[name] = { ...shapes, perform: performers[name as ServedName] }
  }
  return operations
}

export function createDis({ limits, answerWithinMs }: DisOptions): Dialect {
  const operations = createOperations({ limits })
  const decoding = { operations, limits, authenticate: createAuthentication() }
  return {
    name: DIALECT,
    names: DIS_NAMES,
    bodyBytesMax: limits.bodyBytesMax,
    claim: ({ path }) => (isOurs(path) ? 'surely' : 'no'),
    answerWithinMs: () => answerWithinMs,
    open: (call, identity) => decode(call, decoding, identity),
    operations,
    check: checkWith(operations, { wrongType: sayWrongType, broken: sayBroken, findingsMax: 1 }),
    fail: encodeError,
    dress,
  }
}
