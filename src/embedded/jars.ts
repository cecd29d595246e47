// The jars of Apache Kafka, fetched once by Maven from src/embedded/pom.xml into a folder whose
// name carries the hash of the pom: another pom is another folder, and nothing is ever mixed.
//
// Maven copies into a temporary folder that is renamed in the end. So an interrupted fetch never
// counts, and of two first starts at once the slower one throws its copy away.
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { EmbeddedKafkaError, type Environment } from './embedded-error.ts'
import { findMaven, mavenEnvironment, type Java } from './java.ts'
import { startWatched } from './watched-process.ts'

/** Takes one line for the terminal, without its end. */
export type Progress = (line: string) => void

export interface JarsOptions {
  /** Where the folder of jars is, or shall be. */
  readonly directory: string
  /** The folder that holds src/embedded/pom.xml. */
  readonly packageRoot: string
  readonly environment: Environment
  readonly progress: Progress
}

const ABANDONED_AFTER_MS = 60 * 60 * 1000
// In full, so that an unreachable repository is named as the reason, not an unknown prefix.
const GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies'
const PROGRESS_EVERY_JARS = 10

/** The folder of jars; fetches them first where it is missing. */
export async function jarsFor(java: Java, options: JarsOptions): Promise<string> {
  const pom = resolve(options.packageRoot, 'src', 'embedded', 'pom.xml')
  const hash = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12)
  const folder = resolve(options.directory, `libs-${hash}`)
  if (await isThere(folder)) return folder
  const maven = await findMaven(options.environment)
  await mkdir(options.directory, { recursive: true })
  await removeAbandoned(options.directory)
  const part = await mkdtemp(`${folder}.part-`)
  try {
    await fetchJars(part, { pom, maven, java, options })
    await rename(part, folder).catch(async (error: unknown) => {
      if (!(await isThere(folder))) throw error
    })
  } finally {
    await rm(part, { recursive: true, force: true })
  }
  return folder
}

interface Fetch {
  readonly pom: string
  readonly maven: string
  readonly java: Java
  readonly options: JarsOptions
}

async function fetchJars(folder: string, fetch: Fetch): Promise<void> {
  const { progress, directory, environment } = fetch.options
  progress(
    'Fetching Apache Kafka with Maven, once: about 45 MB, and some 10 MB of plugins if Maven is ' +
      `new here; the jars stay in ${directory}`,
  )
  const said: string[] = []
  const count = createCounter(progress)
  const { exited } = startWatched({
    command: fetch.maven,
    args: [
      ...['-B', '-C', '-f', fetch.pom, GOAL],
      ...[`-DoutputDirectory=${folder}`, '-DincludeScope=runtime'],
    ],
    directory,
    environment: mavenEnvironment(fetch.java, environment),
    graceS: 5,
    output: (line) => {
      if (line.includes('ERROR')) said.push(line)
      count(line)
    },
  })
  const status = await exited
  const jars = (await readdir(folder)).filter((name) => name.endsWith('.jar')).length
  if (status !== 0 || jars === 0) {
    throw new EmbeddedKafkaError(
      `The jars of the embedded Kafka could not be fetched: ${fetch.maven} ended with status ` +
        `${status} (${reason(said)}); see whether it reaches a Maven repository, ` +
        'or set KAFKA_BROKERS=host:port to use a Kafka of your own.',
    )
  }
  progress(`Fetched Apache Kafka: ${jars} jars`)
}

/** Maven's first complaint holds the reason, with its level and colours stripped. */
function reason(errors: readonly string[]): string {
  // eslint-disable-next-line no-control-regex -- an escape is what a colour begins with
  const plain = errors.map((line) => line.replace(/\x1b\[[\d;]*m/g, ''))
  const first = plain.find((line) => line.trim() !== '[ERROR]') ?? 'it did not say why'
  return first.replace(/^\[ERROR\]\s*| -> \[Help \d+\].*$/g, '').slice(0, 500)
}

/** Counts what Maven reports as downloaded; how much is to come it does not know. */
function createCounter(progress: Progress): (line: string) => void {
  let jars = 0
  let bytes = 0
  return (line) => {
    const match = /Downloaded from .*\.jar \((\d+(?:\.\d+)?) (B|kB|MB)/.exec(line)
    if (!match) return
    const unit = match[2] === 'MB' ? 1e6 : match[2] === 'kB' ? 1e3 : 1
    bytes += Number(match[1]) * unit
    jars += 1
    if (jars % PROGRESS_EVERY_JARS === 0) {
      progress(`  ${jars} jars downloaded, ${(bytes / 1e6).toFixed(0)} MB`)
    }
  }
}

async function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/** Removes what an interrupted fetch left, but nothing that may still be growing. */
async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!/^libs-.*\.part-/.test(name)) continue
    const path = join(directory, name)
    const found = await stat(path).catch(() => undefined)
    if (found && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) {
      await rm(path, { recursive: true, force: true })
    }
  }
}
