// Streams as wholes: what the vendor's clients read, and what changes.

import { base64, PROJECT, startBridge } from './bridge.ts'

test('one stream, whole', async () => {
  const { send, put } = startBridge({ s1: 2 })
  await put('s1', [
    { data: base64('x'), partition_id: '1' },
    { data: base64('y'), partition_id: '1' },
  ])

  const reply = await send('GET /v2/{p}/streams/s1/?stream_name=s1&limit_partitions=100&')

  expect(reply.status).toBe(200)
  expect(reply.headers).toEqual({ 'content-type': 'application/json' })
  expect(reply.json).toEqual({
    stream_id: expect.stringMatching(/^[0-9A-Za-z]{20}$/) as string,
    stream_name: 's1',
    create_time: expect.any(Number) as number,
    last_modified_time: expect.any(Number) as number,
    retention_period: 168,
    status: 'RUNNING',
    stream_type: 'COMMON',
    data_type: 'BLOB',
    auto_scale_enabled: false,
    tags: [],
    sys_tags: [],
    writable_partition_count: 2,
    readable_partition_count: 2,
    partitions: [
      {
        status: 'ACTIVE',
        partition_id: 'shardId-0000000000',
        hash_range: '[0 : 4611686018427387902]',
        sequence_number_range: '[0 : 0]',
        parent_partitions: '',
      },
      {
        status: 'ACTIVE',
        partition_id: 'shardId-0000000001',
        hash_range: '[4611686018427387903 : 9223372036854775807]',
        sequence_number_range: '[0 : 2]',
        parent_partitions: '',
      },
    ],
    has_more_partitions: false,
  })
})

test('a partition without a leader: the stream is not ready, the partition is still there', async () => {
  const { send, log } = startBridge({ s1: 2 })
  log.loseLeaders('s1', [1])
  const { json } = await send('GET /v2/{p}/streams/s1')
  expect(json['status']).toBe('CREATING')
  expect(json['partitions']).toHaveLength(2)
})

test('records kept for ever are shown as a number that clients can hold', async () => {
  const { send, log } = startBridge({ s1: 1 })
  await log.configure('s1', { retentionMs: -1 })
  const hours = (await send('GET /v2/{p}/streams/s1')).json['retention_period']
  expect(Number.isInteger(hours)).toBe(true)
  expect(hours).toBeLessThan(2 ** 31)
})

describe('partitions page by page', () => {
  async function page(query: string) {
    const { json } = await startBridge({ s1: 5 }).send(`GET /v2/{p}/streams/s1?${query}`)
    const partitions = json['partitions'] as { partition_id: string }[]
    const ids = partitions.map(({ partition_id: id }) => Number(id.slice('shardId-'.length)))
    return { ids, more: json['has_more_partitions'] }
  }

  test.each([
    ['', [0, 1, 2, 3, 4], false],
    ['limit_partitions=2', [0, 1], true],
    ['limit_partitions=2&start_partitionId=shardId-0000000001', [2, 3], true],
    ['limit_partitions=2&start_partitionId=2', [3, 4], false],
    ['limit_partitions=1000&start_partitionId=', [0, 1, 2, 3, 4], false],
    ['start_partitionId=4', [], false],
  ])('%s', async (query, ids, more) => {
    expect(await page(query)).toEqual({ ids, more })
  })

  test.each([
    ['limit_partitions=0', 'DIS.4200', 'Invalid request. limit_partitions must be at least 1.'],
    [
      'limit_partitions=1001',
      'DIS.4200',
      'Invalid request. limit_partitions must be at most 1000.',
    ],
    ['limit_partitions=x', 'DIS.4200', 'Invalid request. limit_partitions must be a whole number.'],
    ['start_partitionId=x', 'DIS.4201', 'Invalid partition_id. start_partitionId'],
  ])('%s', async (query, code, message) => {
    const reply = await startBridge({ s1: 1 }).send(`GET /v2/{p}/streams/s1?${query}`)
    expect(reply.status).toBe(400)
    expect(reply.json).toMatchObject({ errorCode: code, message })
  })
})

test.each(['GET', 'DELETE'])('%s of a missing stream is a 400', async (method) => {
  const reply = await startBridge().send(`${method} /v2/{p}/streams/nope`)
  expect(reply.status).toBe(400)
  expect(reply.json).toMatchObject({
    errorCode: 'DIS.4301',
    message: `Stream does not exist. [nope][${PROJECT}]`,
  })
})

