// Members, types and limits of every operation, in the order in which the service checks them
// (kinesalite's validations/*.js; members that the current model of API version 2013-12-02 added
// come after those that were recorded).

import type { Shape, TextShape } from '../../core/shape.ts'
import type { Facts } from './facts.ts'
import { createConsumerSchema } from './schema-consumers.ts'
import { createReadSchema } from './schema-reads.ts'
import {
  FLAG,
  MUST,
  NAME,
  NUMBER,
  PAGE_TOKEN,
  POSITIVE_TO_10000,
  SEQUENCE_NUMBER,
  TEXT,
  TIMESTAMP,
  list,
  structure,
} from './shapes.ts'
import type { OperationShapes } from './shapes.ts'

export const METRICS: readonly string[] = [
  'IncomingBytes',
  'IncomingRecords',
  'OutgoingBytes',
  'OutgoingRecords',
  'WriteProvisionedThroughputExceeded',
  'ReadProvisionedThroughputExceeded',
  'IteratorAgeMilliseconds',
  'ALL',
]

const ANY = { type: 'any' } as const
const MODE: Shape = structure({
  StreamMode: { type: 'text', values: ['PROVISIONED', 'ON_DEMAND'], ...MUST },
})
const STRATEGY = { type: 'text', values: ['AUTO', 'USER_PARTITION_KEY'] } as const
const RECORD_KIB = { type: 'number', min: 1024, max: 10_240 } as const
const RETENTION_HOURS = { type: 'number', min: 1, max: 8760, ...MUST } as const
const TAGS = {
  type: 'map',
  keyCharsMax: 128,
  valueCharsMax: 256,
  sizeMin: 1,
  sizeMax: 200,
} as const
const TAG_KEYS: Shape = {
  type: 'list',
  lengthMin: 1,
  lengthMax: 50,
  of: { type: 'text', charsMin: 1, charsMax: 128 },
  judgedWhole: true,
  ...MUST,
}
const SHARD_METRICS: Shape = {
  type: 'list',
  lengthMin: 1,
  lengthMax: 7,
  of: { type: 'text', values: METRICS },
  judgedWhole: true,
  ...MUST,
}
const RESOURCE_ARN: TextShape = {
  type: 'text',
  about: 'Of a stream.',
  pattern: 'arn:aws.*:kinesis:.*:\\d{12}:.*(stream|channel|queue)/\\S+',
  charsMin: 1,
  charsMax: 2048,
}
const RESOURCE = { ResourceARN: { ...RESOURCE_ARN, ...MUST }, StreamId: ANY } as const
const ENCRYPTION = {
  EncryptionType: { type: 'text', values: ['NONE', 'KMS'], ...MUST },
  KeyId: { type: 'text', charsMin: 1, charsMax: 2048, ...MUST },
} as const
const SHARD_OUT = {
  ShardId: { ...TEXT, ...MUST },
  HashKeyRange: {
    ...structure({ StartingHashKey: { ...TEXT, ...MUST }, EndingHashKey: { ...TEXT, ...MUST } }),
    ...MUST,
  },
  SequenceNumberRange: {
    ...structure({ StartingSequenceNumber: { ...TEXT, ...MUST }, EndingSequenceNumber: TEXT }),
    ...MUST,
  },
} satisfies Record<string, Shape>

const TEXTS_OUT = { type: 'list', of: TEXT } as const
const TAGS_OUT: Shape = { ...list({ Key: { ...TEXT, ...MUST }, Value: TEXT }), ...MUST }
const COMMITMENT_OUT = structure({
  MinimumThroughputBillingCommitment: structure({ Status: { ...TEXT, ...MUST } }),
})
const MODE_OUT: Shape = structure({ StreamMode: { ...TEXT, ...MUST } })
const MONITORING_OUT: Shape = list({ ShardLevelMetrics: { type: 'list', of: TEXT } })

const DESCRIPTION_OUT = {
  StreamName: { ...TEXT, ...MUST },
  StreamARN: { ...TEXT, ...MUST },
  StreamStatus: { ...TEXT, ...MUST, values: ['CREATING', 'DELETING', 'ACTIVE', 'UPDATING'] },
  StreamModeDetails: MODE_OUT,
  RetentionPeriodHours: { ...NUMBER, ...MUST },
  StreamCreationTimestamp: { ...TIMESTAMP, ...MUST },
  EnhancedMonitoring: { ...MONITORING_OUT, ...MUST },
  EncryptionType: { ...TEXT, values: ['NONE', 'KMS'] },
} satisfies Record<string, Shape>

