// Members, types and limits of every operation, in the order in which the service checks them
// (kinesalite's validations/*.js; members that the current model of API version 2013-12-02 added
// come after those that were recorded).

import type { Shape } from '../../core/shape.ts'
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
  RESERVED,
  SEQUENCE_NUMBER,
  STREAM_ARN,
  TEXT,
  TIMESTAMP,
  list,
  structure,
} from './shapes.ts'
import type { OperationShapes } from './shapes.ts'

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
  const { limits, streamName } = facts
  const byName = { ...streamName, required: { unless: 'StreamARN' } } as const
  const stream = { StreamName: byName, StreamARN: STREAM_ARN, StreamId: RESERVED } as const
  const key = { type: 'text', charsMin: 1, charsMax: 256, ...MUST } as const
  const hashKey = { type: 'text', pattern: '0|([1-9]\\d{0,38})' } as const
  const data = { type: 'blob', bytesMax: limits.recordBytesMax, ...MUST } as const
  const record = { PartitionKey: key, ExplicitHashKey: hashKey, Data: data }

  return {
    PutRecord: {
      action: 'put',
      about: 'Writes a single record into a stream.',
      input: structure({
        SequenceNumberForOrdering: { type: 'text', pattern: SEQUENCE_NUMBER },
        ...record,
        ...stream,
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
        StreamARN: STREAM_ARN,
        StreamId: RESERVED,
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
        StreamModeDetails: structure({
          StreamMode: { type: 'text', values: ['PROVISIONED', 'ON_DEMAND'], ...MUST },
        }),
        Tags: { type: 'map', keyCharsMax: 128, valueCharsMax: 256, sizeMin: 1, sizeMax: 200 },
        WarmThroughputMiBps: { type: 'any' },
        MaxRecordSizeInKiB: { type: 'number', min: 1024, max: 10_240 },
      }),
    },
    DeleteStream: {
      action: 'manage',
      about: 'Deletes a stream and all its records.',
      input: structure({ ...stream, EnforceConsumerDeletion: FLAG }),
    },
    ...createReadSchema(facts, stream),
    ...createConsumerSchema(),
  }
}
