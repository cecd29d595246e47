// The command line of the harness.

import { parseArgs } from 'node:util'
import { FAULTS, type Fault } from './faults.ts'

export interface Options {
  /** Absent: the short form, each fault once. */
  readonly minutes: number | undefined
  readonly seed: number
  readonly faults: readonly Fault[]
  /** Producers of each dialect. */
  readonly lanes: number
  /** Mean pause of a producer between two calls. */
  readonly pauseMs: number
  /** `short`: the service's time-outs are cut, so that more of them are passed. */
  readonly timeouts: 'short' | 'default'
  readonly overload: boolean
  /** More of the service's environment. */
  readonly environment: Readonly<Record<string, string>>
}

const USAGE = `npm run test:faults [-- options]

  --minutes N       faults at random for so long; without it each once (the short form)
  --seed N          which faults, when and where (default 1)
  --faults a,b,c    only these (or none): ${FAULTS.map(({ name }) => name).join(', ')}
  --lanes N         producers of each dialect (4)
  --pause-ms N      their mean pause between two calls (60)
  --timeouts T      of the service: short or default (short)
  --no-overload     without the part about load
  --set NAME=VALUE  in the environment of the service; may be given again
`

/** The usage, where the command line is wrong. */
export function readOptions(args: string[]): Options | string {
  try {
    return optionsIn(args)
  } catch (error) {
    return `${(error as Error).message}\n\n${USAGE}`
  }
}

function optionsIn(args: string[]): Options {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string', default: '1' },
      faults: { type: 'string' },
      lanes: { type: 'string', default: '4' },
      'pause-ms': { type: 'string', default: '60' },
      timeouts: { type: 'string', default: 'short' },
      overload: { type: 'boolean', default: true },
      set: { type: 'string', multiple: true, default: [] },
    },
  })
  const { timeouts } = values
  if (timeouts !== 'short' && timeouts !== 'default') throw new Error('short or default?')
  return {
    minutes: values.minutes === undefined ? undefined : numberOf(values.minutes),
    seed: numberOf(values.seed),
    faults: faultsOf(values.faults),
    lanes: numberOf(values.lanes),
    pauseMs: numberOf(values['pause-ms']),
    timeouts,
    overload: values.overload,
    environment: Object.fromEntries(values.set.map(settingOf)),
  }
}

function settingOf(text: string): [string, string] {
  const [name = '', value] = text.split(/=(.*)/s, 2)
  if (value === undefined) throw new Error(`${text} is not NAME=VALUE`)
  return [name, value]
}

function numberOf(text: string): number {
  const number = Number(text)
  if (text === '' || !(number >= 0)) throw new Error(`${text} is no number`)
  return number
}

function faultsOf(names: string | undefined): readonly Fault[] {
  if (names === undefined) return FAULTS
  return names === 'none' ? [] : names.split(',').map(faultOf)
}

function faultOf(name: string): Fault {
  const fault = FAULTS.find((each) => each.name === name)
  if (!fault) throw new Error(`there is no fault ${name}`)
  return fault
}
