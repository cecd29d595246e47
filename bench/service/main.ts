// npm run bench: the service beside what one would run instead, against one Kafka.
//
//   npm run bench                            everything, about two hours
//   npm run bench -- --workloads A,B-cbor    some workloads; a star ends a prefix: G*
//   npm run bench -- --rounds N --seconds N --warm N    rounds (3), each of so many seconds (10), after
//                                            the first, which warms up each workload for so long (30)
//   npm run bench -- --only NAME,NAME        some subjects; --no-emulators leaves those out
//   npm run bench -- --short                 about a minute, to see that it works
//   npm run bench -- --profile               where the service's CPU goes, in .cache/bench/profiles
//   npm run bench:compare                    the service beside that of the previous commit, A to C;
//                                            fails beyond 1.5 × its CPU for a record
//
// * Results go to bench/results/service.{json,md,svg}; a workload that was run takes the place of what
//   was known of it.
// * Exit status 1 where a subject acknowledged other than what was stored.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { startBroker } from '../shared/broker.ts'
import { headOf, machine, writeResult } from '../shared/results.ts'
import { interleave } from '../shared/rounds.ts'
import { median, table } from '../shared/tables.ts'
import { buildPrevious } from './previous.ts'
import { measure, type Measuring, type Run } from './measure.ts'
import { goalTable } from './goals.ts'
import { plot } from './plot.ts'
import { account, comparison, isWrong } from './report.ts'
import {
  buildGo,
  EMULATORS,
  SERVICE,
  serviceOf,
  SETTINGS,
  startService,
  YARDSTICKS,
  type Place,
  type Running,
  type Subject,
} from './subjects.ts'
import { choose, OVERLOAD, OVERLOAD_ID, WORKLOADS, type Workload } from './workloads.ts'

const ROOT = process.cwd()
const CACHE = join(ROOT, '.cache', 'bench')
const PROFILES = join(CACHE, 'profiles')
const BEFORE = 'before'
const RATIO_MAX = 1.5

const { values } = parseArgs({
  options: {
    workloads: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    warm: { type: 'string' },
    only: { type: 'string' },
    'no-emulators': { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    compare: { type: 'boolean', default: false },
  },
})

/** Defaults of the modes: the whole, the short one, the comparison with the previous commit. */
const MODES = {
  full: { rounds: 3, seconds: 10, warm: 30, workloads: undefined },
  short: { rounds: 1, seconds: 1, warm: 0.5, workloads: 'A,B,C' },
  compare: { rounds: 5, seconds: 1, warm: 4, workloads: 'A,B,C' },
} as const

const mode = values.compare ? MODES.compare : values.short ? MODES.short : MODES.full
const terms = {
  rounds: Number(values.rounds ?? mode.rounds),
  seconds: Number(values.seconds ?? mode.seconds),
  warmS: Number(values.warm ?? mode.warm),
  load: loadavg()[0] ?? 0,
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`)
}

const service = serviceOf(SERVICE, (root) => join(root, 'dist'))

function chooseSubjects(): readonly Subject[] {
  if (values.profile) return [service]
  if (values.compare) {
    const dist = buildPrevious(ROOT, CACHE)
    return dist === undefined ? [] : [service, serviceOf(BEFORE, () => dist)]
  }
  const all = [service, ...YARDSTICKS, ...(values['no-emulators'] || values.short ? [] : EMULATORS)]
  const words = values.only?.split(',')
  return words ? all.filter(({ name }) => words.some((word) => name.startsWith(word))) : all
}

/** Those that run already, by their names and settings. */
type Started = Map<string, Running>

async function startedOf(started: Started, subject: Subject, workload: Workload, place: Place) {
  const settings = subject === service ? SETTINGS[workload.id] : undefined
  const key = settings ? `${subject.name} ${workload.id}` : subject.name
  let running = started.get(key)
  if (!running) {
    running = settings
      ? await startService(join(ROOT, 'dist'), place, settings(CACHE))
      : await subject.start(place)
    started.set(key, running)
  }
  return running
}

async function runAll(
  workloads: readonly Workload[],
  subjects: readonly Subject[],
  means: Measuring,
): Promise<Run[]> {
  const started: Started = new Map()
  const runs: Run[] = []
  const execArgv = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`] : []
  try {
    await interleave(terms.rounds, workloads, subjects, async (round, workload, subject) => {
      if (!subject.takesPart(workload)) return
      const place = { root: ROOT, broker: means.broker, partitions: workload.partitions, execArgv }
      const running = await startedOf(started, subject, workload, place)
      const seconds = round === 0 ? terms.warmS : terms.seconds
      const rate = workload.id === OVERLOAD_ID ? { rate: overload(runs, workload) } : {}
      const measured = { workload, subject, running, round, ...rate }
      const run = await measure({ ...means, seconds, warmS: Math.min(1, seconds) }, measured)
      progress(describe(run))
      if (round > 0) runs.push(run)
    })
  } finally {
    await Promise.all([...started.values()].map(({ stop }) => stop()))
  }
  return runs
}

