// What is measured: the service, the yardsticks, and emulators from their registries. Each is a
// process that listens on a port of its own for as long as the whole comparison lasts.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker } from '../shared/broker.ts'
import { KEY_ID, SECRET } from './requests.ts'
import { OVERLOAD_ID, OVERLOAD_MIB, type Workload } from './workloads.ts'

export interface Subject {
  readonly name: string
  readonly takesPart: (workload: Workload) => boolean
  /** Whether its records go to Kafka, and can be counted there. */
  readonly stores: boolean
  readonly start: (place: Place) => Promise<Running>
}

export interface Place {
  /** The repository's folder. */
  readonly root: string
  readonly broker: Broker
  readonly partitions: number
  /** Arguments of Node for the service. */
  readonly execArgv: readonly string[]
}

export interface Running {
  readonly pid: number
  readonly target: string
  /** Makes a stream, where it does not come from Kafka's topics. */
  readonly prepare?: (stream: string, shards: number) => Promise<void>
  readonly stop: () => Promise<void>
}

export const SERVICE = 'Tributary'
export const FLOOR = 'floor'
export const GO = 'Go gateway'
export const OBVIOUS = 'obvious gateway'

const READY_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 10_000

const amongAll = ({ among }: Workload): boolean => among === 'all'
const amongYardsticks = ({ among }: Workload): boolean => among !== 'nobody'

export function serviceOf(name: string, dist: (root: string) => string): Subject {
  return {
    name,
    takesPart: () => true,
    stores: true,
    start: (place) => startService(dist(place.root), place, {}),
  }
}

/** The service under other settings, for the workloads that need them. */
export const SETTINGS: Readonly<Record<string, (cache: string) => Record<string, string>>> = {
  [OVERLOAD_ID]: () => ({ TRIBUTARY_MEMORY_BYTES_MAX: String(OVERLOAD_MIB * 2 ** 20) }),
  'A-sigv4': (cache) => {
    const file = join(cache, 'credentials.json')
    const aws = [{ accessKeyId: KEY_ID, secretAccessKey: SECRET }]
    const allow = [{ actions: ['put'], streams: ['*'] }]
    writeFileSync(file, JSON.stringify({ principals: [{ name: 'bench', aws, allow }] }))
    return { TRIBUTARY_IDENTITY: 'verify', TRIBUTARY_CREDENTIALS: file }
  },
}

export const YARDSTICKS: readonly Subject[] = [
  {
    ...{ name: FLOOR, takesPart: amongYardsticks, stores: true },
    start: (place) => startPeer(process.execPath, [peer(place, 'floor.js')], place),
  },
  {
    ...{ name: GO, takesPart: amongYardsticks, stores: true },
    start: (place) => startPeer(buildGo(place.root, 'peers/gateway', 'gateway'), [], place),
  },
  {
    ...{ name: OBVIOUS, takesPart: amongYardsticks, stores: true },
    start: (place) => startPeer(process.execPath, [peer(place, 'obvious.js')], place),
  },
  {
    ...{ name: 'without Kafka', takesPart: amongAll, stores: false },
    start: (place) => startPeer(process.execPath, [peer(place, 'no-kafka.js')], place),
  },
]

export const EMULATORS: readonly Subject[] = [
  {
    ...{ name: 'kinesalite', takesPart: amongAll, stores: false },
    async start({ root }) {
      const folder = installEmulators(root)
      const program = join(folder, 'node_modules', 'kinesalite', 'cli.js')
      const args = [program, '--port', '0', '--createStreamMs', '10', '--shardLimit', '100000']
      const child = spawnQuietly(process.execPath, args, {})
      const port = await lineOf(child, /Listening at http:\/\/[^:]*:+(\d+)/)
      return emulator(child, port)
    },
  },
  {
    ...{ name: 'kinesis-local', takesPart: amongAll, stores: false },
    start({ root }) {
      const folder = installEmulators(root)
      const port = 20_000 + (process.pid % 10_000)
      const child = spawnQuietly(
        process.execPath,
        [join(folder, 'node_modules', 'kinesis-local', 'main.js')],
        {
          ...{ KINESIS_MOCK_PLAIN_PORT: String(port), KINESIS_MOCK_TLS_PORT: String(port + 1) },
          ...{ LOG_LEVEL: 'ERROR', CREATE_STREAM_DURATION: '10ms', SHARD_LIMIT: '100000' },
        },
      )
      child.stdout?.resume()
      return Promise.resolve(emulator(child, String(port)))
    },
  },
]

