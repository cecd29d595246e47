// A bridge that speaks v3io over the log in memory: requests as bytes, replies as bytes.

import type { Call, Head } from '../../../src/core/dialect.ts'
import type { Account } from '../../../src/core/account.ts'
import type { StreamOptions } from '../../../src/core/streams.ts'
import { createV3io } from '../../../src/dialects/v3io/index.ts'
import { openInside } from '../../support/inside.ts'
import type { MemoryLog } from '../../support/memory-log.ts'

export const LIMITS = {
  bodyBytesMax: 10 * 2 ** 20,
  recordBytesMax: 2 * 2 ** 20,
  recordsMax: 1000,
  keyBytesMax: 256,
  clientInfoBytesMax: 16,
  readBytesMax: 7 * 2 ** 20,
  shardsMax: 4096,
  retentionHoursMax: 8760,
}

export const v3io = createV3io({
  limits: LIMITS,
  answerWithinMs: 15_000,
  containers: ['configured'],
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export interface Bridge {
  readonly log: MemoryLog
  readonly account: Account
  /** `line` is method and target. A text is sent as it is, anything else as JSON. */
  readonly send: (
    line: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>
  /** Calls a function on `/bigdata/s/` by POST. */
  readonly call: (name: string, body?: unknown) => Promise<Answer>
  /** Puts into `/bigdata/s/` and returns the results in their places. */
  readonly put: (records: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>
}

export function headOf(line: string, headers: Readonly<Record<string, string>> = {}): Head {
  const [method = '', target = ''] = line.split(/ (.*)/s)
  const [path = '', query = ''] = target.split(/\?(.*)/s)
  return { method, target, path, query, headers }
}

export function callOf(head: Head, body: unknown = ''): Call {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return {
    head,
    body: bytes,
    id: 'id',
    receivedAtMs: Date.now(),
    deadlineMs: Date.now() + 5000,
    charge: () => undefined,
    release: () => undefined,
  }
}

export const KEY = { 'x-v3io-session-key': 'e8bd4ca2-537b-4175-bf01-8c74963e90bf' }

export function startBridge(
  topics: Readonly<Record<string, number>> = {},
  options: Partial<StreamOptions> = {},
): Bridge {
  const { log, account, answer } = openInside({
    dialects: [v3io],
    templates: { v3io: '{container}.{path}' },
    topics,
    streams: options,
  })

  async function send(line: string, body: unknown = '', headers = {}): Promise<Answer> {
    const reply = await answer(callOf(headOf(line, { ...KEY, ...headers }), body))
    return { status: reply.status, headers: reply.headers, text: reply.body.toString() }
  }

  const call: Bridge['call'] = (name, body) =>
    send('POST /bigdata/s/', body, { 'x-v3io-function': name })

  return {
    log,
    account,
    send,
    call,
    async put(records) {
      const { status, text } = await call('PutRecords', { Records: records })
      if (status !== 200) throw new Error(`${status} ${text}`)
      return (JSON.parse(text) as { Records: Record<string, unknown>[] }).Records
    },
  }
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
