// The embedded default: a real single-node Apache Kafka (KRaft) for first steps and tests, on free
// loopback ports, with its data kept from run to run. Not for production: one copy of everything.
//
// It cannot outlive the process that started it, however that ends (watched-process.ts).
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Environment } from './embedded-error.ts'
import { jarsFor, type Progress } from './jars.ts'
import { lockFolder } from './folder-lock.ts'
import { findJava } from './java.ts'
import { PortTakenError } from './kafka-log.ts'
import { startKafkaProcess, type KafkaProcess } from './kafka-process.ts'
import { randomKafkaId } from './node-config.ts'
import { chosenPorts, freePorts, keepPorts } from './ports.ts'

const STARTS_MAX = 5

export interface EmbeddedKafkaOptions {
  /** Holds jars, data, ports and log; made where missing. */
  readonly directory: string
  /** Folder of jars for several Kafkas to share; default: `directory`. */
  readonly jarsDirectory?: string
  /** The folder that holds package.json and src/embedded/pom.xml. */
  readonly packageRoot: string
  readonly environment: Environment
  /** Id of the process that starts it, and holds the folder. */
  readonly starter: number
  /** Takes lines for the terminal: only a first start, which fetches the jars, has any. */
  readonly progress: Progress
  /** Called once with a sentence, and Kafka's last words, when it ends without being asked to. */
  readonly onExit?: (sentence: string) => void
  /** Kafka's settings to add or to replace. */
  readonly properties?: Readonly<Record<string, string>>
}

export interface EmbeddedKafka {
  /** Process id of the Java process. */
  readonly pid: number
  /** `127.0.0.1:PORT`, the same after a restart unless the port was taken meanwhile. */
  readonly brokers: readonly string[]
  /** Ends Kafka, cleanly if it can, and resolves when it has ended. May be called again. */
  readonly stop: () => Promise<void>
}

/**
 * Starts Kafka and resolves when it serves. Rejects with EmbeddedKafkaError, whose message is meant
 * for the terminal: no Java, no Maven, no jars, data in use, or Kafka's own reason.
 */
export async function startEmbeddedKafka(options: EmbeddedKafkaOptions): Promise<EmbeddedKafka> {
  const directory = resolve(options.directory)
  const java = await findJava(options.environment)
  const jars = await jarsFor(java, {
    directory: options.jarsDirectory ?? directory,
    packageRoot: options.packageRoot,
    environment: options.environment,
    progress: options.progress,
  })
  await mkdir(directory, { recursive: true })
  const lock = await lockFolder(directory, options.starter)
  try {
    const kafka = await startIn(directory, { ...options, jars, java: java.command })
    await lock.share(kafka.pid)
    return {
      ...kafka,
      async stop() {
        await kafka.stop()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

interface Starting extends EmbeddedKafkaOptions {
  readonly jars: string
  readonly java: string
}

async function startIn(directory: string, options: Starting): Promise<EmbeddedKafka> {
  const { jars, java, environment } = options
  const start = (ports: readonly number[]) =>
    startKafkaProcess({
      ...{ directory, jars, java, environment },
      plan: singleNode(ports, options.properties),
      clusterId: randomKafkaId(),
      onExit: options.onExit,
    })
  const { kafka, ports } = await startOnFreePorts(join(directory, 'ports.json'), start)
  return { pid: kafka.pid, brokers: [`127.0.0.1:${ports[0]}`], stop: kafka.stop }
}

function singleNode(
  [port = 0, controllerPort = 0]: readonly number[],
  properties: EmbeddedKafkaOptions['properties'] = {},
) {
  return {
    nodeId: 1,
    voters: [{ nodeId: 1, port: controllerPort }],
    listeners: [{ name: 'PLAINTEXT', protocol: 'PLAINTEXT', port }],
    properties,
  } as const
}

/** The ports go to the file only when Kafka holds them, so that a vain start changes nothing. */
async function startOnFreePorts(
  file: string,
  start: (ports: readonly number[]) => Promise<KafkaProcess>,
): Promise<{ kafka: KafkaProcess; ports: readonly number[] }> {
  let ports = await chosenPorts(file, 2)
  for (let left = STARTS_MAX - 1; ; left--) {
    try {
      const kafka = await start(ports)
      await keepPorts(file, ports).catch(async (error: unknown) => {
        await kafka.stop()
        throw error
      })
      return { kafka, ports }
    } catch (error) {
      if (!(error instanceof PortTakenError) || left === 0) throw error
      ports = await freePorts(2)
    }
  }
}
