// The log over Kafka: the three ports of core/log.ts, put together. Nothing happens before the first
// call; `connect` is there to fail early and clearly.

import { performance } from 'node:perf_hooks'
import type { ConnectionOptions } from 'node:tls'
import type { SASLOptions } from 'kafkajs'
import { BridgeError } from '../core/errors.ts'
import type { Log, Reads, Topics } from '../core/log.ts'
import type { StateLog } from '../core/state-log.ts'
import { Appender } from './appender.ts'
import { Brokers, parseAddress } from './brokers.ts'
import type { Address } from './brokers.ts'
import { createBudget } from './budget.ts'
import { loadCompressor } from './compression.ts'
import type { Compression } from './compression.ts'
import { openLink } from './connect.ts'
import { loadCrc32c } from './crc32c.ts'
import { sleep, within } from './deadline.ts'
import type { OnKafkaEvent } from './events.ts'
import { Metadata } from './metadata.ts'
import { Producer } from './producer.ts'
import { createProducerIds } from './producer-ids.ts'
import { decodeInitProducerId, encodeInitProducerId } from './protocol/init-producer-id.ts'
import type { ProducerIdReply } from './protocol/init-producer-id.ts'
import { createReader } from './reader.ts'
import { readRights } from './rights.ts'
import { SenderPool } from './sender-pool.ts'
import { createStateLog } from './state-log.ts'
import { shapeOf } from './topic-view.ts'
import { createTopicsPort } from './topics.ts'

export interface KafkaLogOptions {
  /** Where to look first: host:port, one at least. */
  readonly brokers: readonly string[]
  readonly clientId: string
  /** TLS: true, or Node's options (ca, cert, key). */
  readonly ssl?: ConnectionOptions | boolean
  readonly sasl?: SASLOptions
  /** How old a topic's shape may be. Default: 2 s. */
  readonly metadataMaxAgeMs?: number
  /** Of connecting, and of one request. Default: 3 s. */
  readonly requestTimeoutMs?: number
  /** How long a batch that may be stored is sent again. Default: 60 s. */
  readonly deliveryTimeoutMs?: number
  /** Messages that may wait or be in flight, in bytes with 64 for each. */
  readonly bytesMax: number
  /** A Produce request ends with the batch that exceeds this. Default: 8 MiB. */
  readonly requestBytesMax?: number
  /** Of batches. Default: none. */
  readonly compression?: Compression
  /** The time of day. Default: Date.now. */
  readonly now?: () => number
  readonly onEvent?: OnKafkaEvent
}

export interface KafkaHealth {
  /** Whether the last look-up of metadata worked. */
  readonly connected: boolean
  readonly brokers: number
  readonly lastMetadataMs: number | undefined
  readonly lastWrittenMs: number | undefined
  /** Partitions for which something waits or is under way, and how many appends do for the busiest. */
  readonly partitionsBusy: number
  readonly appendsMax: number
}

export interface KafkaLog {
  readonly log: Log
  readonly topics: Topics
  readonly reads: Reads
  /** The partition of state in a topic of this name. */
  readonly stateLog: (topic: string, replicationFactor?: number) => StateLog
  /** Resolves once the cluster answers; rejects with `unavailable` at the deadline. */
  readonly connect: (deadlineMs: number) => Promise<void>
  readonly health: () => KafkaHealth
  /** Bytes of messages whose fate is not known yet, answered or not. */
  readonly bytesHeld: () => number
  /** Refuses new messages, waits for those under way for one request's time, then ends. */
  readonly close: () => Promise<void>
}

const REQUEST_TIMEOUT_MS = 3000
const REQUEST_BYTES_MAX = 8 * 1024 * 1024
const CONNECT_RETRY_MS = 200
const CLOSE_POLL_MS = 10
/** Two requests may wait for replicas one after the other before the connection times out. */
const PRODUCE_TIMEOUT_PART = 0.4

/**
 * Creates the log. It keeps one connection per broker for writing and one for questions,
 * and as many for reading as read at once. Throws Error where this platform lacks the codec of
 * `compression`.
 */
