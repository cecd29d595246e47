// A bridge that speaks Kinesis and Yandex over the log in memory, with a clock that a test moves.

import { loadConfig } from '../../../src/config/load.ts'
import type { StreamOptions } from '../../../src/core/streams.ts'
import { createDialects } from '../../../src/dialects/index.ts'
import { decodeCbor } from '../../../src/dialects/shared/cbor.ts'
import { encodeCbor } from '../../../src/dialects/shared/cbor-write.ts'
import { openInside } from '../../support/inside.ts'
import type { MemoryLog } from '../../support/memory-log.ts'

export const NOW_MS = Date.UTC(2026, 5, 1, 12)
const ACCOUNT = '000000000000'

export type Members = Readonly<Record<string, unknown>>

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** The body's members; none for an empty body. */
  readonly json: Record<string, unknown>
}

export interface Sent {
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cbor?: boolean
}

export interface Bridge {
  readonly log: MemoryLog
  readonly call: (operation: string, input?: Members, sent?: Sent) => Promise<Answer>
  /** The name and the message of a refusal, with its status. */
  readonly refusal: (operation: string, input?: Members, sent?: Sent) => Promise<Refusal>
  readonly pass: (ms: number) => void
}

export type Refusal = readonly [type: unknown, message: unknown, status: number]

export interface Options {
  readonly environment?: Readonly<Record<string, string>>
  readonly streams?: Partial<StreamOptions>
  readonly pinned?: Readonly<Record<string, string>>
}

export function arnOf(stream: string, region = 'us-east-1', account = ACCOUNT): string {
  return `arn:aws:kinesis:${region}:${account}:stream/${stream}`
}

export function startBridge(
  topics: Readonly<Record<string, number>> = {},
  { environment = {}, streams = {}, pinned = {} }: Options = {},
): Bridge {
  let nowMs = NOW_MS
  const config = loadConfig({ environment })
  const { log, answer } = openInside({
    dialects: createDialects(config.dialects),
    templates: { kinesis: '{stream}', yandex: '{stream}', dis: '{stream}', v3io: '{path}' },
    topics,
    streams: {
      shardsMax: 1000,
      ...(Object.keys(pinned).length > 0 && {
        naming: { kinesis: { template: '{stream}', overrides: {}, pinned } },
      }),
      ...streams,
    },
    now: () => nowMs,
  })

  async function call(
    operation: string,
    input: Members = {},
    { path = '/', headers = {}, cbor = false }: Sent = {},
  ): Promise<Answer> {
    const [, query = ''] = path.split(/\?(.*)/s)
    const head = {
      method: 'POST',
      target: path,
      path: path.split('?')[0] ?? path,
      query,
      headers: {
        'content-type': `application/x-amz-${cbor ? 'cbor' : 'json'}-1.1`,
        'x-amz-target': `Kinesis_20131202.${operation}`,
        ...headers,
      },
    }
    const reply = await answer({
      head,
      body: cbor ? encodeCbor(input) : Buffer.from(JSON.stringify(input, toBase64)),
      id: 'request-1',
      receivedAtMs: nowMs,
      deadlineMs: nowMs + 15_000,
      charge: () => undefined,
      release: () => undefined,
    })
    const text = reply.body.toString('utf8')
    const parsed: unknown =
      text === '' ? {} : cbor ? decodeCbor(Buffer.from(reply.body)) : JSON.parse(text)
    return { ...reply, text, json: parsed as Record<string, unknown> }
  }

  return {
    log,
    call,
    async refusal(...which) {
      const { status, json } = await call(...which)
      return [json['__type'], json['message'] ?? json['Message'], status]
    },
    pass: (ms) => void (nowMs += ms),
  }
}

function toBase64(this: Members, key: string, converted: unknown): unknown {
  const value = this[key]
  return Buffer.isBuffer(value) ? value.toString('base64') : converted
}
