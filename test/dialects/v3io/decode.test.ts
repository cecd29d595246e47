// From the wire to an operation and one plain input: whose a request is, paths, bodies, callers.

import type { Decoded, Head, Input } from '../../../src/core/dialect.ts'
import { streamOf } from '../../../src/dialects/v3io/names.ts'
import { callOf, headOf, KEY, v3io } from './bridge.ts'

const PUT_RECORDS = { 'x-v3io-function': 'PutRecords' }

function open(line: string, body: unknown = '', headers: Record<string, string> = {}): Decoded {
  return v3io.open(callOf(headOf(line, headers), body))
}

function thrown(work: () => unknown): { code?: string; message?: string } {
  try {
    work()
  } catch (error) {
    return error as { code: string }
  }
  return {}
}

function basic(text: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` }
}

describe('whose a request is', () => {
  test.each<[string, Record<string, string>, string]>([
    ['POST /c/s/', PUT_RECORDS, 'surely'],
    ['POST //c/s/', { 'x-v3io-function': '' }, 'surely'],
    ['GET /c', KEY, 'surely'],
    ['GET /c?prefix=s/', basic('u:p'), 'perhaps'],
    ['DELETE //c/s/', basic('u:p'), 'perhaps'],
    ['GET /', basic('u:p'), 'no'],
    ['GET //', basic('u:p'), 'no'],
    ['HEAD /configured/s', {}, 'perhaps'],
    ['HEAD /configured', {}, 'perhaps'],
    ['HEAD /configuredx/s', {}, 'no'],
    ['GET /c/s', {}, 'no'],
    ['GET /', {}, 'no'],
  ])('%s with %j: %s', (line, headers, claim) => {
    expect(v3io.claim(headOf(line, headers))).toBe(claim)
  })
})

describe('the stream of a path', () => {
  function nameOf(path: string, input: Input = {}): string {
    return streamOf(input, headOf(`POST ${path}`)).name
  }

  test.each([
    ['/bigdata/dir/my%20stream/', 'bigdata/dir/my stream'],
    ['/bigdata/dir/my%20stream', 'bigdata/dir/my stream'],
    ['//bigdata/dir/s/', 'bigdata/dir/s'],
    ['/bigdata//dir///s//', 'bigdata/dir/s'],
    ['/1/topic', '1/topic'],
    ['/bigdata/%C3%BCn%C3%AF/@:+', 'bigdata/ünï/@:+'],
    ['/bigdata/%40%3A%2B', 'bigdata/@:+'],
    ['/bigdata/%2525', 'bigdata/%25'],
    ['http://host:8081/bigdata/s/', 'bigdata/s'],
    ['/users/admin/a.b_c-d', 'users/admin/a.b_c-d'],
  ])('%s is %s', (path, name) => {
    expect(nameOf(path)).toBe(name)
  })

  test('StreamName is appended to the path', () => {
    expect(nameOf('/bigdata/dir/', { StreamName: 's' })).toBe('bigdata/dir/s')
    expect(nameOf('/bigdata/dir', { StreamName: 's' })).toBe('bigdata/dir/s')
    expect(nameOf('/bigdata/', { StreamName: 'a%20b' })).toBe('bigdata/a%20b')
    expect(nameOf('/bigdata/s/', { StreamName: '' })).toBe('bigdata/s')
    expect(nameOf('/bigdata/s/', { StreamName: null })).toBe('bigdata/s')
  })

  test.each([
    ['/bigdata/%zz/', 'invalid-name'],
    ['/bigdata/%', 'invalid-name'],
    ['/bigdata/%ff', 'invalid-name'],
    ['/bigdata/a%2Fb/', 'invalid-name'],
    ['/bigdata/../s/', 'invalid-name'],
    ['/bigdata/%2e%2e/s/', 'invalid-name'],
    ['/bigdata/a%00/', 'invalid-name'],
    [`/bigdata/${'x'.repeat(256)}/`, 'invalid-name'],
    ['/bigdata/', 'invalid-argument'],
    ['/', 'invalid-argument'],
    ['/BigData/s/', 'stream-not-found'],
    ['/a--b/s/', 'stream-not-found'],
    ['/-a/s/', 'stream-not-found'],
    [`/${'x'.repeat(129)}/s/`, 'stream-not-found'],
  ])('%s is none: %s', (path, code) => {
    expect(thrown(() => nameOf(path)).code).toBe(code)
  })
})

describe('the operation', () => {
  test.each([
    ['POST /c/s/', 'PutRecords', 'PutRecords'],
    ['PUT /c/s/', 'PutRecords', 'PutRecords'],
    ['POST /c/s/', 'putrecords', 'PutRecords'],
    ['PUT /c/s/', ' DescribeStream ', 'DescribeStream'],
    ['PUT /c/s/0', 'SeekShard', 'SeekShard'],
    ['POST /c/s/0/', 'Seek', 'SeekShard'],
    ['PUT /c/s/0', 'seek', 'SeekShard'],
    ['PUT /c/s/0', 'GetRecords', 'GetRecords'],
    ['PUT /c/s/g-state.json', '', 'PutObject'],
    ['GET /c/s/g-state.json', '', 'GetObject'],
    ['GET /c?prefix=s/', '', 'GetContainerContents'],
    ['GET /c/dir/', '', 'GetContainerContents'],
    ['HEAD /c/s', '', 'HeadObject'],
    ['DELETE /c/s/', '', 'DeleteObject'],
  ])('%s with function "%s" is %s', (line, name, operation) => {
    expect(open(line, '{}', { 'x-v3io-function': name }).operation).toBe(operation)
  })

  test.each([
    ['PUT /c/s/x', 'UpdateItem', 'not-supported'],
    ['POST /c/s/', 'PutChunk', 'not-supported'],
    ['PUT /c/s/', 'DirSetAttr', 'not-supported'],
    ['GET /c/file', '', 'not-supported'],
    ['GET /c/g-state.json', '', 'not-supported'],
    ['PUT /c/s/g-state.json/', '', 'not-supported'],
    ['PUT /c/s/-state.json', '', 'not-supported'],
    ['PUT /c/file', '', 'not-supported'],
    ['POST /c/file', '', 'not-supported'],
    ['DELETE /c', '', 'not-supported'],
    ['GET /', '', 'not-supported'],
    ['POST /c/s/', 'DropRecords', 'unknown-operation'],
    ['POST /c/s/', 'constructor', 'unknown-operation'],
    ['POST /c/s/', 'DeleteObject', 'unknown-operation'],
    ['GET /c/s/', 'PutRecords', 'method-not-allowed'],
    ['PATCH /c/s/', '', 'method-not-allowed'],
  ])('%s with function "%s": %s', (line, name, code) => {
    expect(thrown(() => open(line, '{}', { 'x-v3io-function': name })).code).toBe(code)
  })
})

describe('the input', () => {
  test.each([
    'application/json',
    'application/octet-stream',
    'application-octet-stream',
    'text/plain; charset=utf-8',
  ])('a body is JSON, also as %s', (type) => {
    const headers = { ...PUT_RECORDS, 'content-type': type }
    expect(open('POST /c/s/', '{"Records":[]}', headers).input).toEqual({ Records: [] })
  })

  test('an empty body is an empty object', () => {
    expect(open('PUT /c/s/', '', { 'x-v3io-function': 'DescribeStream' }).input).toEqual({})
  })

  test.each([
    ["{'ShardCount': 12"],
    ['{"Records": [{"Data": "", "PartitionKey": "a"b"}]}'],
    ['[]'],
    ['null'],
    ['"text"'],
    [' '],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])('%s is malformed', (body) => {
    expect(thrown(() => open('POST /c/s/', body, PUT_RECORDS)).code).toBe('malformed-body')
  })

  test('escapes of other JSON writers', () => {
    const body = '{"Records":[{"Data":"\\/\\/8=","PartitionKey":"\\u00e9"}]}'
    const { input } = open('POST /c/s/', body, PUT_RECORDS)
    expect(input['Records']).toEqual([{ Data: '//8=', PartitionKey: 'é' }])
  })

  test.each([
    ['GET /c?prefix=dir/s/', 'dir/s/'],
    ['GET /c?prefix=%2Fdir%2Fmy%20s&prefix-info=1', '/dir/my s'],
    ['GET /c?prefix=', ''],
    ['GET /c', undefined],
  ])('%s has the prefix %p', (line, prefix) => {
    expect(open(line).input['prefix']).toBe(prefix)
  })
})

describe('the caller', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['Basic', basic('ann:secret'), 'ann'],
    ['Basic in another case', { authorization: 'BASIC YW5uOng=' }, 'ann'],
    ['a password with colons', basic('ann:a:b'), 'ann'],
    ['a session key beside Basic', { ...basic('ann:secret'), ...KEY }, undefined],
    ['a session key', KEY, undefined],
    ['empty credentials (v3ctl)', { authorization: 'Basic Og==' }, undefined],
    ['no colon', basic('e8bd4ca2-537b'), undefined],
    ['no base64', { authorization: 'Basic 12345:abc' }, undefined],
    ['AWS4', { authorization: 'AWS4-HMAC-SHA256 Credential=e8bd4ca2/2026/x' }, undefined],
    ['AWS', { authorization: 'AWS e8bd4ca2:c2ln' }, undefined],
    ['nothing', {}, undefined],
  ])('%s', (_case, headers, caller) => {
    expect(open('HEAD /c/s', '', headers).caller).toBe(caller)
  })
})

test('every reply is answered within the limit given', () => {
  const head: Head = headOf('POST /c/s/')
  expect(v3io.answerWithinMs(head)).toBe(15_000)
  expect(v3io.bodyBytesMax).toBe(10_485_760)
})
