// What every Kafka of the tests runs on: one folder of jars for all of them, so that Maven runs once.
import { mkdirSync, mkdtempSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { jarsFor } from '../../src/embedded/jars.ts'
import { findJava } from '../../src/embedded/java.ts'

/** The repository's root. */
export const PACKAGE_ROOT = resolve(__dirname, '..', '..')

/** An ignored folder, or the one that a machine keeps between runs. */
export const CACHE = process.env['TRIBUTARY_TEST_CACHE'] ?? join(PACKAGE_ROOT, '.cache')

export const JARS_DIRECTORY = join(CACHE, 'kafka')

/** The java executable and the folder of jars; fetches them where they are missing. */
export async function kafkaJars(): Promise<{ readonly java: string; readonly jars: string }> {
  const java = await findJava(process.env)
  const jars = await jarsFor(java, {
    directory: JARS_DIRECTORY,
    packageRoot: PACKAGE_ROOT,
    environment: process.env,
    progress: (line) => process.stderr.write(`${line}\n`),
  })
  return { java: java.command, jars }
}

/** A fresh folder under `.cache/`, for whoever removes it again. */
export function freshFolder(prefix: string): string {
  mkdirSync(CACHE, { recursive: true })
  return mkdtempSync(join(CACHE, prefix))
}
