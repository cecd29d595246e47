// Records as replies and events show them.

import type { ReadRecord } from '../../core/read.ts'
import type { Facts } from './facts.ts'
import type { Members } from './formats.ts'

/** The service's records all have keys: what stands for one that has none. */
const NO_KEY = '-'

export function showRecord({ position, data, key }: ReadRecord, facts: Facts): Members {
  return {
    SequenceNumber: facts.sequenceNumber(position),
    ApproximateArrivalTimestamp: new Date(Math.max(0, position.timestampMs)),
    Data: data,
    PartitionKey: key ?? NO_KEY,
    ...(facts.showsEncryption && { EncryptionType: 'NONE' }),
  }
}
