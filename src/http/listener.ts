// One port, two protocols, in plain text or over TLS: looks at the first bytes of a connection and
// hands it to HTTP/1.1 or to HTTP/2 with prior knowledge (RFC 9113 3.3), which the AWS SDKs for
// JavaScript and Java (asynchronous) speak without asking. Both call one function.
//
// * Over TLS the first bytes tell, too, whatever ALPN said: Java's asynchronous client offers none and
//   speaks HTTP/2 all the same.

import { createServer as createHttp1, type RequestListener, type Server } from 'node:http'
import { createServer as createHttp2, type Http2Server, type Http2Session } from 'node:http2'
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net'
import { createServer as createTls, TLSSocket, type Server as TlsServer } from 'node:tls'
import { asksToGoOn } from './head.ts'
import { exchangeOf } from './http2-exchange.ts'

/** A certificate, those between it and its authority, and its key; PEM. */
export interface Pair {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

/** Calls with the pair to use: at once, and again whenever there is another. */
export type Certificates = (use: (pair: Pair) => void) => void

/** What every certificate is used with. */
export const TLS_VERSION_MIN = 'TLSv1.2'

export interface ListenerOptions {
  readonly port: number
  /** Empty: all addresses. */
  readonly host: string
  /** Absent: plain text. */
  readonly certificates?: Certificates | undefined
  readonly http1: RequestListener
  readonly http2: RequestListener
  readonly keepAliveMs: number
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly connectionsMax: number
}

export interface Listener {
  readonly port: number
  readonly connections: () => number
  /** No new connections; tells HTTP/2 clients to go elsewhere; closes idle HTTP/1.1 connections. */
  readonly stopAccepting: () => Promise<void>
  /** Resolves when every connection has ended; after `withinMs` they are cut. */
  readonly close: (withinMs: number) => Promise<void>
}

/** The start of HTTP/2's preface, as long as it takes to tell the two protocols apart. */
const HTTP2_START = Buffer.from('PRI')
const TELLING_BYTES = HTTP2_START.length
/** Lets a body of several megabytes through without a round trip for each 64 KiB. */
const STREAM_WINDOW_BYTES = 2 ** 20
const SESSION_WINDOW_BYTES = 16 * 2 ** 20
const STREAMS_MAX = 512
const IDLE_CHECK_MS = 250

function createHttp1Server(options: ListenerOptions): Server {
  const { keepAliveMs, headersTimeoutMs, requestTimeoutMs } = options
  const server = createHttp1(
    {
      keepAliveTimeout: keepAliveMs,
      // Node wants the part to be no longer than the whole.
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(5000, headersTimeoutMs),
      noDelay: true,
    },
    options.http1,
  )
  // Of a client that neither sends nor reads; longer than any call may take.
  server.timeout = 2 * requestTimeoutMs
  // A client that asks whether to go on is answered by the same function, which may refuse.
  server.on('checkContinue', options.http1)
  // The server listens through ours: this starts its watch over slow headers and requests.
  server.emit('listening')
  return server
}

function createHttp2Server(options: ListenerOptions): Http2Server {
  const server = createHttp2({
    settings: { initialWindowSize: STREAM_WINDOW_BYTES, maxConcurrentStreams: STREAMS_MAX },
  })
  server.on('stream', (stream, headers) => {
    const { request, response } = exchangeOf(stream, headers)
    // Of HTTP/1.1 Node refuses by itself what else may be expected.
    const { expect } = headers
    if (expect !== undefined && !asksToGoOn(expect)) response.writeHead(417).end()
    else options.http2(request, response)
  })
  server.on('session', (session) => {
    session.setLocalWindowSize(SESSION_WINDOW_BYTES)
    session.setTimeout(options.keepAliveMs, () => session.close())
    // A broken connection is its peer's end; there is nobody to tell.
    session.on('error', () => undefined)
  })
  server.on('sessionError', () => undefined)
  return server
}

/** Calls back with what tells the protocol, or not at all where nothing comes in time. */
function peek(socket: Socket, withinMs: number, tell: (isHttp2: boolean) => void): void {
  let seen: Buffer = Buffer.alloc(0)
  const timer = setTimeout(() => socket.destroy(), withinMs)
  socket.once('close', () => clearTimeout(timer))
  socket.on('error', () => socket.destroy())
  socket.on('data', onData)

  function onData(chunk: Buffer): void {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk])
    if (seen.length < TELLING_BYTES) return
    socket.off('data', onData)
    socket.pause()
    clearTimeout(timer)
    socket.unshift(seen)
    const isHttp2 = seen.subarray(0, TELLING_BYTES).equals(HTTP2_START)
    // Node refuses HTTP/2 on a TLS connection that did not agree on it.
    if (isHttp2 && socket instanceof TLSSocket) socket.alpnProtocol = 'h2'
    tell(isHttp2)
    // HTTP/2 takes what is buffered by itself, and only from a paused socket.
    if (!isHttp2) socket.resume()
  }
}

/** Calls back with every connection, of TLS after its handshake. */
function createSocketServer(options: ListenerOptions, accept: (socket: Socket) => void): NetServer {
  const { certificates, headersTimeoutMs: handshakeTimeout } = options
  if (!certificates) return createServer({ noDelay: true }, accept)
  const server: TlsServer = createTls(
    { handshakeTimeout, ALPNProtocols: ['h2', 'http/1.1'], noDelay: true },
    accept,
  )
  // A handshake that failed, or took too long: Node leaves its connection open.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  certificates((pair) => server.setSecureContext({ ...pair, minVersion: TLS_VERSION_MIN }))
  return server
}

/** Resolves when the port is bound; rejects with the system's error (EADDRINUSE, EACCES, …). */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const sockets = new Set<Socket>()
  const sessions = new Set<Http2Session>()
  const http1 = createHttp1Server(options)
  const http2 = createHttp2Server(options)
  http2.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  const server = createSocketServer(options, (socket) => {
    peek(socket, options.headersTimeoutMs, (isHttp2) => {
      const protocol = isHttp2 ? http2 : http1
      protocol.emit('connection', socket)
    })
  })
  // Of TLS these are the sockets below, which are there before the handshake.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.maxConnections = options.connectionsMax
  await bind(server, options)

  return {
    port: (server.address() as AddressInfo).port,
    connections: () => sockets.size,
    async stopAccepting() {
      // The kernel resets what it has taken and we have not: take that first, in the loop's next turn.
      await new Promise(setImmediate)
      server.close()
      http1.closeIdleConnections()
      for (const session of sessions) session.close()
    },
    async close(withinMs) {
      const deadlineMs = Date.now() + withinMs
      while (sockets.size > 0 && Date.now() < deadlineMs) {
        http1.closeIdleConnections()
        await new Promise((resolve) => setTimeout(resolve, Math.min(IDLE_CHECK_MS, withinMs)))
      }
      for (const socket of sockets) socket.destroy()
      http1.close(() => undefined)
      http2.close()
    },
  }
}

function bind(server: NetServer, { port, host }: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host && { host }), backlog: 4096 }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
