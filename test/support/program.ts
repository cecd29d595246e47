// Programs that tests run: with a deadline, their output kept, and never outliving the test.

import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface ProgramOptions {
  /** The whole environment but PATH and HOME, which are ours where they are not given. */
  readonly environment?: Readonly<Record<string, string>>
  readonly directory?: string
}

export interface Program extends AsyncDisposable {
  readonly stdout: () => string
  readonly stderr: () => string
  /** The exit status once there is one: 128 and the number where a signal ended it. */
  readonly status: () => number | undefined
  readonly signal: (name: NodeJS.Signals) => void
  /** Waits until `found` finds something; rejects with all output at the deadline or the end. */
  readonly until: <T>(found: () => T | undefined, withinMs: number) => Promise<T>
}

const ROOT = join(import.meta.dirname, '../..')
const LEASH = join(import.meta.dirname, 'leash.mjs')

const DEFAULTS = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' }

export function startProgram(
  command: readonly string[],
  { environment = {}, directory = ROOT }: ProgramOptions = {},
): Program {
  const child = spawn(process.execPath, [LEASH, ...command], {
    cwd: directory,
    env: { ...DEFAULTS, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  const watching = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
      for (const look of watching) look()
    })
  }
  let status: number | undefined
  const closed = new Promise<void>((resolve) => {
    child.once('close', (code: number | null) => {
      status = code ?? 1
      resolve()
      for (const look of watching) look()
    })
  })

  function explain(what: string): Error {
    const { stdout, stderr } = output
    return new Error(
      `${command.join(' ')}: ${what}\n--- stdout\n${stdout}\n--- stderr\n${stderr}\n---`,
    )
  }

  function until<T>(found: () => T | undefined, withinMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer)
        watching.delete(look)
        settle()
      }
      const timer = setTimeout(
        () => end(() => reject(explain(`not there within ${withinMs} ms`))),
        withinMs,
      )
      const look = () => {
        const it = found()
        if (it !== undefined) end(() => resolve(it))
        else if (status !== undefined) end(() => reject(explain(`ended with status ${status}`)))
      }
      watching.add(look)
      look()
    })
  }

  return {
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    status: () => status,
    signal: (name) => child.kill(name),
    until,
    async [Symbol.asyncDispose]() {
      child.stdin.destroy()
      await closed
    },
  }
}

export interface Finished {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. Rejects at the deadline, with what it had said. */
export async function runProgram(
  command: readonly string[],
  { withinMs = 30_000, ...options }: ProgramOptions & { readonly withinMs?: number } = {},
): Promise<Finished> {
  await using program = startProgram(command, options)
  const status = await program.until(program.status, withinMs)
  return { status, stdout: program.stdout(), stderr: program.stderr() }
}
