// Locations in a shard (docs: "Streaming Web API: Seek, GetRecords"): 16 bytes in base64, which
// begin 01 00 00 00, as the vendor's do. Their rest is opaque to clients.
//
// * Here it is eight bytes with the number of the first record wanted, counted from 1, and four of
//   the topic's short id: any instance can serve one, and none is good for a stream made again.
// * Nothing but zeros in the rest is the start of a shard: the vendor's pages print that one, and
//   programs send it without ever having asked for it.
// * They do not expire by themselves, and name no shard: the URL of the call does.

import { decodeBase64 } from '../shared/base64.ts'

export interface Location {
  /** The first record wanted, from 0. */
  readonly ordinal: number
  /** The topic's id, as short as there is room for. */
  readonly topic: Buffer
}

const LOCATION_BYTES = 16
const HEAD = Buffer.from([1, 0, 0, 0])
const TOPIC_BYTES = 4
const NUMBER_AT = HEAD.length
const TOPIC_AT = LOCATION_BYTES - TOPIC_BYTES

/** Of the topic's short id what has room is kept. */
export function writeLocation({ ordinal, topic }: Location): string {
  const bytes = Buffer.alloc(LOCATION_BYTES)
  HEAD.copy(bytes)
  bytes.writeBigUInt64BE(BigInt(ordinal) + 1n, NUMBER_AT)
  topic.copy(bytes, TOPIC_AT, 0, TOPIC_BYTES)
  return bytes.toString('base64')
}

/** A location, the start of whatever shard it is asked of, or nothing where it is none of ours. */
export function readLocation(text: string): Location | 'start' | undefined {
  const bytes = decodeBase64(text)
  if (bytes?.length !== LOCATION_BYTES || !bytes.subarray(0, NUMBER_AT).equals(HEAD)) {
    return undefined
  }
  const rest = bytes.subarray(NUMBER_AT)
  if (rest.every((byte) => byte === 0)) return 'start'
  const ordinal = Number(bytes.readBigUInt64BE(NUMBER_AT)) - 1
  if (ordinal < 0 || !Number.isSafeInteger(ordinal)) return undefined
  return { ordinal, topic: Buffer.from(bytes.subarray(TOPIC_AT)) }
}
