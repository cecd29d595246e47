// Metadata: which brokers there are, and which of them leads each partition of the topics asked
// for. Version 11 or 12 where the broker has it (topic ids came with 10), version 7 before.
//
// A request never lets Kafka create a topic.

import { frame, openReply } from './request.ts'
import type { Api } from './request.ts'
import { Writer } from './wire.ts'
import type { Reader } from './wire.ts'

export const METADATA_KEY = 3
const PLAIN: Api = { key: METADATA_KEY, version: 7, flexible: false }
const WITH_IDS: Api = { key: METADATA_KEY, version: 12, flexible: true }
const WITH_IDS_MIN = 11

export interface BrokerAddress {
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

export interface PartitionMetadata {
  readonly partition: number
  /** -1: none at present. */
  readonly leader: number
  readonly leaderEpoch: number
}

export interface ReplicatedPartition extends PartitionMetadata {
  /** How many brokers hold it, and how many of them have all of it. */
  readonly replicas: number
  readonly inSync: number
}

export interface TopicMetadata {
  readonly code: number
  readonly name: string
  /** A bit for each operation that we may do; undefined where it was not asked for or is not told. */
  readonly operations?: number | undefined
  /** 16 bytes; null where the broker gives none. */
  readonly id: Buffer | null
  readonly partitions: readonly ReplicatedPartition[]
}

export interface MetadataReply {
  readonly brokers: readonly BrokerAddress[]
  readonly controller: number
  readonly topics: readonly TopicMetadata[]
}

/** The version to speak with a broker whose newest is `versionMax`. */
export function metadataApi(versionMax: number): Api {
  if (versionMax < WITH_IDS_MIN) return PLAIN
  return { ...WITH_IDS, version: Math.min(versionMax, WITH_IDS.version) }
}

export interface MetadataQuestion {
  /** null: all. None: the brokers only. */
  readonly topics: readonly string[] | null
  /** And what we may do with each, where the version has a place for that. */
  readonly rights?: boolean
}

export function encodeMetadata(
  api: Api,
  clientId: string,
  { topics, rights = false }: MetadataQuestion,
): Buffer {
  const body = new Writer(api.flexible)
  body.count(topics === null ? null : topics.length)
  for (const topic of topics ?? []) {
    if (api.flexible) body.raw(NO_ID)
    body.string(topic).end()
  }
  body.boolean(false) // do not create topics
  if (api.version >= 8) body.boolean(rights)
  return frame(api, clientId, body.end())
}

/** Reads a reply. Throws RangeError when it is cut short. */
export function decodeMetadata(api: Api, reply: Buffer): MetadataReply {
  const reader = openReply(api, reply)
  reader.int32() // throttle time, which concerns requests to come: there is one a second
  const brokers = reader.array(readBroker)
  reader.string() // cluster id
  const controller = reader.int32()
  const topics = reader.array((topic) => readTopic(topic, api))
  return { brokers, controller, topics }
}

const NO_ID = Buffer.alloc(16)
const NOT_TOLD = -(2 ** 31)

function readBroker(reader: Reader): BrokerAddress {
  const nodeId = reader.int32()
  const host = reader.string() ?? ''
  const port = reader.int32()
  reader.string() // rack
  reader.end()
  return { nodeId, host, port }
}

function readTopic(reader: Reader, api: Api): TopicMetadata {
  const code = reader.int16()
  const name = reader.string() ?? ''
  const id = api.flexible ? Buffer.from(reader.raw(16)) : null
  reader.boolean() // internal
  const partitions = reader.array(readPartition)
  const operations = api.version >= 8 ? reader.int32() : NOT_TOLD
  reader.end()
  return {
    code,
    name,
    operations: operations === NOT_TOLD ? undefined : operations,
    id: id === null || id.equals(NO_ID) ? null : id,
    partitions,
  }
}

function readPartition(reader: Reader): ReplicatedPartition {
  reader.int16() // an error here means that there is no leader, which the next fields tell
  const partition = reader.int32()
  const leader = reader.int32()
  const leaderEpoch = reader.int32()
  const replicas = reader.array(readInt32).length
  const inSync = reader.array(readInt32).length
  reader.array(readInt32) // offline
  reader.end()
  return { partition, leader, leaderEpoch, replicas, inSync }
}

function readInt32(reader: Reader): number {
  return reader.int32()
}
