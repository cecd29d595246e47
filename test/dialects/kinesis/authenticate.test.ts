// Signatures and tokens, verified: right ones by a second implementation and by Amazon's own SDK, and
// each way of being wrong in the service's words.

import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import {
  KinesisClient,
  ListStreamsCommand,
  PutRecordCommand,
  type KinesisClientConfig,
} from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { failureOf } from '../../support/failure.ts'
import { startBridge, type Bridge } from '../../support/bridge.ts'
import { signHeaders, signQuery, timeOf, type ToSign } from '../../support/sigv4.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const KEY = { keyId: 'AKIDEXAMPLE', secret: SECRET }
const CREDENTIALS = `
principals:
  - name: orders
    aws:
      - { accessKeyId: AKIDEXAMPLE, secretAccessKey: "${SECRET}" }
      - { accessKeyId: ASIATEMPORARY, secretAccessKey: "temporary", sessionToken: "session/token==" }
    tokens: ["t1.iam-token"]
    dis: [{ ak: DISKEY, sk: "dis-secret" }]
    allow: [{ actions: [put], streams: ["orders"] }]
  - name: reader
    aws: [{ accessKeyId: AKREADER, secretAccessKey: "reader" }]
    allow: [{ actions: [read], streams: ["*"] }]
  - name: slow
    aws: [{ accessKeyId: AKSLOW, secretAccessKey: "slow" }]
    allow: [{ actions: [put], streams: ["*"] }]
    quotas: { recordsPerSecond: 1 }
`

let bridge: Bridge
beforeAll(async () => {
  bridge = await startBridge({ topics: { orders: 2, other: 1 }, credentials: CREDENTIALS })
})
afterAll(() => bridge[Symbol.asyncDispose]())

const BODY = JSON.stringify({ StreamName: 'orders', PartitionKey: 'k', Data: 'QQ==' })

function common(operation = 'PutRecord'): Record<string, string> {
  return {
    host: `127.0.0.1:${bridge.port}`,
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `Kinesis_20131202.${operation}`,
  }
}

interface Answer {
  readonly status: number
  readonly __type?: string
  readonly message?: string
}

/** As it is: fetch would change the host. */
function send(
  headers: Readonly<Record<string, string>>,
  { path = '/', body = BODY }: { path?: string; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { port: bridge.port, host: '127.0.0.1', method: 'POST', path, headers },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, ...(JSON.parse(text) as object) }),
        )
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

const signed = (changes: Partial<ToSign> = {}): Record<string, string> =>
  signHeaders({ ...KEY, headers: common(), body: BODY, ...changes })

describe('accepted', () => {
  test('a signature in the header', async () => {
    expect(await send(signed())).toMatchObject({ status: 200 })
  })

  test('one with the body’s hash in a header', async () => {
    const hash = createHash('sha256').update(BODY).digest('hex')
    const headers = { ...common(), 'x-amz-content-sha256': hash }
    expect(await send(signed({ headers }))).toMatchObject({ status: 200 })
  })

  test('one whose parts are separated by blanks, or by commas alone', async () => {
    const headers = signed()
    for (const separator of [' ', ',', ' , ']) {
      const authorization = headers['authorization']!.replaceAll(', ', separator)
      expect(await send({ ...headers, authorization })).toMatchObject({ status: 200 })
    }
  })

  test('any region, four minutes early or late', async () => {
    for (const minutes of [-4, 4]) {
      const atMs = Date.now() + minutes * 60_000
      expect(await send(signed({ atMs, region: 'xx-test-9' }))).toMatchObject({ status: 200 })
    }
  })

  test('a Date header instead of X-Amz-Date', async () => {
    const atMs = Math.floor(Date.now() / 1000) * 1000
    const headers = { ...common(), date: new Date(atMs).toUTCString() }
    const dated = signHeaders({ ...KEY, body: BODY, atMs, headers, signed: Object.keys(headers) })
    delete dated['x-amz-date']
    expect(await send(dated)).toMatchObject({ status: 200 })
  })

  test('blanks in a header, and a path and a query to encode', async () => {
    const query = 'b=%2F&a=x%20y&a=B&flag='
    const headers = { ...common(), 'x-note': '  a   b ' }
    // A path of one element names no database: it is Amazon's.
    const path = '/a%20b'
    const request = { ...KEY, headers, body: BODY, path, query }
    expect(await send(signHeaders(request), { path: `${path}?${query}` })).toMatchObject({
      status: 200,
    })
  })

  test('a signature in the query, also long after for one that lives longer', async () => {
    const request = { ...KEY, headers: common(), body: BODY }
    expect(await send(common(), { path: `/?${signQuery(request)}` })).toMatchObject({ status: 200 })
    const old = signQuery({ ...request, atMs: Date.now() - 3_000_000 }, { 'X-Amz-Expires': '3600' })
    expect(await send(common(), { path: `/?${old}` })).toMatchObject({ status: 200 })
  })

  test('a session token, in the header and in the query', async () => {
    const temporary = { keyId: 'ASIATEMPORARY', secret: 'temporary' }
    const headers = { ...common(), 'x-amz-security-token': 'session/token==' }
    expect(await send(signed({ ...temporary, headers }))).toMatchObject({ status: 200 })
    const query = signQuery(
      { ...temporary, headers: common(), body: BODY },
      { 'X-Amz-Security-Token': 'session/token==' },
    )
    expect(await send(common(), { path: `/?${query}` })).toMatchObject({ status: 200 })
  })

  test('HTTP/2, with :authority signed as host', async () => {
    const session = connectHttp2(bridge.url)
    const headers = signed()
    delete headers['host']
    const stream = session.request({ ':method': 'POST', ':path': '/', ...headers })
    stream.end(BODY)
    let text = ''
    for await (const chunk of stream) text += String(chunk)
    session.close()
    expect(text).toContain('SequenceNumber')
  })
})

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

