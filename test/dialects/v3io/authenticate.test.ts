// Access keys and users, verified.

import { startBridge, type Bridge } from '../../support/bridge.ts'

const ACCESS_KEY = 'e8bd4ca2-537b-4175-bf01-8c74963e90bf'
const CREDENTIALS = `
principals:
  - name: mlrun
    v3io: { accessKeys: ["${ACCESS_KEY}"], users: [{ username: iguazio, password: "p:w" }] }
    aws: [{ accessKeyId: AWSKEY, secretAccessKey: aws-secret }]
    dis: [{ ak: DISKEY, sk: dis-secret }]
    tokens: [token]
    allow: [{ actions: [put], streams: ["bucket/orders"] }]
    quotas: { recordsPerSecond: 100 }
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
