// A load balancer: each request goes to the next of several services, whatever its connection.

import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RoundRobin extends AsyncDisposable {
  readonly url: string
  /** Takes effect with the next request. */
  readonly targets: string[]
}

export async function startRoundRobin(urls: readonly string[]): Promise<RoundRobin> {
  const targets = [...urls]
  let turn = 0

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const target = targets[turn++ % targets.length]
    if (target === undefined) {
      outgoing.writeHead(503).end()
      return
    }
    const { method, url: path, headers } = incoming
    const { hostname: host, port } = new URL(target)
    const passed = send({ host, port, path, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => {
      if (outgoing.headersSent) outgoing.destroy()
      else outgoing.writeHead(503).end()
    })
    incoming.pipe(passed)
  }

  const server = createServer({ keepAliveTimeout: 75_000 }, pass)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