test('an id may stand in the path when the query names it', async () => {
  const { send } = startBridge({ s1: 1 })
  const id = (await send('GET /v2/{p}/streams/s1')).json['stream_id'] as string
  const { json } = await send(`GET /v2/{p}/streams/${id}/?stream_id=${id}&start_partitionId=&`)
  expect(json['stream_name']).toBe('s1')
})

describe('all streams', () => {
  const topics = { c: 1, a: 2, b: 3, 'not.ours': 1, _internal: 1 }

  test('sorted, page by page', async () => {
    const { send } = startBridge(topics)
    const first = await send('GET /v2/{p}/streams/?limit=2&')
    expect(first.json).toMatchObject({
      total_number: 3,
      stream_names: ['a', 'b'],
      has_more_streams: true,
      stream_info_list: [
        { stream_name: 'a', partition_count: 2, status: 'RUNNING' },
        { stream_name: 'b', partition_count: 3, status: 'RUNNING' },
      ],
    })
    const second = await send('GET /v2/{p}/streams?limit=2&start_stream_name=b')
    expect(second.json).toMatchObject({ stream_names: ['c'], has_more_streams: false })
  })

  test('ten at a time where nothing is said', async () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`s${i}`, 1]))
    const { json } = await startBridge(many).send('GET /v2/{p}/streams?start_stream_name=')
    expect(json['stream_names']).toHaveLength(10)
    expect(json['has_more_streams']).toBe(true)
  })

  test.each(['0', '101', '1.5', 'many'])('limit=%s is refused', async (limit) => {
    const { status, json } = await startBridge().send(`GET /v2/{p}/streams?limit=${limit}`)
    expect(status).toBe(400)
    expect(json['errorCode']).toBe('DIS.4200')
  })

  test('only those of the caller’s project', async () => {
    const naming = { dis: { template: '{project}.{stream}', overrides: {}, pinned: {} } }
    const { send } = startBridge({ 'p1.a': 1, 'p2.b': 1 }, { naming })
    expect((await send('GET /v2/p1/streams')).json['stream_names']).toEqual(['a'])
  })
})

describe('making streams', () => {
  test('201, truly empty; then it is there', async () => {
    const { send } = startBridge()
    const reply = await send('POST /v2/{p}/streams/', {
      stream_name: 'fresh-1',
      partition_count: 3,
      stream_type: 'COMMON',
      data_type: 'BLOB',
      data_duration: 48,
      private: false,
      is_private: false,
      tags: [],
    })
    expect(reply).toMatchObject({ status: 201, headers: {}, text: '' })
    const { json } = await send('GET /v2/{p}/streams/fresh-1')
    expect(json).toMatchObject({ writable_partition_count: 3, retention_period: 48 })
  })

  test('what a topic has no place for is shown again', async () => {
    const { send } = startBridge()
    const csv = { data_type: 'CSV', csv_properties: { delimiter: ';' }, data_schema: '{"a":1}' }
    const tags = [{ key: 'team', value: 'blue' }]
    const sysTags = [{ key: '_sys_enterprise_project_id', value: 'e1' }]
    await send('POST /v2/{p}/streams', {
      stream_name: 'fresh',
      partition_count: 1,
      stream_type: 'ADVANCED',
      ...csv,
      compression_format: 'gzip',
      auto_scale_enabled: true,
      auto_scale_min_partition_count: 1,
      auto_scale_max_partition_count: 4,
      tags,
      sys_tags: sysTags,
    })
    const shown = {
      stream_type: 'ADVANCED',
      ...csv,
      compression_format: 'gzip',
      auto_scale_enabled: false,
      tags,
      sys_tags: sysTags,
    }
    expect((await send('GET /v2/{p}/streams/fresh')).json).toMatchObject(shown)
    const { json } = await send('GET /v2/{p}/streams')
    expect(json['stream_info_list']).toMatchObject([shown])
  })

  test('a stream takes a record of the largest size right away', async () => {
    const { send, put } = startBridge()
    await send('POST /v2/{p}/streams', { stream_name: 'fresh', partition_count: 1 })
    const results = await put('fresh', [{ data: Buffer.alloc(2 ** 20).toString('base64') }])
    expect(results[0]).toHaveProperty('sequence_number', '0')
  })

  test('a day where nothing is said', async () => {
    const { send } = startBridge()
    await send('POST /v2/{p}/streams', { stream_name: 'fresh', partition_count: 1 })
    expect((await send('GET /v2/{p}/streams/fresh')).json['retention_period']).toBe(24)
  })

  test('twice is an error', async () => {
    const { send } = startBridge({ s1: 1 })
    const reply = await send('POST /v2/{p}/streams', { stream_name: 's1', partition_count: 1 })
    expect(reply.status).toBe(400)
    expect(reply.json['errorCode']).toBe('DIS.4307')
  })

  test.each([
    [{ stream_name: 'a.b', partition_count: 1 }, 'DIS.4200'],
    [{ stream_name: 'x'.repeat(65), partition_count: 1 }, 'DIS.4200'],
    [{ stream_name: '', partition_count: 1 }, 'DIS.4200'],
    [{ partition_count: 1 }, 'DIS.4200'],
    [{ stream_name: 's' }, 'DIS.4200'],
    [{ stream_name: 's', partition_count: 0 }, 'DIS.4200'],
    [{ stream_name: 's', partition_count: 1.5 }, 'DIS.4200'],
    [{ stream_name: 's', partition_count: '1' }, 'DIS.4200'],
    [{ stream_name: 's', partition_count: 1, data_duration: 23 }, 'DIS.4200'],
    [{ stream_name: 's', partition_count: 1, data_duration: 73 }, 'DIS.4200'],
    [{ stream_name: 's', partition_count: 1, stream_type: 'FILE' }, 'DIS.4200'],
    [{ stream_name: 's', partition_count: 1001 }, 'DIS.4308'],
  ])('%j is refused', async (body, code) => {
    const reply = await startBridge().send('POST /v2/{p}/streams', body)
    expect(reply.status).toBe(400)
    expect(reply.json['errorCode']).toBe(code)
  })
})

