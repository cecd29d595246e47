// What the tests of processes share: is it alive, wait until, and a Node that starts a Kafka.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import ts from 'typescript'
import { PACKAGE_ROOT } from '../support/kafka-jars.ts'

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Polls until it holds; fails after `timeoutMs`. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${holds.toString()}`)
    await sleep(20)
  }
}

export interface Parent {
  readonly child: ChildProcess
  /** Process id of the Kafka, once it serves. */
  readonly kafkaPid: Promise<number>
}

/** A Node of its own, leading a process group of its own, that starts a Kafka and then waits. */
export function startParent(folder: string, options: object): Parent {
  const script = join(compile(folder), 'parent.js')
  writeFileSync(
    script,
    `import { startEmbeddedKafka } from './embedded-kafka.js'
     const options = JSON.parse(process.argv[2])
     const progress = (line) => console.error(line)
     const kafka = await startEmbeddedKafka({ ...options, environment: process.env, starter: process.pid, progress })
     console.log(kafka.pid)
     setInterval(() => {}, 1000)`,
  )
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const kafkaPid = new Promise<number>((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(Number(text)))
    child.once('exit', () => reject(new Error('the parent ended')))
  })
  kafkaPid.catch(() => undefined)
  return { child, kafkaPid }
}

/** The folder src/embedded as JavaScript that Node runs, below `folder`. */
function compile(folder: string): string {
  const source = join(PACKAGE_ROOT, 'src', 'embedded')
  const target = join(folder, 'compiled')
  mkdirSync(target, { recursive: true })
  const compilerOptions = {
    module: ts.ModuleKind.ES2022,
    target: ts.ScriptTarget.ES2022,
    rewriteRelativeImportExtensions: true,
  }
  for (const name of readdirSync(source).filter((file) => file.endsWith('.ts'))) {
    const text = readFileSync(join(source, name), 'utf8')
    const { outputText } = ts.transpileModule(text, { compilerOptions })
    writeFileSync(join(target, name.replace(/\.ts$/, '.js')), outputText)
  }
  return target
}
