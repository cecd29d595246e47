// Several instances of the service that speak DIS over one log and one state in memory, and a clock that
// the test sets.

import { BridgeError } from '../../../src/core/errors.ts'
import { createState, type Json } from '../../../src/core/state.ts'
import { createDis } from '../../../src/dialects/dis/index.ts'
import { openInside } from '../../support/inside.ts'
import { createMemoryLog, type MemoryLog } from '../../support/memory-log.ts'
import { createStatePartition } from '../../support/state-partition.ts'
import { headOf, LIMITS, NOW_MS, PROJECT } from './bridge.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly json: Record<string, unknown>
}

/** `{p}` in a line stands for the project. */
export type Send = (line: string, body?: unknown) => Promise<Answer>

export interface Instances extends Disposable {
  readonly log: MemoryLog
  readonly sends: readonly Send[]
  /** Asks the instances in turn, as a load balancer does. */
  readonly send: Send
  readonly pass: (ms: number) => void
  readonly nowMs: () => number
  /** How many records of state have been written. */
  readonly written: () => number
  /** Puts something else under all keys of state that begin so, as a stranger would. */
  readonly spoil: (prefix: string, make: (value: Json) => Json) => Promise<void>
  /** From now on state cannot be written, or can be again. */
  readonly failState: (isFailing: boolean) => void
}

/** `gate`: when an instance may take its next step with state. */
export function startInstances(
  count: number,
  topics: Readonly<Record<string, number>> = {},
  gate: (step: string) => Promise<void> = () => Promise.resolve(),
): Instances {
  let nowMs = NOW_MS
  let turn = 0
  const now = () => nowMs
  const log = createMemoryLog({ topics, now })
  const partition = createStatePartition(now)
  const states = Array.from({ length: count }, () =>
    createState(partition.open({ pollMs: Infinity, gate }), { bytesMax: 2 ** 22, now: Date.now }),
  )

  const sends = states.map((state): Send => {
    const dialects = [createDis({ limits: LIMITS, answerWithinMs: 30_000 })]
    const { answer } = openInside({ dialects, templates: { dis: '{stream}' }, now, log, state })
    return async (line, body) => {
      const reply = await answer({
        head: headOf(line.replace('{p}', PROJECT)),
        body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
        id: 'request-1',
        receivedAtMs: nowMs,
        deadlineMs: Date.now() + 30_000,
        charge: () => undefined,
        release: () => undefined,
      })
      const text = reply.body.toString('utf8')
      const json = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
      return { status: reply.status, headers: reply.headers, text, json }
    }
  })

  return {
    log,
    sends,
    send: (line, body) => sends[turn++ % count]!(line, body),
    pass(ms) {
      nowMs += ms
    },
    nowMs: now,
    written: () => partition.end(),
    async spoil(prefix, make) {
      for (const { key, value } of states[0]!.list(prefix)) {
        await Promise.all(states.map((state) => state.update(key, () => make(value))))
      }
    },
    failState: (isFailing) =>
      partition.fail(isFailing ? { append: new BridgeError('unavailable', 'away') } : {}),
    [Symbol.dispose]() {
      for (const state of states) state.close()
    },
  }
}
