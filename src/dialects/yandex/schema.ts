// Members of the service's own operations, and what CreateStream takes beside Amazon's (ydb:
// datastreams.proto, whose names are written in capitals on the wire).

import type { Shape, StructureShape, TextShape } from '../../core/shape.ts'
import type { Facts } from '../kinesis/facts.ts'
import type { OperationShapes } from '../kinesis/shapes.ts'

/** A path; its last element is the stream. */
export const STREAM_NAME: TextShape = {
  type: 'text',
  about: 'A path /region/folder/database/stream, or relative to the path of the URL.',
  pattern: '[a-zA-Z0-9_./-]*[a-zA-Z0-9_.-]',
  charsMin: 1,
  charsMax: 1024,
}

/** The vendor's ARNs are paths; Amazon's are taken, too. */
export const STREAM_ARN: TextShape = {
  type: 'text',
  about: 'Instead of StreamName, or beside it.',
  pattern: '(arn:aws.*:kinesis:.*:\\d{12}:stream/)?[a-zA-Z0-9_./-]*[a-zA-Z0-9_.-]',
  charsMin: 1,
  charsMax: 2048,
}

const ANY: Shape = { type: 'any' }
const HOURS = { type: 'number', min: 1, max: 8760 } as const
const QUOTA = {
  type: 'number',
  about: 'Kilobytes a second of one shard: remembered and shown.',
  min: 0,
} as const
const EXTRAS = {
  WriteQuotaKbPerSec: QUOTA,
  RetentionPeriodHours: HOURS,
  RetentionStorageMegabytes: { type: 'number', min: 0 },
  PartitioningSettings: ANY,
} as const

/** Amazon's operations with this vendor's members. */
export function adapt(schema: Record<string, OperationShapes>): Record<string, OperationShapes> {
  const { CreateStream } = schema
  if (!CreateStream) return schema
  const members = { ...CreateStream.input.members, ...EXTRAS }
  return { ...schema, CreateStream: { ...CreateStream, input: { type: 'structure', members } } }
}

/** The service's own operations. */
export function createOwnSchema({ streamName }: Facts) {
  const stream = { StreamName: { ...streamName, required: true } } as const
  const own = (about: string, members: StructureShape['members']): OperationShapes => ({
    action: 'manage',
    about,
    input: { type: 'structure', members: { ...stream, ...members } },
  })
  return {
    UpdateStream: own(
      'Changes shards, retention, quota and mode of a stream, those that are named.',
      {
        TargetShardCount: { type: 'number', min: 0 },
        StreamModeDetails: {
          type: 'structure',
          members: {
            StreamMode: { type: 'text', values: ['PROVISIONED', 'ON_DEMAND'], required: true },
          },
        },
        ...EXTRAS,
      },
    ),
    SetWriteQuota: own('Remembers and shows a quota, which limits nothing.', {
      WriteQuotaKbPerSec: { ...QUOTA, required: true },
    }),
    SetStreamRetentionPeriod: own('Keeps the records of a stream for so many hours.', {
      RetentionPeriodHours: { ...HOURS, required: true },
    }),
  } satisfies Record<string, OperationShapes>
}

export type OwnName = keyof ReturnType<typeof createOwnSchema>