function emulator(child: ChildProcess, port: string): Running {
  const target = `127.0.0.1:${port}`
  const ask = (operation: string, input: object): Promise<Response> =>
    fetch(`http://${target}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `Kinesis_20131202.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${KEY_ID}/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=0`,
        'x-amz-date': '20260101T000000Z',
      },
      body: JSON.stringify(input),
    })
  return {
    ...running(child, port),
    async prepare(stream, shards) {
      const deadlineMs = Date.now() + READY_WITHIN_MS
      for (;;) {
        const made = await ask('CreateStream', { StreamName: stream, ShardCount: shards }).catch(
          () => undefined,
        )
        if (made?.ok) break
        if (Date.now() > deadlineMs) throw new Error(`No stream: ${await made?.text()}`)
        await sleep(200)
      }
      for (;;) {
        const text = await (await ask('DescribeStream', { StreamName: stream })).text()
        if (text.includes('"ACTIVE"')) return
        if (Date.now() > deadlineMs) throw new Error(`Not active: ${text}`)
        await sleep(50)
      }
    },
  }
}

function peer({ root }: Place, file: string): string {
  return join(root, '.cache', 'bench', 'js', 'bench', 'peers', file)
}

async function startPeer(command: string, args: readonly string[], place: Place): Promise<Running> {
  const [broker = ''] = place.broker.brokers
  const child = spawnQuietly(command, [...args, broker, String(place.partitions)], {})
  return running(child, await lineOf(child, /^port (\d+)/))
}

export async function startService(
  dist: string,
  { broker, execArgv }: Place,
  settings: Readonly<Record<string, string>>,
): Promise<Running> {
  const child = spawnQuietly(process.execPath, [...execArgv, join(dist, 'cli.js')], {
    ...{ KAFKA_BROKERS: broker.brokers.join(), TRIBUTARY_HOST: '127.0.0.1' },
    ...{ TRIBUTARY_PORT: '0', TRIBUTARY_ADMIN_PORT: '0' },
    ...settings,
  })
  return running(child, await lineOf(child, /"msg":"ready".*"port":(\d+)|"port":(\d+).*"ready"/))
}

function spawnQuietly(command: string, args: readonly string[], environment: object): ChildProcess {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', ...environment },
  })
  process.once('exit', () => child.kill('SIGKILL'))
  return child
}

/** What a line of its output says; then the output is thrown away. */
function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('no output to read')
  const words: string[] = []
  stderr.on('data', (chunk: Buffer) => words.length < 20 && words.push(chunk.toString()))
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error(`It did not start: ${words.join('')}`))
    const timer = setTimeout(fail, READY_WITHIN_MS)
    child.once('exit', fail)
    createInterface({ input: stdout }).on('line', (line) => {
      const [, first, second] = pattern.exec(line) ?? []
      const found = first ?? second
      if (found === undefined) return
      clearTimeout(timer)
      child.off('exit', fail)
      resolve(found)
    })
  })
}

function running(child: ChildProcess, port: string): Running {
  return {
    pid: child.pid ?? 0,
    target: `127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
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

function installEmulators(root: string): string {
  const folder = join(root, '.cache', 'bench', 'emulators')
  if (existsSync(join(folder, 'node_modules'))) return folder
  mkdirSync(folder, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(join(root, 'bench', 'peers', 'emulators', file), join(folder, file))
  }
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'ignore' })
  return folder
}
