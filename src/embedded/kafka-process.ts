// One Kafka node as a child process in a folder of its own:
//
//   server.properties   written at each start
//   data/               Kafka's; ours is only the first meta.properties
//   kafka.log           what Kafka has said since its last start
//
// The start is over when Kafka says so and a listener accepts a connection. A partition may still
// have no leader for some 100 ms after a restart: clients repeat then, as they do whenever a
// leader changes. After a crash of Kafka the start takes as long as a broker's session lasts (9 s by
// default), because the controller waits for the one that died.
//
// Until then the log is called starting.log: a second instance on the same data is refused by
// Kafka's own lock only after a while, and must not have replaced the log of the first.
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedKafkaError, type Environment } from './embedded-error.ts'
import {
  DataInUseError,
  describeExit,
  lastWords,
  readTail,
  saysStarted,
  startFailure,
} from './kafka-log.ts'
import { metaProperties, nodeProperties, propertiesText, type NodePlan } from './node-config.ts'
import { startWatched } from './watched-process.ts'

// Quick to start and small: no second compiler, one collector thread, small stacks. An archive of
// the classes (AppCDS) would save 0.3 to 0.5 s more, and is left out: it does not work in a path
// with spaces, and making it costs seconds at a stop.
const JVM_FLAGS: readonly string[] = [
  ...['-Xms32m', '-Xmx256m', '-Xss512k', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
  ...['-Xshare:auto', '-XX:-UsePerfData', '-Djava.awt.headless=true'],
]
// The one logger at INFO tells that the node has started.
const LOG_FLAGS: readonly string[] = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
]
const START_TIMEOUT_MS = 120_000
const POLL_MS = 25
const GRACE_S = 8

export interface KafkaProcessOptions {
  /** The node's folder; made where missing. */
  readonly directory: string
  /** The folder of jars. */
  readonly jars: string
  /** Path of the java executable. */
  readonly java: string
  readonly environment: Environment
  readonly plan: NodePlan
  /** For the first start, when there is no data yet. */
  readonly clusterId: string
  /** Come after our own, and so win. */
  readonly jvmFlags?: readonly string[]
  /** Called once, with a sentence and Kafka's last words, when it ends without being asked to. */
  readonly onExit?: ((sentence: string) => void) | undefined
}

export interface KafkaProcess {
  /** Process id of the Java process. */
  readonly pid: number
  /** Ends Kafka, cleanly if it can, and resolves when it has ended. May be called again. */
  readonly stop: () => Promise<void>
  /** Resolves when the process has ended, whoever ended it. */
  readonly exited: Promise<void>
}

/** Starts the node and resolves when it serves; rejects with EmbeddedKafkaError. */
export async function startKafkaProcess(options: KafkaProcessOptions): Promise<KafkaProcess> {
  const { directory, plan } = options
  await prepare(options)
  const child = await launch(options)
  let asked = false
  const stop = async () => {
    asked = true
    await child.end()
    await child.exited
  }
  const starting = join(directory, 'starting.log')
  const log = join(directory, 'kafka.log')
  try {
    await untilReady(child, { directory, port: plan.listeners[0].port })
    await rename(starting, log)
  } catch (error) {
    await stop()
    await (error instanceof DataInUseError ? rm(starting) : rename(starting, log))
    throw error
  }
  void child.exited.then(({ status, tail }) => {
    if (!asked) {
      options.onExit?.(`The embedded Kafka has died: ${describeExit(status)}.${lastWords(tail)}`)
    }
  })
  return { pid: await child.pid, stop, exited: child.exited.then(() => undefined) }
}

/** Writes the node's settings, and its identity where it has none. */
async function prepare(options: KafkaProcessOptions): Promise<void> {
  const { directory, plan } = options
  const data = join(directory, 'data')
  const meta = join(data, 'meta.properties')
  await mkdir(data, { recursive: true })
  if (!(await stat(meta).catch(() => undefined))) {
    await writeFile(`${meta}.new`, propertiesText(metaProperties(options.clusterId, plan.nodeId)))
    await rename(`${meta}.new`, meta)
  }
  // It may hold passwords.
  const settings = { mode: 0o600 }
  await writeFile(settingsFile(directory), propertiesText(nodeProperties(plan)), settings)
}

const settingsFile = (directory: string) => join(directory, 'server.properties')

interface Exit {
  readonly status: number
  readonly tail: string
}

interface Child {
  readonly pid: Promise<number>
  /** Never rejects. */
  readonly exited: Promise<Exit>
  readonly end: () => Promise<void>
  readonly tail: () => Promise<string>
}

async function launch(options: KafkaProcessOptions): Promise<Child> {
  const file = join(options.directory, 'starting.log')
  await rm(file, { force: true })
  const log = await open(file, 'a+')
  const watched = startWatched({
    command: options.java,
    args: [
      ...[...JVM_FLAGS, ...LOG_FLAGS, ...(options.jvmFlags ?? [])],
      // A whole path, so that a list of processes shows whose this one is.
      ...['-cp', `${options.jars}/*`, 'kafka.Kafka', settingsFile(options.directory)],
    ],
    directory: options.directory,
    environment: options.environment,
    graceS: GRACE_S,
    output: log.fd,
  })
  const exited = watched.exited.then(
    async (status) => ({ status, tail: await readTail(log).finally(() => log.close()) }),
    async (error: unknown) => {
      await log.close()
      return { status: 127, tail: String(error) }
    },
  )
  return { pid: watched.pid, exited, end: watched.end, tail: () => readTail(log) }
}

async function untilReady(
  child: Child,
  { directory, port }: { readonly directory: string; readonly port: number },
): Promise<void> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS
  let exit: Exit | undefined
  void child.exited.then((ended) => (exit = ended))
  const gone = () => exit !== undefined
  while (!gone()) {
    const tail = await child.tail().catch(() => '')
    if (saysStarted(tail) && (await accepts(port))) return
    if (Date.now() > deadlineMs) {
      throw new EmbeddedKafkaError(
        `The embedded Kafka did not start within ${START_TIMEOUT_MS / 1000} s.${lastWords(tail)}`,
      )
    }
    await sleep(POLL_MS)
  }
  const { status, tail } = await child.exited
  throw startFailure(tail, status, directory)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
