// Cursors: where reading a partition goes on, in the vendor's form. It is not opaque to all: the Kafka
// adapter takes it for base64url of a JSON object with two members, the query of GetCursor and the
// time of giving, and reads the sequence number in it (huaweicloud-dis-kafka-adapter-common,
// PartitionIterator, DISConsumer.offsetsForTimes).
//
// * The type is always AT_SEQUENCE_NUMBER: a position is resolved when it is given.
// * `stream-id` holds the id that was asked for, if any, then a dot and the topic's id, short.
// * Without padding and from the URL-safe alphabet, since the Java SDK puts it into a query as it is.
// * It is good for five minutes, on every instance, and proves nothing: whoever reads by one is
//   checked as if it had named the stream.

import { BridgeError } from '../../core/errors.ts'
import { isExpired } from '../../core/token.ts'
import type { Naming } from './names.ts'
import { parseShardId } from './shards.ts'

export interface Cursor {
  readonly naming: Naming
  readonly shard: number
  readonly ordinal: number
  /** The topic's id, short. */
  readonly topic: Buffer
}

const LIVES_MS = 300_000
const TYPE = 'AT_SEQUENCE_NUMBER'
const CHARS_MAX = 512

export function writeCursor({ naming, shard, ordinal, topic }: Cursor, nowMs: number): string {
  const { name, id = '' } = naming
  const cursor = {
    getIteratorParam: {
      ...(name !== undefined && { 'stream-name': name }),
      'stream-id': `${id}.${topic.toString('base64url')}`,
      'partition-id': String(shard),
      'cursor-type': TYPE,
      'starting-sequence-number': String(ordinal),
    },
    generateTimestamp: nowMs,
  }
  return Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

/** Throws BridgeError `invalid-position` or `expired-position`. */
export function readCursor(text: string, nowMs: number): Cursor {
  const found = text.length <= CHARS_MAX ? parse(text) : undefined
  if (!found) throw new BridgeError('invalid-position', 'It was not given by this service.')
  if (isExpired(found.givenMs, nowMs, LIVES_MS)) {
    throw new BridgeError('expired-position', 'It is good for five minutes.')
  }
  return found.cursor
}

function parse(text: string): { cursor: Cursor; givenMs: number } | undefined {
  const { getIteratorParam, generateTimestamp: givenMs } = membersOf(parseJson(text))
  const param = membersOf(getIteratorParam)
  const [, id = '', topic] = /^(\w*)\.([\w-]+)$/.exec(textIn(param, 'stream-id')) ?? []
  const name = textIn(param, 'stream-name')
  const shard = parseShardId(textIn(param, 'partition-id'))
  const ordinal = parseOrdinal(textIn(param, 'starting-sequence-number'))
  if (topic === undefined || shard === undefined || ordinal === undefined) return undefined
  if (typeof givenMs !== 'number' || param['cursor-type'] !== TYPE) return undefined
  const naming = { name: name || undefined, id: id || undefined }
  return { cursor: { naming, shard, ordinal, topic: Buffer.from(topic, 'base64url') }, givenMs }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function textIn(members: Readonly<Record<string, unknown>>, name: string): string {
  const value = members[name]
  return typeof value === 'string' ? value : ''
}

/** The ordinal that a text of digits is; nothing for any other text, and for what is beyond all. */
export function parseOrdinal(text: string): number | undefined {
  const ordinal = /^\d{1,16}$/.test(text) ? Number(text) : NaN
  return Number.isSafeInteger(ordinal) ? ordinal : undefined
}
