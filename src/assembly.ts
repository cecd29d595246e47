// The parts put together: what serves the data ports, what serves the admin port, and what both tell
// metrics and the console.

import type { Config } from './config/schema.ts'
import { createConsole } from './console/console.ts'
import { createReading } from './console/reading.ts'
import { createAdmission, type Admission } from './core/admission.ts'
import type { Dialect } from './core/dialect.ts'
import { createExchange } from './core/exchange.ts'
import type { Identity } from './core/principals.ts'
import { createIngest } from './core/ingest.ts'
import { createRecall } from './core/recall.ts'
import type { State } from './core/state.ts'
import type { Streams } from './core/streams.ts'
import { createAdmin } from './http/admin.ts'
import { createApp, type App, type Observe } from './http/app.ts'
import { createRequestLog } from './http/request-log.ts'
import { commandsOf } from './process/commands.ts'
import type { LifeCycle } from './process/life-cycle.ts'
import type { Kafka } from './process/open-kafka.ts'
import { createActivity, type Activity } from './telemetry/activity.ts'
import { createFamilyOf } from './telemetry/client-family.ts'
import { finished } from './telemetry/finished.ts'
import type { Log } from './telemetry/logger.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'
import { endingOf, type Tracing } from './telemetry/tracing.ts'

export interface Parts {
  readonly config: Config
  readonly version: string
  readonly dialects: readonly Dialect[]
  readonly streams: Streams
  readonly state: State
  readonly kafka: Kafka
  readonly identity: Identity | undefined
  readonly lifeCycle: LifeCycle
  readonly log: Log
  readonly tracing: Tracing | undefined
}

/** Where the data ports are, once they are open. */
export interface Listening {
  readonly port: number | undefined
  readonly tlsPort: number | undefined
  readonly connections: () => number
}

const NOWHERE: Listening = { port: undefined, tlsPort: undefined, connections: () => 0 }

export function assemble(parts: Parts) {
  const { config, version, kafka, log, dialects } = parts
  const admission = createAdmission(config.memory.bytesMax, kafka.bytesHeld)
  const activity = createActivity(Date.now)
  const seen: Seen = { parts, admission, activity, listening: () => listening }
  let listening = NOWHERE
  const metrics = createMetrics({
    version,
    streamsMax: config.metrics.streamsMax,
    bytesMax: config.memory.bytesMax,
    sources: {
      bytesHeld: () => admission.bytesHeld() + kafka.bytesHeld(),
      connections: () => listening.connections(),
      state: parts.state.health,
      kafka: kafka.health,
    },
  })
  kafka.observe(metrics)
  const requestLog = createRequestLog(log, config.log.requests)
  const observe = observeWith(metrics, activity, requestLog)
  return {
    app: createDataApp(parts, { admission, metrics, observe }),
    admin: createAdmin({
      readiness: () => readiness(parts),
      registry: metrics.registry,
      dialects,
      version,
      token: config.adminToken,
      console: createConsole(readingOf(seen)),
    }),
    listensAt(where: Listening) {
      listening = where
    },
  }
}

interface Means {
  readonly admission: Admission
  readonly metrics: Metrics
  readonly observe: Observe
}

function createDataApp(parts: Parts, { admission, metrics, observe }: Means): App {
  const { config, version, dialects, streams, state, kafka, identity, lifeCycle, tracing } = parts
  return createApp({
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
    trace: tracing?.begin,
    hotLane: true,
    observe,
    now: Date.now,
  })
}

function hosts({ dialects }: Config): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(dialects).flatMap(([name, dialect]) =>
      dialect.hosts.map((host): [string, string] => [host.toLowerCase(), name]),
    ),
  )
}

function observeWith(metrics: Metrics, activity: Activity, requestLog: Observe): Observe {
  const familyOf = createFamilyOf()
  return (life, status, ms) => {
    const { account, error, head, prepared } = life
    const end = finished(account, {
      status,
      code: error?.code ?? '',
      ms,
      family: familyOf(head.headers['user-agent']),
      caller: prepared?.caller ?? '',
      principal: prepared?.principal?.name ?? '',
    })
    metrics.finished(end)
    activity.finished(end)
    requestLog(life, status, ms)
    life.span?.end(endingOf(account, status, error?.code))
  }
}

function readiness({ lifeCycle, kafka }: Parts) {
  const state = lifeCycle.state()
  return { ready: state === 'ready', reason: state, kafka: { ...kafka.health() } }
}

interface Seen {
  readonly parts: Parts
  readonly admission: Admission
  readonly activity: Activity
  readonly listening: () => Listening
}

function readingOf({ parts, admission, activity, listening }: Seen) {
  const { config, version, dialects, streams, kafka, lifeCycle } = parts
  const names = new Map(dialects.map((dialect) => [dialect.name, dialect.names]))
  return createReading({
    version,
    startedMs: Date.now(),
    now: Date.now,
    activity: activity.snapshot,
    state: lifeCycle.state,
    kafka: kafka.health,
    memory: () => ({
      held: admission.bytesHeld() + kafka.bytesHeld(),
      max: config.memory.bytesMax,
    }),
    connections: () => listening().connections(),
    eventLoop: () => performance.eventLoopUtilization(),
    topics: kafka.topics,
    topicOf(dialect, stream) {
      const ref = names.get(dialect)?.parse(stream)
      try {
        return ref && streams.routeOf(ref).topic
      } catch {
        return undefined // a name that is no topic's
      }
    },
    commands: commandsOf('{endpoint}', { stream: '{stream}', path: 'container/{stream}' }),
    ports: () => {
      const { port, tlsPort } = listening()
      return { port, tlsPort }
    },
  })
}
