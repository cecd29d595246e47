// npm run bench:engine: our engine, kafkajs and Kafka's own ProducerPerformance against one Kafka.
//
//   npm run bench:engine                      the comparison, about six minutes
//   npm run bench:engine -- --seconds N       N seconds for each run (5)
//   npm run bench:engine -- --rounds N        N rounds after the one that warms up (3)
//   npm run bench:engine -- --short           under 90 s
//   npm run bench:engine -- --compression     our engine in each codec, and the codecs alone
//   npm run bench:engine -- --profile         where our engine's CPU goes
//
// * Results go to bench/results/NAME.json and NAME.md, and the latter to standard output.
// * Exit status 1 where a client acknowledged other than what was stored.

import { rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Compression } from '../../src/kafka/compression.ts'
import { startBroker } from '../shared/broker.ts'
import { createPerformance, fetchTools } from '../shared/producer-performance.ts'
import { headOf, machine, writeResult, type Terms } from '../shared/results.ts'
import { BATCHES, measureCodec } from './codecs.ts'
import type { CodecRun } from './codecs.ts'
import { summarize } from '../shared/cpu-profile.ts'
import { account, codecTable, comparison } from './report.ts'
import { compare } from './rounds.ts'
import type { Bench, Run, Subject } from './rounds.ts'
import { WORKLOADS } from './workload.ts'

const ROOT = process.cwd()
const PROFILES = join(ROOT, '.cache', 'bench', 'profiles')
const SHORT_SECONDS = 0.5
const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const

const CLIENTS: readonly Subject[] = [
  { name: 'Tributary', client: 'engine', compression: 'none' },
  { name: 'kafkajs', client: 'kafkajs', compression: 'none' },
  { name: 'ProducerPerformance', client: 'java', compression: 'none' },
]
const CODEC_SUBJECTS = (['none', ...CODECS] satisfies Compression[]).map((compression) => {
  return { name: compression, client: 'engine', compression } as const
})

interface Result {
  readonly name: string
  readonly markdown: string
  readonly data: object
  readonly runs: readonly Run[]
}

type Mode = (bench: Bench) => Promise<Result>

const compareClients: Mode = async (bench) => {
  const runs = await compare(bench, CLIENTS, WORKLOADS)
  return { name: 'engine', markdown: comparison(runs, { sent: false }), data: { runs }, runs }
}

const compareCodecs: Mode = async (bench) => {
  const alone: CodecRun[] = []
  for (let round = 0; round < bench.rounds; round++) {
    for (const batch of BATCHES) {
      for (const codec of CODECS) alone.push(await measureCodec(codec, batch, bench.seconds / 5))
    }
    bench.progress(`codecs alone: round ${round + 1}`)
  }
  const runs = await compare(bench, CODEC_SUBJECTS, WORKLOADS)
  const markdown = `${codecTable(alone)}\n${comparison(runs, { sent: true })}`
  return { name: 'compression', markdown, data: { alone, runs }, runs }
}

const profile: Mode = async (bench) => {
  const runs: Run[] = []
  const parts: string[] = []
  for (const workload of WORKLOADS) {
    rmSync(PROFILES, { recursive: true, force: true })
    const execArgv = ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`]
    runs.push(...(await compare({ ...bench, execArgv }, CLIENTS.slice(0, 1), [workload])))
    parts.push(`${workload.name}\n\n${summarize(PROFILES)}`)
  }
  return { name: 'profile', markdown: parts.join('\n'), data: { runs }, runs }
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      short: { type: 'boolean', default: false },
      compression: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  })
  const seconds = Number(values.seconds ?? (values.short ? SHORT_SECONDS : 5))
  const rounds = Number(values.rounds ?? 3)
  if (!(seconds > 0 && rounds > 0)) throw new Error('--seconds and --rounds are numbers above 0')
  const progress = (line: string): void => void process.stderr.write(`${line}\n`)
  const performance = createPerformance(await fetchTools(ROOT))
  const load = loadavg()[0] ?? 0
  const broker = await startBroker(ROOT)
  try {
    const bench = { broker, performance, seconds, rounds, progress, execArgv: [] }
    const mode = values.compression ? compareCodecs : values.profile ? profile : compareClients
    const result = await mode(bench)
    write(result, { seconds, rounds, load, short: values.short })
    return result.runs.every(({ acknowledged, stored }) => acknowledged === stored)
  } finally {
    await broker.stop()
  }
}

function write({ name, markdown, data, runs }: Result, { short, ...terms }: Terms): void {
  writeResult({
    ...{ root: ROOT, name: short ? `${name}-short` : name },
    head: headOf(terms),
    markdown: `${markdown}\n${account(runs)}\n`,
    data: { machine: machine(), ...terms, ...data },
  })
}

process.exitCode = (await main()) ? 0 : 1
