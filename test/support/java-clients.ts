// Vendors' clients in Java, driven by lines of JSON (test/clients/java/Calls.java).

import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { provideJava, spawnJava } from './java.ts'
import { ROOT } from './provided.ts'

const SOURCES = join(ROOT, 'test/clients/java')

export interface JavaFamily {
  /** The folder of the pom.xml, from test/clients/java. */
  readonly pom: string
  /** The class that opens clients, in a file of its name. */
  readonly main: string
}

const CALLS = 'Calls'

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
  const { pom, main } = family
  const sources = [CALLS, main].map((name) => join(SOURCES, `${name}.java`))
  const classPath = await provideJava(join(SOURCES, pom, 'pom.xml'), sources)
  const flags = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`)
  const child = spawnJava(classPath, ['-Xmx512m', ...flags], [CALLS, main])
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
