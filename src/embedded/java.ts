// Finds what the embedded Kafka runs on: a Java of version 17 or later, and Maven when the jars
// are not there yet. A newcomer reads the failures, so each says in one sentence what was looked
// for, what was found and what to do.
import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { EmbeddedKafkaError, type Environment } from './embedded-error.ts'

const JAVA_VERSION_MIN = 17
const WAY_OUT =
  'or set KAFKA_BROKERS=host:port to use a Kafka of your own, which needs neither Java nor Maven'

export interface Java {
  /** Path of the executable. */
  readonly command: string
  /** Whether it was found through JAVA_HOME. */
  readonly fromHome: boolean
}

/** The first Java that is new enough: that of JAVA_HOME, else the first one on the PATH. */
export async function findJava(environment: Environment): Promise<Java> {
  const home = environment['JAVA_HOME'] ?? ''
  const candidates: Java[] = []
  if (home) candidates.push({ command: join(home, 'bin', 'java'), fromHome: true })
  const onPath = await findOnPath('java', environment)
  if (onPath !== undefined) candidates.push({ command: onPath, fromHome: false })
  const found: string[] = []
  for (const java of candidates) {
    const version = await javaVersion(java.command, environment)
    if (version !== undefined && version >= JAVA_VERSION_MIN) return java
    const what = version === undefined ? 'which does not run' : `which is version ${version}`
    found.push(`${java.command}, ${what}`)
  }
  throw new EmbeddedKafkaError(
    `The embedded Kafka needs Java ${JAVA_VERSION_MIN} or later: looked in JAVA_HOME ` +
      `(${home || 'not set'}) and on the PATH, found ${found.join(' and ') || 'none'}; ` +
      `install a JDK (openjdk-17-jdk-headless, or \`brew install openjdk@17\`) and set ` +
      `JAVA_HOME or the PATH, ${WAY_OUT}.`,
  )
}

/** Path of `mvn` on the PATH. */
export async function findMaven(environment: Environment): Promise<string> {
  const maven = await findOnPath('mvn', environment)
  if (maven !== undefined) return maven
  throw new EmbeddedKafkaError(
    'The embedded Kafka needs Maven once, to fetch the jars of Apache Kafka: looked for mvn on ' +
      'the PATH, found none; install it (`apt install maven`, `brew install maven`, or ' +
      `https://maven.apache.org), ${WAY_OUT}.`,
  )
}

async function findOnPath(name: string, environment: Environment): Promise<string | undefined> {
  for (const folder of (environment['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, name)
    if (folder && (await isExecutable(file))) return file
  }
  return undefined
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The feature version (8, 11, 17 …), or undefined when the file is no Java that runs. */
async function javaVersion(command: string, environment: Environment): Promise<number | undefined> {
  const text = await new Promise<string>((resolve) => {
    const options = { env: { ...environment }, timeout: 30_000 }
    execFile(command, ['-version'], options, (error, stdout, stderr) =>
      resolve(error ? '' : stdout + stderr),
    )
  })
  return parseJavaVersion(text)
}

/** Reads `java -version`: `"1.8.0_402"` is 8, `"17.0.15"` is 17, `"24-ea"` is 24. */
export function parseJavaVersion(text: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(text)
  return match?.[1] === undefined ? undefined : Number(match[1])
}

/** Maven with the Java that was found: JAVA_HOME is dropped where it leads to another one. */
export function mavenEnvironment(java: Java, environment: Environment): Environment {
  return java.fromHome
    ? environment
    : { ...environment, JAVA_HOME: undefined, PATH: withJavaFirst(java, environment) }
}

function withJavaFirst(java: Java, environment: Environment): string {
  return [dirname(java.command), environment['PATH'] ?? ''].join(delimiter)
}
