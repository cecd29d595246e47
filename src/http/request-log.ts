// One line per request at the most, and fewer when there are many: each kind (served, failed) has
// so many lines a second, and a line tells how many were left out before it.

import type { Log } from '../telemetry/logger.ts'
import type { BridgeError, ErrorCode } from '../core/errors.ts'
import type { Life, Observe } from './app.ts'

export type Verbosity = 'all' | 'sampled' | 'failures' | 'off'

interface Sampler {
  /** How many lines were left out since the last one, or nothing where this one is too. */
  readonly admit: (nowMs: number) => number | undefined
}

const SERVED_PER_SECOND = 1
const FAILED_PER_SECOND = 20

function createSampler(perSecond: number): Sampler {
  let second = 0
  let written = 0
  let leftOut = 0
  return {
    admit(nowMs) {
      const current = Math.floor(nowMs / 1000)
      if (current !== second) {
        second = current
        written = 0
      }
      if (written >= perSecond) {
        leftOut++
        return undefined
      }
      written++
      const before = leftOut
      leftOut = 0
      return before
    },
  }
}

export function createRequestLog(log: Log, verbosity: Verbosity): Observe {
  if (verbosity === 'off') return () => undefined
  const limit = verbosity === 'all' ? Infinity : undefined
  const served = createSampler(limit ?? (verbosity === 'failures' ? 0 : SERVED_PER_SECOND))
  const failed = createSampler(limit ?? FAILED_PER_SECOND)

  return (life, status, ms) => {
    const isFailure = life.error !== undefined || life.account.failures.size > 0
    const leftOut = (isFailure ? failed : served).admit(Date.now())
    if (leftOut === undefined) return
    const fields = { ...describe(life, status, ms), ...(leftOut > 0 && { leftOut }) }
    // A bug of ours is told whole; what a client did wrong, and what Kafka did, in one line.
    if (life.error?.code === 'internal') log.error('request', { ...fields, error: life.error })
    else if (isFailure) log.warn('request', { ...fields, ...why(life.error) })
    else log.info('request', fields)
  }
}

function describe({ account, error, head, id, prepared }: Life, status: number, ms: number) {
  const { dialect, operation, stream, records, bytes, failures } = account
  return {
    method: head.method,
    dialect,
    operation,
    stream,
    records,
    bytes,
    outcome: error?.code ?? (failures.size > 0 ? Object.fromEntries(failures) : 'ok'),
    status,
    ms: Math.round(ms * 10) / 10,
    id,
    caller: prepared?.caller,
  }
}

/** Codes whose messages are ours; those of other failures may quote what a client sent. */
const OURS: readonly ErrorCode[] = ['unavailable', 'undecided', 'throttled']

function why(error: BridgeError | undefined): { why?: string } {
  return error && OURS.includes(error.code) ? { why: error.message } : {}
}
