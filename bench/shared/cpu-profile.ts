// Where the CPU of a process went, from V8's sampling profiler, as a table of functions and as a tree.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { table } from './tables.ts'

export interface CallFrame {
  readonly functionName: string
  readonly url: string
}

interface CallNode {
  readonly id: number
  readonly callFrame: CallFrame
  readonly children?: readonly number[]
}

export interface CpuProfile {
  readonly nodes: readonly CallNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** A function as it was called from those above it. */
export interface Frame {
  readonly name: string
  /** Microseconds in it and in what it called; `selfUs`: in itself alone. */
  us: number
  selfUs: number
  readonly children: Map<string, Frame>
}

const ROWS = 25
/** Not the process's own work. */
const IDLE = ['(idle)', '(root)']
const COLLECTOR = '(garbage collector)'

/** The functions with the largest share of the busy time, of all profiles in a folder together. */
export function summarize(folder: string): string {
  const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))
  return functionTable(files.map((file) => readCpuProfile(join(folder, file))))
}

export function readCpuProfile(file: string): CpuProfile {
  return JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
}

export function functionTable(profiles: readonly CpuProfile[]): string {
  const times = new Map<string, number>()
  for (const profile of profiles) add(profile, times)
  const busy = [...times].filter(([name]) => !IDLE.includes(name))
  const total = busy.reduce((sum, [, us]) => sum + us, 0)
  const rows = busy
    .sort(([, a], [, b]) => b - a)
    .slice(0, ROWS)
    .map(([name, us]) => [name, `${((us / total) * 100).toFixed(1)} %`])
  return table(['function', 'share of busy time'], rows)
}

function add(profile: CpuProfile, times: Map<string, number>): void {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  for (const [id, us] of selfTimes(profile)) {
    const name = names.get(id) ?? '?'
    times.set(name, (times.get(name) ?? 0) + us)
  }
}

function selfTimes({ samples, timeDeltas }: CpuProfile): Map<number, number> {
  const times = new Map<number, number>()
  for (const [i, id] of samples.entries()) {
    // The first delta is from when profiling began.
    times.set(id, (times.get(id) ?? 0) + Math.max(0, timeDeltas[i] ?? 0))
  }
  return times
}

/** The calls as a tree, without idle time; garbage collection stands beside what runs, not below it. */
export function callTree(profile: CpuProfile): Frame {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const own = selfTimes(profile)
  const root = frame('all')

  function visit(id: number, parent: Frame): number {
    const node = nodes.get(id)
    if (!node) return 0
    const name = nameOf(node.callFrame)
    if (name === '(idle)') return 0
    const above = name === COLLECTOR ? root : parent
    const into = name === '(root)' ? root : childOf(above, name)
    const self = own.get(id) ?? 0
    into.selfUs += self
    const us = (node.children ?? []).reduce((sum, child) => sum + visit(child, into), self)
    into.us += us
    return us
  }

  const [first] = profile.nodes
  if (first) visit(first.id, root)
  return root
}

function frame(name: string): Frame {
  return { name, us: 0, selfUs: 0, children: new Map() }
}

function childOf({ children }: Frame, name: string): Frame {
  let child = children.get(name)
  if (child === undefined) children.set(name, (child = frame(name)))
  return child
}

/** A function with its file, as it is called in this repository. */
export function nameOf({ functionName, url }: CallFrame): string {
  const file = url.replace(/^.*\/(src|dist|node_modules|bench)\//, '')
  const name = functionName === '' ? '(anonymous)' : functionName
  return file === '' ? name : `${name} (${file.replace(/\.js$/, '.ts')})`
}
