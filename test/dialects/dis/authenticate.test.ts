// Signatures and tokens, verified: requests as unmodified clients sent them (test/vectors/dis), each of
// their forms spoilt in turn, and each refusal's code.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHash, createHmac } from 'node:crypto'
import { parseCredentials } from '../../../src/config/credentials.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Call, Head } from '../../../src/core/dialect.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import { createPrincipals } from '../../../src/core/principals.ts'
import { createDialects } from '../../../src/dialects/index.ts'
import { createAuthentication } from '../../../src/dialects/dis/authenticate.ts'
import { startBridge, type Bridge } from '../../support/bridge.ts'
import { ROOT } from '../../support/source-files.ts'

interface Vector {
  readonly client: string
  readonly dialect: string
  readonly ak: string
  readonly sk: string
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body_base64: string
}

const FOLDER = join(ROOT, 'test/vectors/dis')
const VECTORS = readdirSync(FOLDER).map((name): [string, Vector] => [
  name,
  JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Vector,
])

const AK = 'TESTAK0000000000'
const SK = 'TestSk+/0000000000000000000000000'

const authenticate = createAuthentication()

function identityOf(sk = SK) {
  const text = JSON.stringify({
    principals: [
      {
        name: 'p',
        dis: [{ ak: AK, sk }],
        tokens: ['iam-token'],
        aws: [{ accessKeyId: 'AWSKEY', secretAccessKey: 'aws' }],
        allow: [{ actions: ['put'], streams: ['orders'] }],
      },
      { name: 'none', dis: [{ ak: 'IDLE', sk: 'idle' }] },
    ],
  })
  return createPrincipals(parseCredentials(text), Date.now)
}

const IDENTITY = identityOf()

/** The time in X-Sdk-Date. */
function timeOf(text: string): number {
  return Date.parse(text.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'))
}

interface Asked {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly atMs?: number
}

function callOf({ method, target, headers, body, atMs }: Asked): Call {
  const lower = Object.fromEntries(Object.entries(headers).map(([n, v]) => [n.toLowerCase(), v]))
  const [path = '', query = ''] = target.split(/\?(.*)/s)
  const head: Head = { method, target, path, query, headers: lower }
  const receivedAtMs = atMs ?? timeOf(lower['x-sdk-date'] ?? '')
  return {
    head,
    body,
    id: '',
    receivedAtMs,
    deadlineMs: receivedAtMs + 1000,
    charge: () => undefined,
    release: () => undefined,
  }
}

function recorded({ method, target, headers, body_base64 }: Vector): Asked {
  return {
    ...{ method, target, headers: Object.fromEntries(headers) },
    body: Buffer.from(body_base64, 'base64'),
  }
}

/** The name of the principal, or the code of the refusal. */
function ask(asked: Asked, identity = IDENTITY): string {
  try {
    return authenticate(callOf(asked), identity).name
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'not-authenticated') return error.as ?? ''
    throw error
  }
}

describe.each(VECTORS)('%s', (_, vector) => {
  const asked = recorded(vector)

  test('is accepted as it was sent', () => {
    expect(ask(asked)).toBe('p')
  })

  test('is refused with another secret', () => {
    expect(ask(asked, identityOf(`${SK}0`))).toBe('DIS.4112')
  })

  const authorization = asked.headers['Authorization']!
  const signed = /SignedHeaders=([^,]+)/.exec(authorization)![1]!.split(';')
  const changed = (headers: Record<string, string>): Asked => ({
    ...asked,
    headers: { ...asked.headers, ...headers },
  })
  const spoilt: Record<string, Asked> = {
    method: { ...asked, method: 'PUT' },
    path: { ...asked, target: asked.target.replace('/p1/', '/p2/') },
    query: { ...asked, target: `${asked.target}${asked.target.includes('?') ? '&' : '?'}x=1` },
    body: { ...asked, body: Buffer.concat([asked.body, Buffer.of(0)]) },
    signature: changed({
      Authorization: authorization.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    }),
  }

  test.each(Object.entries(spoilt))('is refused with another %s', (_part, each) => {
    expect(ask(each)).toBe('DIS.4112')
  })

  test('is refused with another value of any signed header', () => {
    for (const name of signed.filter((each) => each !== 'x-sdk-date')) {
      const key = Object.keys(asked.headers).find((each) => each.toLowerCase() === name)!
      expect([name, ask(changed({ [key]: `x${asked.headers[key]}` }))]).toEqual([name, 'DIS.4112'])
    }
  })

  test('is refused a quarter of an hour later, or before', () => {
    const atMs = callOf(asked).receivedAtMs
    expect(ask({ ...asked, atMs: atMs + 899_000 })).toBe('p')
    expect(ask({ ...asked, atMs: atMs + 901_000 })).toBe('DIS.4105')
    expect(ask({ ...asked, atMs: atMs - 901_000 })).toBe('DIS.4105')
  })
})

