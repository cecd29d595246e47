// Good and bad requests on the Kinesis wire, in the order in which they are sent. Each has a name of
// its own, which differences are listed by.

import { Encoder } from 'cbor'

export interface Sent {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  /** Whether it is about credentials: others carry some that every mode takes. */
  readonly isAboutCredentials?: true
}

export const JSON_1_1 = 'application/x-amz-json-1.1'
export const CBOR_1_1 = 'application/x-amz-cbor-1.1'
const SERVICE = 'Kinesis_20131202'

/** Enough of a signature for whoever looks at its form only. */
const SIGNED = {
  'x-amz-date': '20260101T000000Z',
  authorization:
    'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=b',
}

type Change = Partial<Omit<Sent, 'name'>>

function sent(name: string, change: Change = {}): Sent {
  return { name, method: 'POST', path: '/', body: '{}', ...change, headers: { ...change.headers } }
}

function call(operation: string, input: unknown, name = ''): Sent {
  const body = typeof input === 'string' ? input : JSON.stringify(input)
  return sent(`${operation} ${name || shorten(body)}`, {
    headers: { ...SIGNED, 'content-type': JSON_1_1, 'x-amz-target': `${SERVICE}.${operation}` },
    body,
  })
}

/** Runs of one character by their length. */
function shorten(text: string): string {
  return text.replace(
    /(\p{L}|\p{So}|9)\1{9,}/gu,
    (run, each: string) => `${each}×${run.length / each.length}`,
  )
}

function inCbor(operation: string, input: unknown): Sent {
  const text = call(operation, input)
  return {
    ...text,
    name: `CBOR ${text.name}`,
    headers: { ...text.headers, 'content-type': CBOR_1_1 },
    body: Encoder.encodeOne(input),
  }
}

const TARGETS = {
  none: {},
  'an empty target': { 'x-amz-target': '' },
  'a service only': { 'x-amz-target': SERVICE },
  'a service and a dot': { 'x-amz-target': `${SERVICE}.` },
  'another service': { 'x-amz-target': 'DynamoDB_20120810.ListTables' },
  'an operation of nobody': { 'x-amz-target': `${SERVICE}.DescribeStreams` },
  'another case': { 'x-amz-target': `${SERVICE}.describeStream` },
  'three parts': { 'x-amz-target': `${SERVICE}.DescribeStream.x` },
  'an operation': { 'x-amz-target': `${SERVICE}.DescribeStream` },
}

const TYPES = {
  none: {},
  text: { 'content-type': 'text/plain' },
  'JSON 1.0': { 'content-type': 'application/x-amz-json-1.0' },
  'plain JSON': { 'content-type': 'application/json' },
  'JSON 1.1': { 'content-type': JSON_1_1 },
  'JSON 1.1 with a parameter': { 'content-type': ` ${JSON_1_1} ; charset=utf-8` },
  'CBOR 1.1': { 'content-type': CBOR_1_1 },
}

const BODIES = {
  none: '',
  'an object': '{}',
  'half an object': '{',
  'a list': '[]',
  null: 'null',
  'a number': '1',
  text: '"x"',
}

/** What comes before the operation is known: each header with each, and then each body. */
function frontEnd(): Sent[] {
  const methods = ['GET', 'PUT', 'DELETE', 'OPTIONS'].map((method) =>
    sent(method, {
      method,
      headers: { ...TARGETS['an operation'], ...TYPES['JSON 1.1'] },
      body: method === 'GET' ? '' : '{}',
    }),
  )
  const heads = Object.entries(TARGETS).flatMap(([target, named]) =>
    Object.entries(TYPES).map(([type, typed]) =>
      sent(`${target}, ${type}`, { headers: { ...SIGNED, ...named, ...typed } }),
    ),
  )
  const bodies = Object.entries(BODIES).flatMap(([content, body]) =>
    Object.entries(TYPES).flatMap(([type, typed]) =>
      (['an operation', 'another service'] as const).map((target) =>
        sent(`a body that is ${content}: ${target}, ${type}`, {
          headers: { ...SIGNED, ...TARGETS[target], ...typed },
          body: type === 'CBOR 1.1' ? inCborIfJson(body) : body,
        }),
      ),
    ),
  )
  return [...methods, ...heads, ...bodies]
}

function inCborIfJson(body: string): string | Buffer {
  try {
    return Encoder.encodeOne(JSON.parse(body))
  } catch {
    return body
  }
}

