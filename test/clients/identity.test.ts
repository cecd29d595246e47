// The service with `identity: verify`: vendors' clients with right and wrong credentials, a credentials
// file that changes, and no secret in anything that the service says.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failureOf } from '../support/failure.ts'
import { notRun } from '../support/not-run.ts'
import {
  providePython,
  PYTHON_WITHIN_MS,
  pythonAbsence,
  startPythonClient,
  type PythonClientName,
} from '../support/python.ts'
import { startService, type Service } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { uniqueName } from '../support/unique.ts'
import { until } from '../support/until.ts'

const SECRETS = {
  aws: 'aws-Secret/0123456789+abc',
  session: 'aws-session-token-0123456789',
  dis: 'dis-Secret/0123456789+abc',
  token: 'iam-token-0123456789',
  accessKey: 'e8bd4ca2-537b-4175-bf01-8c74963e90bf',
  password: 'v3io-password-0123456789',
  next: 'another-Secret-0123456789',
  broken: 'a-Secret-in-a-broken-file',
}

const stream = uniqueName('verified')

function fileOf(awsSecret: string): string {
  return JSON.stringify({
    principals: [
      {
        name: 'orders-service',
        aws: [
          { accessKeyId: 'AKORDERS', secretAccessKey: awsSecret },
          { accessKeyId: 'ASIAORDERS', secretAccessKey: awsSecret, sessionToken: SECRETS.session },
        ],
        dis: [{ ak: 'DISORDERS', sk: SECRETS.dis }],
        tokens: [SECRETS.token],
        v3io: {
          accessKeys: [SECRETS.accessKey],
          users: [{ username: 'orders', password: SECRETS.password }],
        },
        allow: [{ actions: ['put', 'manage'], streams: [stream, `projects/${stream}`] }],
      },
    ],
  })
}

let folder: string
let service: Service
const file = (): string => join(folder, 'credentials.json')

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-identity-'))
  writeFileSync(file(), fileOf(SECRETS.aws))
  service = await startService({
    environment: {
      KAFKA_BROKERS: sharedBrokers().join(),
      TRIBUTARY_IDENTITY: 'verify',
      TRIBUTARY_CREDENTIALS: file(),
      TRIBUTARY_LOG_LEVEL: 'debug',
    },
  })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** What the service answers to these credentials, whole. */
async function ask(headers: Record<string, string>, path = '/'): Promise<string> {
  const response = await fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', ...headers },
    body: '{}',
  })
  return `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`
}

const target = { 'x-amz-target': 'Kinesis_20131202.ListStreams' }
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

test('an embedded warning is not given: identity is not open', () => {
  expect(service.stdout()).not.toContain('identity is open')
})

function clients(): void {
  const boto3 = (options: object) =>
    startPythonClient('boto3', { endpoint: service.url, region: 'us-east-1', ...options })
  const right = { key: 'AKORDERS', secret: SECRETS.aws }
  const put = { StreamName: stream, PartitionKey: 'k', Data: Buffer.from('x') }

  test('boto3', async () => {
    await using client = await boto3(right)
    await client.call('create_stream', { StreamName: stream, ShardCount: 1 })
    expect(await client.call('put_record', put)).toHaveProperty('SequenceNumber')
    expect(await client.call('list_streams', {})).toMatchObject({ StreamNames: [stream] })

    await using temporary = await boto3({ ...right, key: 'ASIAORDERS', token: SECRETS.session })
    expect(await temporary.call('put_record', put)).toHaveProperty('SequenceNumber')

    await using wrong = await boto3({ ...right, secret: 'wrong' })
    expect(await failureOf(wrong.call('put_record', put))).toMatchObject({
      code: 'InvalidSignatureException',
      status: 400,
    })
    expect(
      await failureOf(client.call('put_record', { ...put, StreamName: 'elsewhere' })),
    ).toMatchObject({ code: 'AccessDeniedException', type: 'AccessDeniedException' })
  })

  test.each([
    ['V11-HMAC-SHA256', {}],
    ['SDK-HMAC-SHA256', { derivationKeySwitch: false }],
  ])('Huawei’s SDK: %s', async (_, options) => {
    const connect = (secret: string) =>
      startPythonClient('dis', { endpoint: service.url, key: 'DISORDERS', secret, ...options })
    const args = [stream, [{ data: 'x', partition_key: 'k' }]]

    await using client = await connect(SECRETS.dis)
    expect(await client.call('putRecords', args)).toMatchObject({
      status: 200,
      body: { failed_record_count: 0 },
    })
    await using wrong = await connect('wrong')
    expect(String(await failureOf(wrong.call('describeStream', [stream])))).toContain('DIS.4112')
  })

  test('Iguazio’s client', async () => {
    const connect = (key: string) =>
      startPythonClient('v3io' satisfies PythonClientName, {
        ...{ endpoint: service.url, transport: 'httpclient', key },
      })
    const at = { container: 'projects', stream_path: stream }
    const records = [{ data: 'x', partition_key: 'k' }]

    await using client = await connect(SECRETS.accessKey)
    expect(await client.call('create', { ...at, shard_count: 1 })).toMatchObject({ status: 204 })
    expect(await client.call('put_records', { ...at, records })).toMatchObject({ status: 200 })
    await using wrong = await connect('DISORDERS')
    expect(await failureOf(wrong.call('put_records', { ...at, records }))).toMatchObject({
      status: 401,
    })
  })
}

