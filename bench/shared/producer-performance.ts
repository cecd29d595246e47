// Kafka's own ProducerPerformance, whose jar Maven fetches once. It is one thread that never waits
// for an answer: a rate to hold ours against, not a like for like comparison.
//
// * Its first reports are start and compilation, and are left out: CPU and records are counted
//   between two of its reports.
// * How many records are to be sent must be told beforehand: as many as the last run's rate makes.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { findJava, findMaven, mavenEnvironment } from '../../src/embedded/java.ts'
import { startWatched } from '../../src/embedded/watched-process.ts'
import type { Broker } from './broker.ts'
import { cpuUs, memoryOf } from './process-stat.ts'
import { createRecords } from './records.ts'

export interface PerformanceRun {
  readonly records: number
  readonly seconds: number
  readonly cpuUs: number
  readonly brokerCpuUs: number
  readonly peakBytes: number
  /** Of the whole run, all acknowledged. */
  readonly total: number
}

interface Report {
  readonly records: number
  readonly atMs: number
  readonly cpuUs: number
  readonly brokerCpuUs: number
}

const GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies'
const TOOL = 'org.apache.kafka.tools.ProducerPerformance'
const SETTINGS = ['acks=all', 'linger.ms=5', 'batch.size=131072', 'buffer.memory=67108864']
const REPORT_MS = 250
const DISTINCT = 4000
/** A second's as long as none is known, and the records of a run at least. */
const RATE_FIRST_BYTES = 80_000_000
const RECORDS_MIN = 100_000

/** The folder of the tool's jar; fetches it where it is missing. */
export async function fetchTools(root: string): Promise<string> {
  const folder = join(root, '.cache', 'kafka-tools')
  if (existsSync(join(folder, 'done'))) return folder
  mkdirSync(folder, { recursive: true })
  const java = await findJava(process.env)
  const { exited } = startWatched({
    command: await findMaven(process.env),
    args: [
      ...['-B', '-q', '-f', join(root, 'bench', 'shared', 'pom.xml'), GOAL],
      ...[`-DoutputDirectory=${folder}`, '-DincludeScope=runtime'],
    ],
    directory: root,
    environment: mavenEnvironment(java, process.env),
    graceS: 5,
    output: (line) => process.stderr.write(`${line}\n`),
  })
  const status = await exited
  if (status !== 0) throw new Error(`Maven could not fetch Kafka's tools: status ${status}`)
  writeFileSync(join(folder, 'done'), '')
  return folder
}

export interface PerformanceOptions {
  readonly broker: Broker
  readonly topic: string
  readonly recordBytes: number
  readonly seconds: number
  /** What the virtual machine gets to become quick, after its first report and before what counts. */
  readonly startMs: number
}

/** Sends records as fast as it can. */
export type Performance = (options: PerformanceOptions) => Promise<PerformanceRun>

/** `tools`: the folder of the tool's jar. */
export function createPerformance(tools: string): Performance {
  const rates = new Map<number, number>()
  return async (options) => {
    const { recordBytes, seconds, startMs } = options
    const rate = rates.get(recordBytes) ?? RATE_FIRST_BYTES / recordBytes
    const records = Math.max(RECORDS_MIN, Math.ceil(rate * (seconds + startMs / 1000)))
    const run = await send(tools, records, options)
    rates.set(recordBytes, run.records / run.seconds)
    return run
  }
}

async function send(
  tools: string,
  records: number,
  { broker, topic, recordBytes, startMs }: PerformanceOptions,
): Promise<PerformanceRun> {
  const file = join(tools, `records-${recordBytes}`)
  if (!existsSync(file)) writeFileSync(file, createRecords(DISTINCT, recordBytes).join('\n'))
  const child = spawn(
    broker.java,
    [
      ...['-Xmx512m', '-cp', `${tools}/*:${broker.jars}/*`, TOOL],
      ...['--topic', topic, '--num-records', String(records), '--payload-file', file],
      ...['--throughput', '-1', '--bootstrap-server', broker.brokers.join()],
      ...['--reporting-interval', String(REPORT_MS), '--command-property', ...SETTINGS],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const reports: Report[] = [
    { atMs: performance.now(), cpuUs: 0, brokerCpuUs: cpuUs(broker.pid), records: 0 },
  ]
  const words: string[] = []
  let sent = 0
  let peakBytes = 0
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk.toString()))
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, count] = /^(\d+) records sent/.exec(line) ?? []
    if (count === undefined || line.includes('50th')) return
    sent += Number(count)
    const { pid = 0 } = child
    peakBytes = Math.max(peakBytes, peakOf(pid))
    const now = { atMs: performance.now(), cpuUs: cpuUs(pid), brokerCpuUs: cpuUs(broker.pid) }
    reports.push({ ...now, records: sent })
  })
  const status = await new Promise((resolve) => child.on('close', resolve))
  if (status !== 0) throw new Error(`${TOOL} ended with ${String(status)}: ${words.join('')}`)
  return { ...between(reports, startMs), peakBytes, total: records }
}

function peakOf(pid: number): number {
  try {
    return memoryOf(pid).peakBytes
  } catch {
    return 0 // it has ended
  }
}

// Where the run was too short for the time to become quick, all of it counts.
function between(
  reports: readonly Report[],
  startMs: number,
): Omit<PerformanceRun, 'total' | 'peakBytes'> {
  const [spawned, begin] = reports
  const last = reports.at(-1)
  if (spawned === undefined || begin === undefined || last === undefined) {
    throw new Error(`${TOOL} reported nothing`)
  }
  const quick = reports.find(({ atMs }) => atMs - begin.atMs >= startMs)
  const first = quick === undefined || quick === last ? spawned : quick
  return {
    records: last.records - first.records,
    seconds: (last.atMs - first.atMs) / 1000,
    cpuUs: last.cpuUs - first.cpuUs,
    brokerCpuUs: last.brokerCpuUs - first.brokerCpuUs,
  }
}