describe('refused', () => {
  const invalid = { status: 400, __type: 'InvalidSignatureException' }
  const incomplete = { status: 400, __type: 'IncompleteSignatureException' }
  const unrecognized = { status: 400, __type: 'UnrecognizedClientException' }

  test('no credentials', async () => {
    expect(await send(common())).toEqual({
      status: 400,
      __type: 'MissingAuthenticationTokenException',
      message: 'Missing Authentication Token',
    })
  })

  test('an operation that there is not is told before', async () => {
    const headers = { ...common('Fly') }
    expect(await send(headers)).toEqual({ status: 400, __type: 'UnknownOperationException' })
  })

  test('types are told after', async () => {
    const body = '{"StreamName":1}'
    expect(await send(common(), { body })).toMatchObject({
      __type: 'MissingAuthenticationTokenException',
    })
    expect(await send(signed({ body }), { body })).toMatchObject({
      __type: 'SerializationException',
    })
  })

  test('both forms at once', async () => {
    const query = signQuery({ ...KEY, headers: common(), body: BODY })
    expect(await send(signed(), { path: `/?${query}` })).toEqual({
      ...invalid,
      message:
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    })
  })

  test('a header with nothing in it', async () => {
    expect(await send({ ...common(), authorization: 'AWS4-HMAC-SHA256 Credential=a' })).toEqual({
      ...incomplete,
      message:
        "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256 Credential=a",
    })
  })

  test('a part that is no pair', async () => {
    expect(await send({ ...common(), authorization: 'AWS4-HMAC-SHA256 Credential' })).toEqual({
      ...incomplete,
      message:
        "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential'.",
    })
  })

  test.each([
    `Basic ${Buffer.from('user:hidden').toString('base64')}`,
    'Basic dXNlcjpoaWRkZW4=',
    'Digest hidden',
    'hidden',
  ])('other credentials, which are not quoted: %s', async (authorization) => {
    const answer = await send({ ...common(), authorization })
    expect(answer.message).not.toMatch(/hidden|dXNlc/)
    expect(answer.message).toContain('…')
  })

  test('a query that lacks parts', async () => {
    expect(await send(common(), { path: '/?X-Amz-Algorithm=a&X-Amz-Signature=b' })).toEqual({
      ...incomplete,
      message:
        "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
    })
  })

  test.each(['2026-01-01', '20261301T000000Z', 'Tuesday'])('a date like %s', async (date) => {
    expect(await send({ ...signed(), 'x-amz-date': date })).toEqual({
      ...incomplete,
      message: `Date must be in ISO-8601 'basic format'. Got '${date}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    })
  })

  test('too old, in the header and in the query', async () => {
    const atMs = Date.now() - 301_000
    const pattern = new RegExp(
      `^Signature expired: ${timeOf(atMs)} is now earlier than \\d{8}T\\d{6}Z \\(\\d{8}T\\d{6}Z - 5 min\\.\\)$`,
    )
    for (const answer of [
      await send(signed({ atMs })),
      await send(common(), {
        path: `/?${signQuery({ ...KEY, headers: common(), body: BODY, atMs })}`,
      }),
    ]) {
      expect(answer).toMatchObject(invalid)
      expect(answer.message).toMatch(pattern)
    }
  })

  test('a query whose life is over', async () => {
    const request = { ...KEY, headers: common(), body: BODY, atMs: Date.now() - 120_000 }
    const query = signQuery(request, { 'X-Amz-Expires': '60' })
    const answer = await send(common(), { path: `/?${query}` })
    expect(answer).toMatchObject(invalid)
    expect(answer.message).toMatch(/^Signature expired: .* - 1 min\.\)$/)
  })

  test('not yet current', async () => {
    const atMs = Date.now() + 330_000
    const answer = await send(signed({ atMs }))
    expect(answer).toMatchObject(invalid)
    expect(answer.message).toMatch(
      /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 5 min\.\)$/,
    )
  })

  test.each([
    ['host', "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."],
    ['x-amz-date', "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization."],
    ['x-amz-target', "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."],
  ])('%s that is not signed', async (name, message) => {
    const names = ['content-type', 'host', 'x-amz-date', 'x-amz-target']
    const answer = await send(signed({ signed: names.filter((each) => each !== name) }))
    expect(answer).toEqual({ ...invalid, message })
  })

  test('another algorithm', async () => {
    const headers = signed()
    const authorization = headers['authorization']!.replace('SHA256', 'SHA512')
    expect(await send({ ...headers, authorization })).toEqual({
      ...incomplete,
      message: "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512' (only AWS4-HMAC-SHA256 for now). ",
    })
  })

  test('a credential of three parts', async () => {
    const headers = signed()
    const authorization = headers['authorization']!.replace(/Credential=[^,]+/, 'Credential=a/b/c')
    expect(await send({ ...headers, authorization })).toEqual({
      ...incomplete,
      message:
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c'",
    })
  })

  test('a scope that is wrong in every part, all in one message', async () => {
    const atMs = Date.now()
    const time = timeOf(atMs)
    const answer = await send(
      signed({ atMs, region: '', service: 's3', terminator: 'end', scopeDate: '20000101' }),
    )
    expect(answer).toEqual({
      ...invalid,
      message: [
        "Credential should be scoped to a valid region, not ''.",
        "Credential should be scoped to correct service: 'kinesis'.",
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'end'.",
        `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20000101' != '${time.slice(0, 8)}', from '${time}'.`,
      ].join(' '),
    })
  })

  test.each(['AKUNKNOWN', 'DISKEY', 't1.iam-token'])('the key id %s', async (keyId) => {
    expect(await send(signed({ keyId, secret: 'dis-secret' }))).toEqual({
      ...unrecognized,
      message: 'The security token included in the request is invalid.',
    })
  })

  test('a wrong secret', async () => {
    expect(await send(signed({ secret: `${SECRET}x` }))).toEqual({ ...invalid, message: MISMATCH })
  })

  test('a wrong secret, whatever is in the cache of keys', async () => {
    for (let i = 0; i < 40; i++) await send(signed({ region: `r${i}`, secret: 'wrong' }))
    expect(await send(signed({ region: 'r0' }))).toMatchObject({ status: 200 })
    expect(await send(signed({ region: 'r39', secret: 'wrong' }))).toMatchObject(invalid)
  })

  test.each<[string, () => Promise<Answer>]>([
    ['the body', () => send(signed(), { body: BODY.replace('QQ==', 'Qg==') })],
    ['a signed header', () => send({ ...signed(), 'content-type': 'application/x-amz-json-1.1;' })],
    ['the operation', () => send({ ...signed(), 'x-amz-target': 'Kinesis_20131202.ListStreams' })],
    ['the host', () => send({ ...signed(), host: 'elsewhere' })],
    ['the path', () => send(signed(), { path: '/x' })],
    ['the query', () => send(signed(), { path: '/?a=b' })],
    [
      'a hash in a header that is another body’s',
      () => send(signed({ headers: { ...common(), 'x-amz-content-sha256': 'e3b0c442' } })),
    ],
    [
      'a body that is not signed',
      () => send(signed({ headers: { ...common(), 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } })),
    ],
    [
      'a signature that is no hexadecimal',
      () => send({ ...signed(), authorization: `${signed()['authorization']!.slice(0, -64)}zz` }),
    ],
  ])('a change of %s', async (_, act) => {
    expect(await act()).toEqual({ ...invalid, message: MISMATCH })
  })

  test('session tokens: none, another, and one where there is none', async () => {
    const temporary = { keyId: 'ASIATEMPORARY', secret: 'temporary' }
    const other = { ...common(), 'x-amz-security-token': 'other' }
    for (const answer of [
      await send(signed(temporary)),
      await send(signed({ ...temporary, headers: other })),
      await send(signed({ headers: other })),
    ]) {
      expect(answer).toEqual({
        ...unrecognized,
        message: 'The security token included in the request is invalid',
      })
    }
  })
})

