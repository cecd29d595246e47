// Iguazio v3io, the streaming web API of the data service, as its clients speak it: a function named
// in `X-v3io-function`, JSON in the body, the stream in the URL.
//
// * ShardId > PartitionKey > none; a key is placed by murmur3 x86_32 modulo the number of shards.
// * Sequence numbers count from 1 in each shard and are JSON integers.
// * A failure that may pass is a 503 for the whole call: clients do not look at single records.
// * Streams are deleted by plain HTTP, as the clients do; `GET ?prefix=` and HEAD know streams.
// * Reading is by locations of 16 bytes that any instance serves.
// * Beside a stream lie the states of consumer groups and the attributes of shards, which v3io-go's
//   groups and nuclio's triggers live by. Other items and objects are not kept, and refused by name.

import type { Claim, Dialect, Head, Operation } from '../../core/dialect.ts'
import { checkWith } from '../shared/check.ts'
import { decode } from './decode.ts'
import { createDirectories, type Directories } from './directories.ts'
import { encodeError } from './encode.ts'
import type { Limits } from './facts.ts'
import { V3IO, V3IO_NAMES } from './names.ts'
import { createGetItem, createGetItems, createPutItem } from './operations/items.ts'
import { createGetContainerContents } from './operations/listing.ts'
import {
  createDeleteObject,
  createGetObject,
  createHeadObject,
  createPutObject,
} from './operations/objects.ts'
import { createPutRecords } from './operations/put.ts'
import { createGetRecords, createSeekShard } from './operations/read.ts'
import {
  createCreateStream,
  createDescribeStream,
  createUpdateStream,
} from './operations/streams.ts'
import { createSchema, type Schema } from './schema.ts'
import { sayBroken, sayWrongType } from './words.ts'

export interface V3ioOptions {
  readonly limits: Limits
  readonly answerWithinMs: number
  /** Containers whose paths are this dialect's even in a request that says nothing else. */
  readonly containers: readonly string[]
}

/** Enough to see what is wrong. */
const FINDINGS_MAX = 3

export function createV3io({ limits, answerWithinMs, containers }: V3ioOptions): Dialect {
  const schema = createSchema(limits)
  const directories = createDirectories()
  const functions = createFunctions(schema, limits, directories)
  const operations = { ...functions, ...createPlainOperations(schema, directories) }

  return {
    name: V3IO,
    names: V3IO_NAMES,
    bodyBytesMax: limits.bodyBytesMax,
    claim: (head) => claim(head, containers),
    answerWithinMs: () => answerWithinMs,
    open: (call, identity) => decode(call, Object.keys(functions), identity),
    operations,
    check: checkWith(operations, {
      wrongType: sayWrongType,
      broken: sayBroken,
      findingsMax: FINDINGS_MAX,
    }),
    fail: encodeError,
    dress: (_head, id) => ({ 'x-request-id': id }),
  }
}

/** What a header names. */
function createFunctions(
  schema: Schema,
  limits: Limits,
  directories: Directories,
): Record<string, Operation> {
  return {
    PutRecords: { ...schema.PutRecords, perform: createPutRecords(limits) },
    CreateStream: { ...schema.CreateStream, perform: createCreateStream(limits) },
    DescribeStream: { ...schema.DescribeStream, perform: createDescribeStream() },
    UpdateStream: { ...schema.UpdateStream, perform: createUpdateStream(limits) },
    SeekShard: { ...schema.SeekShard, perform: createSeekShard() },
    GetRecords: { ...schema.GetRecords, perform: createGetRecords(limits) },
    GetItem: { ...schema.GetItem, perform: createGetItem() },
    GetItems: { ...schema.GetItems, perform: createGetItems(directories) },
    PutItem: { ...schema.PutItem, perform: createPutItem() },
  }
}

/** What a method stands for. */
function createPlainOperations(
  schema: Schema,
  directories: Directories,
): Record<string, Operation> {
  return {
    GetContainerContents: {
      ...schema.GetContainerContents,
      perform: createGetContainerContents(directories),
    },
    GetObject: { ...schema.GetObject, perform: createGetObject() },
    PutObject: { ...schema.PutObject, perform: createPutObject() },
    HeadObject: { ...schema.HeadObject, perform: createHeadObject(directories) },
    DeleteObject: { ...schema.DeleteObject, perform: createDeleteObject(directories) },
  }
}

function claim({ path, headers }: Head, containers: readonly string[]): Claim {
  const isNamed = headers['x-v3io-function'] ?? headers['x-v3io-session-key']
  if (isNamed !== undefined) return 'surely'
  const container = /^\/+([^/]+)/.exec(path)?.[1]
  if (container === undefined) return 'no'
  return headers['authorization'] !== undefined || containers.includes(container) ? 'perhaps' : 'no'
}
