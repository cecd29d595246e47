// The wire, byte by byte: the order of checks and the texts that the service was recorded with.

import { startBridge, type Bridge } from '../../support/bridge.ts'

const JSON_1_1 = 'application/x-amz-json-1.1'
const PREFIX = 'Kinesis_20131202.'

let bridge: Bridge
beforeAll(async () => {
  bridge = await startBridge({ topics: { orders: 3, __hidden: 1 } })
})
afterAll(() => bridge[Symbol.asyncDispose]())

interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly path?: string
}

async function send({ method = 'POST', headers = {}, body, path = '/' }: Sent) {
  const init = { method, headers, ...(body !== undefined && { body }) }
  const response = await fetch(`${bridge.url}${path}`, init)
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: await response.text(),
    headers: response.headers,
  }
}

function call(operation: string, input: unknown, type = JSON_1_1) {
  return send({
    headers: { 'content-type': type, 'x-amz-target': PREFIX + operation },
    body: typeof input === 'string' ? input : JSON.stringify(input),
  })
}

const DENIED = `<AccessDeniedException>
  <Message>Unable to determine service/operation name to be authorized</Message>
</AccessDeniedException>
`

describe('before the operation is known', () => {
  const target = { 'x-amz-target': `${PREFIX}ListStreams` }
  const json = { 'content-type': JSON_1_1 }

  test.each<[string, Sent, number, string]>([
    ['GET', { method: 'GET', headers: target }, 403, DENIED],
    ['PUT', { method: 'PUT', headers: { ...target, ...json }, body: '{}' }, 403, DENIED],
    ['an OPTIONS without Origin', { method: 'OPTIONS', headers: target }, 403, DENIED],
    [
      'an empty body',
      { headers: { ...target, ...json } },
      400,
      '{"__type":"SerializationException"}',
    ],
    [
      'an empty body for an unknown operation',
      { headers: { 'x-amz-target': `${PREFIX}Fly`, ...json } },
      400,
      '{"__type":"UnknownOperationException"}',
    ],
    [
      'an unknown content type',
      { headers: { ...target, 'content-type': 'text/plain' }, body: '{}' },
      404,
      '<UnknownOperationException/>\n',
    ],
    [
      'an unknown content type without an operation',
      { headers: { 'x-amz-target': 'Kinesis', 'content-type': 'text/plain' }, body: '{}' },
      403,
      DENIED,
    ],
    [
      'a body that is no JSON',
      { headers: { ...target, ...json }, body: '{' },
      400,
      '{"__type":"SerializationException"}',
    ],
    [
      'plain JSON that does not parse',
      { headers: { ...target, 'content-type': 'application/json' }, body: '{' },
      400,
      '{"Output":{"__type":"com.amazon.coral.service#SerializationException"},"Version":"1.0"}',
    ],
    [
      'plain JSON',
      { headers: { ...target, 'content-type': 'application/json' }, body: '{}' },
      404,
      '{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}',
    ],
    [
      'an unknown operation',
      { headers: { 'x-amz-target': `${PREFIX}Fly`, ...json }, body: '{}' },
      400,
      '{"__type":"UnknownOperationException"}',
    ],
    [
      'another service',
      { headers: { 'x-amz-target': 'Firehose_20150804.PutRecordBatch', ...json }, body: '{}' },
      400,
      '{"__type":"UnknownOperationException"}',
    ],
  ])('%s', async (_, sent, status, body) => {
    expect(await send(sent)).toMatchObject({ status, body })
  })

  test('every reply names the request', async () => {
    const { headers } = await call('ListStreams', {})
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(Buffer.from(headers.get('x-amz-id-2')!, 'base64')).toHaveLength(72)
    expect(Date.parse(headers.get('date')!)).toBeGreaterThan(Date.now() - 60_000)
  })

  test('parameters of the content type are tolerated', async () => {
    expect(await call('ListStreams', {}, `${JSON_1_1}; charset=utf-8`)).toMatchObject({
      status: 200,
      type: JSON_1_1,
    })
  })

  test('a browser asks first', async () => {
    const { status, body, headers } = await send({
      method: 'OPTIONS',
      headers: {
        origin: 'http://example.com',
        'access-control-request-headers': 'x-amz-target,content-type',
        'access-control-request-method': 'POST',
      },
    })
    expect({ status, body }).toEqual({ status: 200, body: '' })
    expect(Object.fromEntries(headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'x-amz-target,content-type',
      'access-control-allow-methods': 'POST',
      'access-control-max-age': '172800',
      'content-length': '0',
    })
    expect(headers.get('x-amz-id-2')).toBeNull()
  })

  test('a browser reads what it may', async () => {
    const { headers } = await send({
      headers: { origin: 'http://example.com', ...target, ...json },
      body: '{}',
    })
    expect(headers.get('access-control-expose-headers')).toContain('x-amzn-RequestId')
  })
})

