// Members, types and limits of what consumers call: apps, checkpoints, and the group protocol of the
// Kafka adapter (docs: "App Management", "Checkpoint Management"; huaweicloud-sdk-java-dis-iface,
// iface/coordinator), in the vendor's order.
//
// * Only CreateApp minds the form of a name: anywhere else, what is no name is an app there is not.
// * The group protocol is not documented; its members are those of its Java classes.

import type { Shape } from '../../core/shape.ts'
import type { OperationShapes } from './schema.ts'
import {
  FLAG,
  MUST,
  NUMBER,
  OPTIONAL,
  PROJECT,
  STREAM,
  structure,
  TEXT,
  TEXT_OR_NUMBER,
} from './shapes.ts'

export type AppsName =
  | 'CreateApp'
  | 'ListApps'
  | 'DescribeApp'
  | 'DeleteApp'
  | 'DescribeConsumerState'
  | 'CommitCheckpoint'
  | 'GetCheckpoint'
  | 'DeleteCheckpoint'
  | 'JoinGroup'
  | 'SyncGroup'
  | 'Heartbeat'
  | 'LeaveGroup'

const APP = { ...PROJECT, app_name: { ...TEXT, ...MUST } } as const
const CHECKPOINT_TYPE = { ...OPTIONAL, values: ['LAST_READ'] } as const
const PARTITION = { ...TEXT_OR_NUMBER, about: '`shardId-` and digits, or digits alone.' } as const

const APP_OUT = {
  app_id: { ...TEXT, ...MUST },
  app_name: { ...TEXT, ...MUST },
  create_time: { ...NUMBER, ...MUST, about: 'Milliseconds since 1970.' },
  commit_checkpoint_stream_names: { type: 'list', of: TEXT, ...MUST },
} as const satisfies Record<string, Shape>

const CHECKPOINT_IN = {
  ...STREAM,
  app_name: { ...TEXT, ...MUST },
  checkpoint_type: CHECKPOINT_TYPE,
} as const satisfies Record<string, Shape>

const CLIENT = { ...TEXT, ...MUST, charsMin: 1, charsMax: 200 } as const
const MEMBER = {
  ...APP,
  client_id: CLIENT,
  generation: { ...NUMBER, whole: true, about: 'The one that the member knows; -1: none.' },
} as const satisfies Record<string, Shape>

const STATE = (...values: string[]) => ({ ...TEXT, ...MUST, values }) as const satisfies Shape

