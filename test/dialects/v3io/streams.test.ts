// Streams as wholes, and what clients do to them by plain HTTP.

import { base64, startBridge, type Bridge } from './bridge.ts'

const INVALID = '{"ErrorCode":-201326592,"ErrorMessage":"InvalidArgumentException"}'
const NOT_FOUND = '{"ErrorCode":-201326608,"ErrorMessage":"ResourceNotFoundException"}'
const NO_SUCH_FILE = '{"ErrorCode":-2,"ErrorMessage":"No such file or directory"}'
const COUNT = '{"ErrorCode":-201326610,"ErrorMessage":"InvalidShardCountException"}'

async function described(bridge: Bridge): Promise<unknown> {
  return JSON.parse((await bridge.call('DescribeStream')).text)
}

describe('CreateStream', () => {
  test.each<[string, unknown, object]>([
    [
      'as told',
      { ShardCount: 8, RetentionPeriodHours: 1 },
      { ShardCount: 8, RetentionPeriodHours: 1 },
    ],
    ['by default', '', { ShardCount: 1, RetentionPeriodHours: 24 }],
    [
      'with what go leaves unset',
      { ShardCount: 0, RetentionPeriodHours: 0 },
      { ShardCount: 1, RetentionPeriodHours: 24 },
    ],
    [
      'with nulls',
      { ShardCount: null, RetentionPeriodHours: null },
      { ShardCount: 1, RetentionPeriodHours: 24 },
    ],
    ['for a year', { RetentionPeriodHours: 8760 }, { ShardCount: 1, RetentionPeriodHours: 8760 }],
  ])('%s: 204, with an empty body', async (_case, body, description) => {
    const bridge = startBridge()
    const { status, text, headers } = await bridge.call('CreateStream', body)
    expect([status, text, headers]).toEqual([204, '', {}])
    expect(await described(bridge)).toEqual(description)
  })

  test('of one that exists: 409', async () => {
    const bridge = startBridge({ 'bigdata.s': 3 })
    const { status, text } = await bridge.call('CreateStream', { ShardCount: 1 })
    expect([status, text]).toEqual([
      409,
      '{"ErrorCode":-201326609,"ErrorMessage":"ResourceInUseException"}',
    ])
    expect(await described(bridge)).toMatchObject({ ShardCount: 3 })
  })

  test('makes room for records of 2 MiB', async () => {
    const bridge = startBridge()
    await bridge.call('CreateStream')
    const data = Buffer.alloc(2 * 2 ** 20).toString('base64')
    expect(await bridge.put([{ Data: data }])).toEqual([{ SequenceNumber: 1, ShardId: 0 }])
  })

  test.each([
    { ShardCount: -1 },
    { ShardCount: 4097 },
    { ShardCount: 1.5 },
    { ShardCount: '2' },
    { RetentionPeriodHours: -1 },
    { RetentionPeriodHours: 8761 },
    { StreamName: 'a/b' },
  ])('%j: 400', async (body) => {
    const { status, text } = await startBridge().call('CreateStream', body)
    expect([status, text]).toEqual([400, INVALID])
  })

  test('at a name that Kafka cannot tell from another: 400, and why', async () => {
    const bridge = startBridge({ 'bigdata.a_b': 1 })
    const { status, headers } = await bridge.send('POST /bigdata/a/b/', '', {
      'x-v3io-function': 'CreateStream',
    })
    expect(status).toBe(400)
    expect(headers['x-tributary-reason']).toContain('bigdata.a_b')
  })
})

test('a path too long for a topic: 400, and why', async () => {
  const { status, headers } = await startBridge().send(`POST /bigdata/${'x/'.repeat(130)}`, '', {
    'x-v3io-function': 'CreateStream',
  })
  expect(status).toBe(400)
  expect(headers['x-tributary-reason']).toContain('too long')
})

describe('DescribeStream', () => {
  test('as the clients ask: PUT, with no body', async () => {
    const bridge = startBridge({ 'bigdata.dir.s': 2 })
    const headers = {
      'x-v3io-function': 'DescribeStream',
      'content-type': 'application/octet-stream',
    }
    const { status, text } = await bridge.send('PUT //bigdata/dir/s/', '', headers)
    expect([status, text]).toEqual([200, '{"ShardCount":2,"RetentionPeriodHours":168}'])
    const named = await bridge.send('POST /bigdata/dir/', { StreamName: 's' }, headers)
    expect(named.text).toBe(text)
  })

  test('of a topic that keeps everything: an integer', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    await bridge.log.configure('bigdata.s', { retentionMs: -1 })
    expect(await described(bridge)).toEqual({ ShardCount: 1, RetentionPeriodHours: 876_000 })
  })

  test('of a missing stream: 404', async () => {
    const { status, text } = await startBridge().call('DescribeStream')
    expect([status, text]).toEqual([404, NOT_FOUND])
  })
})

