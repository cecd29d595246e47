// Tags of streams: set, deleted, listed, and searched for.

import { startBridge, type Bridge } from './bridge.ts'

const FILTER = 'POST /v2/{p}/stream/resource_instances/action'

async function idOf(send: Bridge['send'], stream: string): Promise<string> {
  return (await send(`GET /v2/{p}/streams/${stream}`)).json['stream_id'] as string
}

/** Streams with tags, each written `key=value`. */
async function start(streams: Readonly<Record<string, readonly string[]>>) {
  const names = Object.keys(streams)
  const { send } = startBridge(Object.fromEntries(names.map((name) => [name, 1])))
  for (const [name, tags] of Object.entries(streams)) {
    const pairs = tags.map((tag) => tag.split('=')).map(([key, value]) => ({ key, value }))
    const line = `POST /v2/{p}/stream/${await idOf(send, name)}/tags/action`
    if (pairs.length > 0) await send(line, { action: 'create', tags: pairs })
  }
  return send
}

test('set one by one, replaced, listed, deleted', async () => {
  const { send } = startBridge({ s1: 1 })
  const path = `/v2/{p}/stream/${await idOf(send, 's1')}/tags`
  expect((await send(`GET ${path}`)).json).toEqual({ tags: [] })
  const reply = await send(`POST ${path}`, { tag: { key: '部门', value: 'a.b-c' } })
  expect(reply).toMatchObject({ status: 204, headers: {}, text: '' })
  await send(`POST ${path}/`, { tag: { key: 'k' } })
  await send(`POST ${path}`, { tag: { key: 'k', value: 'v' } })
  expect((await send(`GET ${path}/`)).json).toEqual({
    tags: [
      { key: '部门', value: 'a.b-c' },
      { key: 'k', value: 'v' },
    ],
  })
  expect((await send('GET /v2/{p}/streams/s1')).json['tags']).toHaveLength(2)
  const gone = await send(`DELETE ${path}/${encodeURIComponent('部门')}`)
  expect(gone).toMatchObject({ status: 204, headers: {}, text: '' })
  const again = await send(`DELETE ${path}/${encodeURIComponent('部门')}`)
  expect([again.status, again.json['errorCode']]).toEqual([400, 'DIS.4604'])
})

test('several at once; deleting what is not there succeeds', async () => {
  const send = await start({ s1: ['a=1', 'b=2'] })
  const path = `/v2/{p}/stream/${await idOf(send, 's1')}/tags`
  const tags = [{ key: 'b' }, { key: 'none', value: '?!' }]
  expect((await send(`POST ${path}/action`, { action: 'delete', tags })).status).toBe(204)
  expect((await send(`GET ${path}`)).json).toEqual({ tags: [{ key: 'a', value: '1' }] })
})

const many = Array.from({ length: 21 }, (_, i) => ({ key: `k${i}`, value: '' }))

test.each([
  [{ action: 'create', tags: [] }, 'DIS.4202'],
  [{ action: 'create' }, 'DIS.4202'],
  [{ action: 'change', tags: [{ key: 'k' }] }, 'DIS.4200'],
  [{ action: 'create', tags: [{ key: '' }] }, 'DIS.4200'],
  [{ action: 'create', tags: [{ key: 'a b' }] }, 'DIS.4200'],
  [{ action: 'create', tags: [{ key: 'a', value: '!' }] }, 'DIS.4200'],
  [{ action: 'create', tags: [{ key: 'x'.repeat(37) }] }, 'DIS.4200'],
  [{ action: 'create', tags: [{ key: 'a', value: 'x'.repeat(44) }] }, 'DIS.4200'],
  [{ action: 'create', tags: [{ key: 'a' }, { key: 'a' }] }, 'DIS.4200'],
  [{ action: 'create', tags: many }, 'DIS.4601'],
])('%j is refused', async (body, code) => {
  const { send } = startBridge({ s1: 1 })
  const reply = await send(`POST /v2/{p}/stream/${await idOf(send, 's1')}/tags/action`, body)
  expect([reply.status, reply.json['errorCode']]).toEqual([400, code])
})

test('a stream that is not there has no tags', async () => {
  const { status, json } = await startBridge().send('GET /v2/{p}/stream/none/tags')
  expect([status, json['errorCode']]).toEqual([400, 'DIS.4301'])
})

test('all tags of a project', async () => {
  const send = await start({ s1: ['a=1', 'b=x'], s2: ['a=2'], s3: ['a=1'], s4: [] })
  expect((await send('GET /v2/{p}/stream/tags')).json).toEqual({
    tags: [
      { key: 'a', values: ['1', '2'] },
      { key: 'b', values: ['x'] },
    ],
  })
})

describe('streams by their tags', () => {
  const streams = {
    orders: ['team=blue', 'stage=prod'],
    'orders-test': ['team=blue', 'stage=test'],
    logs: ['team=red'],
    plain: [],
  }

  const blue = { key: 'team', values: ['blue'] }
  const test_ = { key: 'stage', values: ['test'] }

  test.each([
    [{}, ['logs', 'orders', 'orders-test', 'plain']],
    [{ tags: [blue] }, ['orders', 'orders-test']],
    [{ tags: [blue, test_] }, ['orders-test']],
    [{ tags: [{ key: 'team', values: [] }] }, ['logs', 'orders', 'orders-test']],
    [{ tags: [{ key: 'team', values: ['*e', 'none'] }] }, ['logs', 'orders', 'orders-test']],
    [{ tags_any: [{ key: 'team', values: ['red'] }, test_] }, ['logs', 'orders-test']],
    [{ not_tags: [blue, test_] }, ['logs', 'orders', 'plain']],
    [{ not_tags_any: [blue, test_] }, ['logs', 'plain']],
    [{ matches: [{ key: 'resource_name', value: 'orders' }] }, ['orders', 'orders-test']],
    [{ tags: [blue], limit: '1', offset: '1' }, ['orders-test']],
  ])('%j', async (body, names) => {
    const send = await start(streams)
    const { json } = await send(FILTER, { action: 'filter', ...body })
    const found = json['resources'] as { resource_name: string; resource_id: string }[]
    expect(found.map((each) => each.resource_name)).toEqual(names)
    expect(found[0]!.resource_id).toBe(await idOf(send, names[0]!))
  })

  test('counted', async () => {
    const send = await start(streams)
    const { json } = await send(FILTER, { action: 'count', tags: [blue] })
    expect(json).toEqual({ total_count: 2 })
  })

  test.each([{ limit: '0' }, { limit: '1001' }, { limit: 'x' }, { offset: '-1' }])(
    '%j is refused',
    async (body) => {
      const { status, json } = await startBridge().send(FILTER, { action: 'filter', ...body })
      expect([status, json['errorCode']]).toEqual([400, 'DIS.4200'])
    },
  )
})
