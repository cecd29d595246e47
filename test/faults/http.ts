// One HTTP request over a lane's own connection, and what came of it: a reply that was read whole,
// or the connection broke. Nothing is tried again here.

import { Agent, request as open, type IncomingMessage } from 'node:http'
import type { Request } from '../contract/samples.ts'
import type { Instance } from './service.ts'

export interface Answered {
  readonly kind: 'answered'
  readonly instance: Instance
  readonly status: number
  readonly body: string
  readonly requestId: string
  readonly ms: number
}

export interface Broken {
  readonly kind: 'broken'
  readonly instance: Instance
  /** Nobody listened: nothing was sent. */
  readonly refused: boolean
  /** The client gave up waiting. */
  readonly timedOut: boolean
  readonly ms: number
  readonly why: string
}

export type Attempt = Answered | Broken

export interface Caller {
  /** Which instance the next request goes to. */
  readonly send: (request: Request, timeoutMs: number) => Promise<Attempt>
  readonly close: () => void
}

const ID_HEADERS = ['x-amzn-requestid', 'x-request-id']

/** Keeps one connection, and stays with an instance until that one ends it. */
export function createCaller(current: () => Instance): Caller {
  let instance: Instance | undefined
  let agent = new Agent({ keepAlive: true, maxSockets: 1 })

  function leave(): void {
    instance = undefined
    agent.destroy()
    agent = new Agent({ keepAlive: true, maxSockets: 1 })
  }

  return {
    close: leave,
    async send(request, timeoutMs) {
      const to = (instance ??= current())
      const startedMs = performance.now()
      const ms = () => performance.now() - startedMs
      try {
        const response = await exchange({ request, agent, port: to.front.port, timeoutMs })
        if (response.closes) leave()
        return { kind: 'answered', instance: to, ms: ms(), ...response }
      } catch (error) {
        leave()
        const { code = '', message } = error as NodeJS.ErrnoException
        const timedOut = message === TIMED_OUT
        const refused = code === 'ECONNREFUSED'
        const why = `${code} ${message}`
        return { kind: 'broken', instance: to, ms: ms(), refused, timedOut, why }
      }
    },
  }
}

const TIMED_OUT = 'the client gave up'

interface Exchange {
  readonly request: Request
  readonly agent: Agent
  readonly port: number
  readonly timeoutMs: number
}

function exchange({ request, agent, port, timeoutMs }: Exchange) {
  const { method, path, headers, body } = request
  return new Promise<{ status: number; body: string; requestId: string; closes: boolean }>(
    (resolve, reject) => {
      const outgoing = open({
        ...{ host: '127.0.0.1', port, agent, method, path },
        headers: { ...headers, 'content-length': body.length },
      })
      const timer = setTimeout(() => outgoing.destroy(new Error(TIMED_OUT)), timeoutMs)
      outgoing.on('error', reject)
      outgoing.on('close', () => clearTimeout(timer))
      outgoing.on('response', (response) => {
        readAll(response).then((text) => {
          resolve({
            status: response.statusCode ?? 0,
            body: text,
            requestId: String(ID_HEADERS.map((name) => response.headers[name]).find(Boolean)),
            closes: response.headers.connection === 'close',
          })
        }, reject)
      })
      outgoing.end(body)
    },
  )
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('latin1')
}