describe('permissions', () => {
  const asReader = { keyId: 'AKREADER', secret: 'reader' }

  test('a put that is not permitted names who, what and where; it stores nothing', async () => {
    const before = bridge.log.messages('orders').length
    expect(await send(signed(asReader))).toEqual({
      status: 400,
      __type: 'AccessDeniedException',
      message:
        'User: arn:aws:iam::000000000000:user/reader is not authorized to perform: kinesis:PutRecord on resource: arn:aws:kinesis:us-east-1:000000000000:stream/orders because no identity-based policy allows the kinesis:PutRecord action',
    })
    expect(bridge.log.messages('orders')).toHaveLength(before)
  })

  test('whether a stream is there is not told to those who may not see it', async () => {
    const body = JSON.stringify({ StreamName: 'nowhere', PartitionKey: 'k', Data: 'QQ==' })
    expect(await send(signed({ body }), { body })).toMatchObject({
      __type: 'AccessDeniedException',
    })
  })

  test('whoever may put may describe; managing is another thing', async () => {
    const body = '{"StreamName":"orders"}'
    const ask = (operation: string): Promise<Answer> =>
      send(signed({ body, headers: common(operation) }), { body })
    expect(await ask('DescribeStreamSummary')).toMatchObject({ status: 200 })
    expect(await ask('ListShards')).toMatchObject({ status: 200 })
    expect(await ask('DeleteStream')).toMatchObject({ __type: 'AccessDeniedException' })
  })

  test('each operation that changes a stream asks whether its caller may manage it', async () => {
    const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders'
    const body = JSON.stringify({
      ...{ StreamName: 'orders', StreamARN, ResourceARN: StreamARN, ShardCount: 1 },
      ...{ TargetShardCount: 9, ScalingType: 'UNIFORM_SCALING', RetentionPeriodHours: 48 },
      ...{ Tags: { a: 'b' }, TagKeys: ['a'], MaxRecordSizeInKiB: 2048, Policy: '{}' },
      ...{ StreamModeDetails: { StreamMode: 'ON_DEMAND' }, ShardLevelMetrics: ['ALL'] },
      ...{ RecordDistributionStrategy: 'USER_PARTITION_KEY', WarmThroughputMiBps: 1 },
      ...{ EncryptionType: 'KMS', KeyId: 'k', NewStartingHashKey: '10' },
      ...{ ShardToSplit: 'shardId-0', ShardToMerge: 'shardId-0' },
      ...{ AdjacentShardToMerge: 'shardId-1' },
    })
    const { operations } = bridge.dialects.find(({ name }) => name === 'kinesis')!
    const managing = Object.keys(operations).filter(
      (name) => operations[name]!.action === 'manage' && name !== 'UpdateAccountSettings',
    )
    expect(managing.length).toBeGreaterThan(15)
    for (const operation of managing) {
      const reply = await send(signed({ body, headers: common(operation) }), { body })
      expect([operation, reply]).toEqual([
        operation,
        expect.objectContaining({ __type: 'AccessDeniedException' }) as unknown,
      ])
    }
  })

  test('a token that was made up of a permitted name and another stream leads nowhere', async () => {
    const forge = (name: string, stream: string): Promise<Answer> => {
      const members = ['kinesis', name, { stream }, 0, Date.now()]
      const NextToken = Buffer.from(JSON.stringify(members)).toString('base64url')
      const body = JSON.stringify({ NextToken })
      return send(signed({ body, headers: common('ListShards') }), { body })
    }
    expect(await forge('orders', 'orders')).toMatchObject({ status: 200 })
    expect(await forge('orders', 'other')).toMatchObject({ __type: 'ResourceNotFoundException' })
    expect(await forge('other', 'other')).toMatchObject({ __type: 'AccessDeniedException' })
  })

  test('a list shows what its caller may see', async () => {
    const ask = (changes: Partial<ToSign>): Promise<Answer> =>
      send(signed({ body: '{}', headers: common('ListStreams'), ...changes }), { body: '{}' })
    expect(await ask({})).toMatchObject({ StreamNames: ['orders'] })
    expect(await ask(asReader)).toMatchObject({ StreamNames: ['orders', 'other'] })
  })

  test('a quota that is used up is throttling; nothing is stored then', async () => {
    const slow = { keyId: 'AKSLOW', secret: 'slow' }
    const Records = [0, 1, 2].map((i) => ({ PartitionKey: `${i}`, Data: 'QQ==' }))
    const body = JSON.stringify({ StreamName: 'other', Records })
    const put = (): Promise<Answer> =>
      send(signed({ ...slow, body, headers: common('PutRecords') }), { body })
    expect(await put()).toMatchObject({ status: 200 })
    expect(await put()).toMatchObject({
      status: 400,
      __type: 'ProvisionedThroughputExceededException',
    })
    expect(bridge.log.messages('other')).toHaveLength(3)
  })
})

