// InitProducerId, version 1: a producer id for idempotent batches, without a transaction. Any
// broker answers it.

import { frame } from './request.ts'
import type { Api } from './request.ts'
import { Reader, Writer } from './wire.ts'

const API: Api = { key: 22, version: 1, flexible: false }
const TRANSACTION_TIMEOUT_MS = 60_000 // must be there, means nothing without a transaction

export interface ProducerIdReply {
  readonly code: number
  readonly producerId: number
  readonly epoch: number
}

export function encodeInitProducerId(clientId: string): Buffer {
  return frame(API, clientId, new Writer().string(null).int32(TRANSACTION_TIMEOUT_MS))
}

/** Reads a reply. Throws RangeError when it is cut short. */
export function decodeInitProducerId(reply: Buffer): ProducerIdReply {
  const reader = new Reader(reply)
  reader.int32() // throttle time: this is asked once
  return { code: reader.int16(), producerId: reader.int64(), epoch: reader.int16() }
}