test('all four forms are among them', () => {
  expect(new Set(VECTORS.map(([, { dialect }]) => dialect))).toEqual(new Set(['A', 'B', 'C', 'D']))
})

describe('signatures that were computed elsewhere', () => {
  const body = Buffer.from(
    '{"stream_name":"s1","records":[{"data":"ZGF0YQ==","partition_key":"0"}]}',
  )
  const java = {
    'content-type': 'application/json; charset=utf-8',
    accept: '*/*; charset=utf-8',
    host: '127.0.0.1:18080',
    'x-project-id': 'p1',
    'x-sdk-date': '20261121T234442Z',
    'x-sdk-version': '1.3.5-SNAPSHOT/java',
  }
  const scope = `${AK}/20261121/cn-north-1/dis/sdk_request`
  const python = {
    host: '127.0.0.1:8080',
    'x-sdk-date': '20260101T000000Z',
  }
  const pythonBody = Buffer.from(
    '{"stream_name": "s1", "stream_id": "", "records": [{"data": "ZGF0YQ==", "partition_key": "0"}]}',
  )
  const pythonScope = `${AK}/20260101/cn-north-1/dis/sdk_request`
  const authorize = (algorithm: string, credential: string, names: string, hex: string) =>
    `${algorithm} ${credential}, SignedHeaders=${names}, Signature=${hex}`
  const javaNames = 'accept;content-type;host;x-project-id;x-sdk-date;x-sdk-version'

  test.each<[string, Asked]>([
    [
      'Java, POST',
      {
        method: 'POST',
        target: '/v2/p1/records/',
        body,
        headers: {
          ...java,
          authorization: authorize(
            'SDK-HMAC-SHA256',
            `Credential=${scope}`,
            javaNames,
            '443dd343d5fa6c74553524c7b59a83054c498039718e8a5b90ce2dca51217b9d',
          ),
        },
      },
    ],
    [
      'Java, GET with a dangling &',
      {
        method: 'GET',
        target: '/v2/p1/streams/s1/?stream_name=s1&limit_partitions=100&',
        body: Buffer.alloc(0),
        headers: {
          ...java,
          authorization: authorize(
            'SDK-HMAC-SHA256',
            `Credential=${scope}`,
            javaNames,
            '460543860a14afbe715db3222f9d9ea574d0a9ed1653ad9425856094b733c483',
          ),
        },
      },
    ],
    [
      'Python, plain',
      {
        method: 'POST',
        target: '/v2/p1/records/',
        body: pythonBody,
        headers: {
          ...python,
          authorization: authorize(
            'SDK-HMAC-SHA256',
            `Credential=${pythonScope}`,
            'host;x-sdk-date',
            '54e4357c0c3523d4b40ffacdd2b622ee66ae6791168559246c56a028e1dface2',
          ),
        },
      },
    ],
    [
      'Python, derived',
      {
        method: 'POST',
        target: '/v2/p1/records/',
        body: pythonBody,
        headers: {
          ...python,
          authorization: authorize(
            'V11-HMAC-SHA256',
            `Credential=${pythonScope}`,
            'host;x-sdk-date',
            '16c321652e9a43a4e6f0477773daf99f1ef050f1a5faac7f4214bb5897917856',
          ),
        },
      },
    ],
    [
      'Python, derived, a path without its slash',
      {
        method: 'GET',
        target: '/v2/p1/streams/s1?limit_partitions=1000',
        body: Buffer.alloc(0),
        headers: {
          ...python,
          authorization: authorize(
            'V11-HMAC-SHA256',
            `Credential=${pythonScope}`,
            'host;x-sdk-date',
            '65839ea1439878ff174789303b677966abfbb33690825b2baa8c2d3747c5dfb2',
          ),
        },
      },
    ],
    [
      'Node, version 3',
      {
        method: 'POST',
        target: '/v2/p1/records',
        body,
        headers: {
          'content-type': 'application/json',
          host: '127.0.0.1:18080',
          'x-project-id': 'p1',
          'x-sdk-date': '20261121T234706Z',
          authorization: authorize(
            'SDK-HMAC-SHA256',
            `Access=${AK}`,
            'content-type;host;x-project-id;x-sdk-date',
            '2708499f0e97c5e0719f95e2cc06c1745b534b4473e111234215922b747daced',
          ),
        },
      },
    ],
  ])('%s', (_, asked) => {
    expect(ask(asked)).toBe('p')
    expect(ask(asked, identityOf('other'))).toBe('DIS.4112')
  })
})

