// Members, types and limits of the operations on consumers (API version 2013-12-02).

import type { Shape, TextShape } from '../../core/shape.ts'
import { ITERATOR_TYPE } from './schema-reads.ts'
import {
  MUST,
  NAME,
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

const CONSUMER_ARN: TextShape = {
  type: 'text',
  pattern:
    '^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+',
  charsMin: 1,
  charsMax: 2048,
}

const CONSUMER_OUT = {
  ConsumerName: { ...TEXT, ...MUST },
  ConsumerARN: { ...TEXT, ...MUST },
  ConsumerStatus: { ...TEXT, ...MUST, values: ['CREATING', 'DELETING', 'ACTIVE'] },
  ConsumerCreationTimestamp: { ...TIMESTAMP, ...MUST },
} satisfies Record<string, Shape>

/** A consumer is named by its ARN, or by its name and its stream's ARN. */
const ONE_CONSUMER = {
  StreamARN: STREAM_ARN,
  ConsumerName: NAME,
  ConsumerARN: CONSUMER_ARN,
  StreamId: RESERVED,
} satisfies Record<string, Shape>

const SUBSCRIBE: OperationShapes = {
  action: 'read',
  about:
    'Sends the records of a shard as they come, as events of an event stream, for five minutes.',
  input: structure({
    ConsumerARN: { ...CONSUMER_ARN, ...MUST },
    StreamId: RESERVED,
    ShardId: { ...NAME, ...MUST },
    StartingPosition: {
      ...structure({
        Type: ITERATOR_TYPE,
        SequenceNumber: { type: 'text', pattern: SEQUENCE_NUMBER },
        Timestamp: TIMESTAMP,
      }),
      ...MUST,
    },
  }),
}

export function createConsumerSchema(): Record<string, OperationShapes> {
  return {
    RegisterStreamConsumer: {
      action: 'read',
      about: 'Registers a consumer of a stream, which may then subscribe to its shards.',
      input: structure({
        StreamARN: { ...STREAM_ARN, ...MUST },
        ConsumerName: { ...NAME, ...MUST },
        StreamId: RESERVED,
        Tags: { type: 'map', keyCharsMax: 128, valueCharsMax: 256, sizeMin: 1, sizeMax: 200 },
      }),
      output: structure({ Consumer: { ...structure(CONSUMER_OUT), ...MUST } }),
    },
    DescribeStreamConsumer: {
      action: 'see',
      about: 'Describes a consumer.',
      input: structure(ONE_CONSUMER),
      output: structure({
        ConsumerDescription: {
          ...structure({ ...CONSUMER_OUT, StreamARN: { ...TEXT, ...MUST } }),
          ...MUST,
        },
      }),
    },
    ListStreamConsumers: {
      action: 'see',
      about: 'Lists the consumers of a stream, page by page.',
      input: structure({
        StreamARN: { ...STREAM_ARN, ...MUST },
        NextToken: PAGE_TOKEN,
        MaxResults: POSITIVE_TO_10000,
        StreamCreationTimestamp: TIMESTAMP,
        StreamId: RESERVED,
      }),
      output: structure({ Consumers: list(CONSUMER_OUT), NextToken: TEXT }),
    },
    DeregisterStreamConsumer: {
      action: 'read',
      about: 'Forgets a consumer.',
      input: structure(ONE_CONSUMER),
    },
    SubscribeToShard: SUBSCRIBE,
  }
}