/** Requests a second that are more than B could do, this time or the last. */
function overload(runs: readonly Run[], { records }: Workload): number {
  const known = [...runs, ...readKnown()].filter(
    (run) => run.workload === 'B' && run.subject === SERVICE,
  )
  const rate = known.length > 0 ? median(known.map(({ recordsPerS }) => recordsPerS)) : 50_000
  return (OVERLOAD * rate) / records
}

function describe({ round, workload, subject, recordsPerS, cpuUs, brokerCpuUs, served }: Run) {
  const name = `${round === 0 ? 'warm-up' : `round ${round}`}: ${workload}, ${subject}`
  const cpu = `${cpuUs.toFixed(1)} + ${brokerCpuUs.toFixed(1)} µs`
  return `${name}: ${recordsPerS.toFixed(0)} records/s, ${cpu}, p99 ${served.P99.toFixed(1)} ms`
}

interface Known {
  readonly runs: readonly Run[]
  readonly terms: Readonly<Record<string, typeof terms>>
}

const RESULT = join(ROOT, 'bench', 'results', 'service.json')

function readResult(): Known {
  if (!existsSync(RESULT)) return { runs: [], terms: {} }
  return JSON.parse(readFileSync(RESULT, 'utf8')) as Known
}

function readKnown(): readonly Run[] {
  return readResult().runs
}

/** Writes what was run; what is known of other workloads stays. */
function write(runs: readonly Run[], isShort: boolean): void {
  const known = isShort ? { runs: [], terms: {} } : readResult()
  const now = new Set(runs.map(({ workload }) => workload))
  const all = [...known.runs.filter(({ workload }) => !now.has(workload)), ...runs]
  const own = Object.fromEntries([...now].map((id) => [id, terms]))
  const name = isShort ? 'service-short' : 'service'
  const picture = `![CPU per record](${name}.svg)\n`
  const parts = [comparison(all, WORKLOADS), goalTable(all), `${account(all)}\n`, picture]
  const folder = join(ROOT, 'bench', 'results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.svg`), plot(all, ['A', 'B', 'C']))
  writeResult({
    ...{ root: ROOT, name, head: headOf(terms), markdown: parts.filter(Boolean).join('\n') },
    data: { machine: machine(), terms: { ...known.terms, ...own }, runs: all },
  })
}

/** Ratios to the previous commit, of runs of one round; false beyond what noise explains. */
function compareWithPrevious(runs: readonly Run[]): boolean {
  const ids = [...new Set(runs.map(({ workload }) => workload))]
  const rows = ids.map((id) => {
    const of = (subject: string): readonly Run[] =>
      runs.filter((run) => run.workload === id && run.subject === subject)
    const before = of(BEFORE)
    const ratios = of(SERVICE).map((run, i) => run.cpuUs / (before[i]?.cpuUs ?? NaN))
    return { id, ratio: median(ratios), before: median(before.map(({ cpuUs }) => cpuUs)) }
  })
  const words = rows.map(({ id, ratio, before }) => [id, before.toFixed(2), ratio.toFixed(2)])
  process.stdout.write(table(['workload', 'CPU before, µs/record', 'now, ratio'], words))
  return rows.every(({ ratio }) => !(ratio > RATIO_MAX))
}

async function main(): Promise<boolean> {
  const { rounds, seconds } = terms
  if (!(rounds > 0 && seconds > 0)) throw new Error('--rounds and --seconds are numbers above 0')
  mkdirSync(CACHE, { recursive: true })
  if (values.profile) rmSync(PROFILES, { recursive: true, force: true })
  const workloads = choose(values.workloads ?? mode.workloads)
  const subjects = chooseSubjects()
  if (subjects.length === 0) {
    progress('There is no previous commit to compare with')
    return true
  }
  const load = buildGo(ROOT, 'load', 'load')
  const broker = await startBroker(ROOT)
  try {
    const runs = await runAll(workloads, subjects, { root: ROOT, broker, load, seconds, warmS: 1 })
    if (values.compare) return compareWithPrevious(runs)
    if (!values.profile) write(runs, values.short)
    return !runs.some(isWrong)
  } finally {
    await broker.stop()
  }
}

// Broken off, it still ends what it started.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1))
process.exitCode = (await main()) ? 0 : 1
