// Everything behind HTTP and before Kafka: dialects and core over the log in memory.

import { isWhole } from '../../src/core/dialect.ts'
import type { Call, Dialect, Reply, StreamedReply } from '../../src/core/dialect.ts'
import { createAccount, type Account } from '../../src/core/account.ts'
import { createExchange, type Exchange } from '../../src/core/exchange.ts'
import { createIngest } from '../../src/core/ingest.ts'
import type { Naming } from '../../src/core/naming.ts'
import type { State } from '../../src/core/state.ts'
import { createRecall } from '../../src/core/recall.ts'
import { createStreams, type StreamOptions } from '../../src/core/streams.ts'
import { createMemoryLog, type MemoryLog } from './memory-log.ts'
import { createLedger } from '../../src/core/ledger.ts'
import { createMemoryState } from './memory-state.ts'

export interface InsideOptions {
  readonly dialects: readonly Dialect[]
  /** Templates of the dialects' topics. */
  readonly templates: Readonly<Record<string, string>>
  readonly topics?: Readonly<Record<string, number>>
  readonly streams?: Partial<StreamOptions>
  readonly now?: () => number
  /** What other instances share with this one. */
  readonly log?: MemoryLog
  readonly state?: State
}

export interface Inside {
  readonly log: MemoryLog
  readonly exchange: Exchange
  /** Of all calls that were answered here. */
  readonly account: Account
  /** The life of one call, without the host's validator in between. */
  readonly answer: (call: Call) => Promise<Reply>
}

const RECALL = { windowMs: 120_000, bytesMax: 2 ** 20 }

export function openInside({
  dialects,
  templates,
  topics = {},
  streams: changed = {},
  now = Date.now,
  log = createMemoryLog({ topics, now }),
  state = createMemoryState(now),
}: InsideOptions): Inside {
  const naming = Object.entries(templates).map(([name, template]): [string, Naming] => [
    name,
    { template, overrides: {}, pinned: {} },
  ])
  const streams = createStreams(log, log, {
    naming: Object.fromEntries(naming),
    rules: Object.fromEntries(dialects.map(({ name, names }) => [name, names])),
    nativePlacement: [],
    manage: 'all',
    manageable: [],
    deaggregate: ['*'],
    autoCreate: false,
    shardsMax: 10_000,
    ledger: createLedger(state),
    now,
    ...changed,
  })
  const exchange = createExchange({
    dialects,
    streams,
    now,
    reads: log,
    state,
    put: createIngest({ log, streams, now }),
    recall: createRecall({ ...RECALL, now }),
  })
  const account = createAccount('')
  return {
    log,
    exchange,
    account,
    async answer(call) {
      let dialect = exchange.match(call.head)
      if (!dialect) throw new Error(`nobody's request: ${call.head.method} ${call.head.target}`)
      await state.opened(Math.max(now(), Date.now()) + 1000)
      try {
        const prepared = exchange.open(dialect, call, account)
        dialect = prepared.dialect
        exchange.check(prepared)
        return await wholeOf(await exchange.perform(prepared, account))
      } catch (error) {
        return exchange.fail(dialect, call.head, error)
      }
    },
  }
}

/** The reply with all pieces of its body. */
async function wholeOf(reply: Reply | StreamedReply): Promise<Reply> {
  if (isWhole(reply)) return reply
  const pieces: Buffer[] = []
  for await (const piece of reply.body) pieces.push(piece)
  return { ...reply, body: Buffer.concat(pieces) }
}
