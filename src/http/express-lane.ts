// Express: hosts every call but the hot ones, in their normal form. Its validator sees the documents made
// from the dialects' tables; its one error handler puts what the validator finds in the vendor's words.

import type { IncomingMessage, RequestListener } from 'node:http'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { BridgeError } from '../core/errors.ts'
import type { Exchange, Prepared } from '../core/exchange.ts'
import type { Life, Stage } from './app.ts'
import { createApplications } from './http2-express.ts'
import { createValidation } from './validation.ts'

type Serve = (life: Life) => void

interface Seat extends Stage {
  readonly lives: WeakMap<IncomingMessage, Life>
}

/** The lane for either protocol: takes over a life that is opened. */
export function createExpressLane(stage: Stage): { readonly http1: Serve; readonly http2: Serve } {
  const lives = new WeakMap<IncomingMessage, Life>()
  const seat = { ...stage, lives }
  const router = express.Router()
  router.use(receive(seat))
  router.use(validate(seat))
  router.use(perform(seat))
  router.use(answerFailure(seat))
  const { http1, http2 } = createApplications(router)

  const serveWith =
    (app: RequestListener): Serve =>
    (life) => {
      lives.set(life.request, life)
      app(life.request, life.response)
    }
  return { http1: serveWith(http1 as RequestListener), http2: serveWith(http2) }
}

function receive({ lives }: Seat): RequestHandler {
  return (request, _response, next) => {
    const life = lives.get(request)
    if (life?.prepared) takeNormalForm(request, life, life.prepared)
    next()
  }
}

/** What the validator sees: POST /{dialect}/{operation}, JSON, the input as the body. */
function takeNormalForm(
  request: IncomingMessage & { body?: unknown },
  life: Life,
  prepared: Prepared,
): void {
  const { dialect, operation, input, call } = prepared
  // The head as it came is still read from when the reply is written.
  const head = { ...call.head, headers: { ...call.head.headers } }
  life.head = head
  life.prepared = { ...prepared, call: { ...call, head } }
  request.url = `/${dialect.name}/${operation}`
  request.method = 'POST'
  request.headers['content-type'] = 'application/json'
  request.body = input
}

/** The validator reads JSON; what came as bytes is checked over the same tables directly. */
function validate({ exchange, lives, dialects, version }: Seat): RequestHandler {
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

function perform({ exchange, lives, responder }: Seat): RequestHandler {
  return async (request) => {
    const life = lives.get(request)
    if (!life?.prepared) throw new Error('a request arrived unopened')
    responder.reply(life, await exchange.perform(life.prepared, life.account))
  }
}

/** The one catch. Express knows it by its four parameters. */
function answerFailure({ exchange, lives, refuse }: Seat): ErrorRequestHandler {
  // eslint-disable-next-line max-params -- Express tells error handlers by their arity
  return (error: unknown, request, _response, next) => {
    const life = lives.get(request)
    if (life) refuse(life, inVendorsWords(error, life, exchange))
    else next(error)
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
