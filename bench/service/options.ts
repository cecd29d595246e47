// The command line of the bench.

import { parseArgs } from 'node:util'
import { named, WORKLOADS, type Timed, type Workload } from './workloads.ts'

export const USAGE = `npm run bench: the service beside what one would run instead, against one Kafka.

  npm run bench                             everything, about an hour and a quarter
  npm run bench -- --workloads A,B-cbor     some workloads; a star ends a prefix: G*
                   --only NAME,NAME         some subjects, by how their names begin
                   --no-emulators           none of the emulators of Kinesis
                   --rounds N               rounds that count (3), ...
                   --seconds N              of so many seconds each (10; F 60) ...
                   --warm N                 after a round that warms up, as long for each workload (30)
                   --short                  about a minute, to see that it works; files end in -short
                   --profile                where the service's CPU and memory go, instead: a flame graph
                                            and tables for each workload, in bench/results/
  npm run bench:compare                     the service beside that of the previous commit, A to C;
                                            fails beyond 1.5 × its CPU for a record

Results go to bench/results/service.{json,md,svg}, after each letter. A workload that was run takes the place
of what was known of it; the others stay. What could not be started or measured is named there.

Exit status: 1 where a subject acknowledged other than what was stored, or could not be measured (emulators
excepted); 2 where the command line is not understood.
`

export interface Options {
  readonly mode: 'full' | 'short' | 'compare'
  readonly workloads: readonly Timed[]
  readonly rounds: number
  readonly warmS: number
  /** How names of subjects begin; all without. */
  readonly only?: readonly string[]
  readonly emulators: boolean
  readonly profile: boolean
}

/** The command line is not understood. */
export class Misused extends Error {
  override readonly name = 'Misused'
}

/** Defaults of the modes: the whole, the short one, the comparison with the previous commit. */
const MODES = {
  full: { rounds: 3, seconds: 10, warm: 30, workloads: undefined },
  short: { rounds: 1, seconds: 1, warm: 0.5, workloads: 'A,B,C' },
  compare: { rounds: 5, seconds: 1, warm: 4, workloads: 'A,B,C' },
} as const

/** Nothing where help is asked for. Throws Misused. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = parse(args)
  if (values.help) return undefined
  const mode = values.compare ? 'compare' : values.short ? 'short' : 'full'
  const { rounds, seconds, warm, workloads } = MODES[mode]
  const words = values.workloads ?? (values.profile ? 'A,B,C' : workloads)
  const given = values.seconds ?? (mode === 'full' ? undefined : seconds)
  const chosen = choose(words).map((workload) => {
    return { ...workload, seconds: number('seconds', given ?? workload.seconds ?? seconds) }
  })
  return {
    ...{ mode, workloads: chosen, profile: values.profile },
    rounds: Math.ceil(number('rounds', values.rounds ?? rounds)),
    warmS: number('warm', values.warm ?? warm),
    ...(values.only === undefined ? {} : { only: values.only.split(',') }),
    emulators: !values['no-emulators'] && mode === 'full',
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
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
    }).values
  } catch (error) {
    // Its first sentence is the fact; what follows is advice for other cases.
    const [fact = ''] = (error instanceof Error ? error.message : '').split(/\. |\n/)
    throw new Misused(fact)
  }
}

function choose(words: string | undefined): readonly Workload[] {
  if (words === undefined) return WORKLOADS
  const chosen = words.split(',').flatMap((word) => {
    const those = named(word.trim())
    if (those.length === 0) throw new Misused(`--workloads: there is no ${word.trim()}`)
    return those
  })
  return WORKLOADS.filter((workload) => chosen.includes(workload))
}

function number(name: string, value: string | number): number {
  const read = Number(value)
  if (!(read > 0 && read < 86_400)) throw new Misused(`--${name} is a number above 0`)
  return read
}
