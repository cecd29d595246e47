// Members, types and limits of every operation that is served, in the vendor's order (docs: "API
// Description"). Members are those of path, query and body together.
//
// * The server refuses a number where a text is wanted, and takes null for a member left out
//   (huaweicloud-sdk-java-dis-iface, the deserializer of its PutRecords entries).
// * What is wrong with the content of one record (its base64, its size, its partition) is no
//   matter of these tables: it fails that record, in its place.
// * Only CreateStream minds the form of a name: anywhere else, what is no name is a stream that
//   does not exist.

import type { Need } from '../../core/principals.ts'
import type { Shape, StructureShape } from '../../core/shape.ts'
import type { Facts } from './facts.ts'
import { NAME_CHARS_MAX, NAME_PATTERN } from './names.ts'
import { APPS_SCHEMA, type AppsName } from './schema-apps.ts'
import { WATCH_SCHEMA, type WatchName } from './schema-watch.ts'
import {
  FLAG,
  IGNORED,
  MUST,
  NUMBER,
  OPTIONAL,
  PROJECT,
  STREAM,
  structure,
  TAGS,
  TEXT,
} from './shapes.ts'

export type ServedName =
  | 'PutRecords'
  | 'GetCursor'
  | 'GetRecords'
  | 'CreateStream'
  | 'ListStreams'
  | 'DescribeStream'
  | 'UpdatePartitionCount'
  | 'UpdateStream'
  | 'DeleteStream'
  | AppsName
  | WatchName

export interface OperationShapes {
  readonly about: string
  readonly action: Need
  readonly input: StructureShape
  readonly output?: StructureShape
}

const DATA_TYPE = { ...OPTIONAL, values: ['BLOB', 'JSON', 'CSV'] } as const

const SUMMARY_OUT = {
  stream_id: { ...TEXT, ...MUST },
  stream_name: { ...TEXT, ...MUST },
  create_time: { ...NUMBER, ...MUST, about: 'Milliseconds since 1970.' },
  retention_period: { ...NUMBER, ...MUST, about: 'Hours.' },
  status: { ...TEXT, ...MUST, values: ['CREATING', 'RUNNING', 'TERMINATING', 'FROZEN'] },
  stream_type: { ...TEXT, ...MUST, values: ['COMMON', 'ADVANCED'] },
  data_type: { ...TEXT, ...MUST, values: ['BLOB', 'JSON', 'CSV'] },
  auto_scale_enabled: { ...FLAG, ...MUST },
  tags: { ...TAGS, ...MUST },
  sys_tags: { ...TAGS, ...MUST },
} as const satisfies Record<string, Shape>

const PARTITION_OUT = structure({
  status: { ...TEXT, ...MUST, values: ['CREATING', 'ACTIVE', 'DELETED', 'EXPIRED'] },
  partition_id: { ...TEXT, ...MUST, pattern: 'shardId-\\d{10}' },
  hash_range: { ...TEXT, ...MUST, pattern: '\\[\\d+ : \\d+\\]' },
  sequence_number_range: { ...TEXT, ...MUST, pattern: '\\[\\d+ : \\d+\\]' },
  parent_partitions: { ...TEXT, ...MUST },
})

const ENTRY: StructureShape = structure(
  {
    data: {
      type: 'blob',
      about: 'The record; it must be there, and fails alone where it is not well-formed.',
      failsInPlace: true,
    },
    explicit_hash_key: { ...OPTIONAL, about: 'A decimal number from 0 to 2^63 - 1.' },
    partition_id: { ...OPTIONAL, about: '`shardId-` and digits, or digits alone.' },
    partition_key: OPTIONAL,
    timestamp: { ...NUMBER, about: 'Milliseconds since 1970.' },
    extended_info: IGNORED,
  },
  'PutRecordsRequestEntry',
)