export const APPS_SCHEMA: Readonly<Record<AppsName, OperationShapes>> = {
  CreateApp: {
    action: 'see',
    about: 'Creates an app: a name under which consumers keep how far they have read.',
    input: structure({
      ...PROJECT,
      app_name: { ...TEXT, pattern: '[a-zA-Z0-9_-]+', charsMin: 1, charsMax: 200, ...MUST },
    }),
  },
  ListApps: {
    action: 'see',
    about: 'Lists the apps of a project, page by page.',
    input: structure({
      ...PROJECT,
      limit: { ...NUMBER, whole: true, min: 1, max: 100 },
      start_app_name: { ...OPTIONAL, about: 'The page begins after it.' },
      stream_name: { ...OPTIONAL, about: 'Only apps with checkpoints in this stream.' },
    }),
    output: structure({
      has_more_app: { ...FLAG, ...MUST },
      apps: { type: 'list', of: structure(APP_OUT), ...MUST },
      total_number: { ...NUMBER, ...MUST },
    }),
  },
  DescribeApp: {
    action: 'see',
    about: 'Describes an app.',
    input: structure(APP),
    output: structure(APP_OUT),
  },
  DeleteApp: {
    action: 'read',
    about: 'Deletes an app and its checkpoints; not while consumers are in its group.',
    input: structure(APP),
  },
  DescribeConsumerState: {
    action: 'see',
    about: 'Tells how far an app has read a stream, partition by partition.',
    input: structure({
      ...STREAM,
      app_name: { ...TEXT, ...MUST },
      checkpoint_type: CHECKPOINT_TYPE,
      limit: { ...NUMBER, whole: true, min: 1, max: 1000 },
      start_partition_id: { ...PARTITION, about: 'The page begins after it.' },
    }),
    output: structure({
      has_more: { ...FLAG, ...MUST },
      stream_name: { ...TEXT, ...MUST },
      app_name: { ...TEXT, ...MUST },
      partition_consuming_states: {
        type: 'list',
        of: structure({
          partition_id: { ...TEXT, ...MUST, pattern: 'shardId-\\d{10}' },
          sequence_number: { ...TEXT, ...MUST, about: 'The checkpoint; -1: none.' },
          metadata: TEXT,
          latest_offset: { ...NUMBER, ...MUST, about: 'The next number to be given.' },
          earliest_offset: { ...NUMBER, ...MUST },
          checkpoint_type: { ...TEXT, ...MUST },
          status: { ...TEXT, ...MUST },
        }),
        ...MUST,
      },
    }),
  },
  CommitCheckpoint: {
    action: 'read',
    about: 'Keeps how far an app has read a partition.',
    input: structure({
      ...CHECKPOINT_IN,
      partition_id: { ...PARTITION, ...MUST },
      sequence_number: { ...TEXT_OR_NUMBER, ...MUST, about: 'Decimal digits.' },
      metadata: { ...TEXT, charsMax: 1000 },
      client_id: { ...OPTIONAL, about: 'The member of the app’s group that commits.' },
      generation_id: { ...NUMBER, whole: true },
    }),
  },
  GetCheckpoint: {
    action: 'read',
    about: 'Tells how far an app has read a partition.',
    input: structure({ ...CHECKPOINT_IN, partition_id: { ...PARTITION, ...MUST } }),
    output: structure({
      sequence_number: { ...TEXT, ...MUST, about: '-1: nothing was committed.' },
      metadata: { ...TEXT, ...MUST },
    }),
  },
  DeleteCheckpoint: {
    action: 'read',
    about: 'Forgets how far an app has read a partition, or all partitions of a stream.',
    input: structure({ ...CHECKPOINT_IN, partition_id: PARTITION }),
  },
  JoinGroup: {
    action: 'read',
    about: 'Makes a consumer a member of the group of its app.',
    input: structure({
      ...APP,
      clientId: CLIENT,
      interestedStream: { type: 'list', of: TEXT },
      interestedStreamIdList: { type: 'list', of: TEXT },
      streamPattern: { ...OPTIONAL, charsMax: 256, about: 'A regular expression, as Java’s.' },
      accelerateAssignEnabled: { ...FLAG, about: 'Wait for nobody where the group is empty.' },
      rebalanceTimeoutMs: { ...NUMBER, about: 'How long to wait for the other members.' },
    }),
    output: structure({
      state: STATE('OK', 'ERR_SUBSCRIPTION', 'GROUP_NOT_EXIST'),
      subscription: { type: 'list', of: TEXT },
      syncDelayedTimeMs: NUMBER,
    }),
  },
  SyncGroup: {
    action: 'read',
    about: 'Tells a member its partitions, once the others have joined.',
    input: structure(MEMBER),
    output: structure({
      state: STATE('OK', 'WAITING', 'REJOIN', 'GROUP_NOT_EXIST'),
      generation: NUMBER,
      assignment: { type: 'any', about: 'Lists of partition numbers by stream.' },
    }),
  },
  Heartbeat: {
    action: 'read',
    about: 'Keeps a member in its group, and tells it what to do next.',
    input: structure(MEMBER),
    output: structure({ state: STATE('JOINING', 'SYNCING', 'STABLE', 'GROUP_NOT_EXIST') }),
  },
  LeaveGroup: {
    action: 'read',
    about: 'Takes a member out of its group.',
    input: structure({ ...APP, client_id: CLIENT }),
  },
}
