// Emulators of Kinesis from their registries, which keep records in memory and know no Kafka.
//
// * They refuse requests that carry no signature, and verify none: theirs carry the two headers that
//   they ask for, which is less than an SDK sends and more than the others here are sent.
// * What one run stored is deleted after it, or they would grow for as long as the bench lasts.

import { execFile, execFileSync, type ChildProcess } from 'node:child_process'
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePorts } from '../../src/embedded/ports.ts'
import { lineOf, ready, READY_WITHIN_MS, spawnQuietly, type Running } from './processes.ts'
import { BEARING } from './requests.ts'
import { amongAll, type Subject } from './subjects.ts'

const FERROKINESIS_VERSION = '0.7.0'
const SHARDS_MAX = '100000'
const POLL_MS = 50

const EMULATOR: Omit<Subject, 'name' | 'start'> = {
  ...{ takesPart: amongAll, stores: false, isOptional: true },
  kind: 'kinesis-bearing',
}

export const EMULATORS: readonly Subject[] = [
  {
    ...{ ...EMULATOR, name: 'kinesalite' },
    start({ root }) {
      const program = join(installFromNpm(root), 'kinesalite', 'cli.js')
      const args = [program, '--port', '0', '--createStreamMs', '10', '--shardLimit', SHARDS_MAX]
      const child = spawnQuietly(process.execPath, args, {})
      return emulator(child, lineOf(child, /Listening at http:\/\/[^:]*:+(\d+)/))
    },
  },
  {
    ...{ ...EMULATOR, name: 'kinesis-local' },
    // 500 records take it longer than a round.
    takesPart: (workload) => amongAll(workload) && workload.records < 100,
    async start({ root }) {
      const folder = join(installFromNpm(root), 'kinesis-local')
      const [port = 0, securePort = 0] = await freePorts(2)
      const child = spawnQuietly(process.execPath, [join(folder, 'main.js')], {
        ...{ KINESIS_MOCK_PLAIN_PORT: String(port), KINESIS_MOCK_TLS_PORT: String(securePort) },
        // Looked for where it is started, unless told.
        KINESIS_MOCK_CERT_PATH: join(folder, 'server.json'),
        ...{ CREATE_STREAM_DURATION: '10ms', DELETE_STREAM_DURATION: '10ms' },
        ...{ SHARD_LIMIT: SHARDS_MAX, LOG_LEVEL: 'INFO' },
      })
      const listens = lineOf(child, /Starting Kinesis Plain Mock Service on port (\d+)/)
      return emulator(child, listens)
    },
  },
  {
    ...{ ...EMULATOR, name: 'ferrokinesis' },
    async start({ root }) {
      const program = await installFromCrates(root)
      const [port = 0] = await freePorts(1)
      const args = ['serve', '--port', String(port), '--shard-limit', SHARDS_MAX]
      const quick = ['--create-stream-ms', '10', '--delete-stream-ms', '10']
      const child = spawnQuietly(program, [...args, ...quick, '--access-log', 'false'], {})
      return emulator(child, lineOf(child, /Listening at http:\/\/[^:]*:(\d+)/))
    },
  },
]

async function emulator(child: ChildProcess, port: Promise<string>): Promise<Running> {
  const started = await ready(child, port)
  const ask = async (operation: string, input: object): Promise<string> => {
    const target = `Kinesis_20131202.${operation}`
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }
    const reply = await fetch(`http://${started.target}/`, {
      ...{ method: 'POST', headers: { ...headers, ...BEARING }, body: JSON.stringify(input) },
    })
    const text = await reply.text()
    if (!reply.ok) throw new Error(`${operation}: ${reply.status} ${text}`)
    return text
  }
  return {
    ...started,
    async prepare(StreamName, ShardCount) {
      await until(() => ask('CreateStream', { StreamName, ShardCount }))
      await until(async () => {
        const text = await ask('DescribeStream', { StreamName })
        if (!/"StreamStatus":\s*"ACTIVE"/.test(text)) throw new Error(`not active: ${text}`)
      })
    },
    async forget(StreamName) {
      await ask('DeleteStream', { StreamName })
    },
  }
}

/** Tries until it succeeds; rejects with the last failure when it is not to be waited for any more. */
async function until(attempt: () => Promise<unknown>): Promise<void> {
  const deadlineMs = Date.now() + READY_WITHIN_MS
  for (;;) {
    try {
      await attempt()
      return
    } catch (error) {
      if (Date.now() > deadlineMs) throw error
      await sleep(POLL_MS)
    }
  }
}

/** The folder of the packages. */
function installFromNpm(root: string): string {
  const folder = join(root, '.cache', 'bench', 'emulators')
  const packages = join(folder, 'node_modules')
  if (existsSync(packages)) return packages
  mkdirSync(folder, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(join(root, 'bench', 'peers', 'emulators', file), join(folder, file))
  }
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'ignore' })
  return packages
}

const run = promisify(execFile)

/** The program, built once, which takes some minutes. */
async function installFromCrates(root: string): Promise<string> {
  const folder = join(root, '.cache', 'bench', 'ferrokinesis')
  const program = join(folder, 'bin', 'ferrokinesis')
  if (existsSync(program)) return program
  try {
    await run('cargo', ['--version'])
  } catch {
    throw new Error('left out: it is built with cargo, which is not there')
  }
  process.stderr.write('building ferrokinesis with cargo, once\n')
  const args = ['--quiet', '--locked', '--root', folder, '--version', FERROKINESIS_VERSION]
  await run('cargo', ['install', ...args, 'ferrokinesis'], { maxBuffer: 2 ** 24 })
  return program
}
