// A load generator that costs little: requests are built once, connections are bare sockets, and of
// a reply only the status and the body are read.

import { connect, type Socket } from 'node:net'
import type { Request } from '../contract/samples.ts'

export interface Reply {
  readonly status: number
  readonly body: string
  readonly ms: number
}

export interface Blaster {
  /** Opens connections, and lets each make a call that costs nothing, so that it was accepted. */
  readonly open: (count: number) => Promise<void>
  /** Connections that wait for something to send. */
  readonly idle: () => number
  /** Sends it over an idle connection, or a new one. Rejects when the connection breaks. */
  readonly send: (request: Buffer) => Promise<Reply>
  readonly close: () => void
}

const OPEN_AT_ONCE = 100
/** No dialect's: answered with a 404 and a sentence. */
const NOBODYS = Buffer.from('GET / HTTP/1.1\r\nhost: faults\r\n\r\n')

/** The bytes of a request. */
export function bytesOf({ method, path, headers, body }: Request): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = `content-length: ${body.length}\r\n`
  const head = `${method} ${path} HTTP/1.1\r\nhost: faults\r\n${lines.join('')}${length}\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

export function createBlaster(port: number): Blaster {
  const idle: Socket[] = []
  const all = new Set<Socket>()

  function connectOne(): Socket {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    all.add(socket)
    socket.setMaxListeners(0)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      all.delete(socket)
      const place = idle.indexOf(socket)
      if (place >= 0) idle.splice(place, 1)
    })
    return socket
  }

  return {
    idle: () => idle.length,
    async open(count) {
      for (let left = count; left > 0; left -= OPEN_AT_ONCE) {
        const some = Array.from({ length: Math.min(left, OPEN_AT_ONCE) }, async () => {
          const socket = connectOne()
          await exchange(socket, NOBODYS)
          idle.push(socket)
        })
        await Promise.all(some)
      }
    },
    async send(request) {
      const startedMs = performance.now()
      const socket = idle.pop() ?? connectOne()
      const { status, body, closes } = await exchange(socket, request)
      if (closes) socket.destroy()
      else idle.push(socket)
      return { status, body, ms: performance.now() - startedMs }
    },
    close() {
      for (const socket of all) socket.destroy()
    },
  }
}

interface Read {
  readonly status: number
  readonly body: string
  readonly closes: boolean
}

function exchange(socket: Socket, request: Buffer): Promise<Read> {
  return new Promise((resolve, reject) => {
    let text = ''
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const read = parse(text)
      if (!read) return
      socket.off('data', onData)
      socket.off('close', onClose)
      resolve(read)
    }
    const onClose = () => reject(new Error('the connection broke'))
    socket.on('data', onData)
    socket.on('close', onClose)
    socket.write(request)
  })
}

/** A whole reply, once it is there. */
function parse(text: string): Read | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = text.slice(0, end).toLowerCase()
  const body = text.slice(end + 4)
  const length = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0)
  if (body.length < length) return undefined
  return { status: Number(head.slice(9, 12)), body, closes: head.includes('connection: close') }
}
