// Members, types and limits of the reading operations, in the order in which the service checks them
// (kinesalite's validations/*.js, and the current model of API version 2013-12-02).

import type { Shape } from '../../core/shape.ts'
import type { Facts } from './facts.ts'
import {
  MUST,
  NAME,
  NUMBER,
  POSITIVE_TO_10000,
  RESERVED,
  SEQUENCE_NUMBER,
  TEXT,
  TIMESTAMP,
  list,
  structure,
} from './shapes.ts'
import type { OperationShapes } from './shapes.ts'

export const ITERATOR_TYPE = {
  type: 'text',
  values: ['AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_TIMESTAMP', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON'],
  ...MUST,
} as const

const RECORD_OUT = {
  SequenceNumber: { ...TEXT, ...MUST },
  ApproximateArrivalTimestamp: TIMESTAMP,
  Data: { type: 'blob', ...MUST },
  PartitionKey: { ...TEXT, ...MUST },
  EncryptionType: TEXT,
} satisfies Record<string, Shape>

/** `stream`: the members that name one. */
export function createReadSchema(
  { iteratorCharsMax }: Facts,
  stream: Record<'StreamName' | 'StreamARN' | 'StreamId', Shape>,
): Record<string, OperationShapes> {
  return {
    GetShardIterator: {
      action: 'read',
      about: 'Gives the place in a shard from which to read.',
      input: structure({
        ShardId: { ...NAME, ...MUST },
        ShardIteratorType: ITERATOR_TYPE,
        StartingSequenceNumber: { type: 'text', pattern: SEQUENCE_NUMBER },
        StreamName: stream.StreamName,
        Timestamp: TIMESTAMP,
        StreamARN: stream.StreamARN,
        StreamId: stream.StreamId,
      }),
      output: structure({ ShardIterator: TEXT }),
    },
    GetRecords: {
      action: 'read',
      about: 'Reads records of a shard from an iterator on, and gives the next iterator.',
      input: structure({
        Limit: POSITIVE_TO_10000,
        ShardIterator: { type: 'text', charsMin: 1, charsMax: iteratorCharsMax, ...MUST },
        StreamARN: stream.StreamARN,
        StreamId: RESERVED,
      }),
      output: structure({
        Records: { ...list(RECORD_OUT), ...MUST },
        NextShardIterator: TEXT,
        MillisBehindLatest: NUMBER,
      }),
    },
  }
}
