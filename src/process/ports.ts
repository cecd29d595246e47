// Binding ports, and saying in a sentence why one cannot be bound.

import type { RequestListener } from 'node:http'
import { createServer as createHttp } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { Refusal } from './refusal.ts'

/** The sentence for a port that cannot be bound. */
export function explainPort(error: unknown, port: number | 'off', setting: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') {
    return new Refusal(
      `Port ${port} is taken by another program. Set ${setting} to another port, or to 0 for any free one.`,
    )
  }
  if (code === 'EACCES') {
    return new Refusal(`Port ${port} may not be used by this user. Set ${setting} to another port.`)
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new Refusal(
      `Cannot listen on port ${port} of the configured host: this machine has no such address (host, adminHost).`,
    )
  }
  return error
}

function bind(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host && { host }) }, resolve)
  })
}

/** Says so at once, before anything slow is started. */
export async function refuseTakenPort(
  port: number | 'off',
  host: string,
  setting: string,
): Promise<void> {
  if (port === 'off' || port === 0) return
  const server = createServer()
  try {
    await bind(server, port, host)
  } catch (error) {
    throw explainPort(error, port, setting)
  }
  await new Promise((resolve) => server.close(resolve))
}

export interface AdminPort {
  readonly port: number | undefined
  readonly close: () => Promise<void>
}

/** Plain HTTP/1.1, for the admin port. */
export async function listenPlain(
  serve: RequestListener,
  port: number | 'off',
  host: string,
): Promise<AdminPort> {
  if (port === 'off') return { port: undefined, close: () => Promise.resolve() }
  const server = createHttp(serve)
  try {
    await bind(server, port, host)
  } catch (error) {
    throw explainPort(error, port, 'TRIBUTARY_ADMIN_PORT')
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