/** The table, with this dialect's limits filled in. */
export function createSchema({ limits }: Facts): Record<ServedName, OperationShapes> {
  const duration = {
    type: 'number',
    whole: true,
    about: 'Hours.',
    min: 24,
    max: limits.retentionHoursMax,
  } as const satisfies Shape

  return {
    PutRecords: {
      action: 'put',
      about: 'Uploads records to a stream; each succeeds or fails in its place.',
      input: structure({
        ...STREAM,
        records: {
          type: 'list',
          of: ENTRY,
          lengthMin: 1,
          lengthMax: limits.recordsMax,
          ...MUST,
        },
      }),
      output: structure({
        failed_record_count: { ...NUMBER, ...MUST },
        records: {
          type: 'list',
          of: structure({
            partition_id: TEXT,
            sequence_number: TEXT,
            error_code: TEXT,
            error_message: TEXT,
          }),
          ...MUST,
        },
      }),
    },
    GetCursor: {
      action: 'read',
      about: 'Gives a cursor: where reading a partition begins.',
      input: structure({
        ...PROJECT,
        'stream-name': { ...OPTIONAL, required: { unless: 'stream-id' } },
        'stream-id': { ...OPTIONAL, about: 'Tried where no stream has the name.' },
        'partition-id': { ...OPTIONAL, ...MUST, about: '`shardId-` and digits, or digits alone.' },
        'cursor-type': {
          ...OPTIONAL,
          about:
            'AT_SEQUENCE_NUMBER (default), AFTER_SEQUENCE_NUMBER, TRIM_HORIZON, LATEST or AT_TIMESTAMP.',
        },
        'starting-sequence-number': OPTIONAL,
        timestamp: { ...NUMBER, about: 'Milliseconds since 1970.' },
      }),
      output: structure({
        partition_cursor: { ...TEXT, ...MUST, about: 'Good for five minutes.' },
      }),
    },
    GetRecords: {
      action: 'read',
      about: 'Reads records from a cursor on.',
      input: structure({
        ...PROJECT,
        'partition-cursor': { ...OPTIONAL, ...MUST },
        limit: { ...NUMBER, about: 'The most records wanted.' },
        max_fetch_bytes: {
          ...NUMBER,
          about: 'The most bytes of data wanted; a first record that is larger comes all the same.',
        },
        app_name: IGNORED,
      }),
      output: structure({
        records: {
          type: 'list',
          of: structure({
            partition_key: TEXT,
            sequence_number: { ...TEXT, ...MUST },
            data: { type: 'blob', ...MUST },
            timestamp: { ...NUMBER, about: 'Milliseconds since 1970.' },
            timestamp_type: { ...TEXT, ...MUST },
          }),
          ...MUST,
        },
        next_partition_cursor: { ...TEXT, ...MUST },
      }),
    },
    CreateStream: {
      action: 'manage',
      about: 'Creates a stream.',
      input: structure({
        ...PROJECT,
        stream_name: {
          ...TEXT,
          pattern: NAME_PATTERN,
          charsMin: 1,
          charsMax: NAME_CHARS_MAX,
          ...MUST,
        },
        partition_count: { type: 'number', whole: true, min: 1, ...MUST },
        stream_type: { ...OPTIONAL, values: ['COMMON', 'ADVANCED'] },
        data_type: DATA_TYPE,
        data_duration: duration,
        auto_scale_enabled: IGNORED,
        auto_scale_min_partition_count: IGNORED,
        auto_scale_max_partition_count: IGNORED,
        data_schema: OPTIONAL,
        csv_properties: structure({ delimiter: OPTIONAL }),
        compression_format: { ...OPTIONAL, values: ['snappy', 'gzip', 'zip'] },
        tags: TAGS,
        sys_tags: TAGS,
      }),
    },
    ListStreams: {
      action: 'see',
      about: 'Lists the streams whose topics this dialect could have made, page by page.',
      input: structure({
        ...PROJECT,
        limit: { type: 'number', whole: true, min: 1, max: 100 },
        start_stream_name: { ...OPTIONAL, about: 'The page begins after it.' },
      }),
      output: structure({
        total_number: { ...NUMBER, ...MUST },
        stream_names: { type: 'list', of: TEXT, ...MUST },
        has_more_streams: { ...FLAG, ...MUST },
        stream_info_list: {
          type: 'list',
          of: structure({ ...SUMMARY_OUT, partition_count: { ...NUMBER, ...MUST } }),
          ...MUST,
        },
      }),
    },
    DescribeStream: {
      action: 'see',
      about: 'Describes a stream and its partitions, page by page.',
      input: structure({
        ...STREAM,
        start_partitionId: { ...OPTIONAL, about: 'The page begins after it.' },
        limit_partitions: { type: 'number', whole: true, min: 1, max: 1000 },
      }),
      output: structure({
        ...SUMMARY_OUT,
        last_modified_time: { ...NUMBER, ...MUST },
        writable_partition_count: { ...NUMBER, ...MUST },
        readable_partition_count: { ...NUMBER, ...MUST },
        data_schema: TEXT,
        csv_properties: structure({ delimiter: TEXT }),
        compression_format: TEXT,
        partitions: { type: 'list', of: PARTITION_OUT, ...MUST },
        has_more_partitions: { ...FLAG, ...MUST },
      }),
    },
    UpdatePartitionCount: {
      action: 'manage',
      about: 'Raises the number of partitions of a stream.',
      input: structure({
        ...STREAM,
        target_partition_count: { type: 'number', whole: true, min: 1, ...MUST },
      }),
      output: structure({
        stream_name: { ...TEXT, ...MUST },
        current_partition_count: { ...NUMBER, ...MUST },
        target_partition_count: { ...NUMBER, ...MUST },
      }),
    },
    UpdateStream: {
      action: 'manage',
      about: 'Changes how long the records of a stream are kept.',
      input: structure({
        ...STREAM,
        update_type: IGNORED,
        data_duration: duration,
        data_type: DATA_TYPE,
        data_schema: OPTIONAL,
        auto_scale_enabled: IGNORED,
        auto_scale_min_partition_count: IGNORED,
        auto_scale_max_partition_count: IGNORED,
      }),
      output: structure({
        stream_name: { ...TEXT, ...MUST },
        target_data_type: TEXT,
      }),
    },
    DeleteStream: {
      action: 'manage',
      about: 'Deletes a stream and all its records.',
      input: structure(STREAM),
    },
    ...APPS_SCHEMA,
    ...WATCH_SCHEMA,
  }
}