/** Form C, by hand. */
function sign(
  { query = '', canonicalQuery = '' },
  headers: Readonly<Record<string, string>>,
): Asked {
  const target = '/v2/p1/cursors'
  const time = '20260101T000000Z'
  const all: Record<string, string> = { 'x-sdk-date': time, ...headers }
  const names = Object.keys(all).sort()
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
  const canonical = [
    'GET',
    `${target}/`,
    canonicalQuery,
    ...names.map((name) => `${name}:${all[name]}`),
    '',
    names.join(';'),
    sha(''),
  ].join('\n')
  const hex = createHmac('sha256', SK)
    .update(`SDK-HMAC-SHA256\n${time}\n${sha(canonical)}`)
    .digest('hex')
  const authorization = `SDK-HMAC-SHA256 Access=${AK}, SignedHeaders=${names.join(';')}, Signature=${hex}`
  return {
    method: 'GET',
    target: query === '' ? target : `${target}?${query}`,
    headers: { ...all, authorization },
    body: Buffer.alloc(0),
  }
}

describe('canonical forms of queries', () => {
  test.each([
    ['as encoded on the wire', 'a=x%20y&b=%2B', 'a=x%20y&b=%2B'],
    ['sent as it is, and signed encoded (Java)', 'c=a+b/c==&a=%41', 'a=%2541&c=a%2Bb%2Fc%3D%3D'],
    ['empty values without = (Python)', 'a=&b=1', 'a&b=1'],
    ['a plus for a blank (Go)', 'b=x+y&a=', 'a&b=x+y'],
    ['unsorted, with a dangling &', 'b=2&a=1&', 'a=1&b=2'],
  ])('%s', (_, query, canonicalQuery) => {
    expect(ask(sign({ query, canonicalQuery }, { host: 'x' }))).toBe('p')
  })

  test('the host need not be signed (Go, version 3); the date must be', () => {
    expect(ask(sign({}, { 'x-project-id': 'p1' }))).toBe('p')
    const asked = sign({}, { host: 'x' })
    const authorization = asked.headers['authorization']!.replace(';x-sdk-date', '')
    expect(ask({ ...asked, headers: { ...asked.headers, authorization } })).toBe('DIS.4105')
  })
})

