// A bridge that speaks DIS over the log in memory: requests as bytes, replies as bytes.

import type { Head } from '../../../src/core/dialect.ts'
import type { Account } from '../../../src/core/account.ts'
import type { StreamOptions } from '../../../src/core/streams.ts'
import { createDis } from '../../../src/dialects/dis/index.ts'
import { openInside } from '../../support/inside.ts'
import type { MemoryLog } from '../../support/memory-log.ts'

export const PROJECT = '0123456789abcdef0123456789abcdef'
export const NOW_MS = Date.UTC(2026, 5, 1, 12)

export const LIMITS = {
  bodyBytesMax: 16 * 2 ** 20,
  recordBytesMax: 2 ** 20,
  recordsMax: 10_000,
  retentionHoursMax: 72,
}

export const dis = createDis({ limits: LIMITS, answerWithinMs: 30_000 })

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly text: string
  /** The body's members; none for an empty body, and one that is not JSON. */
  readonly json: Record<string, unknown>
}

export interface Bridge {
  readonly log: MemoryLog
  readonly account: Account
  readonly send: (
    line: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>
  /** Uploads and returns the results in their places. */
  readonly put: (
    stream: string,
    records: readonly unknown[],
  ) => Promise<readonly Record<string, string>[]>
}

export function headOf(line: string, headers: Readonly<Record<string, string>> = {}): Head {
  const [method = '', target = ''] = line.split(/ (.*)/s)
  const [path = '', query = ''] = target.split(/\?(.*)/s)
  return { method, target, path, query, headers }
}

export interface BridgeOptions extends Partial<StreamOptions> {
  /** Of the memory budget. */
  readonly charge?: (bytes: number) => void
  readonly nowMs?: () => number
}

/** `line` is method and target; `{p}` there stands for the project. A text is sent as it is. */
export function startBridge(
  topics: Readonly<Record<string, number>> = {},
  { charge = () => undefined, nowMs = () => NOW_MS, ...options }: BridgeOptions = {},
): Bridge {
  const { log, account, answer } = openInside({
    dialects: [dis],
    templates: { dis: '{stream}' },
    topics,
    streams: { shardsMax: 1000, ...options },
    now: nowMs,
  })

  async function send(
    line: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const head = headOf(line.replace('{p}', PROJECT), headers)
    const reply = await answer({
      head,
      body: toBytes(body),
      id: 'request-1',
      receivedAtMs: nowMs(),
      deadlineMs: nowMs() + 30_000,
      charge,
      release: () => undefined,
    })
    const { status, headers: given } = reply
    const bytes = Buffer.from(reply.body)
    const text = bytes.toString('utf8')
    const isJson = given['content-type'] === 'application/json'
    const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {}
    return { status, headers: given, body: bytes, text, json }
  }

  return {
    log,
    account,
    send,
    async put(stream, records) {
      const reply = await send('POST /v2/{p}/records', { stream_name: stream, records })
      if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`)
      return reply.json['records'] as Record<string, string>[]
    },
  }
}

function toBytes(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body
  if (body === undefined) return Buffer.alloc(0)
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