function browsers(): Sent[] {
  const origin = { origin: 'https://example.com' }
  const asks = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,x-amz-target',
  }
  const target = { ...SIGNED, ...TARGETS['an operation'], ...TYPES['JSON 1.1'] }
  return [
    sent('a preflight', { method: 'OPTIONS', body: '', headers: { ...origin, ...asks } }),
    sent('a call from a page', { headers: { ...origin, ...target } }),
    sent('a call from a page, refused', {
      headers: { ...origin, ...target, ...TARGETS['an operation of nobody'] },
    }),
    sent('a GET from a page', { method: 'GET', body: '', headers: { ...origin, ...target } }),
  ]
}

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  PutRecord: [
    ...['SequenceNumberForOrdering', 'PartitionKey', 'ExplicitHashKey', 'Data', 'StreamName'],
  ],
  PutRecords: ['Records', 'StreamName'],
  DescribeStream: ['Limit', 'ExclusiveStartShardId', 'StreamName'],
  DescribeStreamSummary: ['StreamName'],
  ListShards: [
    ...['ExclusiveStartShardId', 'MaxResults', 'NextToken', 'StreamCreationTimestamp'],
    'StreamName',
  ],
  ListStreams: ['Limit', 'ExclusiveStartStreamName'],
  CreateStream: ['ShardCount', 'StreamName'],
  DeleteStream: ['StreamName'],
  GetShardIterator: [
    ...['ShardId', 'ShardIteratorType', 'StartingSequenceNumber', 'StreamName', 'Timestamp'],
  ],
  GetRecords: ['Limit', 'ShardIterator'],
  AddTagsToStream: ['Tags', 'StreamName'],
  RemoveTagsFromStream: ['TagKeys', 'StreamName'],
  ListTagsForStream: ['Limit', 'ExclusiveStartTagKey', 'StreamName'],
  IncreaseStreamRetentionPeriod: ['RetentionPeriodHours', 'StreamName'],
  DecreaseStreamRetentionPeriod: ['RetentionPeriodHours', 'StreamName'],
  SplitShard: ['NewStartingHashKey', 'StreamName', 'ShardToSplit'],
  MergeShards: ['ShardToMerge', 'AdjacentShardToMerge', 'StreamName'],
}

const VALUES = [true, 34.56, 'hello', [], {}]

/** Each member of each operation as each type of JSON. What is its own type breaks other rules. */
function types(): Sent[] {
  const single = Object.entries(MEMBERS).flatMap(([operation, members]) =>
    members.flatMap((member) =>
      VALUES.map((value) => call(operation, { StreamName: 'a b', [member]: value })),
    ),
  )
  const records = VALUES.flatMap((value) => [
    call('PutRecords', { Records: [value] }),
    call('PutRecords', { Records: [{ PartitionKey: value }] }),
    call('PutRecords', { Records: [{ ExplicitHashKey: value }] }),
    call('PutRecords', { Records: [{ Data: value }] }),
  ])
  const blobs = ['abc', 'abcde', 'ab-_', 'a=bc', 'ab==ab==', '====', 'QQ=', 'QQ==', 'QR==', '*A==']
  return [
    ...single,
    ...records,
    ...blobs.map((Data) => call('PutRecord', { Data })),
    call('PutRecord', { StreamName: 1, Data: true, PartitionKey: [] }),
    call('PutRecords', { StreamName: 1, Records: [{ Data: true, PartitionKey: [] }] }),
  ]
}

const LONG = 'x'.repeat(129)
const HASH = '9'.repeat(40)
const DATA = 'QQ=='

