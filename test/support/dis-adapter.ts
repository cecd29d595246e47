// Huawei's Kafka adapter for Java: its jars fetched by Maven once for each content of the pom.xml, a
// program compiled against them (both in the ignored .cache/), and producers and consumers each in a
// process of its own, so that one can die.

import { createHash } from 'node:crypto'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from './program.ts'

const ROOT = join(import.meta.dirname, '../..')
const SOURCES = join(ROOT, 'test/clients/dis-adapter')
const HOME = join(ROOT, '.cache/dis-adapter')
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** A first run fetches some ten megabytes. */
export const ADAPTER_WITHIN_MS = 300_000

/** Why the adapter cannot be run; nothing where it can. */
export function adapterAbsence(): string | undefined {
  const missing = ['java', 'javac', 'mvn'].find(
    (each) => spawnSync(each, ['-version'], { stdio: 'ignore' }).error,
  )
  return missing && `there is no ${missing} on PATH`
}

/** The class path; fetched and compiled where it is missing. */
export async function provideAdapter(): Promise<string> {
  const files = ['pom.xml', 'Adapter.java'].map((name) => join(SOURCES, name))
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file))
  const folder = join(HOME, hash.digest('hex').slice(0, 12))
  if (!existsSync(folder)) await make(folder)
  return `${folder}/*:${folder}`
}

/** Of two that make it at once the slower one throws its own away. */
async function make(folder: string): Promise<void> {
  mkdirSync(HOME, { recursive: true })
  const part = mkdtempSync(`${folder}.part-`)
  try {
    const pom = join(SOURCES, 'pom.xml')
    await run(['mvn', '-B', '-q', '-f', pom, COPY, `-DoutputDirectory=${part}`])
    const source = join(SOURCES, 'Adapter.java')
    await run(['javac', '-nowarn', '-cp', `${part}/*`, '-d', part, source])
    if (!existsSync(folder)) renameSync(part, folder)
  } finally {
    rmSync(part, { recursive: true, force: true })
  }
}

/** How this machine reaches its Maven repository is its owner's business: all of it is passed on. */
async function run(command: readonly string[]): Promise<void> {
  const environment = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
  const options = { environment, withinMs: ADAPTER_WITHIN_MS }
  const { status, stdout, stderr } = await runProgram(command, options)
  if (status !== 0) throw new Error(`${command.join(' ')}:\n${stdout}\n${stderr}`)
}

export type Properties = Readonly<Record<string, string>>

export interface AdapterProcess extends AsyncDisposable {
  /** What it has said so far: lines of words. */
  readonly lines: () => readonly (readonly string[])[]
  readonly write: (line: string) => void
  /** Waits until what it has said has something; rejects with all of it at the deadline or the end. */
  readonly until: <T>(
    find: (lines: readonly (readonly string[])[]) => T | undefined,
    withinMs: number,
  ) => Promise<T>
  /** Kills it: it says goodbye to nobody. */
  readonly kill: () => Promise<void>
}

/** Disposing ends its input, and waits for its end. */
export async function startAdapter(
  what: readonly string[],
  properties: Properties,
): Promise<AdapterProcess> {
  const classPath = await provideAdapter()
  const pairs = Object.entries(properties).map(([name, value]) => `${name}=${value}`)
  const flags = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8', '-cp', classPath]
  // Without our environment: a proxy named there is not meant for a test.
  const child = spawn('java', [...flags, 'Adapter', ...what, ...pairs], {
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let [said, log] = ['', '']
  const watching = new Set<() => void>()
  const look = () => [...watching].forEach((each) => each())
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-20_000)
  })
  child.stdin.on('error', () => undefined)
  let isOver = false
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      isOver = true
      look()
      resolve()
    })
  })
  const lines = () =>
    said
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t'))

  return {
    lines,
    write: (line) => child.stdin.write(`${line}\n`),
    until: (find, withinMs) =>
      new Promise((resolve, reject) => {
        const fail = (why: string) => {
          end()
          reject(new Error(`${why}\n--- said\n${said}\n--- log\n${log}`))
        }
        const timer = setTimeout(fail, withinMs, `not within ${withinMs} ms`)
        const end = () => {
          clearTimeout(timer)
          watching.delete(check)
        }
        const check = () => {
          const found = find(lines())
          if (found !== undefined) {
            end()
            resolve(found)
          } else if (isOver) fail('it ended')
        }
        watching.add(check)
        check()
      }),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
      await ended
      clearTimeout(timer)
    },
  }
}
