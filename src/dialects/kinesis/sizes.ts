// How large a record may be: what the dialect takes on any stream, and more where the stream was
// made for it.

import type { Limits } from './facts.ts'

/** Data of one record, in bytes, on a stream whose topic was made for records of `recordBytesMax`. */
export function recordBytesAllowed(limits: Limits, recordBytesMax: number): number {
  return Math.max(limits.recordBytesMax, Math.min(limits.largeRecordBytesMax, recordBytesMax))
}
