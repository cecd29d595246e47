// The admin port before Kafka has answered: alive, not ready, and nothing else to tell.

import type { RequestListener } from 'node:http'

export const answerWhileStarting: RequestListener = (request, response) => {
  const [path] = (request.url ?? '').split('?')
  if (path === '/livez') {
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end('alive\n')
    return
  }
  const state = { ready: false, reason: 'starting', kafka: { connected: false } }
  response.writeHead(503, { 'Content-Type': 'application/json' }).end(JSON.stringify(state))
}
