// Vendors' clients in Python: an environment made from a lock file into the ignored .cache/, and
// clients driven by lines of JSON (test/clients/python/calls.py).

import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { CACHE, ROOT, runFetching } from './provided.ts'

const SCRIPTS = join(ROOT, 'test/clients/python')

/** An environment of its own for what wants other versions than all others: its lock file. */
const LOCKS = {
  python: 'requirements.txt',
  'python-dis-protobuf': 'dis-protobuf.txt',
  'python-storey': 'storey.txt',
} as const
type Environment = keyof typeof LOCKS

/** A first run fetches some thirty megabytes. */
export const PYTHON_WITHIN_MS = 300_000

const PROBES = [
  ['-c', 'pass', 'there is no python3 on PATH'],
  ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))', 'python3 is older than 3.9'],
  ['-c', 'import ensurepip, venv', 'python3 has no venv module (Debian: python3-venv)'],
] as const

/** Why there is no Python to run clients with; nothing where there is one. */
export function pythonAbsence(): string | undefined {
  const failed = PROBES.find(([flag, code]) => spawnSync('python3', [flag, code]).status !== 0)
  return failed?.[2]
}

/** Why there is no Python for storey; nothing where there is one. */
export function storeyAbsence(): string | undefined {
  const absence = pythonAbsence()
  if (absence !== undefined) return absence
  const code = 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))'
  const { status } = spawnSync('python3', ['-c', code])
  return status === 0 ? undefined : 'python3 is neither 3.11 nor 3.12, for which its libraries are'
}

/** The script of that name beside the lock files. */
export function pythonScript(name: string): string {
  return join(SCRIPTS, name)
}

const provided = new Map<Environment, Promise<string>>()

/** Makes an environment if need be; resolves with the folder of its programs. */
export function providePython(environment: Environment = 'python'): Promise<string> {
  const known = provided.get(environment) ?? provide(environment)
  provided.set(environment, known)
  return known
}

async function provide(environment: Environment): Promise<string> {
  const home = join(CACHE, environment)
  await runFetching(
    ['python3', join(SCRIPTS, 'provision.py'), join(SCRIPTS, LOCKS[environment]), home],
    { withinMs: PYTHON_WITHIN_MS },
  )
  return join(home, 'bin')
}

/** What a client raised. `type` is the name of its class. */
export class PythonError extends Error {
  readonly type: string
  readonly code: string | undefined
  readonly status: number | undefined

  constructor({ type, message, code, status }: PythonErrorFields) {
    super(message)
    this.name = 'PythonError'
    this.type = type
    this.code = code
    this.status = status
  }
}

interface PythonErrorFields {
  readonly type: string
  readonly message: string
  readonly code?: string
  readonly status?: number
}

export interface PythonClient extends AsyncDisposable {
  /** Calls a method of the client; rejects with PythonError. Buffers become bytes. */
  readonly call: <Result>(method: string, args: unknown) => Promise<Result>
}

export type PythonClientName = 'boto3' | 'v3io' | 'v3io.aio' | 'dis' | 'dis.protobuf'

/** Starts a client in a process of its own, which ends with ours. */
export async function startPythonClient(
  name: PythonClientName,
  options: object,
): Promise<PythonClient> {
  const environment = name === 'dis.protobuf' ? 'python-dis-protobuf' : 'python'
  const python = join(await providePython(environment), 'python')
  // Without our environment: a proxy or a profile named there is not meant for a test.
  const child = spawn(python, [join(SCRIPTS, 'calls.py'), name, JSON.stringify(options)], {
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const exited = new Promise((resolve) => child.once('close', resolve))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  let last: Promise<unknown> = Promise.resolve()

  async function exchange(method: string, args: unknown): Promise<unknown> {
    child.stdin.write(`${JSON.stringify({ method, args: marked(args) })}\n`)
    const line = await lines.next()
    if (line.done) throw new Error(`the ${name} client ended:\n${said}`)
    const { result, error } = JSON.parse(line.value) as {
      result?: unknown
      error?: PythonErrorFields
    }
    if (error) throw new PythonError(error)
    return result
  }

  return {
    call<Result>(method: string, args: unknown) {
      const answer = last.then(() => exchange(method, args))
      last = answer.catch(() => undefined)
      return answer as Promise<Result>
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await exited
    },
  }
}

/** Buffers as {"bytes": base64}, the form that calls.py takes. */
function marked(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return { bytes: value.toString('base64') }
  if (Array.isArray(value)) return value.map(marked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, marked(member)]))
}