function constraints(): Sent[] {
  const names = ['', 'a b', 'ö', LONG, `${LONG} `, '/a']
  return [
    ...Object.keys(MEMBERS).map((operation) => call(operation, {})),
    ...Object.entries(MEMBERS).flatMap(([operation, members]) =>
      members
        .filter((member) => /Name|ShardId/.test(member))
        .flatMap((member) => names.map((name) => call(operation, { [member]: name }))),
    ),
    ...['Limit', 'MaxResults', 'ShardCount'].flatMap((member) => {
      const [operation = ''] = Object.entries(MEMBERS).find(([, m]) => m.includes(member)) ?? []
      return [-1, 0, 0.5, 10_001, 100_001, 2 ** 31, 1e20].map((n) =>
        call(operation, { [member]: n }),
      )
    }),
    call('ListShards', { NextToken: '' }),
    ...['', 'k'.repeat(257), '😀'.repeat(129), '😀'.repeat(128)].map((PartitionKey) =>
      call('PutRecord', { PartitionKey, StreamName: '', Data: DATA }),
    ),
    ...['', '01', '-1', 'x', HASH, ' 1'].map((ExplicitHashKey) =>
      call('PutRecord', { ExplicitHashKey, PartitionKey: 'k', Data: DATA }),
    ),
    ...['', '01', '-1', 'x', '9'.repeat(130)].map((SequenceNumberForOrdering) =>
      call('PutRecord', { SequenceNumberForOrdering, PartitionKey: 'k', Data: DATA }),
    ),
    call(
      'PutRecord',
      { Data: Buffer.alloc(2 ** 20 + 1).toString('base64'), PartitionKey: 'k', StreamName: 's' },
      'over a mebibyte',
    ),
    call('PutRecords', { Records: [], StreamName: 's' }),
    call(
      'PutRecords',
      { Records: Array.from({ length: 501 }, () => ({ Data: DATA, PartitionKey: 'k' })) },
      'of 501 records',
    ),
    call('PutRecords', { Records: [{}, {}], StreamName: '' }),
    call('PutRecords', { Records: [{}, null, { PartitionKey: '', Data: '' }] }),
    call('PutRecords', {
      Records: [
        { PartitionKey: '', ExplicitHashKey: HASH },
        { Data: DATA, PartitionKey: 'k' },
      ],
    }),
    call('PutRecords', { Records: Array.from({ length: 12 }, () => ({})) }, 'of twelve empty ones'),
    call('PutRecord', { StreamName: null, PartitionKey: null, Data: null, Colour: 1 }),
  ]
}

const NUMBER = '49537279973004700513262647537344055618854783392172163074'