describe('changing streams', () => {
  test('partitions grow; as many again changes nothing', async () => {
    const { send } = startBridge({ s1: 2 })
    const body = { stream_name: 's1', target_partition_count: 4 }
    const reply = await send('PUT /v2/{p}/streams/s1', body)
    expect(reply.status).toBe(200)
    expect(reply.json).toEqual({
      stream_name: 's1',
      current_partition_count: 2,
      target_partition_count: 4,
    })
    expect((await send('PUT /v2/{p}/streams/s1', body)).status).toBe(200)
    expect((await send('GET /v2/{p}/streams/s1')).json['writable_partition_count']).toBe(4)
  })

  test('partitions never shrink, and the answer says what to do', async () => {
    const body = { target_partition_count: 1 }
    const { status, json } = await startBridge({ s1: 2 }).send('PUT /v2/{p}/streams/s1', body)
    expect(status).toBe(400)
    expect(json['errorCode']).toBe('DIS.4200')
    expect(json['message']).toContain('Create another stream')
  })

  test.each(['PUT /v2/{p}/streams/s1/update/', 'PUT /v3/{p}/streams/s1'])('%s', async (line) => {
    const { send } = startBridge({ s1: 1 })
    const reply = await send(line, { stream_name: 's1', data_duration: 72 })
    expect(reply.json).toEqual({ stream_name: 's1', target_data_type: 'BLOB' })
    expect((await send('GET /v2/{p}/streams/s1')).json['retention_period']).toBe(72)
    const other = await send(line, { stream_name: 's1', data_type: 'JSON' })
    expect(other.json).toEqual({ stream_name: 's1', target_data_type: 'JSON' })
    expect((await send('GET /v2/{p}/streams/s1')).json['data_type']).toBe('JSON')
    const scaling = await send(line, { stream_name: 's1', auto_scale_enabled: true })
    expect(scaling.json['errorCode']).toBe('DIS.4605')
  })

  test('204, truly empty, and it is gone', async () => {
    const { send } = startBridge({ s1: 1 })
    const reply = await send('DELETE /v2/{p}/streams/s1/?stream_name=s1&')
    expect(reply).toMatchObject({ status: 204, headers: {}, text: '' })
    expect((await send('GET /v2/{p}/streams/s1')).status).toBe(400)
  })

  test('a stranger’s topic is not ours to delete', async () => {
    const { send, log } = startBridge({ s1: 1 }, { manage: 'own' })
    const reply = await send('DELETE /v2/{p}/streams/s1')
    expect(reply.status).toBe(403)
    expect(reply.json['errorCode']).toBe('DIS.4116')
    expect(await log.list()).toContain('s1')
  })
})
