// What is kept beside a stream: states of consumer groups, attributes of shards, and how they are listed.

import { base64, startBridge, type Bridge } from './bridge.ts'

const NO_SUCH_FILE = '{"ErrorCode":-2,"ErrorMessage":"No such file or directory"}'
const INVALID = '{"ErrorCode":-201326592,"ErrorMessage":"InvalidArgumentException"}'
const IS_FALSE = '{"ErrorCode":-16777244,"ErrorMessage":"The condition is false"}'

const STATE = '/bigdata/s/cg0-state.json'
const SHARD = '/bigdata/s/1'
const VERIFIER = 'x-v3io-transaction-verifier'

function on(bridge: Bridge, name: string, path: string, body: unknown) {
  return bridge.send(`PUT ${path}`, body, { 'x-v3io-function': name })
}

async function itemOf(bridge: Bridge, path: string, names: string): Promise<unknown> {
  const { status, text } = await on(bridge, 'GetItem', path, { AttributesToGet: names })
  if (status !== 200) return status
  return (JSON.parse(text) as { Item: unknown }).Item
}

/** As v3io-go writes the state of a group. */
function stateOf(text: string, condition?: string) {
  return {
    UpdateMode: 'CreateOrReplaceAttributes',
    Item: { state: { S: text } },
    ConditionExpression: condition,
  }
}

/** What a verifier says, as v3io-go writes it as a condition. */
function conditionOf(verifier = ''): string {
  const [, secs, nsecs] = /^__mtime_secs==(\d+) and __mtime_nsecs==(\d+)$/.exec(verifier) ?? []
  return `(__mtime_nsecs == ${nsecs}) AND (__mtime_secs == ${secs})`
}

async function withShard(): Promise<Bridge> {
  const bridge = startBridge({ 'bigdata.s': 3 })
  await bridge.put([
    { Data: base64('x'), ShardId: 1 },
    { Data: base64('y'), ShardId: 1 },
  ])
  return bridge
}

describe('the state of a group', () => {
  test('is missing, made once, and changed by those who know when it last was', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    const put = (text: string, condition?: string) =>
      on(bridge, 'PutItem', STATE, stateOf(text, condition))
    const names = '__mtime_nsecs,__mtime_secs,state'
    expect(await on(bridge, 'GetItem', STATE, { AttributesToGet: names })).toMatchObject({
      status: 404,
      text: NO_SUCH_FILE,
    })

    const made = await put('one', 'not(exists(state))')
    expect([made.status, made.text]).toEqual([200, ''])
    expect(await put('two', 'not(exists(state))')).toMatchObject({ status: 400, text: IS_FALSE })

    const asked = await on(bridge, 'GetItem', STATE, { AttributesToGet: names })
    expect(asked.headers[VERIFIER]).toBe(made.headers[VERIFIER])
    const { Item: item } = JSON.parse(asked.text) as { Item: Record<string, { N: string }> }
    expect(item['state']).toEqual({ S: 'one' })
    const known = `(__mtime_nsecs == ${item['__mtime_nsecs']?.N}) AND (__mtime_secs == ${item['__mtime_secs']?.N})`
    expect(known).toBe(conditionOf(made.headers[VERIFIER]))

    const changed = await put('three', known)
    expect(changed.status).toBe(200)
    expect(changed.headers[VERIFIER]).not.toBe(made.headers[VERIFIER])
    expect(await put('four', known)).toMatchObject({ status: 400, text: IS_FALSE })
    expect(await itemOf(bridge, STATE, '*')).toEqual({ state: { S: 'three' } })
  })

  test('of those who change it at once, one wins', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    await on(bridge, 'PutItem', STATE, stateOf('start'))
    for (let round = 0; round < 5; round++) {
      const { headers } = await on(bridge, 'GetItem', STATE, { AttributesToGet: '*' })
      const condition = conditionOf(headers[VERIFIER])
      const puts = Array.from({ length: 8 }, (_, i) =>
        on(bridge, 'PutItem', STATE, stateOf(`${round} ${i}`, condition)),
      )
      const statuses = (await Promise.all(puts)).map(({ status }) => status).sort()
      expect(statuses).toEqual([200, 400, 400, 400, 400, 400, 400, 400])
    }
  })

  test('is gone with its stream', async () => {
    const bridge = await withShard()
    await on(bridge, 'PutItem', STATE, stateOf('x'))
    await bridge.send('DELETE /bigdata/s/')
    await bridge.call('CreateStream', { ShardCount: 3 })
    expect(await itemOf(bridge, STATE, '*')).toBe(404)
  })

  test('can be an object too, as v3io-py’s tests write it', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    const written = await bridge.send(`PUT ${STATE}`, '', {
      'content-type': 'application-octet-stream',
    })
    expect([written.status, written.text]).toEqual([200, ''])
    await bridge.send(`PUT ${STATE}`, '{"a":"ü"}')
    expect(await bridge.send(`GET ${STATE}`)).toMatchObject({ status: 200, text: '{"a":"ü"}' })
    expect((await bridge.send(`HEAD ${STATE}`)).status).toBe(200)
    expect(await itemOf(bridge, STATE, '__size,__name')).toEqual({
      __size: { N: '10' },
      __name: { S: 'cg0-state.json' },
    })
    expect((await bridge.send(`DELETE ${STATE}`)).status).toBe(204)
    expect((await bridge.send(`DELETE ${STATE}`)).status).toBe(404)
    expect((await bridge.send(`HEAD ${STATE}`)).status).toBe(404)
    expect((await bridge.send(`GET ${STATE}`)).text).toBe(NO_SUCH_FILE)
  })

  test('that is too large is refused, and the old one stays', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    await on(bridge, 'PutItem', STATE, stateOf('small'))
    const { status, text } = await on(bridge, 'PutItem', STATE, stateOf('x'.repeat(70_000)))
    expect([status, text]).toEqual([413, '{"ErrorCode":-27,"ErrorMessage":"File too large"}'])
    expect(await itemOf(bridge, STATE, 'state')).toEqual({ state: { S: 'small' } })
  })
})