const NUMBER = 'class com.amazon.coral.value.json.numbers.TruncatingBigNumber'

describe('types, in declared order', () => {
  test.each<[string, unknown, string]>([
    ['PutRecord', { StreamName: 1 }, `${NUMBER} can not be converted to an String`],
    [
      'PutRecord',
      { StreamName: true },
      'class java.lang.Boolean can not be converted to an String',
    ],
    ['PutRecord', { StreamName: [] }, 'Start of list found where not expected'],
    ['PutRecord', { StreamName: {} }, 'Start of structure or map found where not expected.'],
    ['PutRecord', { Data: 1 }, `${NUMBER} can not be converted to a Blob`],
    [
      'PutRecord',
      { Data: 'abc' },
      "'abc' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 3",
    ],
    [
      'PutRecord',
      { Data: 'ab-_' },
      "'ab-_' can not be converted to a Blob: Invalid Base64 character: '-'",
    ],
    ['PutRecords', { Records: 'x' }, 'Expected list or null'],
    ['PutRecords', { Records: {} }, 'Start of structure or map found where not expected.'],
    ['PutRecords', { Records: ['x'] }, 'Expected null'],
    ['DescribeStream', { Limit: 'x' }, 'class java.lang.String can not be converted to an Integer'],
    [
      'PutRecord',
      { StreamName: 1, Data: true },
      'class java.lang.Boolean can not be converted to a Blob',
    ],
  ])('%s %j', async (operation, input, Message) => {
    expect(JSON.parse((await call(operation, input)).body)).toEqual({
      __type: 'SerializationException',
      Message,
    })
  })
})

const FAILS = 'failed to satisfy constraint: '