const absence = pythonAbsence()
if (absence === undefined) {
  beforeAll(providePython, PYTHON_WITHIN_MS)
  clients()
} else notRun('clients in Python', absence)

test('a changed file counts at once, a broken one not at all', async () => {
  const bearer = async (token: string): Promise<string> =>
    (await ask({ ...target, authorization: `Bearer ${token}` })).slice(0, 3)
  expect([await bearer(SECRETS.token), await bearer(SECRETS.next)]).toEqual(['200', '400'])

  writeFileSync(file(), fileOf(SECRETS.aws).replace(SECRETS.token, SECRETS.next))
  await until(async () => (await bearer(SECRETS.next)) === '200')
  expect(await bearer(SECRETS.token)).toBe('400')

  writeFileSync(file(), `principals: [{ name: a, tokens: ["${SECRETS.broken}`)
  await until(() => service.stdout().includes('the last ones stay'))
  expect(await bearer(SECRETS.next)).toBe('200')
})

test('no secret is in an answer or in the log', async () => {
  const answers = [
    await ask({ ...target, authorization: `Bearer ${SECRETS.token}x` }),
    await ask({ ...target, authorization: basic(`orders:${SECRETS.password}`) }),
    await ask({ ...target, authorization: `AWS4-HMAC-SHA256 ${SECRETS.aws}`.slice(0, 16) }),
    await ask({ ...target, authorization: SECRETS.aws }),
    await ask({ ...target, 'x-yacloud-subjecttoken': `${SECRETS.token}x` }),
    await ask({ 'x-auth-token': SECRETS.token }, '/v2/p/records'),
    await ask({ 'x-auth-token': `${SECRETS.token}x` }, '/v2/p/records'),
    await ask({ authorization: SECRETS.dis }, '/v2/p/records'),
    await ask(
      { 'x-v3io-function': 'PutRecords', 'x-v3io-session-key': SECRETS.accessKey },
      '/c/s/',
    ),
    await ask({ 'x-v3io-function': 'Fly', 'x-v3io-session-key': `${SECRETS.accessKey}x` }, '/c/s/'),
    await ask(
      { 'x-v3io-function': 'PutRecords', authorization: basic(`orders:${SECRETS.password}x`) },
      '/c/s/',
    ),
    await ask({ authorization: `AWS ${SECRETS.accessKey}:x` }, '/c/s/'),
  ]
  const metrics = await (await fetch(`http://127.0.0.1:${service.adminPort}/metrics`)).text()
  const said = [...answers, metrics, service.stdout(), service.stderr()].join('\n')

  const encoded = Object.values(SECRETS).map((each) => Buffer.from(each).toString('base64'))
  const password = Buffer.from(`orders:${SECRETS.password}`).toString('base64').slice(0, -4)
  for (const secret of [...Object.values(SECRETS), ...encoded, password]) {
    expect(said.includes(secret) ? secret : '').toBe('')
  }
  // The lines about these requests are there.
  expect(service.stdout().split('"outcome":"not-authenticated"').length).toBeGreaterThan(8)
})