/** The table, with this dialect's limits filled in. */
export function createSchema(facts: Facts): Record<string, OperationShapes> {
  const { limits, streamName, streamArn } = facts
  const byName = { ...streamName, required: { unless: 'StreamARN' } } as const
  const stream = { StreamName: byName, StreamARN: streamArn, StreamId: ANY } as const
  const byArn = { StreamARN: { ...streamArn, ...MUST }, StreamId: ANY } as const
  const key = { type: 'text', charsMin: 1, charsMax: 256, ...MUST } as const
  const hashKey = { type: 'text', pattern: '0|([1-9]\\d{0,38})' } as const
  const data = { type: 'blob', bytesMax: limits.largeRecordBytesMax, ...MUST } as const
  const record = { PartitionKey: key, ExplicitHashKey: hashKey, Data: data }

  return {
    PutRecord: {
      action: 'put',
      about: 'Writes a single record into a stream.',
      input: structure({
        SequenceNumberForOrdering: { type: 'text', pattern: SEQUENCE_NUMBER },
        ...record,
        ...stream,
        DryRun: FLAG,
      }),
      output: structure({
        ShardId: { ...TEXT, ...MUST },
        SequenceNumber: { ...TEXT, ...MUST },
        EncryptionType: TEXT,
      }),
    },
    PutRecords: {
      action: 'put',
      about: 'Writes up to 500 records into a stream; each succeeds or fails in its place.',
      input: structure({
        Records: {
          type: 'list',
          lengthMin: 1,
          lengthMax: limits.recordsMax,
          of: { type: 'structure', name: 'PutRecordsRequestEntry', members: record },
          ...MUST,
        },
        ...stream,
        DryRun: FLAG,
      }),
      output: structure({
        FailedRecordCount: { ...NUMBER, ...MUST },
        Records: {
          ...list({
            SequenceNumber: TEXT,
            ShardId: TEXT,
            ErrorCode: TEXT,
            ErrorMessage: TEXT,
          }),
          ...MUST,
        },
        EncryptionType: TEXT,
      }),
    },
    DescribeStream: {
      action: 'see',
      about: 'Describes a stream and its shards, page by page.',
      input: structure({
        Limit: POSITIVE_TO_10000,
        ExclusiveStartShardId: NAME,
        ...stream,
      }),
      output: structure({
        StreamDescription: {
          ...structure({
            ...DESCRIPTION_OUT,
            Shards: { ...list(SHARD_OUT), ...MUST },
            HasMoreShards: { ...FLAG, ...MUST },
          }),
          ...MUST,
        },
      }),
    },
    DescribeStreamSummary: {
      action: 'see',
      about: 'Describes a stream without its shards.',
      input: structure(stream),
      output: structure({
        StreamDescriptionSummary: {
          ...structure({
            ...DESCRIPTION_OUT,
            OpenShardCount: { ...NUMBER, ...MUST },
            ConsumerCount: NUMBER,
            RecordDistributionStrategy: TEXT,
            MaxRecordSizeInKiB: NUMBER,
          }),
          ...MUST,
        },
      }),
    },
    ListShards: {
      action: 'see',
      about: 'Lists the shards of a stream and the hash ranges that placement uses.',
      input: structure({
        ExclusiveStartShardId: NAME,
        MaxResults: POSITIVE_TO_10000,
        NextToken: PAGE_TOKEN,
        StreamCreationTimestamp: TIMESTAMP,
        StreamName: streamName,
        StreamARN: streamArn,
        StreamId: ANY,
        ShardFilter: structure({
          Type: {
            type: 'text',
            values: [
              'AFTER_SHARD_ID',
              'AT_TRIM_HORIZON',
              'FROM_TRIM_HORIZON',
              'AT_LATEST',
              'AT_TIMESTAMP',
              'FROM_TIMESTAMP',
            ],
            ...MUST,
          },
          ShardId: NAME,
          Timestamp: TIMESTAMP,
        }),
      }),
      output: structure({ Shards: { ...list(SHARD_OUT), ...MUST }, NextToken: TEXT }),
    },
    ListStreams: {
      action: 'see',
      about: 'Lists the streams whose topics this dialect could have made.',
      input: structure({
        Limit: POSITIVE_TO_10000,
        ExclusiveStartStreamName: streamName,
        NextToken: PAGE_TOKEN,
      }),
      output: structure({
        StreamNames: { type: 'list', of: TEXT, ...MUST },
        HasMoreStreams: { ...FLAG, ...MUST },
        NextToken: TEXT,
        StreamSummaries: list({
          StreamName: { ...TEXT, ...MUST },
          StreamARN: { ...TEXT, ...MUST },
          StreamStatus: { ...TEXT, ...MUST },
          StreamModeDetails: MODE_OUT,
        }),
      }),
    },
    CreateStream: {
      action: 'manage',
      about: 'Creates a stream; it is written to once it is ACTIVE.',
      input: structure({
        ShardCount: {
          type: 'number',
          min: 1,
          max: 100_000,
          required: { unless: 'StreamModeDetails' },
        },
        StreamName: { ...streamName, ...MUST },
        StreamModeDetails: MODE,
        Tags: TAGS,
        WarmThroughputMiBps: { type: 'number', min: 0 },
        MaxRecordSizeInKiB: RECORD_KIB,
        RecordDistributionStrategy: STRATEGY,
      }),
    },
    DeleteStream: {
      action: 'manage',
      about: 'Deletes a stream and all its records.',
      input: structure({ ...stream, EnforceConsumerDeletion: FLAG }),
    },
    ...createReadSchema(facts, stream),
    ...createConsumerSchema(),
    UpdateShardCount: {
      action: 'manage',
      about: 'Adds shards to a stream; none are ever taken away.',
      input: structure({
        ScalingType: { type: 'text', values: ['UNIFORM_SCALING'], ...MUST },
        TargetShardCount: { type: 'number', min: 1, ...MUST },
        ...stream,
      }),
      output: structure({
        StreamName: TEXT,
        CurrentShardCount: NUMBER,
        TargetShardCount: NUMBER,
        StreamARN: TEXT,
      }),
    },
    SplitShard: {
      action: 'manage',
      about: 'Refused. Single shards are not split: UpdateShardCount adds shards.',
      input: structure({
        NewStartingHashKey: { ...hashKey, ...MUST },
        ...stream,
        ShardToSplit: { ...NAME, ...MUST },
      }),
    },
    MergeShards: {
      action: 'manage',
      about: 'Refused. Shards are never taken away.',
      input: structure({
        ShardToMerge: { ...NAME, ...MUST },
        AdjacentShardToMerge: { ...NAME, ...MUST },
        ...stream,
      }),
    },
    IncreaseStreamRetentionPeriod: {
      action: 'manage',
      about: 'Keeps the records of a stream for longer.',
      input: structure({ RetentionPeriodHours: RETENTION_HOURS, ...stream }),
    },
    DecreaseStreamRetentionPeriod: {
      action: 'manage',
      about: 'Keeps the records of a stream for less long.',
      input: structure({ RetentionPeriodHours: RETENTION_HOURS, ...stream }),
    },
    AddTagsToStream: {
      action: 'manage',
      about: 'Adds tags to a stream, or replaces those of the same keys.',
      input: structure({ Tags: { ...TAGS, ...MUST }, ...stream }),
    },
    RemoveTagsFromStream: {
      action: 'manage',
      about: 'Removes tags from a stream.',
      input: structure({ TagKeys: TAG_KEYS, ...stream }),
    },
    ListTagsForStream: {
      action: 'see',
      about: 'Lists the tags of a stream in the order of their keys, page by page.',
      input: structure({
        Limit: { type: 'number', min: 1, max: 50 },
        ExclusiveStartTagKey: { type: 'text', charsMin: 1, charsMax: 128 },
        ...stream,
      }),
      output: structure({ Tags: TAGS_OUT, HasMoreTags: { ...FLAG, ...MUST } }),
    },
    TagResource: {
      action: 'manage',
      about: 'Adds tags to the stream of an ARN.',
      input: structure({ Tags: { ...TAGS, ...MUST }, ...RESOURCE }),
    },
    UntagResource: {
      action: 'manage',
      about: 'Removes tags from the stream of an ARN.',
      input: structure({ TagKeys: TAG_KEYS, ...RESOURCE }),
    },
    ListTagsForResource: {
      action: 'see',
      about: 'Lists the tags of the stream of an ARN.',
      input: structure(RESOURCE),
      output: structure({ Tags: TAGS_OUT }),
    },
    UpdateStreamMode: {
      action: 'manage',
      about: 'Remembers and shows a mode, which changes nothing.',
      input: structure({
        ...byArn,
        StreamModeDetails: { ...MODE, ...MUST },
        WarmThroughputMiBps: { type: 'number', min: 0 },
      }),
    },
    UpdateMaxRecordSize: {
      action: 'manage',
      about: 'Lets a stream take larger records, or only smaller ones.',
      input: structure({ ...byArn, MaxRecordSizeInKiB: { ...RECORD_KIB, ...MUST } }),
    },
    UpdateStreamRecordDistributionStrategy: {
      action: 'manage',
      about: 'Takes USER_PARTITION_KEY, by which all streams work, and no other.',
      input: structure({ ...byArn, RecordDistributionStrategy: { ...STRATEGY, ...MUST } }),
    },
    UpdateStreamWarmThroughput: {
      action: 'manage',
      about: 'Refused. No throughput is kept warm.',
      input: structure({ ...stream, WarmThroughputMiBps: { type: 'number', min: 0, ...MUST } }),
    },
    EnableEnhancedMonitoring: {
      action: 'manage',
      about: 'Remembers and shows metrics; the service exports its own.',
      input: structure({ ShardLevelMetrics: SHARD_METRICS, ...stream }),
      output: structure({
        StreamName: TEXT,
        CurrentShardLevelMetrics: TEXTS_OUT,
        DesiredShardLevelMetrics: TEXTS_OUT,
        StreamARN: TEXT,
      }),
    },
    DisableEnhancedMonitoring: {
      action: 'manage',
      about: 'Forgets metrics that were remembered.',
      input: structure({ ShardLevelMetrics: SHARD_METRICS, ...stream }),
      output: structure({
        StreamName: TEXT,
        CurrentShardLevelMetrics: TEXTS_OUT,
        DesiredShardLevelMetrics: TEXTS_OUT,
        StreamARN: TEXT,
      }),
    },
    StartStreamEncryption: {
      action: 'manage',
      about: 'Refused. Records lie in Kafka as they came.',
      input: structure({ ...ENCRYPTION, ...stream }),
    },
    StopStreamEncryption: {
      action: 'manage',
      about: 'Refused. Records lie in Kafka as they came.',
      input: structure({ ...ENCRYPTION, ...stream }),
    },
    PutResourcePolicy: {
      action: 'manage',
      about: 'Refused. Who may do what is said in the credentials file.',
      input: structure({ ...RESOURCE, Policy: { ...TEXT, ...MUST } }),
    },
    DeleteResourcePolicy: {
      action: 'manage',
      about: 'Refused. Who may do what is said in the credentials file.',
      input: structure(RESOURCE),
    },
    GetResourcePolicy: {
      action: 'see',
      about: 'Answers with an empty policy: there are none.',
      input: structure(RESOURCE),
      output: structure({ Policy: { ...TEXT, ...MUST } }),
    },
    DescribeLimits: {
      action: 'see',
      about: 'Counts the shards of all streams; nothing limits their sum.',
      input: structure({}),
      output: structure({
        ShardLimit: { ...NUMBER, ...MUST },
        OpenShardCount: { ...NUMBER, ...MUST },
        OnDemandStreamCount: NUMBER,
        OnDemandStreamCountLimit: NUMBER,
      }),
    },
    DescribeAccountSettings: {
      action: 'see',
      about: 'Tells that nothing is committed to.',
      input: structure({}),
      output: COMMITMENT_OUT,
    },
    UpdateAccountSettings: {
      action: 'manage',
      about: 'Refused. There is nothing to be committed to.',
      input: structure({ MinimumThroughputBillingCommitment: ANY }),
    },
    ListChannels: {
      action: 'see',
      about: 'Lists nothing: there are no channels.',
      input: structure({ StreamFilter: ANY, MaxResults: POSITIVE_TO_10000, NextToken: PAGE_TOKEN }),
      output: structure({ ChannelSummaries: { ...list({}), ...MUST } }),
    },
    ListQueues: {
      action: 'see',
      about: 'Lists nothing: there are no queues.',
      input: structure({ StreamFilter: ANY, MaxResults: POSITIVE_TO_10000, NextToken: PAGE_TOKEN }),
      output: structure({ QueueSummaries: { ...list({}), ...MUST } }),
    },
    ...Object.fromEntries(NO_CHANNELS.map((name) => [name, refused('There are no channels.')])),
    ...Object.fromEntries(NO_QUEUES.map((name) => [name, refused('There are no queues.')])),
  }
}

function refused(sentence: string): OperationShapes {
  return { action: 'see', about: `Refused. ${sentence}`, input: structure({}) }
}

export const NO_CHANNELS = ['CreateChannel', 'DeleteChannel', 'DescribeChannel', 'UpdateChannel']

export const NO_QUEUES = [
  'CreateQueue',
  'DeleteQueue',
  'DescribeQueue',
  'UpdateQueue',
  'ReceiveQueueRecords',
  'AcknowledgeQueueRecords',
  'UpdateQueueRecordsVisibility',
  'ReceiveDeadLetterQueueRecords',
  'AcknowledgeDeadLetterQueueRecords',
  'RestoreDeadLetterQueueRecords',
  'UpdateDeadLetterQueueRecordsVisibility',
]
