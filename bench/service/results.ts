// What is known: bench/results/service.json. What was run takes the place of what was known of the same
// workloads; the page and the picture are made of everything.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { machine } from '../shared/results.ts'
import { table } from '../shared/tables.ts'
import { goalTable } from './goals.ts'
import { NO_REQUESTS, type Run } from './measure.ts'
import { plot } from './plot.ts'
import { account, comparison } from './report.ts'
import type { Missing, Outcome } from './session.ts'
import { WORKLOADS } from './workloads.ts'

/** How a workload was measured. */
export interface Terms {
  readonly rounds: number
  readonly seconds: number
  readonly warmS: number
  /** The machine's, when it began. */
  readonly load: number
  /** The day, as 2026-01-31. */
  readonly day: string
}

interface Known {
  readonly runs: readonly Run[]
  readonly missing?: readonly Missing[]
  readonly terms: Readonly<Record<string, Partial<Terms>>>
}

const NOTHING: Known = { runs: [], terms: {} }

export interface Results {
  readonly runs: () => readonly Run[]
  /** Takes what was run in, and writes the files. */
  readonly take: (outcome: Outcome, terms: Readonly<Record<string, Terms>>) => void
  /** The page, as it was last written. */
  readonly page: () => string
}

/** `isShort`: files of their own, which remember nothing. */
export function openResults(root: string, isShort: boolean): Results {
  const folder = join(root, 'bench', 'results')
  const name = isShort ? 'service-short' : 'service'
  const file = join(folder, `${name}.json`)
  const read = (): Known => {
    const old = JSON.parse(readFileSync(file, 'utf8')) as Known
    // What is counted today was not always counted.
    return { ...old, runs: old.runs.map((run) => ({ ...NO_REQUESTS, ...run })) }
  }
  let known = isShort || !existsSync(file) ? NOTHING : read()
  let page = ''

  return {
    runs: () => known.runs,
    page: () => page,
    take(outcome, terms) {
      known = merge(known, outcome, terms)
      page = pageOf(known, name)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, `${name}.svg`), plot(known.runs, ['A', 'B', 'C']))
      writeFileSync(join(folder, `${name}.md`), page)
      writeFileSync(file, `${JSON.stringify({ machine: machine(), ...known }, null, 2)}\n`)
    },
  }
}

function merge(
  known: Known,
  { runs, missing }: Outcome,
  terms: Readonly<Record<string, Terms>>,
): Known {
  const isOld = ({ workload }: { readonly workload: string }): boolean => !(workload in terms)
  return {
    terms: { ...known.terms, ...terms },
    runs: [...known.runs.filter(isOld), ...runs],
    missing: [...(known.missing ?? []).filter(isOld), ...missing],
  }
}

function pageOf({ runs, missing = [], terms }: Known, name: string): string {
  const { cores, model, node } = machine()
  const head = `${cores} cores (${model}), Node ${node}; medians of the rounds (least–most).\n`
  const picture = `![CPU per record](${name}.svg)\n`
  const parts = [
    ...[head, comparison({ runs, missing }, WORKLOADS), goalTable(runs)],
    ...[`${account(runs)}\n`, termsTable(terms), picture],
  ]
  return parts.filter(Boolean).join('\n')
}

function termsTable(terms: Known['terms']): string {
  const groups = new Map<string, string[]>()
  for (const { id } of WORKLOADS) {
    const of = terms[id]
    if (of === undefined) continue
    const { rounds = 0, seconds = 0, warmS = 0, load = 0, day = '' } = of
    const words = [`${rounds} × ${seconds} s`, `${warmS} s`, load.toFixed(1), day]
    const key = words.join('|')
    groups.set(key, [...(groups.get(key) ?? []), id])
  }
  const rows = [...groups].map(([key, ids]) => [ids.join(', '), ...key.split('|')])
  return table(['workloads', 'rounds', 'warming up', 'load at the start', 'day'], rows)
}