/** What reaches streams: `orders` has three shards on both sides. */
function actions(): Sent[] {
  const orders = { StreamName: 'orders' }
  const none = { StreamName: 'none' }
  const record = { PartitionKey: 'k', Data: DATA }
  const beyond = { ...record, ExplicitHashKey: `${2n ** 128n}` }
  return [
    ...['PutRecord', 'DescribeStream', 'DescribeStreamSummary', 'ListShards', 'DeleteStream'].map(
      (operation) => call(operation, { ...none, ...(operation === 'PutRecord' && record) }),
    ),
    call('PutRecords', { ...none, Records: [record] }),
    ...['a', 'b', 'e', 'f', 'é', 'ключ', ''].map((key) =>
      call('PutRecord', { ...orders, PartitionKey: key || '\u0000', Data: DATA }),
    ),
    ...[0n, 2n ** 128n / 3n - 1n, 2n ** 128n / 3n, (2n ** 128n / 3n) * 2n, 2n ** 128n - 1n].map(
      (hash) => call('PutRecord', { ...orders, ...record, ExplicitHashKey: `${hash}` }),
    ),
    call('PutRecord', { ...orders, ...beyond }),
    call('PutRecord', { ...none, ...beyond }),
    call('PutRecord', { ...orders, ...record, Data: '' }),
    call('PutRecord', { ...orders, ...record, SequenceNumberForOrdering: NUMBER }),
    ...['0', '9'.repeat(57), `2${'9'.repeat(55)}`, `${2n ** 124n}`].map((number) =>
      call('PutRecord', { ...orders, ...record, SequenceNumberForOrdering: number }),
    ),
    call('PutRecords', { ...orders, Records: [record, { ...record, ExplicitHashKey: '0' }] }),
    call('PutRecords', { ...orders, Records: [record, beyond] }),
    call('DescribeStream', orders),
    call('DescribeStream', { ...orders, Limit: 2 }),
    call('DescribeStream', { ...orders, ExclusiveStartShardId: 'shardId-000000000001' }),
    call('DescribeStream', { ...orders, ExclusiveStartShardId: 'nonsense' }),
    call('DescribeStreamSummary', orders),
    call('ListShards', orders),
    call('ListShards', { ...orders, ExclusiveStartShardId: 'shardId-000000000001' }),
    call('ListShards', { ...orders, ExclusiveStartShardId: 'shardId-000000000009' }),
    call('ListShards', { ...orders, MaxResults: 2 }),
    call('ListShards', { ...orders, NextToken: 'x' }),
    call('ListShards', { ...orders, StreamCreationTimestamp: 1 }),
    call('ListShards', { StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/orders' }),
    call('PutRecord', {
      ...record,
      StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/orders',
    }),
    call('ListStreams', { Limit: 10 }),
    call('ListStreams', { ExclusiveStartStreamName: 'orders' }),
    call('ListStreams', { ExclusiveStartStreamName: 'a', Limit: 1 }),
    call('CreateStream', { StreamName: 'orders', ShardCount: 1 }),
    call('CreateStream', { StreamName: 'more', ShardCount: 50_000 }),
    call('CreateStream', { StreamName: 'second', ShardCount: 2 }),
    call('DeleteStream', { StreamName: 'second' }),
  ]
}

/** Places to read from, and what is none. */
function places(): Sent[] {
  const first = { StreamName: 'orders', ShardId: 'shardId-000000000000' }
  const at = { ShardIteratorType: 'AT_SEQUENCE_NUMBER' }
  const oldest = { ShardIteratorType: 'TRIM_HORIZON' }
  const latest = { ShardIteratorType: 'LATEST' }
  const get = (input: object): Sent => call('GetShardIterator', input)
  return [
    ...['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER', 'OLDEST'].flatMap(
      (ShardIteratorType) => [
        get({ ...first, ShardIteratorType }),
        get({ ...first, ShardIteratorType, StartingSequenceNumber: NUMBER }),
      ],
    ),
    get({ ...first, ShardIteratorType: 'AT_TIMESTAMP' }),
    ...[1_000_000_000, 4_000_000_000].map((Timestamp) =>
      get({ ...first, ShardIteratorType: 'AT_TIMESTAMP', Timestamp }),
    ),
    get({ ...first, ...latest, StreamName: 'none', ShardId: 'nonsense' }),
    ...['nonsense', 'shardId-000000000003', 'x-1'].map((ShardId) =>
      get({ ...first, ...latest, ShardId }),
    ),
    ...['x', 'shardId-', 'shardId-x', 'shardId-2147483648', 'shardId-5', '0', 'a-1', 'a-b-1'].map(
      (ShardId) => get({ ...first, ...oldest, ShardId }),
    ),
    get({ ...first, ...oldest, StreamName: 'none' }),
    get({ ...first, ...at, StreamName: 'none' }),
    ...['0', '1', '9'.repeat(57), `${2n ** 124n}`, `${2n ** 185n + 1n}`].map(
      (StartingSequenceNumber) => get({ ...first, ...at, StartingSequenceNumber }),
    ),
    get({ ...first, ...at, ShardId: 'shardId-1', StartingSequenceNumber: NUMBER }),
    ...['x', 'AAAAAAAAAAE=', 'A'.repeat(224), 'é', ''].map((ShardIterator) =>
      call('GetRecords', { ShardIterator }),
    ),
    call('GetRecords', { ShardIterator: 'A'.repeat(513), Limit: 10_001 }),
  ]
}

/** Tags and retention: what is remembered of a stream, on both sides. */
function control(): Sent[] {
  const orders = { StreamName: 'orders' }
  const tags = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`key ${i}`, `value ${i}`]))
  const keys = ['k'.repeat(129), 'aws:x', 'a*b', 'ключ']
  return [
    ...['AddTagsToStream', 'RemoveTagsFromStream', 'ListTagsForStream'].map((operation) =>
      call(operation, { StreamName: 'none', Tags: { a: 'b' }, TagKeys: ['a'] }),
    ),
    call('AddTagsToStream', { ...orders, Tags: tags(201) }, 'of 201 tags'),
    call('AddTagsToStream', { ...orders, Tags: {} }),
    call('AddTagsToStream', { ...orders, Tags: { '': 'b' } }),
    call('AddTagsToStream', { ...orders, Tags: { a: 'v'.repeat(257) } }),
    ...keys.map((key) => call('AddTagsToStream', { ...orders, Tags: { [key]: 'x' } })),
    call('AddTagsToStream', { ...orders, Tags: { a: 'x%y' } }),
    call('AddTagsToStream', { ...orders, Tags: { b: '2', a: '1' } }),
    call('ListTagsForStream', orders),
    call('ListTagsForStream', { ...orders, Limit: 1 }),
    call('ListTagsForStream', { ...orders, ExclusiveStartTagKey: 'a' }),
    call('ListTagsForStream', { ...orders, Limit: 11 }),
    call('RemoveTagsFromStream', { ...orders, TagKeys: [] }),
    ...keys.map((key) => call('RemoveTagsFromStream', { ...orders, TagKeys: [key] })),
    call('RemoveTagsFromStream', { ...orders, TagKeys: ['a', 'never'] }),
    ...['IncreaseStreamRetentionPeriod', 'DecreaseStreamRetentionPeriod'].flatMap((operation) => [
      call(operation, { StreamName: 'none', RetentionPeriodHours: 25 }),
      ...[-1, 0, 1, 23].map((hours) => call(operation, { ...orders, RetentionPeriodHours: hours })),
    ]),
    call('SplitShard', {
      ...{ StreamName: 'none', ShardToSplit: 'shardId-000000000000', NewStartingHashKey: '1' },
    }),
    call('MergeShards', {
      ...{ StreamName: 'none', ShardToMerge: 'shardId-0', AdjacentShardToMerge: 'shardId-1' },
    }),
  ]
}

