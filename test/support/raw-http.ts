// Requests byte for byte, as a vendor's page prints them: no client between the page and the service.

import { connect } from 'node:net'

export interface RawReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const ANSWER_WITHIN_MS = 20_000

/** Sends the text on a connection of its own. The reply must have a length. */
export function sendRaw(port: number, request: string): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let received = ''
    const timer = setTimeout(
      () => socket.destroy(new Error(`no whole answer within ${ANSWER_WITHIN_MS} ms: ${received}`)),
      ANSWER_WITHIN_MS,
    )
    socket.setEncoding('latin1')
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(timer)
      reject(new Error(`closed before a whole answer: ${received}`))
    })
    socket.on('data', (text: string) => {
      received += text
      const reply = parse(received)
      if (!reply) return
      resolve(reply)
      socket.destroy()
    })
    socket.write(request)
  })
}

function parse(text: string): RawReply | undefined {
  const [head = '', rest] = text.split(/\r\n\r\n(.*)/s)
  if (rest === undefined) return undefined
  const [line = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((each) => {
      const [name = '', value = ''] = each.split(/: *(.*)/s)
      return [name.toLowerCase(), value]
    }),
  )
  if (rest.length < Number(headers['content-length'])) return undefined
  return {
    status: Number(line.split(' ')[1]),
    headers,
    body: Buffer.from(rest, 'latin1').toString('utf8'),
  }
}

/** A request: its head as lines, its body as it is, and the length, which no page can know. */
export function rawRequest(head: readonly string[], body: string): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  return `${[...head, length].join('\r\n')}\r\n\r\n${body}`
}
