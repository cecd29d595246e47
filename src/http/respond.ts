// Writing replies, for both protocols. One that comes piece by piece ends with its last piece, with its
// client, or with a client that takes nothing for as long as a request may take.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { isWhole, type Reply, type StreamedReply } from '../core/dialect.ts'
import { asBridgeError } from '../core/exchange.ts'
import type { Life } from './app.ts'
import { sendPieces } from './pieces.ts'

export interface Exchanged {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

export interface Responder {
  readonly reply: (life: Life, reply: Reply | StreamedReply) => void
  /** Says what this is to a request that is no dialect's. */
  readonly nobodys: (request: IncomingMessage, response: ServerResponse) => void
}

const WHAT_THIS_IS = `This is Tributary, an ingest gateway to Apache Kafka. It speaks the put APIs of
Amazon Kinesis, Yandex Data Streams, Huawei DIS and Iguazio v3io, and this request is none of them:

  Kinesis, Yandex  POST / with an X-Amz-Target header
  DIS              /v2/{project}/records and its siblings
  v3io             /{container}/{path}/ with an X-v3io-function header
`

/** Such a reply is cheaper to copy than to send in two pieces. */
const SHORT_BYTES = 1024

const NO_BODY_STATUSES = [204, 304]

/** Of one reply alone: what writes it adds to them. */
type Headers = Record<string, string | number>

type Whole = Pick<Reply, 'status' | 'body'>

export interface ResponderOptions {
  readonly isDraining: () => boolean
  readonly requestTimeoutMs: number
}

export function createResponder({ isDraining, requestTimeoutMs }: ResponderOptions): Responder {
  function writeHead({ request, response }: Exchanged, status: number, headers: Headers): void {
    if (request.httpVersionMajor === 1 && isDraining()) headers['connection'] = 'close'
    response.writeHead(status, headers)
  }

  function write(exchanged: Exchanged, headers: Headers, { status, body }: Whole): void {
    if (!NO_BODY_STATUSES.includes(status)) headers['content-length'] = Buffer.byteLength(body)
    writeHead(exchanged, status, headers)
    // Node sends a text in one piece with the head, and bytes as a second one.
    if (typeof body === 'string' || body.length > SHORT_BYTES) exchanged.response.end(body)
    else exchanged.response.end(body.toString('latin1'), 'latin1')
  }

  function stream(life: Life, response: ServerResponse, { body }: StreamedReply): void {
    sendPieces(body, response, requestTimeoutMs).catch((error: unknown) => {
      life.error = asBridgeError(error)
      response.destroy()
    })
  }

  return {
    reply(life, reply) {
      const { response } = life
      // Kafka has answered, or nothing will be asked of it: only the reply is still held, until it is sent.
      if (isWhole(reply)) life.body?.lease.shrinkTo(reply.body.length)
      if (response.headersSent || response.destroyed) return
      // Assigned, not spread: to add members to a spread object takes V8 longer than all that is here.
      const headers = Object.assign(life.dialect.dress(life.head, life.id), reply.headers)
      if (isWhole(reply)) {
        write(life, headers, reply)
        return
      }
      writeHead(life, reply.status, headers)
      stream(life, response, reply)
    },
    nobodys(request, response) {
      const headers = { 'content-type': 'text/plain; charset=utf-8' }
      write({ request, response }, headers, { status: 404, body: Buffer.from(WHAT_THIS_IS) })
    },
  }
}