describe('a shard', () => {
  const COMMITTED = '__cg0_committed_sequence_number'
  const commit = (number: string, condition = '__obj_type == 3') => ({
    UpdateMode: 'CreateOrReplaceAttributes',
    Item: { [COMMITTED]: { N: number } },
    ConditionExpression: condition,
  })

  test('keeps how far a group has come, digit by digit', async () => {
    const bridge = await withShard()
    expect(await itemOf(bridge, SHARD, COMMITTED)).toEqual({})
    expect((await on(bridge, 'PutItem', SHARD, commit('18446744073709551615'))).status).toBe(200)
    expect(await itemOf(bridge, SHARD, `__last_sequence_num, ${COMMITTED}`)).toEqual({
      __last_sequence_num: { N: '2' },
      [COMMITTED]: { N: '18446744073709551615' },
    })
    const other = { Item: { __cg1_committed_sequence_number: { N: '1' } } }
    await on(bridge, 'PutItem', `${SHARD}/`, { ...other, UpdateMode: 'CreateOrReplaceAttributes' })
    expect(Object.keys((await itemOf(bridge, SHARD, '*')) as object)).toHaveLength(2)
    expect(Object.keys((await itemOf(bridge, SHARD, '**')) as object)).toEqual(
      expect.arrayContaining(['__obj_type', '__name', COMMITTED]),
    )
  })

  test('a condition on what it keeps', async () => {
    const bridge = await withShard()
    await on(bridge, 'PutItem', SHARD, commit('9007199254740993'))
    const late = commit('5', `${COMMITTED} < 5`)
    expect(await on(bridge, 'PutItem', SHARD, late)).toMatchObject({ status: 400, text: IS_FALSE })
    const exact = commit('5', `${COMMITTED} == 9007199254740993 and __last_sequence_num == 2`)
    expect((await on(bridge, 'PutItem', SHARD, exact)).status).toBe(200)
  })

  test.each(['/bigdata/s/0', '/bigdata/s/3', '/bigdata/none/0'])(
    'that was never written is none: %s',
    async (path) => {
      const bridge = await withShard()
      for (const name of ['GetItem', 'PutItem']) {
        const body = { ...commit('1'), AttributesToGet: COMMITTED }
        expect(await on(bridge, name, path, body)).toMatchObject({
          status: 404,
          text: NO_SUCH_FILE,
        })
      }
      expect((await bridge.send(`HEAD ${path}`)).status).toBe(404)
    },
  )
})

