// Vendors' clients in Java: their jars fetched by Maven once for each content of a pom.xml, a program
// compiled against them (both in the ignored .cache/), and clients driven by lines of JSON
// (test/clients/java/Calls.java).

import { createHash } from 'node:crypto'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { runProgram } from './program.ts'

const ROOT = join(import.meta.dirname, '../..')
const SOURCES = join(ROOT, 'test/clients/java')
const HOME = join(ROOT, '.cache/java')
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** A first run fetches some forty megabytes for the SDKs, and a hundred for the KPL. */
export const JAVA_WITHIN_MS = 480_000

export interface JavaFamily {
  /** The folder of the pom.xml, from test/clients/java. */
  readonly pom: string
  /** The class that opens clients, in a file of its name. */
  readonly main: string
}

const CALLS = 'Calls'

/** The class path of a family; fetched and compiled where it is missing. */
async function provide({ pom, main }: JavaFamily): Promise<string> {
  const pomFile = join(SOURCES, pom, 'pom.xml')
  const jars = await once('jars', [pomFile], async (folder) => {
    await run(['mvn', '-B', '-q', '-f', pomFile, COPY, `-DoutputDirectory=${folder}`])
  })
  const sources = [CALLS, main].map((name) => join(SOURCES, `${name}.java`))
  const classes = await once('classes', [pomFile, ...sources], async (folder) => {
    await run(['javac', '-nowarn', '-cp', join(jars, '*'), '-d', folder, ...sources])
  })
  return `${classes}:${join(jars, '*')}`
}

/** A folder that is made once for the files' contents; of two that make it the slower one loses. */
async function once(
  kind: string,
  files: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file))
  const folder = join(HOME, `${kind}-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(folder)) return folder
  mkdirSync(HOME, { recursive: true })
  const part = mkdtempSync(`${folder}.part-`)
  try {
    await make(part)
    if (!existsSync(folder)) renameSync(part, folder)
  } finally {
    rmSync(part, { recursive: true, force: true })
  }
  return folder
}

/** How this machine reaches its Maven repository is its owner's business: all of it is passed on. */
async function run(command: readonly string[]): Promise<void> {
  const environment = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
  const { status, stdout, stderr } = await runProgram(command, {
    environment,
    withinMs: JAVA_WITHIN_MS,
  })
  if (status !== 0) throw new Error(`${command.join(' ')}:\n${stdout}\n${stderr}`)
}

/** What a client threw. `type` is the simple name of its class. */
export class JavaError extends Error {
  readonly type: string

  constructor({ type, message }: { type: string; message: string }) {
    super(message)
    this.name = 'JavaError'
    this.type = type
  }
}

export interface JavaClient {
  /** Calls a method; calls may overlap. Rejects with JavaError. Buffers become bytes. */
  readonly call: <Result>(method: string, args: object) => Promise<Result>
}

export interface JavaClients extends AsyncDisposable {
  /** A client of its own, in the one Java machine of the family. */
  readonly open: (options: object) => JavaClient
  /** What the clients have said. */
  readonly log: () => string
}

export interface JavaOptions {
  /** System properties of the machine. */
  readonly properties?: Readonly<Record<string, string>>
}

/** Starts a Java machine for a family's clients, which ends with ours. */
export async function startJavaClients(
  family: JavaFamily,
  { properties = {} }: JavaOptions = {},
): Promise<JavaClients> {
  const classPath = await provide(family)
  const flags = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`)
  const child = spawn(
    'java',
    ['-Xmx512m', '-XX:TieredStopAtLevel=1', ...flags, '-cp', classPath, CALLS, family.main],
    // Without our environment: a proxy or a profile named there is not meant for a test.
    { env: { PATH: process.env['PATH'] }, stdio: ['pipe', 'pipe', 'pipe'] },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const waiting = new Map<number, { resolve: (it: unknown) => void; reject: (e: Error) => void }>()
  createInterface(child.stdout).on('line', (line) => {
    const { id, result, error } = JSON.parse(line) as Answer
    const call = waiting.get(id)
    waiting.delete(id)
    if (error) call?.reject(new JavaError(error))
    else call?.resolve(result)
  })
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => {
      for (const { reject } of waiting.values()) reject(new Error(`Java ended:\n${said}`))
      resolve()
    })
  })
  let calls = 0
  let clients = 0

  function send(client: string, method: string, args: object): Promise<unknown> {
    const id = ++calls
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      child.stdin.write(`${JSON.stringify({ id, client, method, args: inBase64(args) })}\n`)
    })
  }

  return {
    open(options) {
      const client = `client ${++clients}`
      const opened = send(client, 'open', options)
      // Each call rejects with the reason, too.
      opened.catch(() => undefined)
      return {
        call: <Result>(method: string, args: object) =>
          opened.then(() => send(client, method, args)) as Promise<Result>,
      }
    },
    log: () => said,
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await exited
    },
  }
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly type: string; readonly message: string }
}

function inBase64(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (Array.isArray(value)) return value.map(inBase64)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inBase64(each)]))
}
