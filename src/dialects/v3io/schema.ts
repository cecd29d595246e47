// Members, types and limits of every operation (docs: "Streaming Web API", "Simple-Object Web API").
//
// * `""` for StreamName, PartitionKey and ClientInfo means absent, as does `null` for anything:
//   v3ctl, frames and v3io-py send them.
// * What is wrong with the shape of a call fails the call; what is wrong with the value of one
//   record (its base64, its size, its shard) fails that record, so those limits are not here.
// * 0 shards or hours mean the default: v3io-go writes 0 for what its user left unset.

import type { Need } from '../../core/principals.ts'
import type { Shape, StructureShape } from '../../core/shape.ts'
import type { Limits } from './facts.ts'

const MUST = { required: true } as const
const INTEGER = { type: 'number', whole: true } as const
/** What clients have 64 bits for: a number beyond what is exact here is one that nothing has. */
const LARGE = { type: 'number' } as const
const TEXT = { type: 'text' } as const
const BLOB = { type: 'blob', failsInPlace: true } as const

const STREAM_NAME = {
  type: 'text',
  about: 'Where the URL names the directory of the stream only.',
  pattern: '[^/]+',
  emptyIsAbsent: true,
} as const

function structure(members: Record<string, Shape>): StructureShape {
  return { type: 'structure', members }
}

interface OperationShapes {
  readonly about: string
  readonly action: Need
  readonly input: StructureShape
  readonly output?: StructureShape
}

/** The table, with these limits filled in. */
export function createSchema(limits: Limits) {
  const record = structure({
    Data: { ...BLOB, ...MUST },
    ClientInfo: { ...BLOB, about: 'Or any text, which is kept as it is.', emptyIsAbsent: true },
    PartitionKey: { ...TEXT, emptyIsAbsent: true },
    ShardId: { ...LARGE, about: 'Wins over PartitionKey.' },
  })
  const stored = structure({
    ArrivalTimeSec: { ...INTEGER, ...MUST },
    ArrivalTimeNSec: { ...INTEGER, ...MUST },
    SequenceNumber: { ...INTEGER, ...MUST },
    ClientInfo: { type: 'blob' },
    PartitionKey: TEXT,
    Data: { type: 'blob', ...MUST },
  })
  const result = structure({
    SequenceNumber: INTEGER,
    ShardId: INTEGER,
    ErrorCode: INTEGER,
    ErrorMessage: TEXT,
  })

  return {
    PutRecords: {
      action: 'put',
      about: `Writes up to ${limits.recordsMax} records into a stream; each succeeds or fails in its place.`,
      input: structure({
        StreamName: STREAM_NAME,
        Records: { type: 'list', of: record, lengthMin: 1, lengthMax: limits.recordsMax, ...MUST },
      }),
      output: structure({
        FailedRecordCount: { ...INTEGER, ...MUST },
        Records: { type: 'list', of: result, ...MUST },
      }),
    },
    CreateStream: {
      action: 'manage',
      about: 'Creates a stream; it can be written at once.',
      input: structure({
        StreamName: STREAM_NAME,
        ShardCount: { ...INTEGER, min: 0, max: limits.shardsMax },
        RetentionPeriodHours: { ...INTEGER, min: 0, max: limits.retentionHoursMax },
      }),
    },
    DescribeStream: {
      action: 'see',
      about: 'Tells how many shards a stream has and how long it keeps records.',
      input: structure({ StreamName: STREAM_NAME }),
      output: structure({
        ShardCount: { ...INTEGER, ...MUST },
        RetentionPeriodHours: { ...INTEGER, ...MUST },
      }),
    },
    UpdateStream: {
      action: 'manage',
      about: 'Raises the number of shards of a stream.',
      input: structure({ StreamName: STREAM_NAME, ShardCount: { ...INTEGER, ...MUST } }),
    },
    SeekShard: {
      action: 'read',
      about: 'Tells a location in a shard, from which GetRecords reads on. The pages call it Seek.',
      input: structure({
        StreamName: STREAM_NAME,
        ShardId: { ...LARGE, about: 'Where the URL names the stream only.' },
        Type: { ...TEXT, values: ['EARLIEST', 'LATEST', 'TIME', 'SEQUENCE'], ...MUST },
        TimestampSec: { ...LARGE, about: 'Of TIME; TimeStampSec is taken too.' },
        TimestampNSec: { ...LARGE, about: 'Of TIME; TimeStampNSec is taken too.' },
        StartingSequenceNumber: { ...LARGE, about: 'Of SEQUENCE.' },
      }),
      output: structure({ Location: { ...TEXT, ...MUST } }),
    },
    GetRecords: {
      action: 'read',
      about: 'Reads a shard from a location on.',
      input: structure({
        StreamName: STREAM_NAME,
        ShardId: { ...LARGE, about: 'Where the URL names the stream only.' },
        Location: { ...TEXT, ...MUST },
        Limit: { ...LARGE, min: 0 },
      }),
      output: structure({
        NextLocation: { ...TEXT, ...MUST },
        MSecBehindLatest: { ...INTEGER, ...MUST },
        RecordsBehindLatest: { ...INTEGER, ...MUST },
        Records: { type: 'list', of: stored, ...MUST },
      }),
    },
    GetItem: {
      action: 'read',
      about: 'Tells attributes of a shard, or of the state of a consumer group.',
      input: structure({
        AttributesToGet: { ...TEXT, about: 'Comma-separated, or `*`, or `**`.' },
      }),
      output: structure({ Item: { type: 'structure', members: {}, ...MUST } }),
    },
    GetItems: {
      action: 'read',
      about: 'Tells attributes of the states of all consumer groups of a stream.',
      input: structure({
        TableName: { ...TEXT, about: 'Below the path of the URL.' },
        AttributesToGet: TEXT,
        FilterExpression: TEXT,
        Marker: TEXT,
        Limit: LARGE,
      }),
      output: structure({
        LastItemIncluded: { ...TEXT, ...MUST },
        NextMarker: TEXT,
        Items: { type: 'list', of: structure({}), ...MUST },
      }),
    },
    PutItem: {
      action: 'read',
      about: 'Sets attributes of a shard, or of the state of a consumer group.',
      input: structure({
        Item: { type: 'structure', members: {}, ...MUST },
        UpdateMode: TEXT,
        ConditionExpression: TEXT,
      }),
    },
    GetContainerContents: {
      action: 'see',
      about: 'Lists what is right below a path, as the clients do before DELETE.',
      input: structure({
        prefix: { ...TEXT, about: 'The path, in the query.' },
        marker: TEXT,
        'max-keys': TEXT,
        'prefix-info': TEXT,
        'prefix-only': TEXT,
      }),
    },
    GetObject: {
      action: 'read',
      about: 'Reads the bytes of the state of a consumer group.',
      input: structure({}),
    },
    PutObject: {
      action: 'read',
      about: 'Writes the bytes of the state of a consumer group.',
      input: structure({ Body: { type: 'blob', ...MUST } }),
    },
    HeadObject: {
      action: 'see',
      about: 'Tells whether a stream, a shard, a directory or the state of a group exists.',
      input: structure({}),
    },
    DeleteObject: {
      action: 'manage',
      about: 'Deletes a stream with all its records, or the state of a consumer group.',
      input: structure({}),
    },
  } satisfies Record<string, OperationShapes>
}

export type Schema = ReturnType<typeof createSchema>
