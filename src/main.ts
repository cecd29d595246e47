// Wiring only: configuration → log → Kafka → core → HTTP → listen; and in the other order, stop.

import type { RequestListener } from 'node:http'
import { assemble } from './assembly.ts'
import type { Config } from './config/schema.ts'
import type { Dialect } from './core/dialect.ts'
import { createLedger } from './core/ledger.ts'
import type { BridgeError } from './core/errors.ts'
import { createState, type State } from './core/state.ts'
import { createStreams, type StreamOptions } from './core/streams.ts'
import { createDialects } from './dialects/index.ts'
import { answerWhileStarting } from './http/starting.ts'
import { banner } from './process/banner.ts'
import { createDataPorts } from './process/data-ports.ts'
import { createDemo, DEMO } from './process/demo.ts'
import { letHeapGrow } from './process/heap.ts'
import { createLifeCycle } from './process/life-cycle.ts'
import { openIdentity } from './process/identity.ts'
import { listenPlain, refuseTakenPort } from './process/ports.ts'
import { openKafka, type Circumstances, type Kafka } from './process/open-kafka.ts'
import { openTls, tlsPort } from './process/tls.ts'
import { createLog, type Log } from './telemetry/logger.ts'
import { openTracing } from './telemetry/tracing.ts'

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
  letHeapGrow()
  const log = openLog(config, process)
  const lifeCycle = createLifeCycle(process)
  const place = placeOf(config)
  await refuseTakenPorts(config, place, devTls)
  const front = await openFront(config, surroundings, log)
  if (!place.embedded && !front.identity) {
    log.warn('identity is open: any or no credentials are accepted')
  }
  warnOfSmallMemory(config, log)

  let serveAdmin: RequestListener = answerWhileStarting
  const admin = await listenPlain(
    (request, response) => serveAdmin(request, response),
    config.adminPort,
    place.adminHost,
  )
  const inside = await openInside(config, { ...surroundings, log, lifeCycle })
  const { kafka, demo } = inside
  const service = assemble({ config, version, lifeCycle, log, ...front, ...inside })
  const data = await createDataPorts({ config, ...place, tls: front.tls, app: service.app })
  service.listensAt(data)
  serveAdmin = service.admin

  lifeCycle.becomeReady()
  const { port, tlsPort: encrypted } = data
  const addresses = { port, tlsPort: encrypted, adminPort: admin.port, brokers: kafka.brokers }
  log.announce('ready', addresses)
  const { caFile } = front.tls ?? {}
  process.stderr.write(banner({ ...addresses, caFile, embedded: place.embedded, demo, version }))

  log.info('stopping', { reason: await lifeCycle.stopping })
  await data.drain(config.shutdown)
  await admin.close()
  await front.close()
  await inside.close()
  log.info('stopped')
  await log.close()
  // Traces that nobody takes are tried for longer than a stop may last.
  process.exit(lifeCycle.failed() ? 1 : 0)
}

interface Place {
  readonly embedded: boolean
  readonly host: string
  readonly adminHost: string
}

/** Where to listen: for everybody only beside a Kafka that is there for everybody. */
function placeOf(config: Config): Place {
  const embedded = config.kafka.brokers.length === 0
  const host = config.host || (embedded ? '127.0.0.1' : '')
  return { embedded, host, adminHost: config.adminHost || host }
}

async function refuseTakenPorts(config: Config, place: Place, devTls: boolean): Promise<void> {
  await refuseTakenPort(config.port, place.host, 'TRIBUTARY_PORT')
  await refuseTakenPort(tlsPort(config, devTls), place.host, 'TRIBUTARY_TLS_PORT')
  await refuseTakenPort(config.adminPort, place.adminHost, 'TRIBUTARY_ADMIN_PORT')
}

/** What meets a request first: certificates, credentials, traces. */
async function openFront(config: Config, { process, version, devTls }: Surroundings, log: Log) {
  const tls = openTls({ config, throwAway: devTls, log })
  const { identity, close: closeIdentity } = openIdentity(config, log)
  const tracing = await openTracing(process.env, version)
  if (tracing) log.info('tracing is on: spans are sent over OTLP')
  return {
    ...{ tls, identity, tracing },
    async close() {
      tls?.close()
      closeIdentity()
      await tracing?.close()
    },
  }
}

/** Kafka, and what is made of it. */
async function openInside(config: Config, circumstances: Circumstances) {
  const kafka = await openKafka(config, circumstances)
  const dialects = createDialects(config.dialects)
  const state = await openState(config, kafka, circumstances.log)
  const streams = createStreams(kafka.log, kafka.topics, {
    ...streamOptions(config, dialects),
    ledger: createLedger(state),
  })
  const { embedded } = placeOf(config)
  const demo = embedded ? await createDemo({ config, dialects, streams }) : DEMO
  return {
    ...{ kafka, dialects, state, streams, demo },
    async close() {
      state.close()
      await kafka.close()
    },
  }
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
    settleMs: 2 * kafka.metadataMaxAgeMs,
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
