// What a cluster tells of itself: DescribeCluster (version 0) says what we may do with it, and
// DescribeQuorum (version 1) gives times of the controller's clock, of which Kafka has no other word.

import { frame, openReply } from './request.ts'
import type { Api } from './request.ts'
import { Writer } from './wire.ts'
import type { Reader } from './wire.ts'

export const DESCRIBE_CLUSTER: Api = { key: 60, version: 0, flexible: true }
export const DESCRIBE_QUORUM: Api = { key: 55, version: 1, flexible: true }

const METADATA_TOPIC = '__cluster_metadata'

export function encodeDescribeCluster(clientId: string): Buffer {
  const body = new Writer(true).boolean(true).end() // with what we may do
  return frame(DESCRIBE_CLUSTER, clientId, body)
}

/** Reads a reply: a bit for each operation that we may do. Throws RangeError when it is cut short. */
export function decodeDescribeCluster(reply: Buffer): { code: number; operations: number } {
  const reader = openReply(DESCRIBE_CLUSTER, reply)
  reader.int32() // throttle time
  const code = reader.int16()
  reader.string() // the error in words
  reader.string() // cluster id
  reader.int32() // controller
  reader.array(skipBroker)
  return { code, operations: reader.int32() }
}

function skipBroker(reader: Reader): void {
  reader.int32()
  reader.string()
  reader.int32()
  reader.string()
  reader.end()
}

export function encodeDescribeQuorum(clientId: string): Buffer {
  const body = new Writer(true).count(1).string(METADATA_TOPIC).count(1).int32(0).end().end().end()
  return frame(DESCRIBE_QUORUM, clientId, body)
}

/**
 * Reads a reply: the time of day at the leader of the controllers, in milliseconds since 1970, or
 * nothing where it does not tell. The leader counts itself as caught up at the moment it answers.
 * Throws RangeError when the reply is cut short.
 */
export function decodeDescribeQuorum(reply: Buffer): number | undefined {
  const reader = openReply(DESCRIBE_QUORUM, reply)
  if (reader.int16() !== 0) return undefined
  const [times] = reader.array((topic) => {
    topic.string()
    const partitions = topic.array(readQuorum)
    topic.end()
    return partitions
  })
  const timeMs = times?.[0]
  return timeMs !== undefined && timeMs > 0 ? timeMs : undefined
}

function readQuorum(reader: Reader): number | undefined {
  reader.int32() // partition
  reader.int16() // its error: then there is no leader below
  const leader = reader.int32()
  reader.int32() // epoch
  reader.int64() // high watermark
  const voters = reader.array(readReplica)
  reader.array(readReplica)
  reader.end()
  return voters.find(({ id }) => id === leader)?.caughtUpMs
}

function readReplica(reader: Reader): { id: number; caughtUpMs: number } {
  const id = reader.int32()
  reader.int64() // its end of the log
  reader.int64() // when it last fetched
  const caughtUpMs = reader.int64()
  reader.end()
  return { id, caughtUpMs }
}
