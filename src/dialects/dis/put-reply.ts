// The reply to a put whose records are all stored: written by hand, since it is nearly always the
// reply. Any other is encoded from members, to the same bytes.

import type { Head, Reply } from '../../core/dialect.ts'
import type { Position } from '../../core/model.ts'
import { isProtobuf } from './forms.ts'
import { formatSequence } from './sequence.ts'
import { formatShardId } from './shards.ts'

/** How a reply is written: a text of one character for each byte. */
interface Spelling {
  /** All of a record that its partition decides; its number follows. */
  readonly recordStart: (partition: string) => string
  readonly recordEnd: (start: string, number: string) => string
  readonly whole: (records: readonly string[]) => string
}

const JSON_SPELLING: Spelling = {
  recordStart: (partition) => `{"partition_id":"${partition}","sequence_number":"`,
  recordEnd: (start, number) => `${start}${number}"}`,
  whole: (records) => `{"failed_record_count":0,"records":[${records.join(',')}]}`,
}

/** The fields of message.proto: 21 and 22 of the reply, 23 and 24 of a record. */
const PROTOBUF_SPELLING: Spelling = {
  recordStart: (partition) => `\xba\x01${sized(partition)}\xc2\x01`,
  recordEnd: (start, number) => `\xb2\x01${sized(start + sized(number))}`,
  whole: (records) => `\xa8\x01\0${records.join('')}`,
}

/** A text that is shorter than 128 characters, after its length. */
function sized(text: string): string {
  return String.fromCharCode(text.length) + text
}

function createWriting(to: Spelling) {
  const starts: string[] = []
  return (positions: readonly Position[]): string => {
    const records = positions.map((position) => {
      const start = (starts[position.shard] ??= to.recordStart(formatShardId(position.shard)))
      return to.recordEnd(start, formatSequence(position))
    })
    return to.whole(records)
  }
}

/** The reply to records that are all stored, in the form of their request. */
export function createPutReply(): (head: Head, positions: readonly Position[]) => Reply {
  const writeJson = createWriting(JSON_SPELLING)
  const writeProtobuf = createWriting(PROTOBUF_SPELLING)
  return (head, positions) =>
    isProtobuf(head)
      ? {
          status: 200,
          headers: PROTOBUF_HEADERS,
          body: Buffer.from(writeProtobuf(positions), 'latin1'),
        }
      : { status: 200, headers: JSON_HEADERS, body: writeJson(positions) }
}

const JSON_HEADERS = { 'content-type': 'application/json' }
const PROTOBUF_HEADERS = { 'content-type': 'application/x-protobuf' }
