// What the runs came to, in words.

import { median, spread, table, unique } from '../shared/tables.ts'
import type { Run } from './measure.ts'
import type { Workload } from './workloads.ts'

interface Column {
  readonly title: string
  readonly digits: number
  readonly of: (run: Run) => number
}

const COLUMNS: readonly Column[] = [
  { title: 'records/s', digits: 0, of: (run) => run.recordsPerS },
  { title: 'MB/s', digits: 1, of: (run) => run.mbPerS },
  { title: 'CPU, µs/record', digits: 2, of: (run) => run.cpuUs },
  { title: 'broker', digits: 2, of: (run) => run.brokerCpuUs },
  { title: 'p50, ms', digits: 2, of: (run) => run.served.P50 },
  { title: 'p99', digits: 2, of: (run) => run.served.P99 },
  { title: 'p99.9', digits: 2, of: (run) => run.served.P999 },
  { title: 'peak, MiB', digits: 0, of: (run) => run.peakMib },
]

/** A table for each workload that was run, and remarks below it. */
export function comparison(runs: readonly Run[], workloads: readonly Workload[]): string {
  return workloads
    .flatMap((workload) => {
      const those = runs.filter((run) => run.workload === workload.id)
      if (those.length === 0) return []
      const rows = unique(those.map(({ subject }) => subject)).map((subject) => {
        const rounds = those.filter((run) => run.subject === subject)
        return [subject, ...COLUMNS.map(({ of, digits }) => spread(rounds.map(of), digits))]
      })
      const head = [`${workload.id}: ${workload.name}`, ...COLUMNS.map(({ title }) => title)]
      return [[table(head, rows), ...remarks(those)].join('\n')]
    })
    .join('\n')
}

function remarks(runs: readonly Run[]): string[] {
  return unique(runs.map(({ subject }) => subject)).flatMap((subject) => {
    const rounds = runs.filter((run) => run.subject === subject)
    const said = [...sayRefused(rounds), ...sayIdle(rounds), ...sayErrors(rounds)]
    if (rounds.some(({ loadWasBottleneck }) => loadWasBottleneck)) {
      said.push('the load generator was the bottleneck: its rate says nothing')
    }
    return said.length > 0 ? [`- ${subject}: ${said.join('; ')}.\n`] : []
  })
}

function sayRefused(rounds: readonly Run[]): string[] {
  const refused = rounds.reduce((sum, run) => sum + run.refused.Count, 0)
  if (refused === 0) return []
  const all = rounds.reduce((sum, run) => sum + run.requests, 0)
  const p99 = median(rounds.map((run) => run.refused.P99)).toFixed(1)
  const part = ((refused / all) * 100).toFixed(0)
  return [`${refused} requests of ${all} refused (${part} %), p99 of refusals ${p99} ms`]
}

function sayIdle(rounds: readonly Run[]): string[] {
  const idle = rounds.filter((run) => run.idle > 0)
  if (idle.length === 0) return []
  const bytes = spread(
    idle.map((run) => run.idleBytes / 1024),
    1,
  )
  const left = median(idle.map((run) => run.idleAtEnd))
  return [`${bytes} KiB for each idle connection, ${left} of them open at the end`]
}

function sayErrors(rounds: readonly Run[]): string[] {
  const errors = rounds.reduce((sum, run) => sum + run.errors, 0)
  const last = rounds.find(({ lastError }) => lastError !== '')?.lastError ?? ''
  return errors > 0 ? [`${errors} requests without an answer (${last})`] : []
}

/** Whether what was acknowledged is what lies in the topics, in one sentence. */
export function account(runs: readonly Run[]): string {
  const counted = runs.filter(({ stored }) => stored >= 0)
  const wrong = counted.filter(isWrong)
  const total = counted.reduce((sum, { acknowledged }) => sum + acknowledged, 0)
  if (wrong.length === 0) return `${total} records acknowledged, as many stored, in every run.`
  const list = wrong.map((run) => {
    return `${run.workload}, ${run.subject}: ${run.acknowledged} acknowledged, ${run.stored} stored`
  })
  return `Acknowledged and stored differ: ${list.join('; ')}.`
}

/** Records of requests without an answer may be stored, more than were acknowledged. */
export function isWrong({ acknowledged, stored, errors }: Run): boolean {
  if (stored < 0) return false
  return errors > 0 ? stored < acknowledged : stored !== acknowledged
}
