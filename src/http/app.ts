// Express: the life of a request. Whatever protocol it came by, it is matched, bounded, read,
// opened, validated in its normal form, performed and answered here, and every failure passes the
// one handler at the end.

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import type { Admission, Lease } from '../core/admission.ts'
import type { Dialect, Head } from '../core/dialect.ts'
import { BridgeError } from '../core/errors.ts'
import { asBridgeError, createAccount } from '../core/exchange.ts'
import type { Account, Exchange, Prepared } from '../core/exchange.ts'
import { discardRest, Gone, readBody, refuseAnnounced, FIRST_BYTES } from './body.ts'
import { announcedBytes, hostOf, readHead } from './head.ts'
import { createApplications } from './http2-express.ts'
import { createResponder, type Responder } from './respond.ts'
import { createValidation } from './validation.ts'

/** What is remembered of a request on its way. */
export interface Life {
  readonly id: string
  readonly head: Head
  readonly startedMs: number
  readonly account: Account
  dialect: Dialect
  lease?: Lease
  prepared?: Prepared
  /** The error that was answered. */
  error?: BridgeError
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
  readonly now: () => number
}

export interface App {
  /** The functions for a port; `pinned` names the dialect that owns the port. */
  readonly listeners: (pinned?: string) => { http1: RequestListener; http2: RequestListener }
}

/** How much longer than its deadline a call may take before it is answered as undecided. */
const OVERTIME_MS = 1000

export function createApp(options: AppOptions): App {
  const lives = new WeakMap<IncomingMessage, Life>()
  const pins = new WeakMap<IncomingMessage, string>()
  const responder = createResponder(options)
  const router = express.Router()
  router.use(receive({ ...options, lives, pins, responder }))
  router.use(validate({ ...options, lives, responder }))
  router.use(perform({ ...options, lives, responder }))
  router.use(answerFailure({ ...options, lives, responder }))
  const { http1, http2 } = createApplications(router)

  const pinnedTo =
    (app: RequestListener, pinned: string | undefined): RequestListener =>
    (request, response) => {
      const dialect = pinned ?? options.hosts.get(hostOf(request))
      if (dialect !== undefined) pins.set(request, dialect)
      app(request, response)
    }

  return {
    listeners: (pinned) => ({
      http1: pinnedTo(http1 as RequestListener, pinned),
      http2: pinnedTo(http2, pinned),
    }),
  }
}

interface Stage extends AppOptions {
  readonly lives: WeakMap<IncomingMessage, Life>
  readonly responder: Responder
}

/** match → refuse by size and budget → read → open; then the call has its normal form. */
function receive(stage: Stage & { pins: WeakMap<IncomingMessage, string> }): RequestHandler {
  const { exchange, admission, lives, responder, now } = stage
  return async (request, response, next) => {
    const head = readHead(request, stage.pins.get(request))
    const dialect = exchange.match(head)
    if (!dialect) {
      responder.nobodys(request, response)
      discardRest(request, stage)
      return
    }
    const account = createAccount(dialect.name)
    const life: Life = { id: randomUUID(), head, startedMs: now(), account, dialect }
    lives.set(request, life)
    response.once('close', () => {
      life.lease?.release()
      stage.observe(life, response.statusCode, now() - life.startedMs)
    })
    const early = dialect.preflight?.(head)
    if (early) {
      responder.reply(life, early, { request, response })
      return
    }
    const prepared = await open(life, request, () => {
      if (head.headers['expect']?.toLowerCase() === '100-continue') response.writeContinue()
    })
    takeNormalForm(request, prepared)
    next()
  }

  async function open(life: Life, request: IncomingMessage, go: () => void): Promise<Prepared> {
    const { dialect, head, id, startedMs: receivedAtMs } = life
    refuseAnnounced(request, dialect.bodyBytesMax)
    life.lease = admission.admit(FIRST_BYTES, announcedBytes(request))
    go()
    const body = await readBody(request, {
      bytesMax: dialect.bodyBytesMax,
      lease: life.lease,
      withinMs: stage.requestTimeoutMs,
    })
    const deadlineMs = now() + dialect.answerWithinMs(head)
    const { grow: charge, giveBack: release } = life.lease
    const call = { head, body, id, receivedAtMs, deadlineMs, charge, release }
    life.prepared = exchange.open(dialect, call, life.account)
    life.dialect = life.prepared.dialect
    if (isRead(life.prepared)) life.lease.toRead()
    return life.prepared
  }
}

function isRead({ dialect, operation }: Prepared): boolean {
  return dialect.operations[operation]?.action === 'read'
}

/** What the validator sees: POST /{dialect}/{operation}, JSON, the input as the body. */
function takeNormalForm(
  request: IncomingMessage & { body?: unknown },
  { dialect, operation, input }: Prepared,
): void {
  request.url = `/${dialect.name}/${operation}`
  request.method = 'POST'
  request.headers['content-type'] = 'application/json'
  request.body = input
}

/** The validator reads JSON; what came as bytes is checked over the same tables directly. */
function validate({ exchange, lives, dialects, version }: Stage): RequestHandler {
  const validation = express.Router()
  validation.use(...createValidation(dialects, version))
  return (request, response, next) => {
    const prepared = lives.get(request)?.prepared
    if (!prepared?.holdsBytes) {
      validation(request, response, next)
      return
    }
    exchange.check(prepared)
    next()
  }
}

function perform({ exchange, lives, responder, now }: Stage): RequestHandler {
  return async (request, response) => {
    const life = lives.get(request)
    if (!life?.prepared) throw new Error('a request arrived unopened')
    const { prepared } = life
    const withinMs = Math.max(0, prepared.call.deadlineMs - now()) + OVERTIME_MS
    const reply = await within(withinMs, exchange.perform(prepared, life.account))
    responder.reply(life, reply, { request, response })
  }
}

/** No call hangs: what takes longer than its deadline is answered without it. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BridgeError('undecided', 'No answer in time')), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The one catch. Express knows it by its four parameters. */
function answerFailure(stage: Stage): ErrorRequestHandler {
  const { exchange, lives, responder } = stage
  // eslint-disable-next-line max-params -- Express tells error handlers by their arity
  return (error: unknown, request, response, _next) => {
    const life = lives.get(request)
    if (error instanceof Gone || !life || response.headersSent || response.destroyed) {
      request.destroy()
      return
    }
    life.error = asBridgeError(inVendorsWords(error, life, exchange))
    responder.reply(life, exchange.fail(life.dialect, life.head, life.error), { request, response })
    discardRest(request, stage)
  }
}

/** A finding of the validator's becomes the dialect's own sentence for it. */
function inVendorsWords(error: unknown, { prepared }: Life, exchange: Exchange): unknown {
  if (!prepared || !isFinding(error)) return error
  try {
    exchange.check(prepared)
  } catch (said) {
    return said
  }
  return new BridgeError('invalid-argument', 'Invalid request', { cause: error })
}

function isFinding(error: unknown): error is Error {
  return error instanceof Error && Array.isArray((error as { errors?: unknown }).errors)
}
