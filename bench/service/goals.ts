// What is aimed at, and what was seen. Ratios are of runs of one round, then the middle of the rounds.

import { median, table } from '../shared/tables.ts'
import type { Run } from './measure.ts'
import { FLOOR, GO, OBVIOUS, SERVICE } from './subjects.ts'
import { OVERLOAD_MIB } from './workloads.ts'

interface Goal {
  readonly text: string
  readonly most: number
  readonly seen: (runs: Runs) => number | undefined
}

/** The runs of a workload and a subject, by round. */
type Runs = (workload: string, subject?: string) => readonly Run[]

type Figure = (run: Run) => number

const cpu: Figure = (run) => run.cpuUs

function against(workload: string, other: string, figure = cpu): Goal['seen'] {
  return (runs) => ratio(runs(workload), runs(workload, other), figure)
}

function beside(workload: string, plain: string, figure = cpu): Goal['seen'] {
  return (runs) => ratio(runs(workload), runs(plain), figure)
}

function ratio(ours: readonly Run[], theirs: readonly Run[], of: Figure): number | undefined {
  const ratios = ours.flatMap((run) => {
    const other = theirs.find(({ round }) => round === run.round)
    return other ? [of(run) / of(other)] : []
  })
  return ratios.length > 0 ? median(ratios) : undefined
}

function most(workloads: readonly string[], figure: Figure): Goal['seen'] {
  return (runs) => {
    const all = workloads.flatMap((workload) => runs(workload)).map(figure)
    return all.length > 0 ? Math.max(...all) : undefined
  }
}

const UNDER_LOAD = ['A', 'A-http2', 'A-sigv4', 'B', 'B-cbor', 'B-dis', 'B-v3io', 'C', 'D', 'E']

const GOALS: readonly Goal[] = [
  { text: 'A: CPU against the floor', most: 1.4, seen: against('A', FLOOR) },
  { text: 'A: CPU against the Go gateway', most: 1, seen: against('A', GO) },
  { text: 'A: CPU against the obvious gateway', most: 1 / 7, seen: against('A', OBVIOUS) },
  { text: 'A: HTTP/2 against HTTP/1.1', most: 1.5, seen: beside('A-http2', 'A') },
  { text: 'A: with signatures against without', most: 1.5, seen: beside('A-sigv4', 'A') },
  { text: 'B: CPU against the floor', most: 1.15, seen: against('B', FLOOR) },
  { text: 'B: CPU against the Go gateway', most: 0.55, seen: against('B', GO) },
  { text: 'B: CPU against the obvious gateway', most: 1 / 5, seen: against('B', OBVIOUS) },
  { text: 'B: CBOR against JSON', most: 0.7, seen: beside('B-cbor', 'B') },
  { text: 'B: protobuf against DIS’ JSON', most: 0.7, seen: beside('B-protobuf', 'B-dis') },
  { text: 'B: v3io against JSON', most: 1, seen: beside('B-v3io', 'B') },
  { text: 'B: KPL aggregates against plain', most: 1.3, seen: beside('B-kpl', 'B') },
  { text: 'C: CPU against the floor', most: 1.3, seen: against('C', FLOOR) },
  { text: 'C: CPU against the Go gateway', most: 0.55, seen: against('C', GO) },
  { text: 'C: CPU against the obvious gateway', most: 1 / 8, seen: against('C', OBVIOUS) },
  ...['A', 'B', 'C'].map((id) => ({
    text: `${id}: broker’s CPU against the Go gateway’s`,
    most: 1,
    seen: against(id, GO, (run) => run.brokerCpuUs),
  })),
  { text: 'D: p99 against the Go gateway’s', most: 1, seen: against('D', GO, (r) => r.served.P99) },
  { text: 'D: p99 against the floor’s', most: 2, seen: against('D', FLOOR, (r) => r.served.P99) },
  {
    text: 'E: KiB per idle connection',
    most: 16,
    seen: most(['E'], (run) => run.idleBytes / 1024),
  },
  {
    text: 'E: the rate of A against its own without idle connections',
    most: 1 / 0.9,
    seen: (runs) => ratio(runs('A'), runs('E'), (run) => run.recordsPerS),
  },
  {
    text: 'F: MiB over the budget at the peak',
    most: 120,
    seen: most(['F'], (run) => run.peakMib - OVERLOAD_MIB),
  },
  { text: 'F: refusals’ p99, ms', most: 50, seen: most(['F'], (run) => run.refused.P99) },
  {
    text: 'F: the rate of B against the goodput',
    most: 1 / 0.85,
    seen: (runs) => ratio(runs('B'), runs('F'), (run) => run.recordsPerS),
  },
  { text: 'A–E: MiB at the peak', most: 250, seen: most(UNDER_LOAD, (run) => run.peakMib) },
  ...['A', 'B'].flatMap((id): Goal[] => [
    {
      text: `G: ${id} at 1,024 partitions against 16`,
      most: 1.3,
      seen: beside(`G-${id}-1024p`, `G-${id}-16p`),
    },
    {
      text: `G: ${id} at 1,000 streams against 1`,
      most: 1.3,
      seen: beside(`G-${id}-1000s`, `G-${id}-1s`),
    },
  ]),
]

/** A row for each goal whose workloads were run. */
export function goalTable(all: readonly Run[]): string {
  const runs: Runs = (workload, subject = SERVICE) =>
    all.filter((run) => run.workload === workload && run.subject === subject)
  const rows = GOALS.flatMap(({ text, most: limit, seen }) => {
    const value = seen(runs)
    if (value === undefined) return []
    return [[text, `≤ ${show(limit)}`, show(value), value <= limit ? 'yes' : 'no']]
  })
  return rows.length > 0 ? table(['goal', 'wanted', 'seen', 'held'], rows) : ''
}

function show(value: number): string {
  return value.toFixed(value >= 10 ? 0 : 2)
}
