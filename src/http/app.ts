// The life of a request. Whatever protocol it came by, it is matched, bounded, read and opened here;
// then one of two lanes performs it. Puts, which are nearly all there is, take the hot lane (hot-lane.ts),
// everything else goes to Express (express-lane.ts). Both use the same functions, one of which writes each
// refusal (refuse.ts), and a test holds their answers against each other.

import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import type { Admission } from '../core/admission.ts'
import type { Dialect, Head } from '../core/dialect.ts'
import { BridgeError } from '../core/errors.ts'
import { createAccount, type Account } from '../core/account.ts'
import type { Exchange, Prepared } from '../core/exchange.ts'
import type { Span } from '../core/trace.ts'
import { Body, discardRest, refuseAnnounced, roomFor } from './body.ts'
import { createExpressLane } from './express-lane.ts'
import { announcedBytes, asksToGoOn, hostOf, readHead } from './head.ts'
import { createHotLane } from './hot-lane.ts'
import { createPace } from './pace.ts'
import { createRefuse, type Refuse } from './refuse.ts'
import { createResponder, type Exchanged, type Responder } from './respond.ts'
import { createWatch, type Watch, type Watched } from './watch.ts'

/** What is remembered of a request on its way. */
export interface Life extends Exchanged, Watched<Life> {
  readonly id: string
  head: Head
  readonly startedMs: number
  readonly account: Account
  dialect: Dialect
  body: Body | undefined
  prepared: Prepared | undefined
  /** The error that was answered. */
  error: BridgeError | undefined
  /** Absent: nobody traces it. */
  readonly span: Span | undefined
}

/** The end of a request, told once. */
export type Observe = (life: Life, status: number, ms: number) => void

export interface AppOptions {
  readonly exchange: Exchange
  readonly dialects: readonly Dialect[]
  readonly admission: Admission
  /** Host names that belong to one dialect. */
  readonly hosts: ReadonlyMap<string, string>
  readonly version: string
  readonly discardBytesMax: number
  readonly requestTimeoutMs: number
  /** Whether replies ask clients to connect anew, elsewhere. */
  readonly isDraining: () => boolean
  readonly observe: Observe
  /** Begins the span of a request, where requests are traced; it ends with the request's end. */
  readonly trace?: ((head: Head) => Span) | undefined
  readonly now: () => number
  /** Whether puts take the hot lane; without it Express serves them as it does everything else. */
  readonly hotLane: boolean
}

export interface App {
  /** The functions for a port; `pinned` names the dialect that owns the port. */
  readonly listeners: (pinned?: string) => { http1: RequestListener; http2: RequestListener }
}

/** What the stages of a request share. */
export interface Stage extends AppOptions {
  readonly responder: Responder
  readonly refuse: Refuse
  readonly watch: Watch<Life>
}

/** How much longer than its deadline a call may take before it is answered as undecided. */
const OVERTIME_MS = 1000

export function createApp(options: AppOptions): App {
  const { hosts, now } = options
  const responder = createResponder(options)
  const refuse = createRefuse({ ...options, responder })
  const watch = createWatch<Life>(now, (life) => {
    // Whoever sends a reply looks after those who take none.
    if (life.response.headersSent) return
    if (life.prepared) refuse(life, new BridgeError('undecided', 'No answer in time'))
    else life.request.destroy()
  })
  const stage = { ...options, responder, refuse, watch }
  const begin = createBeginning(stage)
  const receive = createReceiving(stage)
  const open = createOpening(stage)
  const performHot = createHotLane(stage)
  const expressLane = createExpressLane(stage)
  const pace = createPace()

  async function serve(life: Life, protocol: Protocol): Promise<void> {
    try {
      const body = receive(life)
      await body.arrived
      const turn = pace(body.bytes)
      if (turn) await turn
      const answer = performHot(life, open(life, body))
      if (answer) {
        responder.reply(life, await answer)
        return
      }
    } catch (error) {
      orBug(life, () => refuse(life, error))
      return
    }
    expressLane[protocol](life)
  }

  const listener =
    (protocol: Protocol, pinned: string | undefined): RequestListener =>
    (request, response) => {
      const pin = pinned ?? (hosts.size > 0 ? hosts.get(hostOf(request)) : undefined)
      const exchanged = { request, response }
      const life = orBug(exchanged, () => begin(readHead(request, pin), exchanged))
      if (life) void serve(life, protocol)
    }

  return {
    listeners: (pinned) => ({
      http1: listener('http1', pinned),
      http2: listener('http2', pinned),
    }),
  }
}

type Protocol = 'http1' | 'http2'

/** Where a bug of ours shows outside of what is refused in a dialect's words, the request ends here. */
function orBug<T>({ request, response }: Exchanged, step: () => T): T | undefined {
  try {
    return step()
  } catch {
    if (response.headersSent) response.destroy()
    else response.writeHead(500).end()
    request.resume()
    return undefined
  }
}

/** Matches a request; answers at once what needs no body, and then there is no life to go on with. */
function createBeginning(stage: Stage) {
  const { exchange, responder, watch, trace, now, requestTimeoutMs } = stage
  const end = createEnding(stage)
  return (head: Head, { request, response }: Exchanged): Life | undefined => {
    const dialect = exchange.match(head)
    if (!dialect) {
      responder.nobodys(request, response)
      discardRest(request, stage)
      return undefined
    }
    const startedMs = now()
    const life: Life = {
      id: randomUUID(),
      request,
      response,
      head,
      startedMs,
      dueMs: startedMs + requestTimeoutMs,
      account: createAccount(dialect.name),
      dialect,
      body: undefined,
      prepared: undefined,
      error: undefined,
      span: trace?.(head),
      older: undefined,
      newer: undefined,
    }
    watch.add(life)
    response.on('close', () => end(life))
    const early = dialect.preflight?.(head)
    if (!early) return life
    responder.reply(life, early)
    return undefined
  }
}

/** Answered, or gone: nothing is held for it any more. */
function createEnding({ observe, watch, now }: Stage) {
  return (life: Life): void => {
    watch.remove(life)
    life.body?.leave()
    life.body?.lease.release()
    observe(life, life.response.statusCode, now() - life.startedMs)
  }
}

/** Refuses by size and budget, or begins to read. */
function createReceiving({ admission }: Stage) {
  return (life: Life): Body => {
    const { request, response } = life
    const { bodyBytesMax: bytesMax } = life.dialect
    const announced = announcedBytes(request)
    refuseAnnounced(announced, bytesMax)
    const lease = admission.admit(roomFor(announced))
    life.body = new Body(request, { announced, bytesMax, lease })
    if (asksToGoOn(request.headers.expect)) response.writeContinue()
    return life.body
  }
}

/** Authenticates and decodes a body; from now on its call has a deadline. */
function createOpening({ exchange, now }: Stage) {
  return (life: Life, body: Body): Prepared => {
    const { dialect, head, id, startedMs: receivedAtMs, span } = life
    const deadlineMs = now() + dialect.answerWithinMs(head)
    const { grow: charge, giveBack: release } = body.lease
    const call = { head, body: body.take(), id, receivedAtMs, deadlineMs, charge, release, span }
    const prepared = (life.prepared = exchange.open(dialect, call, life.account))
    life.dueMs = deadlineMs + OVERTIME_MS
    life.dialect = prepared.dialect
    if (isRead(prepared)) body.lease.toRead()
    return prepared
  }
}

function isRead({ dialect, operation }: Prepared): boolean {
  return dialect.operations[operation]?.action === 'read'
}