describe('UpdateStream', () => {
  test('adds shards that can be written at once', async () => {
    const bridge = startBridge({ 'bigdata.s': 8 })
    const { status, text } = await bridge.call('UpdateStream', { ShardCount: 16 })
    expect([status, text]).toEqual([204, ''])
    expect(await described(bridge)).toMatchObject({ ShardCount: 16 })
    expect(await bridge.put([{ Data: base64('x'), ShardId: 15 }])).toEqual([
      { SequenceNumber: 1, ShardId: 15 },
    ])
  })

  test.each([8, 7, 0, -1, 4097])('to %i of 8: InvalidShardCountException', async (shards) => {
    const bridge = startBridge({ 'bigdata.s': 8 })
    const { status, text } = await bridge.call('UpdateStream', { ShardCount: shards })
    expect([status, text]).toEqual([400, COUNT])
    expect(await described(bridge)).toMatchObject({ ShardCount: 8 })
  })

  test('without a number, or without a stream', async () => {
    const bridge = startBridge({ 'bigdata.s': 8 })
    const { status, text } = await bridge.call('UpdateStream', {})
    expect([status, text]).toEqual([400, INVALID])
    const missing = await startBridge().call('UpdateStream', { ShardCount: 2 })
    expect([missing.status, missing.text]).toEqual([404, NOT_FOUND])
  })

  test("of a stranger's topic: 403", async () => {
    const bridge = startBridge({ 'bigdata.s': 8 }, { manage: 'own' })
    const { status, text } = await bridge.call('UpdateStream', { ShardCount: 16 })
    expect([status, text]).toEqual([403, '{"ErrorCode":-13,"ErrorMessage":"Permission denied"}'])
  })
})

function listing(prefixes: string[]): string {
  const found = prefixes.map((each) => `<CommonPrefixes><Prefix>${each}</Prefix></CommonPrefixes>`)
  return `<ListBucketResult><Name>bigdata</Name><NextMarker></NextMarker><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>${found.join('')}</ListBucketResult>`
}

describe('a listing', () => {
  test.each<[string, string[]]>([
    ['/bigdata', ['a&b/', 'dir/', 's/']],
    ['/bigdata/', ['a&b/', 'dir/', 's/']],
    ['/bigdata?prefix=%2F', ['a&b/', 'dir/', 's/']],
    ['/bigdata?prefix=dir', ['dir/one/', 'dir/two/']],
    ['/bigdata?prefix=%2Fdir%2F', ['dir/one/', 'dir/two/']],
    ['/bigdata/dir/', ['dir/one/', 'dir/two/']],
    ['/bigdata/dir/?prefix=two', ['dir/two/deep/']],
    ['/bigdata?prefix=s/&prefix-info=1', []],
    ['/bigdata?prefix=dir/one/', []],
  ])('%s shows %j', async (target, prefixes) => {
    const bridge = startBridge({
      'bigdata.s': 2,
      'bigdata.dir.one': 1,
      'bigdata.dir.two': 1,
      'bigdata.dir.two.deep': 1,
      'bigdata.a_x26b': 1,
      'other.s': 1,
      plain: 1,
    })
    const { status, headers, text } = await bridge.send(`GET ${target}`)
    expect([status, headers['content-type']]).toEqual([200, 'application/xml'])
    expect(text).toBe(listing(prefixes.map((each) => each.replace('&', '&amp;'))))
  })

  test.each(['/bigdata?prefix=none', '/bigdata?prefix=di', '/bigdata/s/0/', '/empty/x/'])(
    '%s is missing',
    async (target) => {
      const { status, text } = await startBridge({ 'bigdata.s': 1, 'bigdata.dir.one': 1 }).send(
        `GET ${target}`,
      )
      expect([status, text]).toEqual([404, NO_SUCH_FILE])
    },
  )

  test('of characters that XML has not', async () => {
    const { text } = await startBridge({ 'bigdata.a_x01_x3Cb': 1 }).send('GET /bigdata')
    expect(text).toBe(listing(['a\uFFFD&lt;b/']))
  })
})