export function createKafkaLog(options: KafkaLogOptions): KafkaLog {
  const { now = Date.now, clientId, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options
  const pulse: Pulse = { metadataMs: undefined, writtenMs: undefined }
  const parts = assemble(options, pulse)
  const { appender, brokers, budget, metadata, reader } = parts
  const log: Log = {
    shape: async (topic, deadlineMs) => shapeOf(await metadata.lookUp(topic, deadlineMs - now())),
    shapeNow(topic) {
      const view = metadata.peek(topic)
      return view !== undefined && metadata.isFresh(view) ? shapeOf(view) : undefined
    },
    append: (topic, messages, deadlineMs) => appender.append(topic, messages, deadlineMs),
  }
  const topics = createTopicsPort({ brokers, metadata, clientId, requestTimeoutMs })
  const rightsOn = (topic: string) => readRights(topic, { brokers, clientId })
  return {
    log,
    topics,
    reads: reader,
    stateLog: (topic, replicationFactor) =>
      createStateLog({ topic, replicationFactor, log, topics, reads: reader, rightsOn, now }),
    connect: (deadlineMs) => connect(parts, options, deadlineMs),
    health: () => {
      const { lanes: partitionsBusy, busiest: appendsMax } = parts.producer.load()
      return {
        connected: metadata.isConnected(),
        brokers: brokers.known().size,
        lastMetadataMs: pulse.metadataMs,
        lastWrittenMs: pulse.writtenMs,
        partitionsBusy,
        appendsMax,
      }
    },
    bytesHeld: () => budget.held(),
    close: () => close(parts, requestTimeoutMs),
  }
}

type Parts = ReturnType<typeof assemble>

/** When something last worked, in milliseconds since 1970. */
interface Pulse {
  metadataMs: number | undefined
  writtenMs: number | undefined
}

async function connect(
  { metadata, ids }: Parts,
  { brokers, now = Date.now }: KafkaLogOptions,
  deadlineMs: number,
): Promise<void> {
  let reason = 'no answer'
  const late = (): BridgeError =>
    new BridgeError('unavailable', `Kafka cannot be reached at ${brokers.join(', ')}: ${reason}`)
  while (now() < deadlineMs) {
    const trying = metadata.refresh([]).then(() => ids.need())
    try {
      await within(trying, deadlineMs - now(), late)
      return
    } catch (error) {
      if (error instanceof BridgeError) throw error
      reason = error instanceof Error ? error.message : String(error)
      await sleep(Math.min(CONNECT_RETRY_MS, Math.max(0, deadlineMs - now())))
    }
  }
  throw late()
}

async function close(parts: Parts, graceMs: number): Promise<void> {
  const { appender, brokers, budget, metadata, producer, reader, senders } = parts
  appender.close()
  const untilMs = Date.now() + graceMs
  while (budget.held() > 0 && Date.now() < untilMs) await sleep(CLOSE_POLL_MS)
  producer.close('The service is shutting down')
  senders.close()
  reader.close()
  metadata.close()
  brokers.close()
}

// Metadata, producer and senders know one another: each is told of the others by functions.
function assemble(options: KafkaLogOptions, pulse: Pulse) {
  const { clientId, now = Date.now, onEvent = ignore } = options
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS, deliveryTimeoutMs = 60_000 } = options
  const { ssl = false, sasl } = options
  const open = (address: Address) => openLink(address, { clientId, ssl, sasl, requestTimeoutMs })
  const crc32c = loadCrc32c()
  const brokers = new Brokers({ bootstrap: options.brokers.map(parseAddress), open, onEvent })
  const ids = createProducerIds(() => askProducerId(brokers, clientId))
  const metadata: Metadata = new Metadata({
    brokers,
    clientId,
    maxAgeMs: options.metadataMaxAgeMs ?? 2000,
    now: monotonicMs,
    onUpdate: (view) => producer.update(view),
    onLost: (view) => producer.lose(view),
    onBrokers: () => senders.update(brokers.known()),
    onRead: () => (pulse.metadataMs = now()),
    onEvent,
  })
  const producer: Producer = new Producer({
    ids,
    deliveryTimeoutMs,
    now: monotonicMs,
    senderOf: ({ partitions }, partition) => senders.get(partitions[partition]?.leader ?? -1),
    metadata,
    onWritten: () => (pulse.writtenMs = now()),
    onEvent,
  })
  const senders: SenderPool = new SenderPool({
    open,
    producer,
    clientId,
    crc32c,
    compressor: loadCompressor(options.compression ?? 'none'),
    produceTimeoutMs: Math.floor(requestTimeoutMs * PRODUCE_TIMEOUT_PART),
    requestBytesMax: options.requestBytesMax ?? REQUEST_BYTES_MAX,
    now: monotonicMs,
    onEvent,
  })
  const budget = createBudget(options.bytesMax)
  const searchMs = deliveryTimeoutMs
  const appender = new Appender({ budget, metadata, producer, searchMs, now, onEvent })
  const terms = { open, clientId, requestTimeoutMs, crc32c }
  const reader = createReader({ ...terms, metadata, brokers, now: monotonicMs, timeOfDay: now })
  return { appender, brokers, budget, ids, metadata, producer, reader, senders }
}

async function askProducerId(brokers: Brokers, clientId: string): Promise<ProducerIdReply> {
  const { reply } = await brokers.ask((link) => link.request(encodeInitProducerId(clientId)))
  return decodeInitProducerId(reply)
}

/** For ages and pauses, which a clock that is set must not change. */
function monotonicMs(): number {
  return performance.now()
}

function ignore(): void {
  // nobody listens
}
