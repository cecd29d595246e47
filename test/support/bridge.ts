// The whole service but Kafka: every dialect over HTTP on a free port, with the log in memory.

import { createAdmission } from '../../src/core/admission.ts'
import type { Dialect } from '../../src/core/dialect.ts'
import { createExchange } from '../../src/core/exchange.ts'
import { createIngest } from '../../src/core/ingest.ts'
import { createPrincipals } from '../../src/core/principals.ts'
import { createRecall } from '../../src/core/recall.ts'
import { createStreams } from '../../src/core/streams.ts'
import { parseCredentials } from '../../src/config/credentials.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { createDialects } from '../../src/dialects/index.ts'
import { createApp, type Life } from '../../src/http/app.ts'
import { listen, type Certificates } from '../../src/http/listener.ts'
import { createMemoryLog, type MemoryLog } from './memory-log.ts'
import { createLedger } from '../../src/core/ledger.ts'
import { createMemoryState } from './memory-state.ts'

export interface Bridge extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly log: MemoryLog
  readonly dialects: readonly Dialect[]
  /** Requests that have ended, oldest first. */
  readonly lives: readonly { life: Life; status: number }[]
  readonly bytesHeld: () => number
}

export interface BridgeOptions {
  readonly topics?: Readonly<Record<string, number>>
  readonly environment?: Readonly<Record<string, string>>
  readonly pinned?: string
  /** A credentials file: what it says is verified. */
  readonly credentials?: string
  /** Over TLS. */
  readonly certificates?: Certificates
  /** Whether puts take the lane past Express; default: they do. */
  readonly hotLane?: boolean
}

export async function startBridge({
  topics = {},
  environment = {},
  pinned,
  certificates,
  credentials,
  hotLane = true,
}: BridgeOptions = {}): Promise<Bridge> {
  const config: Config = loadConfig({ environment })
  const log = createMemoryLog({ topics })
  const state = createMemoryState()
  const dialects = createDialects(config.dialects)
  const streams = createStreams(log, log, {
    naming: Object.fromEntries(
      Object.entries(config.dialects).map(([name, { topic }]) => [name, topic]),
    ),
    rules: Object.fromEntries(dialects.map(({ name, names }) => [name, names])),
    ...config.streams,
    autoCreate: config.streams.autoCreate && {
      shards: config.streams.autoCreateShards,
      recordBytesMax: 2 ** 20,
    },
    replicationFactor: undefined,
    ledger: createLedger(state),
    now: Date.now,
  })
  const admission = createAdmission(config.memory.bytesMax)
  const lives: { life: Life; status: number }[] = []
  const app = createApp({
    exchange: createExchange({
      dialects,
      streams,
      identity:
        credentials === undefined
          ? undefined
          : createPrincipals(parseCredentials(credentials), Date.now),
      now: Date.now,
      reads: log,
      state,
      put: createIngest({ log, streams, now: Date.now }),
      recall: createRecall({ ...config.recall, now: Date.now }),
    }),
    dialects,
    admission,
    hosts: new Map(),
    version: '0.0.0',
    discardBytesMax: config.http.discardBytesMax,
    requestTimeoutMs: config.http.requestTimeoutMs,
    isDraining: () => false,
    observe: (life, status) => lives.push({ life, status }),
    now: Date.now,
    hotLane,
  })
  const listener = await listen({
    ...config.http,
    port: 0,
    host: '127.0.0.1',
    certificates,
    ...app.listeners(pinned),
  })
  return {
    url: `${certificates ? 'https' : 'http'}://127.0.0.1:${listener.port}`,
    port: listener.port,
    log,
    dialects,
    lives,
    bytesHeld: admission.bytesHeld,
    async [Symbol.asyncDispose]() {
      await listener.stopAccepting()
      await listener.close(0)
    },
  }
}
