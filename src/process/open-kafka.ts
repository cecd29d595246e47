// The Kafka that the service writes to: the configured cluster, or one that is started here.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config/schema.ts'
import type { Log as RecordLog, Reads, Topics } from '../core/log.ts'
import type { StateLog } from '../core/state-log.ts'
import { EmbeddedKafkaError } from '../embedded/embedded-error.ts'
import { startEmbeddedKafka } from '../embedded/embedded-kafka.ts'
import type { OnKafkaEvent } from '../kafka/events.ts'
import { createKafkaLog, type KafkaHealth, type KafkaLog } from '../kafka/log.ts'
import type { Log } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { addressFile, connectionOf } from './connection.ts'
import type { LifeCycle } from './life-cycle.ts'
import { Refusal } from './refusal.ts'

export interface Kafka {
  readonly log: RecordLog
  readonly topics: Topics
  readonly reads: Reads
  /** The partition of state. */
  readonly stateLog: StateLog
  readonly brokers: readonly string[]
  readonly bytesHeld: () => number
  readonly health: () => KafkaHealth
  readonly observe: (metrics: Metrics) => void
  readonly close: () => Promise<void>
}

export interface Circumstances {
  readonly packageRoot: URL
  readonly process: NodeJS.Process
  readonly log: Log
  readonly lifeCycle: LifeCycle
}

/** Resolves when Kafka has answered. Rejects with Refusal when it cannot be had. */
export async function openKafka(config: Config, circumstances: Circumstances): Promise<Kafka> {
  const embedded = config.kafka.brokers.length === 0
  const server = embedded ? await startHere(config, circumstances) : undefined
  const brokers = server?.brokers ?? config.kafka.brokers
  try {
    return await connect(config, brokers, {
      ...circumstances,
      stop: () => server?.stop() ?? Promise.resolve(),
    })
  } catch (error) {
    await server?.stop()
    throw error
  }
}

async function startHere(config: Config, { packageRoot, process, log, lifeCycle }: Circumstances) {
  try {
    const server = await startEmbeddedKafka({
      directory: config.embedded.directory,
      packageRoot: fileURLToPath(packageRoot),
      environment: process.env,
      starter: process.pid,
      progress: (line) => process.stderr.write(`${line}\n`),
      onExit(sentence) {
        log.error(sentence)
        lifeCycle.fail('the embedded Kafka ended')
      },
    })
    const file = addressFile(config)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, server.brokers.join('\n'))
    return {
      brokers: server.brokers,
      async stop() {
        rmSync(file, { force: true })
        await server.stop()
      },
    }
  } catch (error) {
    throw error instanceof EmbeddedKafkaError ? new Refusal(error.message) : error
  }
}

interface Connecting extends Circumstances {
  /** Ends the Kafka that was started here, if any. */
  readonly stop: () => Promise<void>
}

async function connect(
  config: Config,
  brokers: readonly string[],
  { stop, log, lifeCycle }: Connecting,
): Promise<Kafka> {
  let metrics: Metrics | undefined
  const kafka = createLog(config, brokers, (event) => metrics?.kafka(event))
  try {
    const stopped = lifeCycle.stopping.then((reason) => {
      throw new Refusal(`told to stop (${reason})`)
    })
    await Promise.race([untilAnswered(kafka, config, log), stopped])
  } catch (error) {
    await kafka.close()
    throw new Refusal(`Cannot reach Kafka at ${brokers.join(', ')}: ${(error as Error).message}`)
  }
  return {
    ...kafka,
    stateLog: kafka.stateLog(config.state.topic, config.streams.replicationFactor || undefined),
    brokers,
    observe(target) {
      metrics = target
    },
    async close() {
      await kafka.close()
      await stop()
    },
  }
}

/** How often a Kafka that does not answer is spoken of. */
const SAY_EVERY_MS = 10_000

/** Rejects once `kafka.connectTimeoutMs` is over, or at once for what no waiting mends. */
async function untilAnswered(kafka: KafkaLog, config: Config, log: Log): Promise<void> {
  const deadlineMs = Date.now() + config.kafka.connectTimeoutMs
  for (;;) {
    const untilMs = Math.min(deadlineMs, Date.now() + SAY_EVERY_MS)
    try {
      await kafka.connect(untilMs)
      return
    } catch (error) {
      if (untilMs === deadlineMs || Date.now() < untilMs) throw error
      log.warn('Kafka does not answer yet', { reason: (error as Error).message })
    }
  }
}

function createLog(config: Config, brokers: readonly string[], onEvent: OnKafkaEvent): KafkaLog {
  const options = {
    ...connectionOf(config),
    brokers,
    metadataMaxAgeMs: config.kafka.metadataMaxAgeMs,
    requestTimeoutMs: config.kafka.requestTimeoutMs,
    deliveryTimeoutMs: config.kafka.deliveryTimeoutMs,
    bytesMax: config.memory.bytesMax,
    compression: config.kafka.compression,
    onEvent,
  }
  try {
    return createKafkaLog(options)
  } catch (error) {
    throw new Refusal(`kafka.compression: ${(error as Error).message}`)
  }
}