describe('PutItem', () => {
  test.each<[string | undefined, object]>([
    [undefined, { b: { N: '2' } }],
    ['', { b: { N: '2' } }],
    ['OverWriteAttributes', { b: { N: '2' } }],
    ['CreateOrReplaceAttributes', { a: { S: 'x' }, b: { N: '2' } }],
  ])('with UpdateMode %j', async (mode, item) => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    await on(bridge, 'PutItem', STATE, { Item: { a: { S: 'x' } } })
    await on(bridge, 'PutItem', STATE, { Item: { b: { N: '2' } }, UpdateMode: mode })
    expect(await itemOf(bridge, STATE, '*')).toEqual(item)
  })

  test('with UpdateMode CreateNewItemOnly, once', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    const body = { Item: { a: { BOOL: true } }, UpdateMode: 'CreateNewItemOnly' }
    expect((await on(bridge, 'PutItem', STATE, body)).status).toBe(200)
    const { status, text } = await on(bridge, 'PutItem', STATE, body)
    expect([status, text]).toEqual([
      409,
      '{"ErrorCode":-369098809,"ErrorMessage":"The item exists"}',
    ])
  })

  test('keeps values of every type as they came', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    const item = {
      text: { S: '' },
      whole: { N: '-1' },
      real: { N: '1.5E+00' },
      bytes: { B: 'AP8=' },
      flag: { BOOL: false },
      time: { TS: '1600000000:5' },
      __proto: { S: 'x' },
      constructor: { S: 'y' },
    }
    await on(bridge, 'PutItem', STATE, { Item: item })
    expect(await itemOf(bridge, STATE, '*')).toEqual(item)
    expect(await itemOf(bridge, STATE, 'toString')).toEqual({})
  })

  test.each([
    [{}],
    [{ Item: [] }],
    [{ Item: { a: 'x' } }],
    [{ Item: { a: {} } }],
    [{ Item: { a: { N: 'x' } } }],
    [{ Item: { a: { S: 'x', N: '1' } } }],
    [{ Item: { a: { toString: 'x' } } }],
    [{ Item: {}, UpdateMode: 'Other' }],
    [{ Item: {}, UpdateMode: 'constructor' }],
    [{ Item: {}, ConditionExpression: 'a +' }],
  ])('%j: 400', async (body) => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    expect(await on(bridge, 'PutItem', STATE, body)).toMatchObject({ status: 400, text: INVALID })
    expect(await itemOf(bridge, STATE, '*')).toBe(404)
  })

  test.each(['GetItem', 'PutItem'])('%s elsewhere is refused, and says why', async (name) => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    const body = { Item: { a: { S: 'x' } }, AttributesToGet: '*' }
    for (const path of [
      '/bigdata/table/key',
      '/bigdata/s/key',
      '/bigdata/s/',
      '/bigdata/x-state.json',
    ]) {
      const { status, text } = await on(bridge, name, path, body)
      expect([status, text]).toEqual([
        501,
        expect.stringContaining('there are no items but shards'),
      ])
    }
  })
})

describe('GetItems', () => {
  test('lists the states of groups, page by page', async () => {
    const bridge = await withShard()
    for (const group of ['b', 'a', 'c']) {
      const body = { Item: { state: { S: group }, size: { N: '3' } } }
      await on(bridge, 'PutItem', `/bigdata/s/${group}-state.json`, body)
    }
    const ask = async (body: object, path = '/bigdata/s/') =>
      JSON.parse((await on(bridge, 'GetItems', path, body)).text) as unknown

    expect(await ask({ AttributesToGet: '__name' })).toEqual({
      LastItemIncluded: 'TRUE',
      Items: ['a', 'b', 'c'].map((group) => ({ __name: { S: `${group}-state.json` } })),
    })
    expect(await ask({ AttributesToGet: 'state', Limit: 2 })).toEqual({
      LastItemIncluded: 'FALSE',
      NextMarker: 'b-state.json',
      Items: [{ state: { S: 'a' } }, { state: { S: 'b' } }],
    })
    expect(
      await ask({ AttributesToGet: 'state', Marker: 'b-state.json', TableName: 's' }, '/bigdata/'),
    ).toEqual({ LastItemIncluded: 'TRUE', Items: [{ state: { S: 'c' } }] })
    const filter = { AttributesToGet: 'state', FilterExpression: "size == 3 and state > 'a'" }
    expect(await ask(filter)).toMatchObject({
      Items: [{ state: { S: 'b' } }, { state: { S: 'c' } }],
    })
  })

  test('of a stream without groups, of a directory, of nothing', async () => {
    const bridge = startBridge({ 'bigdata.dir.s': 1 })
    for (const path of ['/bigdata/dir/s/', '/bigdata/dir/', '/bigdata/']) {
      const { text } = await on(bridge, 'GetItems', path, { AttributesToGet: '**' })
      expect(text).toBe('{"LastItemIncluded":"TRUE","Items":[]}')
    }
    expect(await on(bridge, 'GetItems', '/bigdata/x/', {})).toMatchObject({
      status: 404,
      text: NO_SUCH_FILE,
    })
  })
})

