// Writing replies, for both protocols.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Reply } from '../core/dialect.ts'
import type { Life } from './app.ts'

export interface Exchanged {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

export interface Responder {
  readonly reply: (life: Life, reply: Reply, exchanged: Exchanged) => void
  /** Says what this is to a request that is no dialect's. */
  readonly nobodys: (request: IncomingMessage, response: ServerResponse) => void
}

const WHAT_THIS_IS = `This is Tributary, an ingest gateway to Apache Kafka. It speaks the put APIs of
Amazon Kinesis, Yandex Data Streams, Huawei DIS and Iguazio v3io, and this request is none of them:

  Kinesis, Yandex  POST / with an X-Amz-Target header
  DIS              /v2/{project}/records and its siblings
  v3io             /{container}/{path}/ with an X-v3io-function header
`

const NO_BODY_STATUSES = [204, 304]

export function createResponder({ isDraining }: { isDraining: () => boolean }): Responder {
  /** Adds to the headers, which are nobody else's. */
  function write({ request, response }: Exchanged, { status, headers: own, body }: Reply): void {
    const headers = own as Record<string, string | number>
    if (!NO_BODY_STATUSES.includes(status)) headers['content-length'] = Buffer.byteLength(body)
    if (request.httpVersionMajor === 1 && isDraining()) headers['connection'] = 'close'
    response.writeHead(status, headers)
    // Node sends a text in one piece with the head, and bytes as a second one.
    response.end(body)
  }

  return {
    reply(life, reply, { request, response }) {
      // Kafka has answered, or nothing will be asked of it: only the reply is still held, until it is sent.
      life.lease?.shrinkTo(reply.body.length)
      if (response.headersSent || response.destroyed) return
      const headers = { ...life.dialect.dress(life.head, life.id), ...reply.headers }
      write({ request, response }, { status: reply.status, headers, body: reply.body })
    },
    nobodys(request, response) {
      const headers = { 'content-type': 'text/plain; charset=utf-8' }
      write({ request, response }, { status: 404, headers, body: Buffer.from(WHAT_THIS_IS) })
    },
  }
}
