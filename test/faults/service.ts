// The service as a process of its own, and its instances one after the other: each behind a proxy,
// so that a connection to its clients can be cut, and each watched for its memory and its log.

import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { CACHE, PACKAGE_ROOT } from '../support/kafka-jars.ts'
import { createProxy, type Proxy } from './proxy.ts'

export interface Instance {
  /** From 1, in the order of their starts. */
  readonly number: number
  readonly pid: number
  /** Where clients connect. */
  readonly front: Proxy
  /** The service's own port. */
  readonly port: number
  readonly adminPort: number
  /** Ended by SIGKILL. */
  readonly killed: () => boolean
  /** Told to stop by SIGTERM. */
  readonly stopping: () => boolean
  /** Codes of the failures of a request, by the id in its reply; empty where the log has no line. */
  readonly codesOf: (requestId: string) => readonly string[]
  /** Peak of the resident memory so far, in bytes; nothing where the system does not tell. */
  readonly rssPeak: () => number | undefined
  readonly rss: () => number | undefined
  /** Processor time so far, in seconds; nothing where the system does not tell. */
  readonly cpuSeconds: () => number | undefined
  readonly kill: () => Promise<void>
  /** SIGTERM; resolves with the exit status. */
  readonly terminate: () => Promise<number | null>
}

export interface Services {
  /** Where new connections go; while there is none, to the last one. */
  readonly current: () => Instance
  /** Starts another one and makes it the current one. */
  readonly start: () => Promise<Instance>
  readonly all: () => readonly Instance[]
  /** Lines of level error, and ends that nobody asked for. */
  readonly complaints: () => readonly string[]
  readonly stop: () => Promise<void>
}

export interface ServiceOptions {
  readonly brokers: readonly string[]
  /** Beside what the harness sets. */
  readonly environment?: Readonly<Record<string, string>>
  readonly nodeFlags?: readonly string[]
}

const FOLDER = join(CACHE, 'faults')
const READY_TIMEOUT_MS = 90_000
const RSS_EVERY_MS = 500

export function createServices(options: ServiceOptions): Services {
  const instances: Instance[] = []
  const complaints: string[] = []
  let current: Instance | undefined
  return {
    all: () => instances,
    complaints: () => complaints,
    current() {
      if (!current) throw new Error('no instance was started')
      return current
    },
    async start() {
      const number = instances.length + 1
      const instance = await startInstance(number, options, (line) => {
        complaints.push(`instance ${number}: ${line}`)
      })
      instances.push(instance)
      return (current = instance)
    },
    async stop() {
      const left = instances.filter((each) => !each.killed() && !each.stopping())
      await Promise.all(left.map((each) => each.terminate()))
    },
  }
}

async function startInstance(
  number: number,
  options: ServiceOptions,
  complain: (line: string) => void,
): Promise<Instance> {
  const child = launch(options)
  const pid = child.pid ?? 0
  const codes = new Map<string, string[]>()
  let killed = false
  let stopping = false
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const endWithUs = () => child.kill('SIGKILL')
  process.once('exit', endWithUs)
  const front = await createProxy()
  const { port, adminPort } = await watchLog(child, number, { codes, complain })
  front.aim(port)
  const memory = watchMemory(pid)
  void exited.then((status) => {
    process.off('exit', endWithUs)
    memory.end()
    if (!killed && (!stopping || status !== 0)) complain(`ended with status ${status}`)
    front.shut()
  })
  return {
    ...{ number, pid, front, port, adminPort },
    killed: () => killed,
    stopping: () => stopping,
    codesOf: (id) => codes.get(id) ?? [],
    ...{ rssPeak: memory.peak, rss: memory.now },
    cpuSeconds: () => cpuSecondsOf(pid),
    async kill() {
      killed = true
      child.kill('SIGKILL')
      await exited
    },
    async terminate() {
      stopping = true
      child.kill('SIGTERM')
      return exited
    },
  }
}

/** With an environment that is written down here, and nothing else. */
function launch({ brokers, environment, nodeFlags = [] }: ServiceOptions): ChildProcess {
  const cli = join(PACKAGE_ROOT, 'dist', 'cli.js')
  return spawn(process.execPath, [...nodeFlags, cli, 'serve'], {
    cwd: PACKAGE_ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      KAFKA_BROKERS: brokers.join(),
      TRIBUTARY_PORT: '0',
      TRIBUTARY_ADMIN_PORT: '0',
      TRIBUTARY_HOST: '127.0.0.1',
      TRIBUTARY_LOG_FORMAT: 'json',
      TRIBUTARY_LOG_REQUESTS: 'failures',
      ...environment,
    },
  })
}

interface Line {
  readonly level?: string
  readonly msg?: string
  readonly port?: number
  readonly adminPort?: number
  readonly id?: string
  readonly outcome?: string | Readonly<Record<string, number>>
}

interface Watching {
  readonly codes: Map<string, string[]>
  readonly complain: (line: string) => void
}

/** Resolves with the ports when the service is ready. Keeps the log in .cache/faults/. */
function watchLog(
  child: ChildProcess,
  number: number,
  { codes, complain }: Watching,
): Promise<{ readonly port: number; readonly adminPort: number }> {
  mkdirSync(FOLDER, { recursive: true })
  const file = createWriteStream(join(FOLDER, `service-${number}.log`))
  child.stderr!.pipe(file, { end: false })
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the service ${why} before it was ready`))
    setTimeout(() => fail('needed too long'), READY_TIMEOUT_MS).unref()
    child.once('exit', (status) => fail(`ended with status ${status}`))
    createInterface({ input: child.stdout! }).on('line', (text) => {
      file.write(`${text}\n`)
      const { level, msg, port = 0, adminPort = 0, id, outcome } = parse(text)
      if (msg === 'ready') resolve({ port, adminPort })
      if (level === 'error') complain(text)
      if (id === undefined || outcome === undefined) return
      codes.set(id, typeof outcome === 'string' ? [outcome] : Object.keys(outcome))
    })
  })
}

function parse(text: string): Line {
  try {
    return JSON.parse(text) as Line
  } catch {
    return { level: 'error' }
  }
}

function watchMemory(pid: number) {
  let peak: number | undefined
  const read = () => {
    const field = statusOf(pid)
    peak = field('VmHWM') ?? peak
    return field('VmRSS')
  }
  const timer = setInterval(read, RSS_EVERY_MS).unref()
  return { now: read, peak: () => peak, end: () => clearInterval(timer) }
}

/** Fields of /proc, in bytes. */
function statusOf(pid: number): (name: string) => number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8')
    return (name) => {
      const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]
      return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
    }
  } catch {
    return () => undefined
  }
}

const TICKS_PER_SECOND = 100

/** User and system time stand 12 and 13 fields behind the name, which ends with a bracket. */
function cpuSecondsOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return undefined
  }
}
