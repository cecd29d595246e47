// Apps, checkpoints and how far an app has read.

import { base64, startBridge, type Bridge } from './bridge.ts'

const CHECKPOINT = {
  stream_name: 's1',
  app_name: 'a1',
  partition_id: '0',
  sequence_number: '2',
  checkpoint_type: 'LAST_READ',
}

async function commit(send: Bridge['send'], changes: object = {}): Promise<void> {
  const reply = await send('POST /v2/{p}/checkpoints/', { ...CHECKPOINT, ...changes })
  expect([reply.status, reply.text]).toEqual([201, ''])
}

async function checkpointOf(send: Bridge['send'], query = '&'): Promise<unknown> {
  const names = 'stream_name=s1&app_name=a1&checkpoint_type=LAST_READ'
  return (await send(`GET /v2/{p}/checkpoints/?${names}${query}&`)).json
}

describe('apps', () => {
  test('201, truly empty; then it is there, and cannot be made twice', async () => {
    const { send } = startBridge()
    const reply = await send('POST /v2/{p}/apps/', { app_name: 'a1' })
    expect(reply).toMatchObject({ status: 201, headers: {}, text: '' })
    expect((await send('GET /v2/{p}/apps/a1/')).json).toEqual({
      app_id: expect.stringMatching(/^[0-9a-f]{20}$/) as string,
      app_name: 'a1',
      create_time: expect.any(Number) as number,
      commit_checkpoint_stream_names: [],
    })
    const again = await send('POST /v2/{p}/apps/', { app_name: 'a1' })
    expect(again.status).toBe(400)
    expect(again.json).toMatchObject({ errorCode: 'DIS.4330', message: 'app already exist. [a1]' })
  })

  test.each([
    ['GET /v2/{p}/apps/none', undefined],
    ['DELETE /v2/{p}/apps/none/', undefined],
    ['GET /v2/{p}/apps/none/streams/s1?checkpoint_type=LAST_READ', undefined],
    ['GET /v2/{p}/checkpoints?stream_name=s1&app_name=none&partition_id=0', undefined],
    ['DELETE /v2/{p}/checkpoints?stream_name=s1&app_name=none', undefined],
    ['POST /v2/{p}/checkpoints', { ...CHECKPOINT, app_name: 'none' }],
    ['GET /v2/{p}/apps/..%2Fnone', undefined],
  ])('%s: there is no such app', async (line, body) => {
    const { status, json } = await startBridge({ s1: 1 }).send(line, body)
    expect(status).toBe(400)
    expect(json).toMatchObject({
      errorCode: 'DIS.4332',
      message: expect.stringMatching(/^app not found\. \[.*none\]$/) as string,
    })
  })

  test.each([{}, { app_name: '' }, { app_name: 'a.b' }, { app_name: 'x'.repeat(201) }])(
    '%j is no app',
    async (body) => {
      const { status, json } = await startBridge().send('POST /v2/{p}/apps', body)
      expect([status, json['errorCode']]).toEqual([400, 'DIS.4200'])
    },
  )

  test('sorted, page by page', async () => {
    const { send } = startBridge()
    for (const name of ['c', 'a', 'b']) await send('POST /v2/{p}/apps', { app_name: name })
    const first = await send('GET /v2/{p}/apps?limit=2&start_app_name=')
    expect(first.json).toMatchObject({
      has_more_app: true,
      total_number: 3,
      apps: [{ app_name: 'a' }, { app_name: 'b' }],
    })
    const second = await send('GET /v2/{p}/apps/?limit=2&start_app_name=b&')
    expect(second.json).toMatchObject({ has_more_app: false, apps: [{ app_name: 'c' }] })
  })

  test('each project has its own', async () => {
    const { send } = startBridge()
    await send('POST /v2/p1/apps', { app_name: 'a1' })
    await send('POST /v2/p1%2Fx/apps', { app_name: 'a2' })
    expect((await send('GET /v2/p2/apps/a1')).json['errorCode']).toBe('DIS.4332')
    expect((await send('GET /v2/p1/apps')).json).toMatchObject({ apps: [{ app_name: 'a1' }] })
  })

  test('a deleted app takes its checkpoints along', async () => {
    const { send } = startBridge({ s1: 1 })
    await send('POST /v2/{p}/apps', { app_name: 'a1' })
    await commit(send)
    const reply = await send('DELETE /v2/{p}/apps/a1/')
    expect(reply).toMatchObject({ status: 204, headers: {}, text: '' })
    await send('POST /v2/{p}/apps', { app_name: 'a1' })
    expect(await checkpointOf(send, '&partition_id=0')).toMatchObject({ sequence_number: '-1' })
    expect((await send('GET /v2/{p}/apps/a1')).json).toMatchObject({
      commit_checkpoint_stream_names: [],
    })
  })
})

