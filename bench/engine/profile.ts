// Where the CPU of a process went, from V8's sampling profiler, as a table of functions.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { table } from '../shared/tables.ts'

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const ROWS = 25
/** Not the process's own work. */
const IDLE = ['(idle)', '(root)']

/** The functions with the largest share of the busy time, of all profiles in a folder together. */
export function summarize(folder: string): string {
  const times = new Map<string, number>()
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
    add(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile, times)
  }
  const busy = [...times].filter(([name]) => !IDLE.includes(name))
  const total = busy.reduce((sum, [, us]) => sum + us, 0)
  const rows = busy
    .sort(([, a], [, b]) => b - a)
    .slice(0, ROWS)
    .map(([name, us]) => [name, `${((us / total) * 100).toFixed(1)} %`])
  return table(['function', 'share of busy time'], rows)
}

function add({ nodes, samples, timeDeltas }: Profile, times: Map<string, number>): void {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  for (const [i, id] of samples.entries()) {
    const name = names.get(id) ?? '?'
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[i] ?? 0))
  }
}

function nameOf({ functionName, url }: Profile['nodes'][number]['callFrame']): string {
  const file = url.replace(/^.*\/(src|node_modules|bench)\//, '').replace(/^node:/, 'node:')
  const name = functionName === '' ? '(anonymous)' : functionName
  return file === '' ? name : `${name} (${file.replace(/\.js$/, '.ts')})`
}
