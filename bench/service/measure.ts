// One run: the load generator against one subject, and what it took.

import { spawn } from 'node:child_process'
import { readlinkSync, realpathSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import type { Broker } from '../shared/broker.ts'
import { cpuUs, demandOf, forgetPeak, memoryOf } from '../shared/process-stat.ts'
import type { Running } from './processes.ts'
import { prepareRequests } from './requests.ts'
import type { Subject } from './subjects.ts'
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
  /** Records of the whole run of which no answer says whether they were stored. */
  readonly open: number
  readonly errors: number
  readonly lastError: string
  /** Records of answered requests that were not stored, and how the last such answer put it. */
  readonly failed: number
  readonly lastFailure: string
  readonly statuses: Readonly<Record<string, number>>
  readonly seconds: number
  readonly served: Latencies
  readonly refused: Latencies
  /** In the open loop: how long requests waited to be sent, all and those that had a connection. */
  readonly waits: Latencies
  readonly lags: Latencies
  /** Requests that were due and found no connection for as long as the run lasted. */
  readonly unsent: number
  /** Connections that the server closed behind an answer. */
  readonly reopened: number
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
  /** Of the server, for each record; 0 where none was stored. */
  readonly cpuUs: number
  readonly brokerCpuUs: number
  /** Cores' worth, of the server and of the load generator. */
  readonly serverCores: number
  readonly loadCores: number
  /**
   * CPU that was had and CPU that was waited for, of what could have been used at most: by the server
   * (of Node, its first thread) and by the load generator. At 1 there is no more to be had from it.
   */
  readonly serverShare: number
  readonly loadShare: number
  /** The server waited for the load generator, not the other way round. */
  readonly loadWasBottleneck: boolean
  readonly peakMib: number
  /** What an idle connection holds; 0 where there were none. */
  readonly idleBytes: number
  /** Records acknowledged, and stored as Kafka counts them; -1: nobody counts. */
  readonly acknowledged: number
  readonly stored: number
}

const NONE: Latencies = { Count: 0, P50: 0, P90: 0, P99: 0, P999: 0, Max: 0 }

/** What a run says of its requests, where it had none or where it is not known. */
export const NO_REQUESTS = {
  ...{ requests: 0, statuses: {}, open: 0, errors: 0, lastError: '', failed: 0, lastFailure: '' },
  ...{ served: NONE, refused: NONE, waits: NONE, lags: NONE, unsent: 0, reopened: 0 },
  ...{ idle: 0, idleAtEnd: 0, idleBytes: 0 },
  ...{ serverShare: 0, loadCores: 0, loadShare: 0, loadWasBottleneck: false },
}

export interface Means {
  readonly root: string
  readonly broker: Broker
  /** The load generator's program. */
  readonly load: string
}

export interface Measured {
  readonly workload: Workload
  readonly subject: Pick<Subject, 'name' | 'stores' | 'kind'>
  readonly running: Running
  readonly round: number
  /** Of load that is measured; before it there is a second more, or as long where that is shorter. */
  readonly seconds: number
  /** Requests a second; 0: a closed loop. */
  readonly rate: number
}

/** Rejects where a stream cannot be made, or the load generator does not come to its end. */
export async function measure(means: Means, measured: Measured): Promise<Run> {
  const { broker, root } = means
  const { workload, subject, running } = measured
  const folder = join(root, '.cache', 'bench')
  const prepared = prepareRequests(folder, workload, subject.kind ?? workload.kind)
  const { topics } = prepared
  if (subject.stores) await broker.createTopics(topics, workload.partitions)
  for (const topic of topics) await running.prepare?.(topic, workload.partitions)
  const before = memoryOf(running.pid).bytes
  const { report, begin, end, idleAt } = await runLoad(means, measured, prepared)
  const stored = subject.stores ? await broker.countAndDelete(topics) : -1
  for (const topic of topics) await running.forget?.(topic)
  const cpu = end.serverUs - begin.serverUs
  const each = (us: number): number => (report.records > 0 ? us / report.records : 0)
  const { cpuUs: loadUs, threads, ...told } = report
  const wallUs = report.seconds * 1e6
  const serverShare = (end.serverDemandUs - begin.serverDemandUs) / wallUs
  const loadShare = (end.loadDemandUs - begin.loadDemandUs) / wallUs / threads
  return {
    ...told,
    ...{ subject: subject.name, workload: workload.id, round: measured.round, stored },
    recordsPerS: report.records / report.seconds,
    mbPerS: (report.records * workload.recordBytes) / report.seconds / 1e6,
    cpuUs: each(cpu),
    brokerCpuUs: subject.stores ? each(end.brokerUs - begin.brokerUs) : 0,
    ...{ serverCores: cpu / wallUs, loadCores: loadUs / wallUs, serverShare, loadShare },
    loadWasBottleneck: isBottleneck({ report, serverShare, loadShare }),
    peakMib: end.peakBytes / 2 ** 20,
    idleBytes: workload.idle > 0 ? (idleAt - before) / workload.idle : 0,
  }
}

/** From here on the load generator may be what limits; and what it may be late by. */
const SHARE_MIN = 0.8
const LAG_MAX_MS = 5

interface Shares {
  readonly report: LoadReport
  readonly serverShare: number
  readonly loadShare: number
}

/**
 * In the closed loop the busiest of the two holds the other up. In the open one the load generator fails
 * where it sends late what it could have sent in time.
 */
function isBottleneck({ report, serverShare, loadShare }: Shares): boolean {
  if (report.lags.Count > 0) return report.lags.P99 > LAG_MAX_MS
  return loadShare > SHARE_MIN && loadShare > serverShare
}

interface Reading {
  readonly serverUs: number
  readonly brokerUs: number
  readonly peakBytes: number
  readonly serverDemandUs: number
  readonly loadDemandUs: number
}

interface Loaded {
  readonly report: LoadReport
  readonly begin: Reading
  readonly end: Reading
  /** Memory when the idle connections stood, in bytes. */
  readonly idleAt: number
}

async function runLoad(
  means: Means,
  measured: Measured,
  prepared: { readonly file: string; readonly failure: string },
): Promise<Loaded> {
  const { pid } = measured.running
  const child = spawn(means.load, argumentsOf(measured, prepared), {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const read = (): Reading => {
    const { peakBytes } = memoryOf(pid)
    const demand = demandOf(pid)
    return {
      ...{ serverUs: cpuUs(pid), brokerUs: cpuUs(means.broker.pid), peakBytes },
      serverDemandUs: isNode(pid) ? demand.mainUs : demand.allUs / cpus().length,
      loadDemandUs: demandOf(child.pid ?? 0).allUs,
    }
  }
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

function argumentsOf(
  { workload, running, rate, seconds }: Measured,
  { file, failure }: { readonly file: string; readonly failure: string },
): string[] {
  return [
    ...['-target', running.target, '-requests', file, '-failure', failure],
    ...['-connections', String(workload.connections), '-streams', String(workload.streamsEach)],
    ...['-idle', String(workload.idle), '-rate', String(rate)],
    ...[
      '-records',
      String(workload.records),
      '-warm',
      `${Math.min(1, seconds)}s`,
      '-for',
      `${seconds}s`,
    ],
    ...(workload.topics > 1 ? ['-names', String(workload.topics)] : []),
  ]
}

/** Node does nearly all on its first thread; others use all cores. */
function isNode(pid: number): boolean {
  return readlinkSync(`/proc/${pid}/exe`) === realpathSync(process.execPath)
}
