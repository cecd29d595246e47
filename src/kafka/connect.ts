// Opening a connection: kafkajs opens the socket, secures it, asks which versions the broker
// speaks and logs in; then its listeners and timers go (one of them would wake every millisecond),
// and the socket is a link's.

import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import type { SASLOptions } from 'kafkajs'
import Broker from 'kafkajs/src/broker/index.js'
import { createLogger } from 'kafkajs/src/loggers/index.js'
import ConnectionPool from 'kafkajs/src/network/connectionPool.js'
import type { SocketTarget } from 'kafkajs/src/network/connectionPool.js'
import { within } from './deadline.ts'
import { LinkError, createLink } from './link.ts'
import type { Link } from './link.ts'

export interface LinkOptions {
  readonly clientId: string
  readonly ssl: ConnectionOptions | boolean
  readonly sasl: SASLOptions | undefined
  /** Of opening a connection, and of a request that names no other. */
  readonly requestTimeoutMs: number
}

const KEEP_ALIVE_MS = 60_000
const LISTENED = ['data', 'end', 'error', 'timeout'] as const

/** Opens a connection, ready to use. Rejects with LinkError within the time-out. */
export async function openLink(
  address: { readonly host: string; readonly port: number },
  options: LinkOptions,
): Promise<Link> {
  const timeoutMs = options.requestTimeoutMs
  const sockets: OpenedSocket[] = []
  const { broker, pool } = createBroker(address, options, sockets)
  try {
    await within(
      broker.connect(),
      timeoutMs,
      () => new Error(`No connection within ${timeoutMs} ms`),
    )
    const [opened] = sockets
    const [connection] = pool.pool
    if (opened === undefined || connection === undefined) throw new Error('No socket was opened')
    const lifetimeMs = Number(connection.sessionLifetime.toString())
    const versionMax = (apiKey: number): number => broker.versions?.[apiKey]?.maxVersion ?? -1
    return createLink(takeOver(opened), { timeoutMs, lifetimeMs, versionMax })
  } catch (error) {
    for (const { socket } of sockets) socket.destroy()
    throw new LinkError(error instanceof Error ? error.message : String(error), false)
  } finally {
    for (const { requestQueue } of pool.pool) requestQueue.destroy()
  }
}

function createBroker(
  address: { readonly host: string; readonly port: number },
  options: LinkOptions,
  sockets: OpenedSocket[],
): { broker: Broker; pool: ConnectionPool } {
  const { clientId, ssl, sasl, requestTimeoutMs } = options
  const logger = createLogger({ level: 0, logCreator: () => () => undefined })
  const pool = new ConnectionPool({
    ...address,
    ssl: ssl === true ? {} : ssl || null,
    sasl: sasl === undefined ? null : { ...sasl }, // kafkajs adds a member
    clientId,
    socketFactory(target) {
      const opened = openSocket(target)
      sockets.push(opened)
      return opened.socket
    },
    connectionTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    logger,
  })
  return { broker: new Broker({ connectionPool: pool, logger }), pool }
}

interface OpenedSocket {
  readonly socket: Socket
  /** Listeners that Node itself put there. */
  readonly own: ReadonlySet<unknown>
}

function openSocket({ host, port, ssl, onConnect }: SocketTarget): OpenedSocket {
  const socket =
    ssl === null
      ? connectTcp({ host, port, noDelay: true }, onConnect)
      : connectTls({ host, port, servername: servernameOf(host), ...ssl }, onConnect)
  socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS)
  return { socket, own: new Set(LISTENED.flatMap((name) => socket.listeners(name))) }
}

/** An address cannot be a server name in TLS. */
function servernameOf(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host
}

function takeOver({ socket, own }: OpenedSocket): Socket {
  for (const name of LISTENED) {
    for (const listener of socket.listeners(name)) {
      if (!own.has(listener)) socket.off(name, listener as () => void)
    }
  }
  return socket
}
