// Wiring only: configuration → log → Kafka → core → HTTP → listen; and in the other order, stop.

import type { Config } from './config/schema.ts'
import { createAdmission } from './core/admission.ts'
import type { Dialect } from './core/dialect.ts'
import { createExchange } from './core/exchange.ts'
import type { Identity } from './core/principals.ts'
import { createIngest } from './core/ingest.ts'
import { createLedger } from './core/ledger.ts'
import { createRecall } from './core/recall.ts'
import type { BridgeError } from './core/errors.ts'
import { createState, type State } from './core/state.ts'
import { createStreams, type StreamOptions, type Streams } from './core/streams.ts'
import { createDialects } from './dialects/index.ts'
import { createAdmin } from './http/admin.ts'
import { createApp, type Observe } from './http/app.ts'
import { createRequestLog } from './http/request-log.ts'
import { banner } from './process/banner.ts'
import { createDataPorts } from './process/data-ports.ts'
import { createDemo, DEMO } from './process/demo.ts'
import { createLifeCycle, type LifeCycle } from './process/life-cycle.ts'
import { openIdentity } from './process/identity.ts'
import { listenPlain, refuseTakenPort } from './process/ports.ts'
import { openKafka, type Kafka } from './process/open-kafka.ts'
import { openTls, tlsPort } from './process/tls.ts'
import { createLog, type Log } from './telemetry/logger.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'

/** The process, as far as the service may touch it. */
export interface Surroundings {
  readonly packageRoot: URL
  readonly version: string
  readonly process: NodeJS.Process
  /** Serves TLS with a certificate made at the start. */
  readonly devTls: boolean
}

/** Runs the service until it is told to stop. Rejects with Refusal when it cannot start. */
export async function serve(config: Config, surroundings: Surroundings): Promise<void> {
  const { process, version, devTls } = surroundings
  const log = openLog(config, process)
  const lifeCycle = createLifeCycle(process)
  const embedded = config.kafka.brokers.length === 0
  const host = config.host || (embedded ? '127.0.0.1' : '')
  const adminHost = config.adminHost || host
  await refuseTakenPort(config.port, host, 'TRIBUTARY_PORT')
  await refuseTakenPort(tlsPort(config, devTls), host, 'TRIBUTARY_TLS_PORT')
  await refuseTakenPort(config.adminPort, adminHost, 'TRIBUTARY_ADMIN_PORT')
  const tls = openTls({ config, throwAway: devTls, log })
  const { identity, close: closeIdentity } = openIdentity(config, log)
  if (!embedded && !identity) log.warn('identity is open: any or no credentials are accepted')
  warnOfSmallMemory(config, log)

  const kafka = await openKafka(config, { ...surroundings, log, lifeCycle })
  const dialects = createDialects(config.dialects)
  const state = await openState(config, kafka, log)
  const streams = createStreams(kafka.log, kafka.topics, {
    ...streamOptions(config, dialects),
    ledger: createLedger(state),
  })
  const demo = embedded ? await createDemo({ config, dialects, streams }) : DEMO
  const parts = { config, version, dialects, streams, state, kafka, identity, lifeCycle, log }
  const service = assemble(parts)
  const data = await createDataPorts({ config, host, tls, app: service.app })
  service.connections(data.connections)
  const admin = await listenPlain(service.admin, config.adminPort, adminHost)

  lifeCycle.becomeReady()
  const { port, tlsPort: encrypted } = data
  const addresses = { port, tlsPort: encrypted, adminPort: admin.port, brokers: kafka.brokers }
  log.announce('ready', addresses)
  process.stderr.write(banner({ ...addresses, caFile: tls?.caFile, embedded, demo, version }))

  log.info('stopping', { reason: await lifeCycle.stopping })
  await data.drain(config.shutdown)
  await admin.close()
  state.close()
  tls?.close()
  closeIdentity()
  await kafka.close()
  log.info('stopped')
  await log.close()
  process.exitCode = lifeCycle.failed() ? 1 : 0
}

/** How long the start waits for what is known; what needs it fails until then. */
const STATE_WITHIN_MS = 10_000