describe('DeleteStream', () => {
  test('as v3io-py does it', async () => {
    const bridge = startBridge({ 'bigdata.dir.s': 2 })
    expect((await bridge.send('GET /bigdata?prefix=dir/s/')).text).toBe(listing([]))
    expect((await bridge.send('DELETE /bigdata/dir/s/0')).status).toBe(204)
    const { status, text, headers } = await bridge.send('DELETE /bigdata/dir/s/')
    expect([status, text, headers]).toEqual([204, '', {}])
    expect(await bridge.log.list()).toEqual([])
    expect((await bridge.send('DELETE /bigdata/dir/s/')).status).toBe(404)
  })

  test('as v3io-go does it: the directory above can be listed afterwards, and deleted', async () => {
    const bridge = startBridge({ 'bigdata.go.dir.s': 2 })
    expect((await bridge.send('GET /bigdata?prefix=%2Fgo%2Fdir%2Fs%2F')).status).toBe(200)
    expect((await bridge.send('DELETE /bigdata/go/dir/s/')).status).toBe(204)
    expect((await bridge.send('GET /bigdata?prefix=%2Fgo%2Fdir')).text).toBe(listing([]))
    expect((await bridge.send('GET /bigdata?prefix=%2Fgo')).text).toBe(listing([]))
    expect((await bridge.send('HEAD /bigdata/go/dir')).status).toBe(200)
    expect((await bridge.send('DELETE /bigdata/go/dir/')).status).toBe(204)
    expect((await bridge.send('GET /bigdata?prefix=%2Fgo%2Fdir')).status).toBe(404)
  })

  test('as samples do it: shard by shard, one past the end, then the stream', async () => {
    const bridge = startBridge({ 'bigdata.s': 2 })
    const statuses: number[] = []
    for (const path of ['s/0', 's/1/', 's/2', 's/']) {
      statuses.push((await bridge.send(`DELETE /bigdata/${path}`)).status)
    }
    expect(statuses).toEqual([204, 204, 404, 204])
  })

  test('a stream whose name is a number, below a stream', async () => {
    const bridge = startBridge({ 'bigdata.s': 2, 'bigdata.s.1': 1 })
    expect((await bridge.send('DELETE /bigdata/s/1')).status).toBe(204)
    expect(await bridge.log.list()).toEqual(['bigdata.s'])
  })

  test('a directory with streams stays, also when it was empty before', async () => {
    const bridge = startBridge({ 'bigdata.dir.s': 1, 'bigdata.dir.t': 1 })
    await bridge.send('DELETE /bigdata/dir/s/')
    const { status, headers } = await bridge.send('DELETE /bigdata/dir/')
    expect(status).toBe(400)
    expect(headers['x-tributary-reason']).toBe('The directory dir is not empty')
    expect(await bridge.log.list()).toEqual(['bigdata.dir.t'])
  })

  test("a stranger's topic: 403, and it stays", async () => {
    const bridge = startBridge({ 'bigdata.s': 1 }, { manage: 'own' })
    expect((await bridge.send('DELETE /bigdata/s/')).status).toBe(403)
    expect(await bridge.log.list()).toEqual(['bigdata.s'])
  })

  test('a topic that is no stream of this dialect', async () => {
    const bridge = startBridge({ _tributary: 1, plain: 1 })
    expect((await bridge.send('DELETE /_tributary/x/')).status).toBe(404)
    expect((await bridge.send('DELETE /plain/')).status).toBe(501)
    expect(await bridge.log.list()).toEqual(['_tributary', 'plain'])
  })
})

describe('HEAD', () => {
  test.each([
    ['/bigdata/dir/s', 200],
    ['/bigdata/dir/s/', 200],
    ['/bigdata/dir', 200],
    ['/bigdata', 200],
    ['/bigdata/dir/t', 404],
    ['/other/dir/s', 404],
  ])('%s: %i, with no body', async (path, wanted) => {
    const { status, text } = await startBridge({ 'bigdata.dir.s': 1 }).send(`HEAD ${path}`)
    expect([status, text]).toEqual([wanted, ''])
  })
})

test('what is refused says so', async () => {
  const { status, text } = await startBridge({ 'bigdata.s': 1 }).call('UpdateItem', '{}')
  expect([status, text]).toEqual([
    501,
    '{"ErrorCode":-95,"ErrorMessage":"UpdateItem is not supported here: updates are not evaluated; PutItem with an UpdateMode sets attributes"}',
  ])
})

test('a body in single quotes, as the vendor’s sample for streams of drivers has it', async () => {
  const bridge = startBridge()
  const { status } = await bridge.call(
    'CreateStream',
    "{'ShardCount': 12, 'RetentionPeriodHours': 1}",
  )
  expect(status).toBe(204)
  expect(await described(bridge)).toEqual({ ShardCount: 12, RetentionPeriodHours: 1 })
})
