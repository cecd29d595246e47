// Huawei's Kafka adapter for Java: producers and consumers each in a process of its own, so that one can
// die.

import { join } from 'node:path'
import { provideJava, spawnJava } from './java.ts'
import { ROOT } from './provided.ts'

const SOURCES = join(ROOT, 'test/clients/dis-adapter')

/** The class path; fetched and compiled where it is missing. */
export function provideAdapter(): Promise<string> {
  return provideJava(join(SOURCES, 'pom.xml'), [join(SOURCES, 'Adapter.java')])
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
  const flags = ['-Xmx256m', '-Dfile.encoding=UTF-8']
  const child = spawnJava(classPath, flags, ['Adapter', ...what, ...pairs])
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
