// What the runs of the engine came to.

import { spread, table, unique } from '../shared/tables.ts'
import type { CodecRun } from './codecs.ts'
import type { Run } from './rounds.ts'

interface Column {
  readonly title: string
  readonly digits: number
  readonly of: (run: Run) => number
}

const COLUMNS: readonly Column[] = [
  { title: 'krec/s', digits: 1, of: (run) => run.kRecordsPerS },
  { title: 'client CPU, µs/record', digits: 2, of: (run) => run.clientCpuUs },
  { title: 'broker CPU, µs/record', digits: 2, of: (run) => run.brokerCpuUs },
]
const SENT: Column = { title: 'bytes sent per record', digits: 0, of: (run) => run.sentBytes }

/** A table for each workload; `sent`: with the bytes of requests. */
export function comparison(runs: readonly Run[], { sent }: { readonly sent: boolean }): string {
  const columns = sent ? [...COLUMNS, SENT] : COLUMNS
  const parts = unique(runs.map(({ workload }) => workload)).map((workload) => {
    const those = runs.filter((run) => run.workload === workload)
    const rows = unique(those.map(({ subject }) => subject)).map((subject) => {
      const rounds = those.filter((run) => run.subject === subject)
      return [subject, ...columns.map(({ of, digits }) => spread(rounds.map(of), digits))]
    })
    return table([workload, ...columns.map(({ title }) => title)], rows)
  })
  return parts.join('\n')
}

/** Whether what was acknowledged is what lies in the topics, in one sentence. */
export function account(runs: readonly Run[]): string {
  const wrong = runs.filter(({ acknowledged, stored }) => acknowledged !== stored)
  const total = runs.reduce((sum, { acknowledged }) => sum + acknowledged, 0)
  if (wrong.length === 0) return `${total} records acknowledged, as many stored, in every run.`
  const list = wrong.map((run) => {
    return `${run.workload}, ${run.subject}: ${run.acknowledged} acknowledged, ${run.stored} stored`
  })
  return `Acknowledged and stored differ: ${list.join('; ')}.`
}

export function codecTable(runs: readonly CodecRun[]): string {
  const parts = unique(runs.map(({ batch }) => batch)).map((batch) => {
    const those = runs.filter((run) => run.batch === batch)
    const rows = unique(those.map(({ codec }) => codec)).map((codec) => {
      const rounds = those.filter((run) => run.codec === codec)
      const column = (of: (run: CodecRun) => number, digits: number): string =>
        spread(rounds.map(of), digits)
      return [
        codec,
        column((run) => run.ratio, 2),
        column((run) => run.mbPerS, 0),
        column((run) => run.mbPerCpuS, 0),
        column((run) => run.cpuUsPerRecord, 2),
      ]
    })
    return table([batch, 'ratio', 'MB/s', 'MB per CPU second', 'CPU, µs/record'], rows)
  })
  return parts.join('\n')
}