describe('constraints', () => {
  test.each<[string, unknown, string]>([
    [
      'PutRecord',
      {},
      `3 validation errors detected: Value null at 'partitionKey' ${FAILS}Member must not be null; Value null at 'data' ${FAILS}Member must not be null; Value null at 'streamName' ${FAILS}Member must not be null`,
    ],
    [
      'PutRecord',
      { StreamName: 'a b', PartitionKey: 'k', Data: '' },
      `1 validation error detected: Value 'a b' at 'streamName' ${FAILS}Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+`,
    ],
    [
      'PutRecord',
      { StreamName: 'orders', PartitionKey: '', Data: '', ExplicitHashKey: '01' },
      `2 validation errors detected: Value '' at 'partitionKey' ${FAILS}Member must have length greater than or equal to 1; Value '01' at 'explicitHashKey' ${FAILS}Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})`,
    ],
    [
      'PutRecords',
      { StreamName: 'orders', Records: [{ Data: '' }] },
      `1 validation error detected: Value null at 'records.1.member.partitionKey' ${FAILS}Member must not be null`,
    ],
    [
      'CreateStream',
      { StreamName: 'x', ShardCount: 0 },
      `1 validation error detected: Value '0' at 'shardCount' ${FAILS}Member must have value greater than or equal to 1`,
    ],
    [
      'DescribeStream',
      { StreamName: 'orders', Limit: 10_001 },
      `1 validation error detected: Value '10001' at 'limit' ${FAILS}Member must have value less than or equal to 10000`,
    ],
  ])('%s %j', async (operation, input, message) => {
    const reply = await call(operation, input)
    expect(reply.status).toBe(400)
    expect(JSON.parse(reply.body)).toEqual({ __type: 'ValidationException', message })
  })

  test('at most ten are told', async () => {
    const Records = Array.from({ length: 20 }, () => ({}))
    const { body } = await call('PutRecords', { StreamName: 'orders', Records })
    expect(body).toContain('10 validation errors detected: ')
    expect(body.split('; ')).toHaveLength(10)
  })

  test('a record over the limit', async () => {
    const Data = Buffer.alloc(2 ** 20 + 1).toString('base64')
    const { body } = await call('PutRecord', { StreamName: 'orders', PartitionKey: 'k', Data })
    expect(body).toContain(
      `Value 'java.nio.HeapByteBuffer[pos=0 lim=1048577 cap=1048577]' at 'data' ${FAILS}Member must have length less than or equal to 1048576`,
    )
  })

  test('null is absent, unknown members are dropped', async () => {
    const { status } = await call('PutRecord', {
      ...{ StreamName: 'orders', PartitionKey: 'k', Data: 'QQ==' },
      ...{ ExplicitHashKey: null, SequenceNumberForOrdering: null, StreamARN: null, Colour: 1 },
    })
    expect(status).toBe(200)
  })
})

