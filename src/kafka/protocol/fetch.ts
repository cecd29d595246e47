// Fetch of one partition, of committed records only. Version 13 where the broker has it and the
// topic has an id, version 11 before.
//
// * Without a fetch session: every request stands for itself.
// * A reply holds whole batches from the one with the wanted offset on, and perhaps a part of one
//   more at its end. The first batch comes however large it is.

import { frame, openReply } from './request.ts'
import type { Api } from './request.ts'
import { Writer } from './wire.ts'
import type { Reader } from './wire.ts'

export const FETCH_KEY = 1
const BY_NAME: Api = { key: FETCH_KEY, version: 11, flexible: false }
const BY_ID: Api = { key: FETCH_KEY, version: 13, flexible: true }
const NO_REPLICA = -1
const COMMITTED = 1
const NO_SESSION = -1 // its epoch
const UNKNOWN = -1

export interface FetchRequest {
  readonly clientId: string
  readonly topic: { readonly name: string; readonly id: Buffer | null }
  readonly partition: number
  readonly leaderEpoch: number
  readonly offset: number
  readonly bytesMax: number
  /** How long the broker waits for a first byte. */
  readonly waitMs: number
}

/** Records of an aborted transaction: this producer's, from this offset to its next marker. */
export interface Aborted {
  readonly producerId: number
  readonly firstOffset: number
}

export interface FetchAnswer {
  readonly code: number
  /** Up to here all transactions are decided. */
  readonly end: number
  readonly start: number
  readonly aborted: readonly Aborted[]
  readonly batches: Buffer
}

export interface FetchReply {
  /** Of the request as a whole. */
  readonly code: number
  readonly throttleMs: number
  /** Absent when the broker answers for no partition, as it does beyond a quota. */
  readonly answer: FetchAnswer | undefined
}

/** The version to speak with a broker whose newest is `versionMax`, of a topic with an id or not. */
export function fetchApi(versionMax: number, hasId: boolean): Api {
  return hasId && versionMax >= BY_ID.version ? BY_ID : BY_NAME
}

export function encodeFetch(api: Api, request: FetchRequest): Buffer {
  const { topic, bytesMax } = request
  const body = new Writer(api.flexible)
  body.int32(NO_REPLICA).int32(request.waitMs).int32(1).int32(bytesMax).int8(COMMITTED)
  body.int32(0).int32(NO_SESSION).count(1)
  if (api.flexible && topic.id !== null) body.raw(topic.id)
  else body.string(topic.name)
  body.count(1).int32(request.partition).int32(request.leaderEpoch).int64(request.offset)
  if (api.flexible) body.int32(UNKNOWN) // epoch of the last record fetched
  body.int64(UNKNOWN).int32(bytesMax).end().end()
  body.count(0).string('') // forgotten topics, rack
  return frame(api, request.clientId, body.end())
}

/** Reads a reply. Throws RangeError when it is cut short. */
export function decodeFetch(api: Api, reply: Buffer): FetchReply {
  const reader = openReply(api, reply)
  const throttleMs = reader.int32()
  const code = reader.int16()
  reader.int32() // session
  const topics = reader.array(() => {
    if (api.flexible) reader.raw(16)
    else reader.string()
    const answers = reader.array((partition) => readAnswer(partition, api))
    reader.end()
    return answers
  })
  return { code, throttleMs, answer: topics[0]?.[0] }
}

function readAnswer(reader: Reader, api: Api): FetchAnswer {
  reader.int32() // partition
  const code = reader.int16()
  reader.int64() // high watermark
  const end = reader.int64()
  const start = reader.int64()
  const aborted = reader.array(readAborted)
  reader.int32() // a replica that would be nearer
  const length = api.flexible ? reader.uvarint() - 1 : reader.int32()
  const batches = reader.raw(Math.max(0, length))
  reader.end()
  return { code, end, start, aborted, batches }
}

function readAborted(reader: Reader): Aborted {
  const producerId = reader.int64()
  const firstOffset = reader.int64()
  reader.end()
  return { producerId, firstOffset }
}
