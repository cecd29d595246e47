// Access keys and users, verified.

import { startBridge, type Bridge } from '../../support/bridge.ts'

const ACCESS_KEY = 'e8bd4ca2-537b-4175-bf01-8c74963e90bf'
const READER_KEY = '4f2b6f0e-8b52-4a7e-9d0c-2f6f1d0f8a11'
const PRODUCER_KEY = '0d6f0a35-3a0c-4f0e-8f4e-0f4f1f6d2b77'
const CREDENTIALS = `
principals:
  - name: mlrun
    v3io: { accessKeys: ["${ACCESS_KEY}"], users: [{ username: iguazio, password: "p:w" }] }
    aws: [{ accessKeyId: AWSKEY, secretAccessKey: aws-secret }]
    dis: [{ ak: DISKEY, sk: dis-secret }]
    tokens: [token]
    allow: [{ actions: [put], streams: ["bucket/orders"] }]
    quotas: { recordsPerSecond: 100 }
  - name: nuclio
    v3io: { accessKeys: ["${READER_KEY}"] }
    allow: [{ actions: [read], streams: ["bucket/orders"] }]
  - name: producer
    v3io: { accessKeys: ["${PRODUCER_KEY}"] }
    allow: [{ actions: [put], streams: ["bucket/orders"] }]
`

let bridge: Bridge
beforeAll(async () => {
  const topics = { 'bucket.orders': 2, 'bucket.other': 1 }
  bridge = await startBridge({ topics, credentials: CREDENTIALS })
})
afterAll(() => bridge[Symbol.asyncDispose]())

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

async function call(headers: Record<string, string>, path = '/bucket/orders/', body?: object) {
  const response = await fetch(`${bridge.url}${path}`, {
    method: 'PUT',
    headers: { 'x-v3io-function': 'PutRecords', ...headers },
    body: JSON.stringify(body ?? { Records: [{ Data: 'QQ==' }] }),
  })
  return { status: response.status, body: (await response.json()) as object }
}

test.each<[string, Record<string, string>]>([
  ['a session key', { 'x-v3io-session-key': ACCESS_KEY }],
  [
    'a session key beside empty Basic',
    { 'x-v3io-session-key': ACCESS_KEY, authorization: basic(':') },
  ],
  ['Basic, with a colon in the password', { authorization: basic('iguazio:p:w') }],
  [
    'an AWS4 header, whose signature does not count',
    {
      authorization: `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/20200101/r/s/aws4_request, Signature=0`,
    },
  ],
  ['an AWS header', { authorization: `AWS ${ACCESS_KEY}:signature` }],
])('accepted: %s', async (_, headers) => {
  expect(await call(headers)).toMatchObject({ status: 200, body: { FailedRecordCount: 0 } })
})

const KEY_IDS = ['AWSKEY', 'DISKEY', 'aws-secret', 'token', 'iguazio', 'p:w', 'other']

test.each<[string, Record<string, string>]>([
  ['nothing', {}],
  ['a wrong password', { authorization: basic('iguazio:p') }],
  ['another user', { authorization: basic('other:p:w') }],
  ['an access key for a password', { authorization: basic(`iguazio:${ACCESS_KEY}`) }],
  ['Basic that is no base64', { authorization: 'Basic %%%' }],
  ['Bearer', { authorization: 'Bearer x' }],
  [
    'a wrong session key beside right Basic',
    { 'x-v3io-session-key': 'other', authorization: basic('iguazio:p:w') },
  ],
  ...KEY_IDS.flatMap((id): [string, Record<string, string>][] => [
    [`${id} as a session key`, { 'x-v3io-session-key': id }],
    [`${id} in an AWS header`, { authorization: `AWS ${id}:signature` }],
    [
      `${id} in an AWS4 header`,
      { authorization: `AWS4-HMAC-SHA256 Credential=${id}/20200101/r/s/aws4_request` },
    ],
  ]),
])('refused: %s', async (_, headers) => {
  expect(await call(headers)).toEqual({
    status: 401,
    body: { ErrorCode: -13, ErrorMessage: 'Permission denied' },
  })
})

