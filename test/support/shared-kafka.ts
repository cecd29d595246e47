// One Kafka for a whole test run: a single node, started by kafka-setup.ts before the first suite
// and ended by kafka-teardown.ts after the last one. Suites keep apart by unique topic names, and
// start a cluster of their own (kafka-cluster.ts) only where they hurt it.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { startEmbeddedKafka, type EmbeddedKafka } from '../../src/embedded/embedded-kafka.ts'
import { CACHE, freshFolder, JARS_DIRECTORY, PACKAGE_ROOT } from './kafka-jars.ts'

const VARIABLE = 'TRIBUTARY_TEST_BROKERS'
const PREFIX = 'test-kafka-'
const DAY_MS = 24 * 60 * 60 * 1000

let running: { readonly kafka: EmbeddedKafka; readonly folder: string } | undefined

/** `127.0.0.1:PORT` of the run's Kafka. */
export function sharedBrokers(): string[] {
  const brokers = process.env[VARIABLE]
  if (!brokers) {
    throw new Error(`${VARIABLE} is not set: is test/support/kafka-setup.ts Jest's globalSetup?`)
  }
  return brokers.split(',')
}

/** Starts it, unless the variable names one already. */
export async function startSharedKafka(): Promise<void> {
  if (process.env[VARIABLE]) return
  removeAbandoned()
  const folder = freshFolder(PREFIX)
  const kafka = await startEmbeddedKafka({
    starter: process.pid,
    directory: folder,
    jarsDirectory: JARS_DIRECTORY,
    packageRoot: PACKAGE_ROOT,
    environment: process.env,
    progress: (line) => process.stderr.write(`${line}\n`),
    onExit: (sentence) => process.stderr.write(`${sentence}\n`),
  })
  running = { kafka, folder }
  process.env[VARIABLE] = kafka.brokers.join()
}

export async function stopSharedKafka(): Promise<void> {
  if (!running) return
  const { kafka, folder } = running
  running = undefined
  process.env[VARIABLE] = ''
  await kafka.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** Removes what runs that were killed have left: never that of a run beside us. */
function removeAbandoned(): void {
  if (!existsSync(CACHE)) return
  for (const name of readdirSync(CACHE)) {
    const folder = join(CACHE, name)
    const abandoned = name.startsWith(PREFIX) && Date.now() - statSync(folder).mtimeMs > DAY_MS
    if (abandoned) rmSync(folder, { recursive: true, force: true })
  }
}