describe('the listing', () => {
  const keys = (text: string, tag: string) =>
    [...text.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, key]) => key)

  async function withAll(): Promise<Bridge> {
    const bridge = startBridge()
    await bridge.call('CreateStream', { ShardCount: 12, RetentionPeriodHours: 2 })
    await bridge.put(Array.from({ length: 11 }, (_, i) => ({ Data: base64('x'), ShardId: i })))
    for (const group of ['cg0', '0cg']) {
      await on(bridge, 'PutItem', `/bigdata/s/${group}-state.json`, stateOf('x'))
    }
    await bridge.send('POST /bigdata/s/below/', '', { 'x-v3io-function': 'CreateStream' })
    return bridge
  }

  test('of a stream: shards that were written, then states, then streams below', async () => {
    const { text } = await (await withAll()).send('GET /bigdata?prefix=s/')
    expect(keys(text, 'Key')).toEqual([
      ...Array.from({ length: 11 }, (_, i) => `s/${i}`),
      's/0cg-state.json',
      's/cg0-state.json',
    ])
    expect(keys(text, 'Prefix')).toEqual(['s/below/'])
    expect(text).toContain('<Key>s/0</Key><Size>0</Size><LastSequenceId>1</LastSequenceId>')
    expect([keys(text, 'NextMarker'), keys(text, 'IsTruncated')]).toEqual([[''], ['false']])
  })

  test('page by page', async () => {
    const bridge = await withAll()
    const seen: unknown[] = []
    for (let marker = '', isTruncated = true; isTruncated;) {
      const { text } = await bridge.send(`GET /bigdata?prefix=s&max-keys=5&marker=${marker}`)
      seen.push([...keys(text, 'Key'), ...keys(text, 'Prefix')].length)
      expect(keys(text, 'MaxKeys')).toEqual(['5'])
      marker = keys(text, 'NextMarker')[0] ?? ''
      isTruncated = keys(text, 'IsTruncated')[0] === 'true'
    }
    expect(seen).toEqual([5, 5, 4])
  })

  test('with prefix-info: streams with their shards and retention, and what files have', async () => {
    const bridge = await withAll()
    const { text } = await bridge.send(
      'GET /bigdata?prefix=%2F&prefix-info=1&prefix-only=1&max-keys=1',
    )
    expect(keys(text, 'Prefix')).toEqual(['s/'])
    expect([keys(text, 'ShardCount'), keys(text, 'RetentionPeriodHours')]).toEqual([['12'], ['2']])
    expect([keys(text, 'Mode'), keys(text, 'NextMarker')]).toEqual([['040775'], ['s']])
    const files = (await bridge.send('GET /bigdata?prefix=s&prefix-info=1')).text
    expect(new Set(keys(files, 'Mode'))).toEqual(new Set(['0100664', '040775']))
    for (const inode of keys(files, 'InodeNumber')) expect(Number(inode)).toBeGreaterThan(0)
    expect(keys((await bridge.send('GET /bigdata?prefix=s&prefix-only=1')).text, 'Key')).toEqual([])
  })

  test('is what v3io-py deletes a stream by', async () => {
    const bridge = startBridge({ 'bigdata.s': 8 })
    await bridge.put(Array.from({ length: 8 }, (_, i) => ({ Data: base64('x'), ShardId: i })))
    for (let i = 0; i < 3; i++) await bridge.send(`PUT /bigdata/s/cg${i}-state.json`)
    const listed = keys((await bridge.send('GET /bigdata?prefix=s')).text, 'Key')
    expect(listed).toHaveLength(11)
    for (const key of listed) {
      expect((await bridge.send(`DELETE /bigdata/${key}`)).status).toBe(204)
    }
    expect((await bridge.send('DELETE /bigdata/s')).status).toBe(204)
    expect((await bridge.call('DescribeStream')).status).toBe(404)
  })
})