describe('checkpoints', () => {
  async function start() {
    const bridge = startBridge({ s1: 2, s2: 1 })
    await bridge.send('POST /v2/{p}/apps', { app_name: 'a1' })
    return bridge
  }

  test('what was committed last is what is there', async () => {
    const { send } = await start()
    expect(await checkpointOf(send, '&partition_id=0')).toEqual({
      sequence_number: '-1',
      metadata: '',
    })
    await commit(send)
    await commit(send, { sequence_number: '3', metadata: 'half', partition_id: '0' })
    await commit(send, { sequence_number: 7, metadata: null, partition_id: 1 })
    expect(await checkpointOf(send, '&partition_id=shardId-0000000000')).toEqual({
      sequence_number: '3',
      metadata: 'half',
    })
    expect(await checkpointOf(send, '&partition_id=1')).toEqual({
      sequence_number: '7',
      metadata: '',
    })
  })

  test('a stream by its id', async () => {
    const { send } = await start()
    const id = (await send('GET /v2/{p}/streams/s1')).json['stream_id']
    await commit(send, { stream_name: undefined, stream_id: id })
    expect(await checkpointOf(send, '&partition_id=0')).toMatchObject({ sequence_number: '2' })
  })

  test('apps say where they have committed, and are found by it', async () => {
    const { send } = await start()
    await send('POST /v2/{p}/apps', { app_name: 'a2' })
    await commit(send)
    await commit(send, { stream_name: 's2' })
    await commit(send, { stream_name: 's2', app_name: 'a2' })
    const { json } = await send('GET /v2/{p}/apps?stream_name=s1')
    expect(json).toMatchObject({
      total_number: 1,
      apps: [{ app_name: 'a1', commit_checkpoint_stream_names: ['s1', 's2'] }],
    })
    await send('DELETE /v2/{p}/streams/s2')
    expect((await send('GET /v2/{p}/apps/a1')).json).toMatchObject({
      commit_checkpoint_stream_names: ['s1'],
    })
  })

  test('a stream that was made again has none', async () => {
    const { send } = await start()
    await commit(send)
    await send('DELETE /v2/{p}/streams/s1')
    await send('POST /v2/{p}/streams', { stream_name: 's1', partition_count: 1 })
    expect(await checkpointOf(send, '&partition_id=0')).toMatchObject({ sequence_number: '-1' })
  })

  test('one partition’s is deleted, or all', async () => {
    const { send } = await start()
    for (const partition of ['0', '1']) await commit(send, { partition_id: partition })
    const line = 'DELETE /v2/{p}/checkpoints/?stream_name=s1&app_name=a1'
    const one = await send(`${line}&checkpoint_type=LAST_READ&partition_id=0&`)
    expect(one).toMatchObject({ status: 204, headers: {}, text: '' })
    expect(await checkpointOf(send, '&partition_id=0')).toMatchObject({ sequence_number: '-1' })
    expect(await checkpointOf(send, '&partition_id=1')).toMatchObject({ sequence_number: '2' })
    expect((await send(line)).status).toBe(204)
    expect(await checkpointOf(send, '&partition_id=1')).toMatchObject({ sequence_number: '-1' })
    expect((await send(line)).status).toBe(204)
  })

  test.each([
    [{ sequence_number: '-1' }, 'DIS.4216'],
    [{ sequence_number: 'x' }, 'DIS.4216'],
    [{ sequence_number: '9223372036854775808' }, 'DIS.4216'],
    [{ sequence_number: undefined }, 'DIS.4200'],
    [{ partition_id: 'x' }, 'DIS.4201'],
    [{ partition_id: '' }, 'DIS.4201'],
    [{ partition_id: '2' }, 'DIS.4302'],
    [{ partition_id: undefined }, 'DIS.4200'],
    [{ stream_name: 'none' }, 'DIS.4301'],
    [{ stream_name: '' }, 'DIS.4200'],
    [{ checkpoint_type: 'FIRST_READ' }, 'DIS.4200'],
    [{ metadata: 'x'.repeat(1001) }, 'DIS.4200'],
    [{ client_id: 'nobody', generation_id: 1 }, 'DIS.4702'],
  ])('%j is refused', async (changes, code) => {
    const { send } = await start()
    const { status, json } = await send('POST /v2/{p}/checkpoints', { ...CHECKPOINT, ...changes })
    expect([status, json['errorCode']]).toEqual([400, code])
  })

  test('how far an app has read, partition by partition', async () => {
    const { send, put } = await start()
    await put('s1', [
      { data: base64('x'), partition_id: '1' },
      { data: base64('y'), partition_id: '1' },
    ])
    await commit(send, { partition_id: '1', sequence_number: '1', metadata: 'm' })
    const line = 'GET /v2/{p}/apps/a1/streams/s1'
    const whole = await send(`${line}/?start_partition_id=&limit=100&checkpoint_type=LAST_READ&`)
    const [first, second] = [
      {
        partition_id: 'shardId-0000000000',
        sequence_number: '-1',
        metadata: '',
        latest_offset: 0,
        earliest_offset: 0,
        checkpoint_type: 'LAST_READ',
        status: 'ACTIVE',
      },
      {
        partition_id: 'shardId-0000000001',
        sequence_number: '1',
        metadata: 'm',
        latest_offset: 2,
        earliest_offset: 0,
        checkpoint_type: 'LAST_READ',
        status: 'ACTIVE',
      },
    ]
    expect(whole.json).toEqual({
      has_more: false,
      stream_name: 's1',
      app_name: 'a1',
      partition_consuming_states: [first, second],
    })
    const page = await send(`${line}?limit=1`)
    expect(page.json).toMatchObject({ has_more: true, partition_consuming_states: [first] })
    const rest = await send(`${line}?start_partition_id=0`)
    expect(rest.json).toMatchObject({ has_more: false, partition_consuming_states: [second] })
    const none = await send('GET /v2/{p}/apps/a1/streams/none')
    expect(none.json['errorCode']).toBe('DIS.4301')
  })
})
