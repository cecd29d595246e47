// How large records are and may be, and how large the topic's batches must be for them.

import type { InboundRecord } from './model.ts'

/** Beside a record's data and key in `max.message.bytes`: batch framing and headers. */
const MESSAGE_OVERHEAD_BYTES = 4096
const KEY_BYTES_MAX = 1024

/** What `max.message.bytes` must be for records of this size. */
export function messageBytesFor(recordBytes: number): number {
  return recordBytes + KEY_BYTES_MAX + MESSAGE_OVERHEAD_BYTES
}

/** The largest record that a topic was made for, in bytes of data. */
export function recordBytesIn(messageBytesMax: number): number {
  return Math.max(0, messageBytesMax - KEY_BYTES_MAX - MESSAGE_OVERHEAD_BYTES)
}

type Content = Pick<InboundRecord, 'data' | 'key'>

/** Data and key of a record, in bytes as far as keys are ASCII. */
export function contentBytes({ data, key }: Content): number {
  return data.length + (key?.length ?? 0)
}

/** The same of all of them. */
export function contentBytesOf(records: readonly Content[]): number {
  let bytes = 0
  for (const record of records) bytes += contentBytes(record)
  return bytes
}
