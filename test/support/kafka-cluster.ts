// A Kafka of one node or three for the suites that hurt it: every node is a process of its own that
// can be killed, paused and started again. Without faults, the shared Kafka is quicker to have.
//
// Everything lies in a fresh folder under .cache/ that goes away with `stop()`. No node outlives
// the test's process.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { PortTakenError } from '../../src/embedded/kafka-log.ts'
import { startKafkaProcess, type KafkaProcess } from '../../src/embedded/kafka-process.ts'
import { randomKafkaId } from '../../src/embedded/node-config.ts'
import { createAuthority, type Authority } from '../../src/process/dev-certificate.ts'
import { format, planNodes, scramUsers, type ClusterOptions } from './cluster-plan.ts'
import { freshFolder, kafkaJars } from './kafka-jars.ts'

export interface ClusterNode {
  /** Kafka's node id, from 1. */
  readonly id: number
  /** `127.0.0.1:PORT`, the same after every restart. */
  readonly broker: string
  /** Of the Java process; another one after a restart. */
  readonly pid: () => number
  /** SIGKILL; resolves when the process is gone. */
  readonly kill: () => Promise<void>
  /** SIGSTOP: a broker that hangs. */
  readonly pause: () => void
  /** SIGCONT. */
  readonly resume: () => void
  /** A clean stop. */
  readonly stop: () => Promise<void>
  /** Starts a node that was stopped or killed; resolves when it serves. */
  readonly start: () => Promise<void>
  /** Stops it first if it runs. */
  readonly restart: () => Promise<void>
}

export interface KafkaCluster extends AsyncDisposable {
  readonly nodes: readonly ClusterNode[]
  /** PLAINTEXT, as ANONYMOUS. */
  readonly brokers: string[]
  /** SSL, with `tls`. */
  readonly tlsBrokers: string[]
  /** SASL_PLAINTEXT, with `sasl`. */
  readonly saslBrokers: string[]
  /** SASL_SSL, with both. */
  readonly saslTlsBrokers: string[]
  /** With `fronts`: where the proxies lead to. */
  readonly fronted: string[]
  /** Signs for clients, and its `ca` is what clients trust. */
  readonly authority: Authority
  /** Holds a folder `node-ID` for each node: `kafka.log`, `server.properties`, `data`. */
  readonly directory: string
  /** Kills all nodes and removes their data. May be called again. */
  readonly stop: () => Promise<void>
}

const STARTS_MAX = 3
const RESTART_TIMEOUT_MS = 20_000
const JOIN_TIMEOUT_MS = 60_000

/** Starts a cluster and resolves when every node serves and knows all others. */
export async function startKafkaCluster(options: ClusterOptions): Promise<KafkaCluster> {
  for (let left = STARTS_MAX - 1; ; left--) {
    try {
      return await tryToStart(options)
    } catch (error) {
      if (!(error instanceof PortTakenError) || left === 0) throw error
    }
  }
}

async function tryToStart(options: ClusterOptions): Promise<KafkaCluster> {
  const folder = freshFolder('cluster-')
  const authority = createAuthority()
  const plans = await planNodes(options, authority)
  const { java, jars } = await kafkaJars()
  const clusterId = randomKafkaId()
  const nodes = plans.map((plan) => {
    const directory = join(folder, `node-${plan.nodeId}`)
    const { jvmFlags = [] } = options
    return createNode({
      directory,
      jars,
      java,
      plan,
      clusterId,
      jvmFlags,
      environment: process.env,
    })
  })
  const brokersOf = (name: string) =>
    plans.flatMap(({ listeners }) =>
      listeners.filter((l) => l.name === name).map((l) => `127.0.0.1:${l.port}`),
    )
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.kill()))
    rmSync(folder, { recursive: true, force: true })
  }
  const cluster: KafkaCluster = {
    ...{ nodes, authority, directory: folder, stop, [Symbol.asyncDispose]: stop },
    ...{ brokers: brokersOf('PLAINTEXT'), tlsBrokers: brokersOf('TLS') },
    ...{ saslBrokers: brokersOf('SASL'), saslTlsBrokers: brokersOf('SASL_TLS') },
    fronted: brokersOf('FRONTED'),
  }
  const users = scramUsers(options.sasl)
  try {
    if (users.length > 0) {
      await format({ folder, plans, java, jars, clusterId, users })
    }
    // All must have ended their attempt before one failure may remove the folder.
    const started = await Promise.allSettled(nodes.map((node) => node.start()))
    const failed = started.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
    await untilJoined(cluster.brokers)
    return cluster
  } catch (error) {
    await stop()
    throw error
  }
}

type NodeOptions = Parameters<typeof startKafkaProcess>[0]

function createNode(options: NodeOptions): ClusterNode {
  const { plan } = options
  let running: KafkaProcess | undefined
  let startedOnce = false
  const pid = () => {
    if (!running) throw new Error(`node ${plan.nodeId} does not run`)
    return running.pid
  }
  const start = async () => {
    if (running) throw new Error(`node ${plan.nodeId} runs already`)
    const kafka = await (startedOnce ? startOnItsPorts(options) : startKafkaProcess(options))
    startedOnce = true
    running = kafka
    void kafka.exited.then(() => {
      if (running === kafka) running = undefined
    })
  }
  const stop = async () => {
    const kafka = running
    if (kafka) signal(kafka.pid, 'SIGCONT')
    await kafka?.stop()
    await kafka?.exited
  }
  const kill = async () => {
    const ended = running?.exited
    if (running) signal(running.pid, 'SIGKILL')
    await ended
  }
  return {
    ...{ id: plan.nodeId, broker: `127.0.0.1:${plan.listeners[0].port}`, pid, start, stop, kill },
    pause: () => signal(pid(), 'SIGSTOP'),
    resume: () => signal(pid(), 'SIGCONT'),
    restart: async () => {
      await stop()
      await start()
    },
  }
}

/** A process that has gone by itself needs no signal. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** While a node is down, a port can be lent to a passing connection of another process. */
async function startOnItsPorts(options: NodeOptions): Promise<KafkaProcess> {
  const deadlineMs = Date.now() + RESTART_TIMEOUT_MS
  for (;;) {
    try {
      return await startKafkaProcess(options)
    } catch (error) {
      if (!(error instanceof PortTakenError) || Date.now() > deadlineMs) throw error
      await sleep(500)
    }
  }
}

/** Each broker learns of the others on its own: only then do topics get all their replicas. */
async function untilJoined(brokers: readonly string[]): Promise<void> {
  const deadlineMs = Date.now() + JOIN_TIMEOUT_MS
  for (const broker of brokers) {
    const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    try {
      while ((await admin.describeCluster()).brokers.length < brokers.length) {
        if (Date.now() > deadlineMs) throw new Error('the brokers did not find each other')
        await sleep(50)
      }
    } finally {
      await admin.disconnect()
    }
  }
}