describe('Amazon’s SDK for JavaScript', () => {
  const client = (config: KinesisClientConfig): KinesisClient =>
    new KinesisClient({ endpoint: bridge.url, region: 'eu-west-1', maxAttempts: 1, ...config })
  const record = { StreamName: 'orders', PartitionKey: 'k', Data: Buffer.from('x') }
  const right = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET }
  const temporary = {
    accessKeyId: 'ASIATEMPORARY',
    secretAccessKey: 'temporary',
    sessionToken: 'session/token==',
  }

  test.each<[string, KinesisClientConfig]>([
    ['HTTP/2', {}],
    ['HTTP/1.1', { requestHandler: new NodeHttpHandler() }],
  ])('right and wrong credentials over %s', async (_, config) => {
    for (const credentials of [right, temporary]) {
      const sdk = client({ ...config, credentials })
      expect(await sdk.send(new PutRecordCommand(record))).toHaveProperty('SequenceNumber')
      expect(await sdk.send(new ListStreamsCommand({}))).toMatchObject({ StreamNames: ['orders'] })
      sdk.destroy()
    }
    const wrong = client({ ...config, credentials: { ...right, secretAccessKey: 'wrong' } })
    const failure = await failureOf(wrong.send(new PutRecordCommand(record)))
    wrong.destroy()
    expect(failure).toMatchObject({ name: 'InvalidSignatureException', message: MISMATCH })
  })
})