describe('refusals', () => {
  const good = sign({}, { host: 'x' })
  const { authorization = '' } = good.headers
  const ours = (headers: Record<string, string | undefined>): string => {
    const all = Object.entries({ ...good.headers, ...headers })
    const kept = all.filter((each): each is [string, string] => each[1] !== undefined)
    return ask({ ...good, headers: Object.fromEntries(kept), atMs: timeOf('20260101T000000Z') })
  }
  const withScope = (scope: string): string =>
    ours({ authorization: authorization.replace(/Access=\w+/, `Credential=${AK}${scope}`) })

  test.each<[string, () => string, string]>([
    ['nothing', () => ours({ authorization: undefined }), 'DIS.4101'],
    ['another scheme', () => ours({ authorization: 'Basic dTpw' }), 'DIS.4102'],
    ['parts that are no pairs', () => ours({ authorization: 'SDK-HMAC-SHA256 x' }), 'DIS.4102'],
    ['no date', () => ours({ 'x-sdk-date': undefined }), 'DIS.4103'],
    ['a date that is none', () => ours({ 'x-sdk-date': 'today' }), 'DIS.4104'],
    ['an old date', () => ours({ 'x-sdk-date': '20250101T000000Z' }), 'DIS.4105'],
    ['no key', () => ours({ authorization: authorization.replace(AK, '') }), 'DIS.4106'],
    ['an unknown key', () => ours({ authorization: authorization.replace(AK, 'AK') }), 'DIS.4107'],
    [
      'a key of AWS',
      () => ours({ authorization: authorization.replace(AK, 'AWSKEY') }),
      'DIS.4107',
    ],
    ['another service', () => withScope('/20260101/r/obs/sdk_request'), 'DIS.4108'],
    ['no service', () => withScope('/20260101/r'), 'DIS.4108'],
    [
      'no signed headers',
      () => ours({ authorization: `SDK-HMAC-SHA256 Access=${AK}` }),
      'DIS.4109',
    ],
    [
      'an empty signature',
      () => ours({ authorization: authorization.replace(/Signature=.*/, 'Signature=') }),
      'DIS.4110',
    ],
    ['no region', () => withScope('/20260101//dis/sdk_request'), 'DIS.4111'],
    ['a wrong signature', () => withScope('/20260101/r/dis/sdk_request'), 'DIS.4112'],
    ['another day in the scope', () => withScope('/20260102/r/dis/sdk_request'), 'DIS.4105'],
    ['another end of the scope', () => withScope('/20260101/r/dis/aws4_request'), 'DIS.4102'],
    ['an empty token', () => ours({ authorization: undefined, 'x-auth-token': '' }), 'DIS.4113'],
    ['another token', () => ours({ authorization: undefined, 'x-auth-token': AK }), 'DIS.4114'],
    ['a token', () => ours({ authorization: undefined, 'x-auth-token': 'iam-token' }), 'p'],
  ])('%s', (_, act, code) => {
    expect(act()).toBe(code)
  })
})

describe('on the wire', () => {
  let bridge: Bridge
  beforeAll(async () => {
    const credentials = JSON.stringify({
      principals: [
        {
          name: 'p',
          tokens: ['iam-token'],
          allow: [{ actions: ['put'], streams: ['orders'] }],
          quotas: { recordsPerSecond: 1 },
        },
      ],
    })
    bridge = await startBridge({ topics: { orders: 1, other: 1 }, credentials })
  })
  afterAll(() => bridge[Symbol.asyncDispose]())

  async function put(stream: string, token: string) {
    const response = await fetch(`${bridge.url}/v2/p1/records`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': token },
      body: JSON.stringify({ stream_name: stream, records: [{ data: 'QQ==' }, { data: 'QQ==' }] }),
    })
    return { status: response.status, body: (await response.json()) as object }
  }

  test('441 and both spellings of the error', async () => {
    expect(await put('orders', 'other')).toEqual({
      status: 441,
      body: {
        errorCode: 'DIS.4114',
        message: 'Invalid Token header.',
        error_code: 'DIS.4114',
        error_msg: 'Invalid Token header.',
      },
    })
  })

  test('403 for what is not permitted', async () => {
    expect(await put('other', 'iam-token')).toMatchObject({
      status: 403,
      body: {
        errorCode: 'DIS.4116',
        message: 'Invalid RBAC. p may not put records into the stream other',
      },
    })
  })

  test('a quota that is used up fails every record in its place, in a 200', async () => {
    expect(await put('orders', 'iam-token')).toMatchObject({
      status: 200,
      body: { failed_record_count: 0 },
    })
    expect(await put('orders', 'iam-token')).toMatchObject({
      status: 200,
      body: {
        failed_record_count: 2,
        records: [{ error_code: 'DIS.4303' }, { error_code: 'DIS.4303' }],
      },
    })
    expect(bridge.log.messages('orders')).toHaveLength(2)
  })
})

test('without verification any signature will do, and none', () => {
  const { dialects } = loadConfig({ environment: {} })
  const dis = createDialects(dialects).find(({ name }) => name === 'dis')!
  const [, vector] = VECTORS[0]!
  const asked = recorded(vector)
  expect(dis.open(callOf(asked)).caller).toBe(AK)
  const bare = { ...asked, headers: { 'content-type': 'application/json' }, atMs: 0 }
  expect(dis.open(callOf(bare)).caller).toBeUndefined()
})
