// What the runs came to, in words.

import { median, spread, table, unique } from '../shared/tables.ts'
import type { Run } from './measure.ts'
import type { Missing, Outcome } from './session.ts'
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
  { title: 'busy, %', digits: 0, of: (run) => run.serverShare * 100 },
  { title: 'load, %', digits: 0, of: (run) => run.loadShare * 100 },
]

/** A table for each workload that several ran, one for all that one ran alone, and remarks below them. */
export function comparison({ runs, missing }: Outcome, workloads: readonly Workload[]): string {
  const known = workloads.filter(({ id }) => runs.some(({ workload }) => workload === id))
  const subjectsOf = ({ id }: Workload): string[] =>
    unique(runs.filter(({ workload }) => workload === id).map(({ subject }) => subject))
  const parts: string[] = []
  const alone = known.filter((workload) => subjectsOf(workload).length === 1)
  for (const workload of known.filter((one) => !alone.includes(one))) {
    const those = runs.filter((run) => run.workload === workload.id)
    const rows = subjectsOf(workload).map((subject) => [
      subject,
      ...figures(those.filter((run) => run.subject === subject)),
    ])
    const head = `${workload.id}: ${workload.name}`
    const lacking = missing.filter((one) => one.workload === workload.id)
    parts.push(section(head, rows, [...remarks(those, 'subject'), ...lacking.map(sayMissing)]))
  }
  for (const subject of unique(alone.flatMap(subjectsOf))) {
    const those = alone.filter((workload) => subjectsOf(workload)[0] === subject)
    const rows = those.map(({ id, name }) => [
      `${id}: ${name}`,
      ...figures(runs.filter((run) => run.workload === id)),
    ])
    const own = runs.filter((run) => those.some(({ id }) => id === run.workload))
    parts.push(section(`${subject} alone`, rows, remarks(own, 'workload')))
  }
  const unknown = missing.filter(({ workload }) => !known.some(({ id }) => id === workload))
  const rest = [
    ...missing.filter(({ workload }) => alone.some(({ id }) => id === workload)),
    ...unknown,
  ]
  if (rest.length > 0)
    parts.push(rest.map((one) => `- ${one.workload}, ${sayMissing(one).slice(2)}`).join(''))
  return parts.join('\n')
}

function section(head: string, rows: readonly string[][], remarks: readonly string[]): string {
  const text = table([head, ...COLUMNS.map(({ title }) => title)], rows)
  return remarks.length > 0 ? `${text}\n${remarks.join('')}` : text
}

function figures(rounds: readonly Run[]): string[] {
  return COLUMNS.map(({ of, digits }) => spread(rounds.map(of), digits))
}

function sayMissing({ subject, why }: Missing): string {
  return `- ${subject}: not measured: ${why}\n`
}

/** What the columns do not say, a line for each subject or workload. */
function remarks(runs: readonly Run[], by: 'subject' | 'workload'): string[] {
  return unique(runs.map((run) => run[by])).flatMap((name) => {
    const rounds = runs.filter((run) => run[by] === name)
    const said = [
      ...[sayRefused, sayUnsent, sayFailed, sayIdle, sayErrors].flatMap((say) => say(rounds)),
      ...sayLoad(rounds),
    ]
    return said.length > 0 ? [`- ${name}: ${said.join('; ')}.\n`] : []
  })
}

function sayLoad(rounds: readonly Run[]): string[] {
  if (!rounds.some(({ loadWasBottleneck }) => loadWasBottleneck)) return []
  const lag = Math.max(...rounds.map((run) => run.lags.P99))
  return lag > 0
    ? [
        `requests left up to ${lag.toFixed(1)} ms late (p99): load generator or machine are in latencies`,
      ]
    : ['the load generator was the bottleneck: rates say nothing']
}

function sayUnsent(rounds: readonly Run[]): string[] {
  const sum = (of: (run: Run) => number): number => rounds.reduce((all, run) => all + of(run), 0)
  const unsent = sum((run) => run.unsent)
  const reopened = sum((run) => run.reopened)
  return [
    ...(unsent > 0 ? [`${unsent} requests were due and found no connection`] : []),
    ...(reopened > 0 ? [`${reopened} connections closed by the server`] : []),
  ]
}

function sayFailed(rounds: readonly Run[]): string[] {
  const partly = rounds.filter((run) => run.refused.Count === 0 && run.failed > 0)
  const failed = partly.reduce((sum, run) => sum + run.failed, 0)
  const last = partly.at(-1)?.lastFailure ?? ''
  return failed > 0 ? [`${failed} records of answered requests failed (${last})`] : []
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
  const sum = (of: (run: Run) => number): number => counted.reduce((all, run) => all + of(run), 0)
  const total = sum((run) => run.acknowledged)
  if (wrong.length > 0) return `Acknowledged and stored differ: ${wrong.map(sayWrong).join('; ')}.`
  const open = sum((run) => run.open)
  if (open === 0) return `${total} records acknowledged, as many stored, in every run.`
  const beyond = sum((run) => run.stored) - total
  return `${total} records acknowledged and stored; of ${open} that answers left open ${beyond} were stored, too.`
}

function sayWrong({ workload, subject, acknowledged, open, stored }: Run): string {
  return `${workload}, ${subject}: ${acknowledged} acknowledged, ${open} left open, ${stored} stored`
}

/** What was acknowledged is stored, and beyond it nothing that an answer did not leave open. */
export function isWrong({ acknowledged, open, stored }: Run): boolean {
  return stored >= 0 && (stored < acknowledged || stored > acknowledged + open)
}
