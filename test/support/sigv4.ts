// AWS Signature Version 4 written a second time, from the vendor's page alone: nothing here is shared
// with the service.

import { createHash, createHmac } from 'node:crypto'

export interface ToSign {
  readonly method?: string
  /** As on the wire; the query without its question mark. */
  readonly path?: string
  readonly query?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  /** Names to sign; default: all headers. */
  readonly signed?: readonly string[]
  readonly keyId: string
  readonly secret: string
  readonly atMs?: number
  readonly region?: string
  readonly service?: string
  readonly scopeDate?: string
  readonly terminator?: string
  readonly payloadHash?: string
}

const hex = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
const mac = (key: string | Buffer, data: string): Buffer =>
  createHmac('sha256', key).update(data).digest()

export const timeOf = (atMs: number): string =>
  new Date(atMs).toISOString().replace(/\.\d{3}|[-:]/g, '')

const strict = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase(),
  )

function calculate(request: ToSign, time: string, query: string, headers: Record<string, string>) {
  const { method = 'POST', path = '/', body, keyId, secret } = request
  const { region = 'us-east-1', service = 'kinesis', terminator = 'aws4_request' } = request
  const date = request.scopeDate ?? time.slice(0, 8)
  const names = [...(request.signed ?? Object.keys(headers))].map((n) => n.toLowerCase()).sort()
  const lower = Object.fromEntries(Object.entries(headers).map(([n, v]) => [n.toLowerCase(), v]))
  const canonical = [
    method,
    path.split('/').map(strict).join('/'),
    query
      .split('&')
      .filter(Boolean)
      .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
      .sort()
      .join('&'),
    ...names.map((n) => `${n}:${(lower[n] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    request.payloadHash ?? lower['x-amz-content-sha256'] ?? hex(body),
  ].join('\n')
  const scope = `${date}/${region}/${service}/${terminator}`
  const key = mac(mac(mac(mac(`AWS4${secret}`, date), region), service), terminator)
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hex(canonical)}`
  return {
    credential: `${keyId}/${scope}`,
    names: names.join(';'),
    signature: mac(key, text).toString('hex'),
  }
}

/** The headers of the request, signed. */
export function signHeaders(request: ToSign): Record<string, string> {
  const time = timeOf(request.atMs ?? Date.now())
  const headers = { 'x-amz-date': time, ...request.headers }
  const dated = headers['x-amz-date'] || time
  const { credential, names, signature } = calculate(request, dated, request.query ?? '', headers)
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  }
}

/** The query of the request, signed. */
export function signQuery(request: ToSign, extra: Readonly<Record<string, string>> = {}): string {
  const time = timeOf(request.atMs ?? Date.now())
  const { credential, names } = calculate(request, time, '', { ...request.headers })
  const parameters = {
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': credential,
    'X-Amz-Date': time,
    'X-Amz-SignedHeaders': names,
    ...extra,
  }
  const query = Object.entries(parameters)
    .map(([name, value]) => `${name}=${strict(value)}`)
    .join('&')
  const { signature } = calculate(request, time, query, { ...request.headers })
  return `${query}&X-Amz-Signature=${signature}`
}
