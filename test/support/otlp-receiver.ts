// A receiver of traces over OTLP/HTTP in protobuf (opentelemetry-proto: trace/v1/trace.proto), as far as
// tests look at them.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  /** 2: server, 4: producer. */
  readonly kind: number
  readonly attributes: Readonly<Record<string, string>>
  /** 2: an error. */
  readonly status: number
  /** Of the resource. */
  readonly service: string
}

export interface OtlpReceiver extends AsyncDisposable {
  readonly url: string
  readonly spans: readonly ReceivedSpan[]
  /** Header names and values of the last request. */
  readonly headers: () => Readonly<Record<string, unknown>>
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  let headers: Readonly<Record<string, unknown>> = {}
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    headers = request.headers
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.url === '/v1/traces') spans.push(...readRequest(Buffer.concat(chunks)))
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    headers: () => headers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Fields = ReadonlyMap<number, readonly (Buffer | bigint)[]>

function readRequest(request: Buffer): ReceivedSpan[] {
  return messages(fieldsOf(request), 1).flatMap((resourceSpans) => {
    const [resource] = messages(resourceSpans, 1)
    const service = (resource && attributesOf(resource, 1)['service.name']) ?? ''
    const scopes = messages(resourceSpans, 2)
    return scopes.flatMap((scope) => messages(scope, 2).map((span) => toSpan(span, service)))
  })
}

function toSpan(span: Fields, service: string): ReceivedSpan {
  const [status] = messages(span, 15)
  return {
    service,
    traceId: bytes(span, 1).toString('hex'),
    spanId: bytes(span, 2).toString('hex'),
    parentSpanId: bytes(span, 4).toString('hex'),
    name: bytes(span, 5).toString(),
    kind: Number(span.get(6)?.[0] ?? 0),
    attributes: attributesOf(span, 9),
    status: Number(status?.get(3)?.[0] ?? 0),
  }
}

function attributesOf(message: Fields, number: number): Record<string, string> {
  return Object.fromEntries(
    messages(message, number).map((pair) => {
      const [value] = messages(pair, 2)
      const [first] = [...(value?.values() ?? [])].flat()
      return [bytes(pair, 1).toString(), String(first ?? '')]
    }),
  )
}

function messages(message: Fields, number: number): Fields[] {
  return (message.get(number) ?? []).map((value) => fieldsOf(value as Buffer))
}

function bytes(message: Fields, number: number): Buffer {
  return (message.get(number)?.[0] as Buffer | undefined) ?? Buffer.alloc(0)
}

function fieldsOf(input: Buffer): Fields {
  const fields = new Map<number, (Buffer | bigint)[]>()
  let at = 0
  const varint = (): bigint => {
    for (let [value, shift] = [0n, 0n]; ; shift += 7n) {
      const byte = input.readUInt8(at++)
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < input.length) {
    const tag = Number(varint())
    const length = { 1: 8, 5: 4 }[tag & 7] ?? ((tag & 7) === 2 ? Number(varint()) : undefined)
    const value = length === undefined ? varint() : input.subarray(at, (at += length))
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value])
  }
  return fields
}