function inBinary(): Sent[] {
  const orders = { StreamName: 'orders' }
  return [
    inCbor('PutRecord', { ...orders, PartitionKey: 'k', Data: Buffer.from('x') }),
    inCbor('PutRecords', { ...orders, Records: [{ PartitionKey: 'k', Data: Buffer.from('x') }] }),
    inCbor('PutRecord', { StreamName: 'none', PartitionKey: 'k', Data: Buffer.from('x') }),
    inCbor('PutRecord', {}),
    inCbor('PutRecord', { StreamName: 1 }),
    inCbor('PutRecord', { Data: true }),
    inCbor('DescribeStream', orders),
    inCbor('ListStreams', {}),
    inCbor('ListShards', orders),
  ]
}

const AUTHORIZATIONS: Readonly<Record<string, string>> = {
  'an empty header': '',
  'a word': 'x',
  'an algorithm only': 'AWS4-HMAC-SHA256',
  'a credential only': 'AWS4-HMAC-SHA256 Credential=a',
  'a signature only': 'AWS4-HMAC-SHA256 Signature=a',
  'signed headers only': 'AWS4-HMAC-SHA256 SignedHeaders=a',
  'no signature': 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b',
  'no signed headers': 'AWS4-HMAC-SHA256 Credential=a,Signature=b',
  'no credential': 'AWS4-HMAC-SHA256 SignedHeaders=a Signature=b',
  'an empty credential': 'AWS4-HMAC-SHA256 Credential=, SignedHeaders=b, Signature=c',
  'no pair': 'AWS4-HMAC-SHA256 Credential',
}

const PARAMETERS = {
  'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
  'X-Amz-Credential': 'a',
  'X-Amz-Signature': 'b',
  'X-Amz-SignedHeaders': 'c',
  'X-Amz-Date': '20260101T000000Z',
}

function credentials(): Sent[] {
  const headers = { ...TARGETS['an operation'], ...TYPES['JSON 1.1'] }
  const about = (name: string, change: Change = {}): Sent =>
    sent(`credentials: ${name}`, {
      ...change,
      headers: { ...headers, ...change.headers },
      isAboutCredentials: true,
    })
  const query = (left: object): string => `/?${new URLSearchParams({ ...left }).toString()}`
  return [
    about('none'),
    about('none, for a bad call', { body: '{"Limit":"x"}' }),
    about('none, in CBOR', { headers: TYPES['CBOR 1.1'], body: Encoder.encodeOne({}) }),
    ...Object.entries(AUTHORIZATIONS).flatMap(([name, authorization]) => [
      about(name, { headers: { authorization } }),
      about(`${name}, with a date`, {
        headers: { authorization, 'x-amz-date': '20260101T000000Z' },
      }),
    ]),
    about('header and query', { headers: SIGNED, path: query(PARAMETERS) }),
    ...Object.keys(PARAMETERS).map((name) => {
      const left = Object.entries(PARAMETERS).filter(([each]) => each !== name)
      return about(`a query without ${name}`, { path: query(Object.fromEntries(left)) })
    }),
    about('a query with an algorithm only', { path: '/?X-Amz-Algorithm=x' }),
    about('a query with empty parameters', {
      path: '/?X-Amz-Algorithm=&X-Amz-Credential=&X-Amz-Date=',
    }),
  ]
}

export const CORPUS: readonly Sent[] = [
  ...frontEnd(),
  ...browsers(),
  ...types(),
  ...constraints(),
  ...actions(),
  ...places(),
  ...control(),
  ...inBinary(),
  ...credentials(),
]
