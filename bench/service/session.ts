// A session: the workloads letter by letter. In each, subjects take turns in every round, in processes
// that live as long as the letter, so that what one letter leaves behind is not measured in the next.
//
// * What cannot be started or measured is told, and the others go on.

import { join } from 'node:path'
import { cpuUs } from '../shared/process-stat.ts'
import { interleave } from '../shared/rounds.ts'
import { unique } from '../shared/tables.ts'
import { measure, type Means, type Run } from './measure.ts'
import { NATIVE, type RunNative } from './native.ts'
import type { Running } from './processes.ts'
import { amongAll, SERVICE, SETTINGS, startService, type Subject } from './subjects.ts'
import { letterOf, type Timed, type Workload } from './workloads.ts'

/** A subject that a workload could not be measured with. */
export interface Missing {
  readonly workload: string
  readonly subject: string
  readonly why: string
  /** Nothing depends on it. */
  readonly isOptional: boolean
}

export interface Outcome {
  readonly runs: readonly Run[]
  readonly missing: readonly Missing[]
}

export interface Session {
  readonly means: Means
  readonly rounds: number
  /** Seconds of the round that warms up. */
  readonly warmS: number
  readonly subjects: readonly Subject[]
  /** Absent: left out. */
  readonly native?: RunNative
  /** Requests a second of a workload, where they are not its own. */
  readonly rateOf: (workload: Workload, runs: readonly Run[]) => number
  readonly progress: (line: string) => void
  /** Told after each letter of what it brought. */
  readonly onLetter: (outcome: Outcome) => void
}

/** Measures all; resolves with everything together. */
export async function runSession(session: Session, workloads: readonly Timed[]): Promise<Outcome> {
  const runs: Run[] = []
  const missing: Missing[] = []
  for (const letter of unique(workloads.map(letterOf))) {
    const those = workloads.filter((workload) => letterOf(workload) === letter)
    const outcome = await runLetter(session, those, runs)
    runs.push(...outcome.runs)
    missing.push(...outcome.missing)
    session.onLetter(outcome)
  }
  return { runs, missing }
}

/** Runs one workload with one subject; nothing where it takes no part. */
type Turn = (round: number, workload: Timed) => Promise<Run | undefined>

interface Contender {
  readonly name: string
  readonly isOptional?: boolean
  readonly turn: Turn
}

async function runLetter(
  session: Session,
  workloads: readonly Timed[],
  before: readonly Run[],
): Promise<Outcome> {
  const runs: Run[] = []
  const missing: Missing[] = []
  const hosts = createHosts(session.means.root)
  const contenders = contendersOf(session, hosts, () => [...before, ...runs])
  const isMissing = (workload: string, subject: string): boolean =>
    missing.some((one) => one.workload === workload && one.subject === subject)
  try {
    await interleave(session.rounds, workloads, contenders, async (round, workload, contender) => {
      const { name, turn, isOptional = false } = contender
      if (isMissing(workload.id, name)) return
      try {
        const run = await turn(round, workload)
        if (run) session.progress(describe(run))
        if (run && round > 0) runs.push(run)
      } catch (error) {
        if (cpuUs(session.means.broker.pid) === 0)
          throw new Error('Kafka has ended', { cause: error })
        const why = messageOf(error)
        session.progress(`${workload.id}, ${name}: ${why}`)
        missing.push({ workload: workload.id, subject: name, why, isOptional })
        await hosts.stop(name)
      }
    })
  } finally {
    await hosts.stopAll()
  }
  return { runs, missing }
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replaceAll(/\s+/g, ' ').slice(0, 300)
}

function contendersOf(
  session: Session,
  hosts: Hosts,
  known: () => readonly Run[],
): readonly Contender[] {
  const { means, native } = session
  const served = session.subjects.map((subject): Contender => {
    return {
      ...subject,
      async turn(round, workload) {
        if (!subject.takesPart(workload)) return undefined
        const running = await hosts.startedOf(subject, workload, means)
        const seconds = round === 0 ? session.warmS : workload.seconds
        const rate = session.rateOf(workload, known())
        return measure(means, { workload, subject, running, round, rate, seconds })
      },
    }
  })
  if (!native) return served
  // A virtual machine that is ended remembers no warming up: each of its runs has its own.
  const alone: Contender = {
    name: NATIVE,
    turn: async (round, workload) =>
      amongAll(workload) && round > 0 ? native(workload, round) : undefined,
  }
  return [...served, alone]
}

interface Hosts {
  readonly startedOf: (subject: Subject, workload: Workload, means: Means) => Promise<Running>
  /** Ends what runs under a subject's name; it is started again when it is asked for. */
  readonly stop: (name: string) => Promise<void>
  readonly stopAll: () => Promise<void>
}

/** The subjects that run, under the settings that workloads need. */
function createHosts(root: string): Hosts {
  const started = new Map<string, { readonly name: string; readonly running: Promise<Running> }>()

  async function end(key: string): Promise<void> {
    const entry = started.get(key)
    started.delete(key)
    const running = await entry?.running.catch(() => undefined)
    await running?.stop()
  }

  return {
    startedOf(subject, workload, { broker }) {
      const { name } = subject
      const settings = name === SERVICE ? SETTINGS[workload.id] : undefined
      const key = settings ? `${name} ${workload.id}` : name
      const place = { root, broker, partitions: workload.partitions }
      const running =
        started.get(key)?.running ??
        (settings
          ? startService(join(root, 'dist'), place, settings(join(root, '.cache', 'bench')))
          : subject.start(place))
      started.set(key, { name, running })
      return running
    },
    async stop(name) {
      const keys = [...started].filter(([, entry]) => entry.name === name).map(([key]) => key)
      await Promise.all(keys.map(end))
    },
    async stopAll() {
      await Promise.all([...started.keys()].map(end))
    },
  }
}

function describe(run: Run): string {
  const { round, workload, subject, recordsPerS, cpuUs, brokerCpuUs, served } = run
  const name = `${round === 0 ? 'warm-up' : `round ${round}`}: ${workload}, ${subject}`
  const cpu = `${cpuUs.toFixed(1)} + ${brokerCpuUs.toFixed(1)} µs`
  const failed = run.failed > 0 ? `; ${run.failed} records failed: ${run.lastFailure}` : ''
  const errors = run.errors > 0 ? `; ${run.errors} without an answer: ${run.lastError}` : ''
  const whole = `${name}: ${recordsPerS.toFixed(0)} records/s, ${cpu}, p99 ${served.P99.toFixed(1)} ms`
  return `${whole}${failed}${errors}`
}