test('403 for what is not permitted, whether it is there or not', async () => {
  const key = { 'x-v3io-session-key': ACCESS_KEY }
  for (const path of ['/bucket/other/', '/bucket/nowhere/']) {
    expect(await call(key, path)).toEqual({
      status: 403,
      body: { ErrorCode: -13, ErrorMessage: 'Permission denied' },
    })
  }
})

test('a directory shows what its caller may see', async () => {
  const response = await fetch(`${bridge.url}/bucket/`, {
    headers: { 'x-v3io-session-key': ACCESS_KEY },
  })
  const xml = await response.text()
  expect(xml).toContain('orders/')
  expect(xml).not.toContain('other/')
})

test('a quota that is used up is the 503 that clients know as transient', async () => {
  const key = { 'x-v3io-session-key': ACCESS_KEY }
  const body = { Records: Array.from({ length: 500 }, () => ({ Data: 'QQ==' })) }
  expect(await call(key, '/bucket/orders/', body)).toMatchObject({ status: 200 })
  expect(await call(key)).toMatchObject({
    status: 503,
    body: { ErrorCode: -117440512, ErrorMessage: 'Failed to send a control message request' },
  })
})

describe('a consumer that may read and nothing else', () => {
  const key = { 'x-v3io-session-key': READER_KEY }
  const START = 'AQAAAAAAAAAAAAAAAAAAAA=='
  const state = { Item: { state: { S: '{}' } }, ConditionExpression: 'not(exists(state))' }
  const commit = { Item: { __cg_committed_sequence_number: { N: '1' } } }

  async function statusOf(path: string, name: string, body: object, headers = key) {
    const response = await fetch(`${bridge.url}${path}`, {
      method: 'PUT',
      headers: { 'x-v3io-function': name, ...headers },
      body: JSON.stringify(body),
    })
    await response.arrayBuffer()
    return response.status
  }

  test('does all that nuclio does', async () => {
    const records = [0, 1].map((shard) => ({ Data: 'QQ==', ShardId: shard }))
    const put = await call({ 'x-v3io-session-key': PRODUCER_KEY }, undefined, { Records: records })
    expect(put.status).toBe(200)
    const head = await fetch(`${bridge.url}/bucket/orders`, { method: 'HEAD', headers: key })
    const list = await fetch(`${bridge.url}/bucket?prefix=orders/`, { headers: key })
    expect([head.status, list.status]).toEqual([200, 200])
    expect(await statusOf('/bucket/orders/', 'DescribeStream', {})).toBe(200)
    expect(await statusOf('/bucket/orders/cg-state.json', 'PutItem', state)).toBe(200)
    expect(await statusOf('/bucket/orders/cg-state.json', 'GetItem', {})).toBe(200)
    expect(await statusOf('/bucket/orders/0', 'SeekShard', { Type: 'EARLIEST' })).toBe(200)
    expect(await statusOf('/bucket/orders/0', 'GetRecords', { Location: START })).toBe(200)
    expect(await statusOf('/bucket/orders/0', 'PutItem', commit)).toBe(200)
  })

  test('puts nothing, and sees no other stream', async () => {
    expect((await call(key)).status).toBe(403)
    expect(await statusOf('/bucket/orders/', 'UpdateStream', { ShardCount: 9 })).toBe(403)
    expect(await statusOf('/bucket/other/0', 'GetRecords', { Location: START })).toBe(403)
    expect(await statusOf('/bucket/other/0', 'SeekShard', { Type: 'EARLIEST' })).toBe(403)
    expect(await statusOf('/bucket/other/cg-state.json', 'PutItem', state)).toBe(403)
    expect(await statusOf('/bucket/other/0', 'GetItem', {})).toBe(403)
  })

  test('who may only put reads nothing, and keeps nothing', async () => {
    const producer = { 'x-v3io-session-key': PRODUCER_KEY }
    const start = { Location: START }
    expect(await statusOf('/bucket/orders/0', 'GetRecords', start, producer)).toBe(403)
    expect(await statusOf('/bucket/orders/x-state.json', 'PutItem', state, producer)).toBe(403)
    expect(await statusOf('/bucket/orders/', 'GetItems', {}, producer)).toBe(403)
  })
})
