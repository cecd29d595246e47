// HTTP/2 as the app sees it: a stream's request and response, which have what src/http uses of Node's
// own for HTTP/1.1, and no more. Node's compatibility API would do, and costs a quarter more: it buffers
// bodies a second time, and ends each answer with a frame of its own, to leave room for trailers.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Exchanged } from './respond.ts'

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants

type Listener = (...args: unknown[]) => void

/** What a request and its response have in common: they listen to one stream. */
class Side {
  protected readonly stream: ServerHttp2Stream

  constructor(stream: ServerHttp2Stream) {
    this.stream = stream
  }

  on(event: string, listener: Listener): this {
    this.stream.on(event, listener)
    return this
  }

  once(event: string, listener: Listener): this {
    this.stream.once(event, listener)
    return this
  }

  off(event: string, listener: Listener): this {
    this.stream.off(event, listener)
    return this
  }
}

/** Express changes its URL, method and headers; the stream's body is its own. */
export class Http2Request extends Side {
  readonly httpVersionMajor = 2
  method: string | undefined
  url: string | undefined
  readonly headers: IncomingHttpHeaders

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    super(stream)
    this.method = headers[':method']
    this.url = headers[':path']
    this.headers = headers
  }

  get complete(): boolean {
    return this.stream.readableEnded
  }

  get readableEnded(): boolean {
    return this.stream.readableEnded
  }

  get destroyed(): boolean {
    return this.stream.destroyed
  }

  pause(): this {
    this.stream.pause()
    return this
  }

  resume(): this {
    this.stream.resume()
    return this
  }

  /** What is left of the body is not wanted: an answer that was given still goes out. */
  destroy(): this {
    this.stream.close(this.stream.writableEnded ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL)
    return this
  }
}

/** Writes nothing to a client that is gone. */
export class Http2Response extends Side {
  statusCode = 200
  #headers: Record<string, string | number> = {}

  get headersSent(): boolean {
    return this.stream.headersSent
  }

  get destroyed(): boolean {
    return this.stream.destroyed || this.stream.closed
  }

  writeContinue(): void {
    if (!this.destroyed) this.stream.additionalHeaders({ ':status': 100 })
  }

  /** The headers are taken over. */
  writeHead(status: number, headers: Record<string, string | number> = {}): this {
    this.statusCode = status
    this.#headers = headers
    return this
  }

  flushHeaders(): void {
    if (this.destroyed || this.headersSent) return
    this.#headers[':status'] = this.statusCode
    this.stream.respond(this.#headers)
  }

  /** Whether there is room for more. */
  write(chunk: Buffer): boolean {
    this.flushHeaders()
    return this.stream.write(chunk)
  }

  end(body?: string | Buffer, encoding: BufferEncoding = 'utf8'): this {
    this.flushHeaders()
    // Node has ended the stream of an answer that has no body: to HEAD, or by its status.
    if (!this.stream.writableEnded) this.stream.end(body, encoding)
    return this
  }

  destroy(): this {
    this.stream.destroy()
    return this
  }
}

/**
 * Lets go of all that listened to a stream, and so of its request. Node has a session's streams in a map,
 * whose table V8 lays anew every few streams, and each table knows the next: once one has become old, all
 * that follow stay until the next full collection, with the streams that were open then.
 */
function forget(this: ServerHttp2Stream): void {
  // First what would be told of each of the others.
  this.removeAllListeners('removeListener').removeAllListeners()
}

/** The types are those of HTTP/1.1: these objects have what the functions that take them use. */
export function exchangeOf(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Exchanged {
  // A broken stream is its client's end, and told by its close.
  stream.on('error', () => undefined)
  stream.on('close', forget)
  return {
    request: new Http2Request(stream, headers) as unknown as IncomingMessage,
    response: new Http2Response(stream) as unknown as ServerResponse,
  }
}
