// Where the service's CPU and memory go, for each workload: a flame graph, and tables of functions.
//
// * A process of its own for each workload, profiled only after it has warmed up, and once for each of
//   the two: sampling allocations costs CPU.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { callTree, functionTable, nameOf, readCpuProfile } from '../shared/cpu-profile.ts'
import type { CallFrame } from '../shared/cpu-profile.ts'
import { table } from '../shared/tables.ts'
import { flameGraph } from './flame.ts'
import { measure, type Means } from './measure.ts'
import type { Options } from './options.ts'
import { SERVICE, SETTINGS, startService } from './subjects.ts'
import type { Timed, Workload } from './workloads.ts'

export interface ProfileMeans extends Means {
  /** Requests a second where they are not a workload's own. */
  readonly rateOf: (workload: Workload) => number
  readonly progress: (line: string) => void
}

const WRITTEN_WITHIN_MS = 60_000
const POLL_MS = 50
const ROWS = 20

/** Writes bench/results/flame-ID.svg for each workload; resolves with the page of tables, which it writes too. */
export async function profileAll(means: ProfileMeans, options: Options): Promise<string> {
  const folder = join(means.root, 'bench', 'results')
  mkdirSync(folder, { recursive: true })
  const parts: string[] = []
  for (const workload of options.workloads) {
    const { svg, markdown } = await profileOne(means, workload, options.warmS)
    writeFileSync(join(folder, `flame-${workload.id}.svg`), svg)
    parts.push(markdown)
  }
  const page = parts.join('\n')
  writeFileSync(join(folder, 'flame.md'), page)
  return page
}

async function profileOne(means: ProfileMeans, workload: Timed, warmS: number) {
  const { root, broker, progress } = means
  const prefix = join(root, '.cache', 'bench', 'profiles', workload.id)
  const [cpuFile, heapFile] = [`${prefix}.cpuprofile`, `${prefix}.heapprofile`]
  mkdirSync(join(prefix, '..'), { recursive: true })
  for (const file of [cpuFile, heapFile]) rmSync(file, { force: true })
  const settings = SETTINGS[workload.id]?.(join(root, '.cache', 'bench')) ?? {}
  const hook = pathToFileURL(join(import.meta.dirname, 'profiled.js')).href
  const running = await startService(
    join(root, 'dist'),
    { root, broker, partitions: workload.partitions },
    { ...settings, BENCH_PROFILE: prefix, NODE_OPTIONS: `--import=${hook}` },
  )
  const run = (seconds: number, round: number) => {
    const subject = { name: SERVICE, stores: true }
    const rate = means.rateOf(workload)
    return measure(means, { workload, subject, running, round, rate, seconds })
  }
  const profiled = async (file: string): Promise<number> => {
    process.kill(running.pid, 'SIGUSR2')
    const { acknowledged } = await run(workload.seconds, 1)
    process.kill(running.pid, 'SIGUSR2')
    await written(file)
    return acknowledged
  }
  try {
    progress(`${workload.id}: warming up`)
    await run(warmS, 0)
    progress(`${workload.id}: CPU`)
    await profiled(cpuFile)
    progress(`${workload.id}: allocations`)
    const records = await profiled(heapFile)
    return show(workload, { cpuFile, heapFile, records })
  } finally {
    await running.stop()
  }
}

async function written(file: string): Promise<void> {
  const deadlineMs = Date.now() + WRITTEN_WITHIN_MS
  while (!existsSync(file)) {
    if (Date.now() > deadlineMs) throw new Error(`No profile was written to ${file}`)
    await sleep(POLL_MS)
  }
}

interface Profiles {
  readonly cpuFile: string
  readonly heapFile: string
  /** Sent while allocations were sampled. */
  readonly records: number
}

function show({ id, name }: Workload, { cpuFile, heapFile, records }: Profiles) {
  const cpu = readCpuProfile(cpuFile)
  const title = `${id}: ${name}`
  const picture = `![flame graph](flame-${id}.svg)\n`
  const heap = JSON.parse(readFileSync(heapFile, 'utf8')) as { readonly head: HeapNode }
  return {
    svg: flameGraph(callTree(cpu), title),
    markdown: [
      `## ${title}\n`,
      picture,
      functionTable([cpu]),
      allocations(heap.head, records),
    ].join('\n'),
  }
}

interface HeapNode {
  readonly callFrame: CallFrame
  readonly selfSize: number
  readonly children: readonly HeapNode[]
}

/** The functions that allocated most, in bytes for each record. */
function allocations(head: HeapNode, records: number): string {
  const sizes = new Map<string, number>()
  const visit = ({ callFrame, selfSize, children }: HeapNode): void => {
    const name = nameOf(callFrame)
    sizes.set(name, (sizes.get(name) ?? 0) + selfSize)
    children.forEach(visit)
  }
  visit(head)
  const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)
  const rows = [...sizes].sort(([, a], [, b]) => b - a).slice(0, ROWS)
  const words = rows.map(([name, bytes]) => {
    return [name, (bytes / records).toFixed(1), `${((bytes / total) * 100).toFixed(1)} %`]
  })
  words.push(['all', (total / records).toFixed(1), '100 %'])
  return table(['function', 'allocated, B/record', 'share'], words)
}
