// Aggregates of the Kinesis Producer Library (awslabs/amazon-kinesis-producer,
// aggregation-format.md): many user records in the data of one Kinesis record.
//
//   F3 89 9A C2 · AggregatedRecord (protocol buffers) · MD5 of that, 16 bytes
//   AggregatedRecord { repeated string partition_key_table = 1;
//                      repeated string explicit_hash_key_table = 2; repeated Record records = 3; }
//   Record { required uint64 partition_key_index = 1; optional uint64 explicit_hash_key_index = 2;
//            required bytes data = 3; repeated Tag tags = 4; }
//
// What fails any check is no aggregate, and is left as it is. Tags are not kept: the library never
// sets them.

import { hash } from 'node:crypto'
import type { Bundle, BundledRecord, Note } from '../../core/model.ts'
import { explicitHashNote } from '../shared/notes.ts'
import {
  bytesOf,
  numberOf,
  ProtobufError,
  readFields,
  spanOf,
  wholeOf,
  type Field,
  type Span,
} from '../shared/protobuf.ts'

const MAGIC = Buffer.from('f3899ac2', 'hex')
const DIGEST_BYTES = 16

interface Counted {
  readonly keys: Buffer[]
  readonly hashes: Buffer[]
  readonly records: Span[]
}

interface Parsed {
  key: number | undefined
  hash: number | undefined
  data: Buffer | undefined
}

/** The records inside, not yet taken out; nothing where the data is no sound aggregate. */
export function readAggregate(data: Buffer): Bundle | undefined {
  if (data[0] !== MAGIC[0] || data.length < MAGIC.length + DIGEST_BYTES) return undefined
  if (!data.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  const message = data.subarray(MAGIC.length, data.length - DIGEST_BYTES)
  const digest = data.subarray(data.length - DIGEST_BYTES)
  if (hash('md5', message, 'hex') !== digest.toString('hex')) return undefined
  try {
    return toBundle(count(message))
  } catch (error) {
    if (error instanceof ProtobufError) return undefined
    throw error
  }
}

function count(message: Buffer): Counted {
  const counted: Counted = { keys: [], hashes: [], records: [] }
  return readFields(wholeOf(message), counted, (into, field) => {
    if (field.number === 1) into.keys.push(bytesOf(field))
    else if (field.number === 2) into.hashes.push(bytesOf(field))
    else if (field.number === 3) into.records.push(spanOf(field))
  })
}

/** Sizes are known before any record is made. Throws ProtobufError for an unsound record. */
function toBundle({ keys, hashes, records }: Counted): Bundle | undefined {
  if (records.length === 0) return undefined
  let bytes = 0
  for (const record of records) {
    const { key, hashKey, data } = lookUp(record, { keys, hashes })
    bytes += key.length + data.length + (hashKey?.length ?? 0)
  }
  const open = (): BundledRecord[] =>
    records.map((record, i) => {
      const { key, hashKey, data } = lookUp(record, { keys, hashes })
      const index = indexNote(i)
      return {
        key: key.toString('utf8'),
        data,
        notes: hashKey ? [index, explicitHashNote(hashKey.toString('latin1'))] : [index],
      }
    })
  return { count: records.length, bytes, open }
}

/** Most aggregates have no more records than this. */
const KNOWN_MAX = 1000
const indexNotes: Note[] = []

/** Which of its aggregate's records one is. */
function indexNote(i: number): Note {
  const known = indexNotes[i]
  if (known) return known
  const note = { name: 'tributary-kpl-index', value: Buffer.from(String(i)) }
  if (i < KNOWN_MAX) indexNotes[i] = note
  return note
}

interface Found {
  readonly key: Buffer
  readonly hashKey: Buffer | undefined
  readonly data: Buffer
}

function lookUp(record: Span, { keys, hashes }: Pick<Counted, 'keys' | 'hashes'>): Found {
  const { key: keyIndex, hash: hashIndex, data } = parse(record)
  const key = keyIndex === undefined ? undefined : keys[keyIndex]
  const hashKey = hashIndex === undefined ? undefined : hashes[hashIndex]
  if (!key || !data) throw new ProtobufError('a record lacks its key or data')
  if (hashIndex !== undefined && !hashKey) throw new ProtobufError('there is no such hash key')
  return { key, hashKey, data }
}

function parse(record: Span): Parsed {
  return readFields(record, { key: undefined, hash: undefined, data: undefined }, setMember)
}

function setMember(parsed: Parsed, field: Field): void {
  if (field.number === 1) parsed.key = numberOf(field)
  else if (field.number === 2) parsed.hash = numberOf(field)
  else if (field.number === 3) parsed.data = bytesOf(field)
}
