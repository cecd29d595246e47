// From the wire to one plain input: paths, queries as the clients write them, bodies.

import { dis, headOf } from './bridge.ts'

function open(line: string, body = '', headers: Readonly<Record<string, string>> = {}) {
  const head = headOf(line, headers)
  return dis.open({
    head,
    body: Buffer.from(body),
    id: '',
    receivedAtMs: 0,
    deadlineMs: 0,
    charge: () => undefined,
    release: () => undefined,
  })
}

function codeOf(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return (error as { code: unknown }).code
  }
  return undefined
}

test('path, query and body make one input; the path holds', () => {
  const { input } = open(
    'PUT /v2/p1/streams/s1/?stream_name=query&stream_id=id&',
    '{"stream_name":"body","target_partition_count":3}',
  )
  expect(input).toEqual({
    project_id: 'p1',
    stream_name: 's1',
    stream_id: 'id',
    target_partition_count: 3,
  })
})

test('numbers in a query are numbers where the operation wants one', () => {
  const line = 'GET /v2/p1/streams/s1/?stream_name=5&limit_partitions=100&start_partitionId=&'
  expect(open(line).input).toEqual({
    project_id: 'p1',
    stream_name: 's1',
    limit_partitions: 100,
    start_partitionId: '',
  })
  expect(open('GET /v2/p1/streams?limit=').input).toEqual({ project_id: 'p1' })
  expect(open('GET /v2/p1/streams?limit').input).toEqual({ project_id: 'p1' })
  expect(open('GET /v2/p1/streams?limit=x').input['limit']).toBe('x')
  expect(open('GET /v2/p1/streams?limit=1&limit=2').input['limit']).toBe(1)
})

test('cursors arrive unencoded, names percent-encoded or not', () => {
  const { input } = open('GET /v2/p1/records/?partition-cursor=abc+/==&max_fetch_bytes=%31%')
  expect(input['partition-cursor']).toBe('abc+/==')
  expect(input['max_fetch_bytes']).toBe('%31%')
  expect(open('GET /v2/p1/streams/a%2Db').input['stream_name']).toBe('a-b')
})

test('names that objects have by birth are names like any other', () => {
  const { input } = open('GET /v2/p1/streams?__proto__=x&constructor=y')
  expect(Object.getPrototypeOf(input)).toBe(Object.prototype)
  expect(input.constructor).toBe('y')
})

test('the body of a GET or DELETE is nobody’s', () => {
  expect(open('GET /v2/p1/streams/s1', '{"stream_name":"x"}').input['stream_name']).toBe('s1')
  expect(open('DELETE /v2/p1/streams/s1', 'no JSON').operation).toBe('DeleteStream')
  const protobuf = { 'content-type': 'application/x-protobuf; charset=utf-8' }
  expect(open('GET /v2/p1/records?partition-cursor=x', '', protobuf).operation).toBe('GetRecords')
})

test.each([
  undefined,
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=UTF-8',
  'application/x-www-form-urlencoded',
])('content type %s: JSON', (type) => {
  const headers = type === undefined ? {} : { 'content-type': type }
  expect(open('POST /v2/p1/records', '{"stream_name":"s"}', headers).input['stream_name']).toBe('s')
})

test.each(['', '{', 'null', '[]', '"text"', '1', 'no'])('body %j is malformed', (body) => {
  expect(codeOf(() => open('POST /v2/p1/records', body))).toBe('malformed-body')
})

test.each<Record<string, string>>([
  { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  { 'content-type': 'application/x-protobuf', 'content-encoding': 'br' },
])('body form %j is refused with a status on which no agent drops its data', (headers) => {
  const head = headOf('POST /v2/p1/records', headers)
  const call = {
    head,
    body: Buffer.from('{}'),
    id: '',
    receivedAtMs: 0,
    deadlineMs: 0,
    charge: () => undefined,
    release: () => undefined,
  }
  let reply
  try {
    dis.open(call)
  } catch (error) {
    reply = dis.fail(error as Parameters<typeof dis.fail>[0], head)
  }
  expect(reply?.status).toBe(415)
  expect(reply?.body.toString()).toContain('"errorCode":"DIS.4605"')
})

test('identity content encoding is none', () => {
  const headers = { 'content-encoding': 'identity' }
  expect(open('POST /v2/p1/records', '{}', headers).operation).toBe('PutRecords')
})

test.each([
  [
    'SDK-HMAC-SHA256 Credential=AK1/20260101/r/dis/sdk_request, SignedHeaders=host, Signature=0',
    'AK1',
  ],
  ['V11-HMAC-SHA256 Credential=AK1/20260101/r/dis, SignedHeaders=host, Signature=0', 'AK1'],
  ['SDK-HMAC-SHA256 Access=AK1, SignedHeaders=host;x-sdk-date, Signature=0', 'AK1'],
  ['nonsense', undefined],
  ['', undefined],
])('authorization %j: caller %s', (authorization, caller) => {
  expect(open('GET /v2/p1/streams', '', { authorization }).caller).toBe(caller)
})

test('a token names nobody', () => {
  expect(open('GET /v2/p1/streams', '', { 'x-auth-token': 'secret' }).caller).toBeUndefined()
})
