// The life of a request. Whatever protocol it came by, it is matched, bounded, read and opened here;
// then one of two lanes performs it. Puts, which are nearly all there is, take the hot lane (hot-lane.ts),
// everything else goes to Express (express-lane.ts). Both use the same functions, one of which writes each
// refusal (refuse.ts), and a test holds their answers against each other.

import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import type { Admission, Lease } from '../core/admission.ts'
import type { Dialect, Head } from '../core/dialect.ts'
import type { BridgeError } from '../core/errors.ts'
import { createAccount, type Account } from '../core/account.ts'
import type { Exchange, Prepared } from '../core/exchange.ts'
import type { Span } from '../core/trace.ts'
import { discardRest, receiveBody, refuseAnnounced, roomFor } from './body.ts'
import { createExpressLane } from './express-lane.ts'
import { announcedBytes, asksToGoOn, hostOf, readHead } from './head.ts'
import { createHotLane } from './hot-lane.ts'
import { createPace } from './pace.ts'
import { createRefuse, type Refuse } from './refuse.ts'
import { createResponder, type Exchanged, type Responder } from './respond.ts'

/** What is remembered of a request on its way. */
export interface Life {
  readonly id: string
  head: Head
  readonly startedMs: number
  readonly account: Account
  dialect: Dialect
  lease?: Lease
  prepared?: Prepared
  /** The error that was answered. */
  error?: BridgeError
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
}

export function createApp(options: AppOptions): App {
  const { hosts } = options
  const responder = createResponder(options)
  const refuse = createRefuse({ ...options, responder })
  const stage = { ...options, responder, refuse }
  const begin = createBeginning(stage)
  const open = createOpening(stage)
  const performHot = createHotLane(stage)
  const expressLane = createExpressLane(stage)

  async function serve(life: Life, exchanged: Exchanged, protocol: Protocol): Promise<void> {
    try {
      const prepared = (life.prepared = await open(life, exchanged))
      const answer = options.hotLane ? performHot(life, prepared) : undefined
      if (answer) {
        responder.reply(life, await answer, exchanged)
        return
      }
    } catch (error) {
      orBug(exchanged, () => refuse(life, error, exchanged))
      return
    }
    expressLane[protocol](life, exchanged)
  }

  const listener =
    (protocol: Protocol, pinned: string | undefined): RequestListener =>
    (request, response) => {
      const pin = pinned ?? (hosts.size > 0 ? hosts.get(hostOf(request)) : undefined)
      const exchanged = { request, response }
      const life = orBug(exchanged, () => begin(readHead(request, pin), exchanged))
      if (life) void serve(life, exchanged, protocol)
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
function createBeginning({ exchange, responder, observe, trace, now, ...discarding }: Stage) {
  return (head: Head, { request, response }: Exchanged): Life | undefined => {
    const dialect = exchange.match(head)
    if (!dialect) {
      responder.nobodys(request, response)
      discardRest(request, discarding)
      return undefined
    }
    const account = createAccount(dialect.name)
    const span = trace?.(head)
    const life: Life = { id: randomUUID(), head, startedMs: now(), account, dialect, span }
    response.on('close', () => {
      life.lease?.release()
      observe(life, response.statusCode, now() - life.startedMs)
    })
    const early = dialect.preflight?.(head)
    if (!early) return life
    responder.reply(life, early, { request, response })
    return undefined
  }
}

/** Refuses by size and budget, reads, and opens. */
function createOpening({ exchange, admission, requestTimeoutMs, now }: Stage) {
  const pace = createPace()
  return async (life: Life, { request, response }: Exchanged): Promise<Prepared> => {
    const { dialect, head, id, startedMs: receivedAtMs } = life
    const { bodyBytesMax: bytesMax } = dialect
    const announced = announcedBytes(request)
    refuseAnnounced(announced, bytesMax)
    const lease = (life.lease = admission.admit(roomFor(announced)))
    if (asksToGoOn(request.headers.expect)) response.writeContinue()
    const limits = { announced, bytesMax, lease, withinMs: requestTimeoutMs }
    const arriving = receiveBody(request, limits)
    await arriving.arrived
    const body = arriving.take()
    const deadlineMs = now() + dialect.answerWithinMs(head)
    const turn = pace(body.length)
    if (turn) await turn
    const { grow: charge, giveBack: release } = lease
    const call = { head, body, id, receivedAtMs, deadlineMs, charge, release, span: life.span }
    const prepared = exchange.open(dialect, call, life.account)
    life.dialect = prepared.dialect
    if (isRead(prepared)) lease.toRead()
    return prepared
  }
}

function isRead({ dialect, operation }: Prepared): boolean {
  return dialect.operations[operation]?.action === 'read'
}
