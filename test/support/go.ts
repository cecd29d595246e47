// Vendors' clients in Go: modules beside the tests, built into the ignored .cache/, and clients driven
// by lines of JSON (test/clients/v3io-go/main.go).

import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { runProgram, type Program } from './program.ts'
import { CACHE, inherited, ROOT } from './provided.ts'

/** A first build fetches the modules and compiles all of them. */
export const GO_WITHIN_MS = 420_000

/** Why there is no Go to build clients with; nothing where there is one. */
export function goAbsence(): string | undefined {
  const { status, stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' })
  if (status !== 0) return 'there is no go on PATH'
  const minor = Number(/^go1\.(\d+)/.exec(stdout)?.[1] ?? 0)
  return minor < 24 ? `go is older than 1.24: ${stdout.trim()}` : undefined
}

/** How this machine reaches its module proxy is its owner's business: all of it is passed on. */
export function goEnvironment(): Record<string, string> {
  return {
    ...inherited(),
    GOPATH: join(CACHE, 'go'),
    GOCACHE: join(CACHE, 'go-build'),
    GOFLAGS: '-modcacherw -mod=readonly',
    GOTOOLCHAIN: 'local',
  }
}

/** Builds a client from its folder under test/clients; resolves with the program. */
export async function provideGo(name: string): Promise<string> {
  const program = join(CACHE, 'go-clients', name)
  const { status, stderr } = await runProgram(['go', 'build', '-o', program, '.'], {
    environment: goEnvironment(),
    directory: join(ROOT, 'test/clients', name),
    withinMs: GO_WITHIN_MS,
  })
  if (status !== 0) throw new Error(`${name} could not be built:\n${stderr}`)
  return program
}

/** What a client answered with an error. */
class GoError extends Error {
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.name = 'GoError'
    this.status = status
  }
}

export interface GoClient extends AsyncDisposable {
  /** Calls come one after the other. Rejects with GoError. */
  readonly call: <Result>(method: string, args: object) => Promise<Result>
}

interface Line {
  readonly result?: unknown
  readonly error?: { readonly message: string; readonly status: number }
}

/** Drives a program that answers each line of JSON with one. */
export function startGoClient(
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): GoClient {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = new Promise((resolve) => child.once('close', resolve))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  let last: Promise<unknown> = Promise.resolve()

  async function exchange(method: string, given: object): Promise<unknown> {
    child.stdin.write(`${JSON.stringify({ method, args: given })}\n`)
    const line = await lines.next()
    if (line.done) throw new Error(`${program} ended`)
    const { result, error } = JSON.parse(line.value) as Line
    if (error) throw new GoError(error.message, error.status)
    return result
  }

  return {
    call<Result>(method: string, given: object) {
      const answer = last.then(() => exchange(method, given))
      last = answer.catch(() => undefined)
      return answer as Promise<Result>
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await exited
    },
  }
}

/** The whole lines that a program has written. */
export function linesOf(program: Pick<Program, 'stdout'>): string[] {
  return program.stdout().split('\n').slice(0, -1)
}
