// Vendors' clients in Java: their jars fetched by Maven once for each content of a pom.xml, and the
// programs that drive them compiled against those.

import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { join } from 'node:path'
import { notRun } from './not-run.ts'
import { provideOnce, runFetching } from './provided.ts'

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** A first run fetches some forty megabytes for Amazon's SDKs, and a hundred for the KPL. */
export const JAVA_WITHIN_MS = 480_000

/** Why there is nothing to run clients in Java with; nothing where there is. */
export function javaAbsence(): string | undefined {
  const missing = ['java', 'javac', 'mvn'].find(
    (each) => spawnSync(each, ['-version'], { stdio: 'ignore' }).error,
  )
  return missing && `there is no ${missing} on PATH`
}

/** Defines tests that need Java, or says that they are not run. `what`: the client. */
export function withJava(what: string, suite: () => void): void {
  const absence = javaAbsence()
  if (absence === undefined) suite()
  else notRun(what, absence)
}

/** The class path of sources and what their pom.xml names; fetched and compiled where it is missing. */
export async function provideJava(pom: string, sources: readonly string[]): Promise<string> {
  const within = { withinMs: JAVA_WITHIN_MS }
  const jars = await provideOnce('java/jars', [pom], (folder) =>
    runFetching(['mvn', '-B', '-q', '-f', pom, COPY, `-DoutputDirectory=${folder}`], within),
  )
  const classes = await provideOnce('java/classes', [pom, ...sources], (folder) =>
    runFetching(['javac', '-nowarn', '-cp', join(jars, '*'), '-d', folder, ...sources], within),
  )
  return `${classes}:${join(jars, '*')}`
}

/** Without our environment: a proxy or a profile named there is not meant for a test. */
export function spawnJava(
  classPath: string,
  flags: readonly string[],
  main: readonly string[],
): ChildProcessWithoutNullStreams {
  return spawn('java', ['-XX:TieredStopAtLevel=1', ...flags, '-cp', classPath, ...main], {
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}
