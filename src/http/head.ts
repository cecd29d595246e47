// Node's request → the head that dialects read, for HTTP/1.1 and HTTP/2 alike.

import type { IncomingMessage } from 'node:http'
import type { Head } from '../core/dialect.ts'

/** A client that takes us for its proxy names the whole URL in the request line (RFC 9112, 3.2.2). */
const ORIGIN = /^https?:\/\/[^/?]*/i

/** Header names are lower case in Node; repeated ones are joined as RFC 9110 5.3 says. */
export function readHead(request: IncomingMessage, pinned: string | undefined): Head {
  const target = request.url ?? '/'
  const place = target.startsWith('/') ? target : target.replace(ORIGIN, '') || '/'
  const mark = place.indexOf('?')
  return {
    method: request.method ?? 'GET',
    target,
    path: mark < 0 ? place : place.slice(0, mark),
    query: mark < 0 ? '' : place.slice(mark + 1),
    headers: joined(request.headers),
    pinned,
  }
}

/** Of all that clients send only cookies that are set are lists in Node. */
function joined(headers: IncomingMessage['headers']): Head['headers'] {
  const { 'set-cookie': cookies } = headers
  if (cookies === undefined) return headers as Head['headers']
  return { ...headers, 'set-cookie': cookies.join(', ') }
}

/** The name a request was sent to, without its port. */
export function hostOf(request: IncomingMessage): string {
  const host = request.headers.host ?? (request.headers[':authority'] as string | undefined) ?? ''
  return host.replace(/:\d+$/, '').toLowerCase()
}

/** The length that a body announces; nothing where it has none (chunked, or HTTP/2 without one). */
export function announcedBytes({ headers }: IncomingMessage): number | undefined {
  const text = headers['content-length']
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Whether a client waits to be told that it may send its body (RFC 9110, 10.1.1). */
export function asksToGoOn(expect: string | undefined): boolean {
  return expect?.toLowerCase() === '100-continue'
}
