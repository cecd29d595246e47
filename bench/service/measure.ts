// One run: the load generator against one subject, and what it took.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Broker } from '../shared/broker.ts'
import { cpuUs, forgetPeak, memoryOf } from '../shared/process-stat.ts'
import { prepareRequests } from './requests.ts'
import type { Running } from './subjects.ts'
import type { Workload } from './workloads.ts'

interface Latencies {
  readonly Count: number
  /** Milliseconds. */
  readonly P50: number
  readonly P90: number
  readonly P99: number
  readonly P999: number
  readonly Max: number
}

/** What the load generator says at its end. */
interface LoadReport {
  readonly requests: number
  readonly records: number
  /** Records stored in the whole run, warming up included. */
  readonly acknowledged: number
  readonly errors: number
  readonly lastError: string
  readonly statuses: Readonly<Record<string, number>>
  readonly seconds: number
  readonly served: Latencies
  readonly refused: Latencies
  readonly idle: number
  readonly idleAtEnd: number
  readonly cpuUs: number
  readonly threads: number
}

export interface Run extends Omit<LoadReport, 'cpuUs' | 'threads' | 'acknowledged'> {
  readonly subject: string
  readonly workload: string
  readonly round: number
  readonly recordsPerS: number
  readonly mbPerS: number
  /** Of the server, for each record. */
  readonly cpuUs: number
  readonly brokerCpuUs: number
  /** Cores' worth, of the server and of the load generator. */
  readonly serverCores: number
  readonly loadCores: number
  /** The server waited for the load generator, not the other way round. */
  readonly loadWasBottleneck: boolean
  readonly peakMib: number
  /** What an idle connection holds; 0 where there were none. */
  readonly idleBytes: number
  /** Records acknowledged, and stored as Kafka counts them; -1: nobody counts. */
  readonly acknowledged: number
  readonly stored: number
}

export interface Measuring {
  readonly root: string
  readonly broker: Broker
  /** The load generator's program. */
  readonly load: string
  readonly warmS: number
  readonly seconds: number
}

export interface Measured {
  readonly workload: Workload
  readonly subject: { readonly name: string; readonly stores: boolean }
  readonly running: Running
  readonly round: number
  /** Requests a second where they are not the workload's own. */
  readonly rate?: number
}

export async function measure(means: Measuring, measured: Measured): Promise<Run> {
  const { broker, root } = means
  const { workload, subject, running } = measured
  const prepared = prepareRequests(join(root, '.cache', 'bench'), workload)
  const { topics } = prepared
  if (subject.stores) await broker.createTopics(topics, workload.partitions)
  for (const topic of topics) await running.prepare?.(topic, workload.partitions)
  const before = memoryOf(running.pid).bytes
  const { report, begin, end, idleAt } = await runLoad(means, measured, prepared)
  const stored = subject.stores ? await broker.countAndDelete(topics) : -1
  const cpu = end.serverUs - begin.serverUs
  const { cpuUs: loadUs, threads, ...told } = report
  const wallUs = report.seconds * 1e6
  const cores = { serverCores: cpu / wallUs, loadCores: loadUs / wallUs }
  return {
    ...told,
    ...{ subject: subject.name, workload: workload.id, round: measured.round, stored },
    recordsPerS: report.records / report.seconds,
    mbPerS: (report.records * workload.recordBytes) / report.seconds / 1e6,
    cpuUs: cpu / report.records,
    brokerCpuUs: subject.stores ? (end.brokerUs - begin.brokerUs) / report.records : 0,
    ...cores,
    loadWasBottleneck:
      workload.rate === 0 &&
      cores.serverCores < 0.7 &&
      cores.loadCores > 0.8 * Math.min(1, threads),
    peakMib: end.peakBytes / 2 ** 20,
    idleBytes: workload.idle > 0 ? (idleAt - before) / workload.idle : 0,
  }
}

interface Reading {
  readonly serverUs: number
  readonly brokerUs: number
  readonly peakBytes: number
}

interface Loaded {
  readonly report: LoadReport
  readonly begin: Reading
  readonly end: Reading
  /** Memory when the idle connections stood, in bytes. */
  readonly idleAt: number
}

async function runLoad(
  { broker, load, warmS, seconds }: Measuring,
  { workload, running, rate = workload.rate }: Measured,
  { file, failure }: { readonly file: string; readonly failure: string },
): Promise<Loaded> {
  const { pid, target } = running
  const read = (): Reading => {
    const { peakBytes } = memoryOf(pid)
    return { serverUs: cpuUs(pid), brokerUs: cpuUs(broker.pid), peakBytes }
  }
  const child = spawn(
    load,
    [
      ...['-target', target, '-requests', file, '-failure', failure],
      ...['-connections', String(workload.connections), '-streams', String(workload.streamsEach)],
      ...['-idle', String(workload.idle), '-rate', String(rate)],
      ...['-records', String(workload.records), '-warm', `${warmS}s`, '-for', `${seconds}s`],
      ...(workload.topics > 1 ? ['-names', String(workload.topics)] : []),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const seen: Partial<{ begin: Reading; end: Reading; idleAt: number; report: LoadReport }> = {}
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'idle') seen.idleAt = memoryOf(pid).bytes
    else if (line === 'begin') {
      forgetPeak(pid)
      seen.begin = read()
    } else if (line === 'end') seen.end = read()
    else seen.report = JSON.parse(line) as LoadReport
  })
  const status = await new Promise((resolve) => child.on('close', resolve))
  const { begin, end, idleAt = 0, report } = seen
  if (!begin || !end || !report) throw new Error(`The load generator ended with ${String(status)}`)
  return { report, begin, end, idleAt }
}