describe('Yandex', () => {
  const BODY_OF_YANDEX = BODY.replace('orders', '/ru-central1/folder/database/orders')
  const options = { body: BODY_OF_YANDEX }

  test.each([
    ['x-yacloud-subjecttoken', { 'x-yacloud-subjecttoken': 't1.iam-token' }],
    ['Bearer', { authorization: 'Bearer t1.iam-token' }],
  ])('a token: %s', async (_, headers) => {
    expect(await send({ ...common(), ...headers }, options)).toMatchObject({
      status: 200,
      ShardId: expect.stringMatching(/^shard-/) as unknown,
    })
  })

  test('a signature', async () => {
    const headers = signed({ body: BODY_OF_YANDEX, region: 'ru-central1' })
    expect(await send(headers, options)).toMatchObject({ status: 200, EncryptionType: 'NONE' })
  })

  test.each([
    ['another token', 'Bearer hidden'],
    ['a key id for one', 'Bearer AKIDEXAMPLE'],
    ['a secret for one', `Bearer ${SECRET}`],
  ])('%s', async (_, authorization) => {
    const answer = await send({ ...common(), authorization }, options)
    expect(answer).toMatchObject({ status: 400, __type: 'UnrecognizedClientException' })
    expect(JSON.stringify(answer)).not.toContain('hidden')
  })

  test('no credentials', async () => {
    const path = '/ru-central1/folder/database'
    expect(await send(common(), { path })).toEqual({
      status: 400,
      __type: 'IncompleteSignature',
      message: 'Neither Credentials nor IAM token was provided',
    })
  })

  test('not permitted', async () => {
    const body = BODY_OF_YANDEX.replace('orders', 'other')
    expect(await send({ ...common(), authorization: 'Bearer t1.iam-token' }, { body })).toEqual({
      status: 400,
      __type: 'AccessDeniedException',
      message: 'Access to stream other is denied',
    })
  })
})

test('without verification anything will do', async () => {
  await using open = await startBridge({ topics: { orders: 1 } })
  const send = (authorization?: string): Promise<Response> =>
    fetch(open.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'Kinesis_20131202.PutRecord',
        ...(authorization !== undefined && { authorization }),
      },
      body: BODY,
    })
  const forms = [
    undefined,
    'AWS4-HMAC-SHA256 Credential',
    'Bearer x',
    'Basic x',
    'AWS4 =,=',
    '…x'.slice(1),
  ]
  for (const form of forms) expect((await send(form)).status).toBe(200)
})
