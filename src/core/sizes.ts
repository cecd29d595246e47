// How large a record may be, and how large the topic's batches must be for it.

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