describe('what the action itself refuses', () => {
  const record = { PartitionKey: 'k', Data: 'QQ==' }
  const missing = 'Stream none under account 000000000000 not found.'

  test.each<[string, unknown, string, string]>([
    ['PutRecord', { StreamName: 'none', ...record }, 'ResourceNotFoundException', missing],
    [
      'PutRecord',
      { StreamName: 'none', ...record, ExplicitHashKey: '9'.repeat(39) },
      'ResourceNotFoundException',
      missing,
    ],
    [
      'PutRecord',
      { StreamName: 'orders', ...record, ExplicitHashKey: `${2n ** 128n}` },
      'InvalidArgumentException',
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${2n ** 128n}`,
    ],
    [
      'PutRecord',
      { StreamName: 'orders', ...record, SequenceNumberForOrdering: '9'.repeat(57) },
      'InvalidArgumentException',
      `ExclusiveMinimumSequenceNumber ${'9'.repeat(57)} used in PutRecord on stream orders under account 000000000000 is invalid.`,
    ],
    ['DescribeStream', { StreamName: 'none' }, 'ResourceNotFoundException', missing],
    ['DeleteStream', { StreamName: 'none' }, 'ResourceNotFoundException', missing],
    [
      'DescribeStream',
      { StreamName: '__hidden' },
      'ResourceNotFoundException',
      'Stream __hidden under account 000000000000 not found.',
    ],
    [
      'CreateStream',
      { StreamName: 'orders', ShardCount: 1 },
      'ResourceInUseException',
      'Stream orders under account 000000000000 already exists.',
    ],
    [
      'CreateStream',
      { StreamName: 'huge', ShardCount: 100_000 },
      'LimitExceededException',
      'A stream may have 1000 shards at most here, not 100000',
    ],
    [
      'ListShards',
      {},
      'InvalidArgumentException',
      'Either NextToken or StreamName should be provided.',
    ],
    [
      'ListShards',
      { StreamName: 'orders', NextToken: 'x' },
      'InvalidArgumentException',
      'NextToken and StreamName cannot be provided together.',
    ],
    ['ListShards', { NextToken: 'x' }, 'InvalidArgumentException', 'Invalid NextToken.'],
    [
      'PutRecord',
      {
        ...{ StreamName: 'orders', ...record },
        StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/other',
      },
      'InvalidArgumentException',
      'StreamARN and StreamName name different streams: other and orders',
    ],
  ])('%s %j', async (operation, input, __type, message) => {
    const reply = await call(operation, input)
    expect(reply.status).toBe(400)
    expect(JSON.parse(reply.body)).toEqual({ __type, message })
  })

  test('a missing shard of a hash out of range fails the whole call of PutRecords', async () => {
    const before = bridge.log.messages('orders').length
    const { body } = await call('PutRecords', {
      StreamName: 'orders',
      Records: [record, { ...record, ExplicitHashKey: `${2n ** 128n}` }],
    })
    expect(body).toContain('InvalidArgumentException')
    expect(bridge.log.messages('orders')).toHaveLength(before)
  })
})

describe('replies', () => {
  test('an explicit hash key wins over the partition key, and is kept', async () => {
    const { first, last } = { first: `${2n ** 128n / 3n}`, last: `${(2n ** 128n / 3n) * 2n - 1n}` }
    for (const ExplicitHashKey of [first, last]) {
      const input = { StreamName: 'orders', PartitionKey: 'a', Data: 'QQ==', ExplicitHashKey }
      const { body } = await call('PutRecord', input)
      expect(JSON.parse(body)).toMatchObject({ ShardId: 'shardId-000000000001' })
      expect(
        bridge.log
          .messages('orders')
          .filter(({ partition }) => partition === 1)
          .at(-1),
      ).toMatchObject({
        key: Buffer.from('a'),
        headers: [{ name: 'tributary-explicit-hash-key', value: Buffer.from(ExplicitHashKey) }],
      })
    }
  })

  test('PutRecord has two members, compact', async () => {
    const { body } = await call('PutRecord', { StreamName: 'orders', PartitionKey: 'a', Data: '' })
    expect(body).toMatch(/^\{"ShardId":"shardId-\d{12}","SequenceNumber":"\d{56}"\}$/)
  })

  test('PutRecords begins as Fluent Bit looks for it', async () => {
    const Records = [{ PartitionKey: 'a', Data: '' }]
    const { body } = await call('PutRecords', { StreamName: 'orders', Records })
    expect(body.startsWith('{"FailedRecordCount":0,"Records":[{"SequenceNumber":"')).toBe(true)
  })

  test('a stream is named by ARN alone, too', async () => {
    const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders'
    const { status } = await call('PutRecord', { StreamARN, PartitionKey: 'a', Data: '' })
    expect(status).toBe(200)
  })

  test('CreateStream and DeleteStream have empty bodies', async () => {
    const made = await call('CreateStream', { StreamName: 'brief', ShardCount: 1 })
    const gone = await call('DeleteStream', { StreamName: 'brief' })
    for (const { status, body, headers } of [made, gone]) {
      expect({ status, body, length: headers.get('content-length') }).toEqual({
        status: 200,
        body: '',
        length: '0',
      })
    }
  })

  test('shards come in pages', async () => {
    const first = JSON.parse(
      (await call('ListShards', { StreamName: 'orders', MaxResults: 2 })).body,
    ) as { Shards: { ShardId: string }[]; NextToken: string }
    const second = JSON.parse(
      (await call('ListShards', { MaxResults: 2, NextToken: first.NextToken })).body,
    ) as typeof first
    expect([...first.Shards, ...second.Shards].map(({ ShardId }) => ShardId.at(-1))).toEqual([
      '0',
      '1',
      '2',
    ])
    expect(second.NextToken).toBeUndefined()
  })

  test('streams come in pages, by token as by name', async () => {
    for (const name of ['s1', 's2', 's3']) await bridge.log.create(name, { partitions: 1 })
    const names: string[] = []
    let input: Record<string, unknown> = { Limit: 2 }
    for (;;) {
      const page = JSON.parse((await call('ListStreams', input)).body) as {
        StreamNames: string[]
        HasMoreStreams: boolean
        NextToken?: string
      }
      names.push(...page.StreamNames)
      if (!page.HasMoreStreams) break
      input = { Limit: 2, NextToken: page.NextToken }
    }
    expect(names).toEqual(['orders', 's1', 's2', 's3'])
  })
})
