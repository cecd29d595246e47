import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EmbeddedKafkaError } from '../../src/embedded/embedded-error.ts'
import { startEmbeddedKafka } from '../../src/embedded/embedded-kafka.ts'
import { findJava, findMaven, mavenEnvironment, parseJavaVersion } from '../../src/embedded/java.ts'
import { freshFolder, PACKAGE_ROOT } from '../support/kafka-jars.ts'

const folder = freshFolder('java-')
afterAll(() => rmSync(folder, { recursive: true }))

/** A folder with an executable that prints what `java -version` would. */
function fake(place: string, name: string, script: string): string {
  const bin = join(folder, place, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, name), 0o755)
  return bin
}

const fakeJava = (place: string, version: string) =>
  fake(place, 'java', `echo 'openjdk version "${version}" 2024-01-16' >&2`)

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('it should have failed')
    },
    (error: unknown) => error as Error,
  )

it.each([
  ['java version "1.8.0_402"', 8],
  ['openjdk version "11.0.22" 2024-01-16', 11],
  ['openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment', 17],
  ['Picked up JAVA_TOOL_OPTIONS: -Dx\nopenjdk version "25-ea" 2025-09-16', 25],
  ['openjdk version "21" 2023-09-19', 21],
  ['No Java runtime present, requesting install.', undefined],
])('reads %j', (text, version) => {
  expect(parseJavaVersion(text)).toBe(version)
})

describe('Java', () => {
  it('is that of JAVA_HOME first', async () => {
    fakeJava('jdk with space', '21.0.1')
    const PATH = fakeJava('path17', '17.0.1')
    const home = join(folder, 'jdk with space')
    expect(await findJava({ JAVA_HOME: home, PATH })).toEqual({
      command: join(home, 'bin', 'java'),
      fromHome: true,
    })
  })

  it('is that of the PATH when JAVA_HOME is too old', async () => {
    fakeJava('jdk8', '1.8.0_402')
    const PATH = fakeJava('path17', '17.0.1')
    const java = await findJava({ JAVA_HOME: join(folder, 'jdk8'), PATH: `/nowhere:${PATH}` })
    expect(java).toEqual({ command: join(PATH, 'java'), fromHome: false })
    const given = mavenEnvironment(java, { JAVA_HOME: join(folder, 'jdk8'), PATH: '/bin' })
    expect(given).toEqual({ JAVA_HOME: undefined, PATH: `${PATH}:/bin` })
  })

  it('is missed in one sentence', async () => {
    const error = await failure(findJava({ PATH: folder }))
    expect(error).toBeInstanceOf(EmbeddedKafkaError)
    expect(error.message).toMatch(
      /^The embedded Kafka needs Java 17 or later: .*JAVA_HOME \(not set\).*PATH, found none; install.*KAFKA_BROKERS=host:port.*neither Java nor Maven\.$/,
    )
  })

  it('is refused by version in one sentence, every one by its place', async () => {
    fakeJava('jdk8', '1.8.0_402')
    const PATH = fakeJava('path11', '11.0.22')
    const error = await failure(findJava({ JAVA_HOME: join(folder, 'jdk8'), PATH }))
    expect(error.message).toContain(
      `found ${folder}/jdk8/bin/java, which is version 8 and ${PATH}/java, which is version 11;`,
    )
  })

  it('is told from a stub that does not run', async () => {
    const PATH = fake('stub', 'java', 'echo "Unable to locate a Java Runtime" >&2; exit 1')
    const error = await failure(findJava({ PATH }))
    expect(error.message).toContain(`found ${PATH}/java, which does not run;`)
  })
})

describe('Maven', () => {
  it('is missed in one sentence, by a start without jars', async () => {
    const PATH = fakeJava('path17', '17.0.1')
    const start = startEmbeddedKafka({
      starter: process.pid,
      directory: join(folder, 'kafka'),
      packageRoot: PACKAGE_ROOT,
      environment: { PATH },
      progress: () => undefined,
    })
    const error = await failure(start)
    expect(error).toBeInstanceOf(EmbeddedKafkaError)
    expect(error.message).toMatch(
      /^The embedded Kafka needs Maven once.*found none; install it.*KAFKA_BROKERS.*\.$/,
    )
  })

  it('is found on the PATH', async () => {
    const bin = fake('maven', 'mvn', 'exit 0')
    expect(await findMaven({ PATH: `:/nowhere:${bin}` })).toBe(join(bin, 'mvn'))
  })
})
