// The messages of huaweicloud-sdk-java-dis-iface's message.proto, as its clients write and read them.

import { readMessage, textsOf, writeMessage, type Field } from '../../support/protobuf.ts'

export const PROTOBUF = { 'content-type': 'application/x-protobuf; charset=utf-8' }

export interface Entry {
  readonly data?: Buffer | undefined
  readonly explicit_hash_key?: string | undefined
  readonly partition_key?: string | undefined
  readonly partition_id?: string | undefined
  readonly timestamp?: number | bigint | undefined
}

export interface PutRequest {
  readonly stream_name?: string | undefined
  readonly stream_id?: string | undefined
  readonly records: readonly Entry[]
}

const ENTRY: Readonly<Record<keyof Entry, number>> = {
  data: 3,
  explicit_hash_key: 4,
  partition_key: 5,
  partition_id: 6,
  timestamp: 29,
}

export function putRequest({ stream_name: name, stream_id: id, records }: PutRequest): Buffer {
  return writeMessage([
    ...(name === undefined ? [] : [[1, name] as const]),
    ...(id === undefined ? [] : [[30, id] as const]),
    ...records.map((entry): Field => [2, entryFields(entry)]),
  ])
}

export function entryFields(entry: Entry): Field[] {
  return Object.entries(ENTRY).flatMap(([name, number]): Field[] => {
    const value = entry[name as keyof Entry]
    return value === undefined ? [] : [[number, value]]
  })
}

const RESULT = { 23: 'partition_id', 24: 'sequence_number', 25: 'error_code', 26: 'error_message' }

/** PutRecordsResult, with the members of the JSON form. */
export function readPutResult(body: Buffer) {
  const fields = readMessage(body)
  const counts = fields.flatMap(([number, value]) => (number === 21 ? [Number(value)] : []))
  if (counts.length !== 1) throw new Error('failedRecordCount is required')
  return {
    failed_record_count: counts[0],
    records: fields.flatMap(([number, value]) =>
      number === 22 ? [textsOf(value as Buffer, RESULT)] : [],
    ),
  }
}

const RECORD = {
  17: 'partition_key',
  18: 'sequence_number',
  19: 'data',
  27: 'timestamp',
  28: 'timestamp_type',
}

/** GetRecordsResult, with the members of the JSON form; all of them as texts. */
export function readRecords(body: Buffer) {
  const fields = readMessage(body)
  const cursors = fields.flatMap(([number, value]) => (number === 14 ? [value.toString()] : []))
  if (cursors.length !== 1) throw new Error('nextShardIterator is required')
  return {
    next_partition_cursor: cursors[0]!,
    records: fields.flatMap(([number, value]) =>
      number === 16 ? [textsOf(value as Buffer, RECORD)] : [],
    ),
  }
}
