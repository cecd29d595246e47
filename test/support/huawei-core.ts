// The core of Huawei's SDKs of version 3 in a process of its own, installed from its lock file into the
// ignored .cache/: it leaves a file in its user's home, and is no part of this package.

import { spawn } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { provideOnce, ROOT, runFetching } from './provided.ts'

const SOURCES = join(ROOT, 'test/clients/node')
const FILES = ['package.json', 'package-lock.json']

/** A first run installs it. */
export const HUAWEI_CORE_WITHIN_MS = 300_000

/** The folder where it is installed; does that first where it is missing. */
export function provideHuaweiCore(): Promise<string> {
  const sources = FILES.map((name) => join(SOURCES, name))
  return provideOnce('node-clients', sources, async (folder) => {
    for (const name of FILES) copyFileSync(join(SOURCES, name), join(folder, name))
    await runFetching(['npm', 'ci', '--ignore-scripts', '--no-audit'], {
      directory: folder,
      withinMs: HUAWEI_CORE_WITHIN_MS,
    })
  })
}

class HuaweiCoreError extends Error {
  readonly status: number
  readonly code: string

  constructor({ status, code, message }: Pick<HuaweiCoreError, 'status' | 'code' | 'message'>) {
    super(message)
    this.name = 'HuaweiCoreError'
    this.status = status
    this.code = code
  }
}

export interface HuaweiCore extends AsyncDisposable {
  /** Rejects with HuaweiCoreError. */
  readonly call: <Result>(method: string, path: string, members?: object) => Promise<Result>
}

export function startHuaweiCore(folder: string, options: object): HuaweiCore {
  const child = spawn(
    process.execPath,
    [join(SOURCES, 'huawei-core.mjs'), JSON.stringify(options)],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const exited = new Promise((resolve) => child.once('close', resolve))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  let last: Promise<unknown> = Promise.resolve()

  async function exchange(method: string, path: string, members?: object): Promise<unknown> {
    child.stdin.write(`${JSON.stringify({ method, path, members })}\n`)
    const line = await lines.next()
    if (line.done) throw new Error(`the client ended:\n${said}`)
    const { result, error } = JSON.parse(line.value) as {
      result?: unknown
      error?: HuaweiCoreError
    }
    if (error) throw new HuaweiCoreError(error)
    return result
  }

  return {
    call<Result>(method: string, path: string, members?: object) {
      const answer = last.then(() => exchange(method, path, members))
      last = answer.catch(() => undefined)
      return answer as Promise<Result>
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await exited
    },
  }
}
