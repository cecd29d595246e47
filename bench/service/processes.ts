// The processes that are measured: starting them, waiting until they are ready, ending them. Each
// listens on a port of its own.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'

export interface Running {
  readonly pid: number
  readonly target: string
  /** Makes a stream, where it does not come from Kafka's topics. */
  readonly prepare?: (stream: string, shards: number) => Promise<void>
  /** Deletes such a stream, and what it holds. */
  readonly forget?: (stream: string) => Promise<void>
  readonly stop: () => Promise<void>
}

export const READY_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 10_000
const WORDS_MAX = 20

const alive = new Set<ChildProcess>()

function killAll(): void {
  for (const child of alive) child.kill('SIGKILL')
}

export function spawnQuietly(
  command: string,
  args: readonly string[],
  environment: object,
): ChildProcess {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', ...environment },
  })
  if (alive.size === 0) process.on('exit', killAll)
  alive.add(child)
  child.once('close', () => {
    alive.delete(child)
    if (alive.size === 0) process.off('exit', killAll)
  })
  return child
}

/** What a line of its output says; then the output is thrown away. Rejects where it ends before. */
export function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('no output to read')
  const words: string[] = []
  const keep = (text: string): void => {
    if (words.length < WORDS_MAX) words.push(text)
  }
  stderr.on('data', (chunk: Buffer) => keep(chunk.toString()))
  return new Promise((resolve, reject) => {
    const fail = (why: string) => (): void => {
      reject(new Error([why, words.join(' ').trim()].filter(Boolean).join(': ')))
    }
    const timer = setTimeout(fail(`not ready within ${READY_WITHIN_MS / 1000} s`), READY_WITHIN_MS)
    const ended = fail('it ended')
    child.once('exit', ended)
    child.once('error', (error) => fail(error.message)())
    createInterface({ input: stdout }).on('line', (line) => {
      const [, first, second] = pattern.exec(line) ?? []
      const found = first ?? second
      if (found === undefined) {
        keep(line)
        return
      }
      clearTimeout(timer)
      child.off('exit', ended)
      resolve(found)
    })
  })
}

/** Ends it where it does not become ready. */
export async function ready(child: ChildProcess, port: Promise<string>): Promise<Running> {
  const { stop } = running(child, '')
  try {
    return running(child, await port)
  } catch (error) {
    await stop()
    throw error
  }
}

function running(child: ChildProcess, port: string): Running {
  return {
    pid: child.pid ?? 0,
    target: `127.0.0.1:${port}`,
    async stop() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
      await exited
      clearTimeout(timer)
    },
  }
}

/** Builds a program of ours in Go into the cache, and tells where it is. */
export function buildGo(root: string, folder: string, name: string): string {
  const cache = join(root, '.cache')
  const program = join(cache, 'bench', name)
  execFileSync('go', ['build', '-o', program, '.'], {
    cwd: join(root, 'bench', folder),
    env: { ...process.env, GOPATH: join(cache, 'go'), GOCACHE: join(cache, 'go-build') },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return program
}
