// npm run bench: the service beside what one would run instead, against one Kafka; options.ts has the
// command line. It builds and starts what it needs, and ends it, also when it is broken off.

import { mkdirSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { startBroker, type Broker } from '../shared/broker.ts'
import { median, table } from '../shared/tables.ts'
import { EMULATORS } from './emulators.ts'
import type { Run } from './measure.ts'
import { createNative, NATIVE } from './native.ts'
import { Misused, readOptions, USAGE, type Options } from './options.ts'
import { buildPrevious } from './previous.ts'
import { buildGo } from './processes.ts'
import { profileAll } from './profile.ts'
import { isWrong } from './report.ts'
import { openResults, type Results, type Terms } from './results.ts'
import { runSession, type Outcome } from './session.ts'
import { SERVICE, serviceOf, YARDSTICKS, type Subject } from './subjects.ts'
import { OVERLOAD, OVERLOAD_ID, type Workload } from './workloads.ts'

const ROOT = process.cwd()
const CACHE = join(ROOT, '.cache', 'bench')
const BEFORE = 'before'
const RATIO_MAX = 1.5
/** Records a second of B, where it has never been measured. */
const CAPACITY_FIRST = 50_000

function progress(line: string): void {
  process.stderr.write(`${line}\n`)
}

const service = serviceOf(SERVICE, (root) => join(root, 'dist'))

function chooseSubjects({ mode, emulators, only }: Options): readonly Subject[] {
  if (mode === 'compare') {
    const dist = buildPrevious(ROOT, CACHE)
    return dist === undefined ? [] : [service, serviceOf(BEFORE, () => dist)]
  }
  const all = [service, ...YARDSTICKS, ...(emulators ? EMULATORS : [])]
  return all.filter(({ name }) => isNamed(name, only))
}

function isNamed(name: string, only: Options['only']): boolean {
  return only === undefined || only.some((word) => name.startsWith(word))
}

/** The requests a second that are more than B can do, as it was last measured; else the workload's own. */
function rateOf(workload: Workload, runs: readonly Run[]): number {
  if (workload.id !== OVERLOAD_ID) return workload.rate
  const known = runs.filter((run) => run.workload === 'B' && run.subject === SERVICE)
  const rates = known.map(({ recordsPerS }) => recordsPerS)
  const capacity = rates.length > 0 ? median(rates) : CAPACITY_FIRST
  return (OVERLOAD * capacity) / workload.records
}

function termsOf({ workloads, rounds, warmS }: Options): Record<string, Terms> {
  const told = { rounds, warmS, load: loadavg()[0] ?? 0 }
  const day = new Date().toISOString().slice(0, 10)
  return Object.fromEntries(workloads.map(({ id, seconds }) => [id, { ...told, seconds, day }]))
}

interface Work {
  readonly options: Options
  readonly subjects: readonly Subject[]
  readonly broker: Broker
  readonly results: Results
}

async function run({ options, subjects, broker, results }: Work): Promise<Outcome> {
  const { mode, rounds, warmS, workloads, only } = options
  const terms = termsOf(options)
  const means = { root: ROOT, broker, load: buildGo(ROOT, 'load', 'load') }
  const hasNative = mode !== 'compare' && isNamed(NATIVE, only)
  return runSession(
    {
      ...{ means, rounds, warmS, subjects, progress },
      ...(hasNative ? { native: createNative({ root: ROOT, broker, warmS }) } : {}),
      rateOf: (workload, runs) => rateOf(workload, [...results.runs(), ...runs]),
      onLetter(outcome) {
        if (mode === 'compare') return
        const ids = [...outcome.runs, ...outcome.missing].map(({ workload }) => workload)
        const own = Object.entries(terms).filter(([id]) => ids.includes(id))
        results.take(outcome, Object.fromEntries(own))
      },
    },
    workloads,
  )
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

function isWell({ runs, missing }: Outcome): boolean {
  return !runs.some(isWrong) && missing.every(({ isOptional }) => isOptional)
}

async function carryOut(options: Options): Promise<boolean> {
  mkdirSync(CACHE, { recursive: true })
  const subjects = chooseSubjects(options)
  if (options.mode === 'compare' && subjects.length === 0) {
    progress('There is no previous commit to compare with')
    return true
  }
  if (subjects.length === 0 && !isNamed(NATIVE, options.only)) {
    throw new Misused('--only names none of the subjects')
  }
  const results = openResults(ROOT, options.mode === 'short')
  const broker = await startBroker(ROOT)
  try {
    if (options.profile) {
      const means = { root: ROOT, broker, load: buildGo(ROOT, 'load', 'load') }
      const rate = (workload: Workload): number => rateOf(workload, results.runs())
      process.stdout.write(await profileAll({ ...means, rateOf: rate, progress }, options))
      return true
    }
    const outcome = await run({ options, subjects, broker, results })
    if (options.mode === 'compare') return compareWithPrevious(outcome.runs) && isWell(outcome)
    process.stdout.write(results.page())
    return isWell(outcome)
  } finally {
    await broker.stop()
  }
}

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2))
    if (options) return (await carryOut(options)) ? 0 : 1
    process.stdout.write(USAGE)
    return 0
  } catch (error) {
    if (!(error instanceof Misused)) throw error
    progress(`npm run bench: ${error.message}. See npm run bench -- --help`)
    return 2
  }
}

// Broken off, it still ends what it started.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1))
process.exitCode = await main()