async function openState({ state }: Config, { stateLog }: Kafka, log: Log): Promise<State> {
  const onTrouble = (trouble: BridgeError | undefined): void => {
    if (trouble) log.warn('state cannot be read', { reason: trouble.message })
    else log.info('state is read again')
  }
  const opened = createState(stateLog, { bytesMax: state.bytesMax, now: Date.now, onTrouble })
  await opened.opened(Date.now() + STATE_WITHIN_MS)
  return opened
}

function streamOptions(
  config: Config,
  dialects: readonly Dialect[],
): Omit<StreamOptions, 'ledger'> {
  const { streams, kafka } = config
  return {
    ...streams,
    naming: Object.fromEntries(
      Object.entries(config.dialects).map(([name, { topic }]) => [name, topic]),
    ),
    rules: Object.fromEntries(dialects.map(({ name, names }) => [name, names])),
    manage: kafka.brokers.length === 0 ? 'all' : streams.manage,
    autoCreate: autoCreate(config),
    replicationFactor: streams.replicationFactor || undefined,
    now: Date.now,
  }
}

/** Bodies that never fit are throttled for ever: their clients would try without end. */
function warnOfSmallMemory({ memory, dialects }: Config, log: Log): void {
  const bodies = Object.values(dialects).map(({ limits }) => limits.bodyBytesMax)
  const bytesMin = Math.max(...bodies)
  if (memory.bytesMax >= bytesMin) return
  log.warn('memory.bytesMax is smaller than the largest body that may come', { bytesMin })
}

function openLog({ log }: Config, process: NodeJS.Process): Log {
  const readable = log.format === 'text' || (log.format === 'auto' && process.stdout.isTTY)
  return createLog({
    level: log.level,
    format: readable ? 'text' : 'json',
    output: process.stdout,
  })
}

function autoCreate({ streams, dialects }: Config): StreamOptions['autoCreate'] {
  if (!streams.autoCreate) return false
  const limits = Object.values(dialects).map((dialect) => dialect.limits.recordBytesMax)
  return { shards: streams.autoCreateShards, recordBytesMax: Math.max(...limits) }
}

interface Parts {
  readonly config: Config
  readonly version: string
  readonly dialects: readonly Dialect[]
  readonly streams: Streams
  readonly state: State
  readonly kafka: Kafka
  readonly identity: Identity | undefined
  readonly lifeCycle: LifeCycle
  readonly log: Log
}

function assemble(parts: Parts) {
  const { config, version, dialects, streams, state, kafka, identity, lifeCycle, log } = parts
  const admission = createAdmission(config.memory.bytesMax, kafka.bytesHeld)
  let connections = () => 0
  const metrics = createMetrics({
    bytesHeld: () => admission.bytesHeld() + kafka.bytesHeld(),
    connections: () => connections(),
    state: state.health,
    kafka: kafka.health,
  })
  kafka.observe(metrics)
  const app = createApp({
    exchange: createExchange({
      dialects,
      streams,
      identity,
      now: Date.now,
      reads: kafka.reads,
      state,
      put: createIngest({ log: kafka.log, streams, now: Date.now, onBundle: metrics.bundle }),
      recall: createRecall({ ...config.recall, now: Date.now }),
      isStopping: () => lifeCycle.state() === 'draining',
    }),
    dialects,
    admission,
    hosts: hosts(config),
    version,
    discardBytesMax: config.http.discardBytesMax,
    requestTimeoutMs: config.http.requestTimeoutMs,
    isDraining: () => lifeCycle.state() === 'draining',
    observe: observe(metrics, createRequestLog(log, config.log.requests)),
    now: Date.now,
  })
  const admin = createAdmin({
    readiness: () => readiness(lifeCycle, kafka),
    registry: metrics.registry,
    dialects,
    version,
  })
  return {
    app,
    admin,
    connections(count: () => number) {
      connections = count
    },
  }
}

function hosts({ dialects }: Config): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(dialects).flatMap(([name, dialect]) =>
      dialect.hosts.map((host): [string, string] => [host.toLowerCase(), name]),
    ),
  )
}

function observe(metrics: Metrics, requestLog: Observe): Observe {
  return (life, status, ms) => {
    metrics.finished({ account: life.account, status, code: life.error?.code ?? '', ms })
    requestLog(life, status, ms)
  }
}

function readiness(lifeCycle: LifeCycle, kafka: Kafka) {
  const state = lifeCycle.state()
  return { ready: state === 'ready', reason: state, kafka: { ...kafka.health() } }
}
