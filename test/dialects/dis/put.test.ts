// PutRecords: where records go, what is stored, and what is answered in which place.

import { BridgeError } from '../../../src/core/errors.ts'
import { base64, LIMITS, NOW_MS, PROJECT, startBridge } from './bridge.ts'

const DATA = base64('data')
const PUT = 'POST /v2/{p}/records'

test('the answer, byte for byte', async () => {
  const { send } = startBridge({ s1: 1 })
  const body = '{"stream_name":"s1","records":[{"data":"ZGF0YQ==","partition_key":"0"}]}'

  const reply = await send('POST /v2/{p}/records/', body)

  expect(reply.status).toBe(200)
  expect(reply.headers).toEqual({ 'content-type': 'application/json' })
  expect(reply.text).toBe(
    '{"failed_record_count":0,"records":[{"partition_id":"shardId-0000000000","sequence_number":"0"}]}',
  )
})

test('value, key, partition, offset and order are those of the answer', async () => {
  const { put, log } = startBridge({ s1: 4 })
  const sent = Array.from({ length: 40 }, (_, i) => ({
    data: base64(`value ${i}`),
    partition_key: `key ${i % 7}`,
  }))

  const results = await put('s1', sent)

  const stored = log.messages('s1')
  expect(stored).toHaveLength(40)
  for (const [i, { partition_id: id, sequence_number: sequence }] of results.entries()) {
    const found = stored.find(
      ({ partition, offset }) =>
        `shardId-${String(partition).padStart(10, '0')}` === id && String(offset) === sequence,
    )
    expect(found?.value.toString()).toBe(`value ${i}`)
    expect(found?.key?.toString()).toBe(`key ${i % 7}`)
    expect(found?.headers).toEqual([])
  }
})

test('partition_id wins over explicit_hash_key, which wins over partition_key', async () => {
  const { put, log } = startBridge({ s1: 4 })
  const hash = { explicit_hash_key: '9223372036854775807' } // the last partition
  const key = { partition_key: '12345' } // the first

  const results = await put('s1', [
    { data: DATA, partition_id: 'shardId-0000000001', ...hash, ...key },
    { data: DATA, partition_id: '2', ...key },
    { data: DATA, partition_id: 'SHARDID-3' },
    { data: DATA, ...hash, ...key },
    { data: DATA, ...key },
  ])

  expect(results.map((result) => result['partition_id'])).toEqual([
    'shardId-0000000001',
    'shardId-0000000002',
    'shardId-0000000003',
    'shardId-0000000003',
    'shardId-0000000000',
  ])
  const keys = log.messages('s1').map((message) => message.key?.toString())
  expect(keys.filter((each) => each === '12345')).toHaveLength(4)
  expect(keys.filter((each) => each === undefined)).toHaveLength(1)
})

test('the explicit hash key is kept in a header; it would be lost otherwise', async () => {
  const { put, log } = startBridge({ s1: 1 })
  await put('s1', [{ data: DATA, explicit_hash_key: '42' }])
  const [{ headers } = { headers: [] }] = log.messages('s1')
  expect(headers).toEqual([{ name: 'tributary-explicit-hash-key', value: Buffer.from('42') }])
})

test('an explicit hash outside the space counts as not given; no number fails its record', async () => {
  const { put } = startBridge({ s1: 4 })
  const results = await put('s1', [
    { data: DATA, explicit_hash_key: '9223372036854775808', partition_key: '測試' },
    { data: DATA, explicit_hash_key: '-1', partition_key: '12345' },
    { data: DATA, explicit_hash_key: '1e3', partition_key: '12345' },
    { data: DATA, explicit_hash_key: '9223372036854775808' },
  ])
  expect(results[0]).toMatchObject({ partition_id: 'shardId-0000000001' })
  expect(results[1]).toMatchObject({ partition_id: 'shardId-0000000000' })
  expect(results[2]).toEqual({
    error_code: 'DIS.4200',
    error_message: 'Invalid request. explicit_hash_key is no number: 1e3',
  })
  expect(results[3]).toHaveProperty('sequence_number')
})

test('records without any place spread evenly', async () => {
  const { put } = startBridge({ s1: 4 })
  const results = await put('s1', Array<unknown>(8).fill({ data: DATA }))
  const ids = results.map((result) => result['partition_id'])
  for (const id of new Set(ids)) expect(ids.filter((each) => each === id)).toHaveLength(2)
  expect(new Set(ids).size).toBe(4)
})

test('empty texts and nulls are members left out', async () => {
  const { send, log } = startBridge({ s1: 1 })
  const absent = { partition_id: '', partition_key: '', explicit_hash_key: '' }
  const nulls = {
    partition_id: null,
    partition_key: null,
    explicit_hash_key: null,
    timestamp: null,
  }

  const reply = await send(PUT, {
    stream_name: 's1',
    stream_id: '',
    records: [
      { data: DATA, ...absent },
      { data: DATA, ...nulls },
    ],
  })

  expect(reply.json['failed_record_count']).toBe(0)
  expect(log.messages('s1').map(({ key }) => key)).toEqual([null, null])
})

test('empty data is an empty value', async () => {
  const { put, log } = startBridge({ s1: 1 })
  expect(await put('s1', [{ data: '' }])).toEqual([
    { partition_id: 'shardId-0000000000', sequence_number: '0' },
  ])
  expect(log.messages('s1')[0]!.value).toEqual(Buffer.alloc(0))
})

test('the record’s own time is kept where a clock of today gave it', async () => {
  const { put, log } = startBridge({ s1: 1 })
  const hour = 3_600_000
  const times = [NOW_MS - 1000, NOW_MS + hour, NOW_MS + hour + 1, -1, 0, Math.floor(NOW_MS / 1000)]
  await put(
    's1',
    times.map((timestamp) => ({ data: DATA, timestamp })),
  )
  expect(log.messages('s1').map(({ timestampMs }) => timestampMs)).toEqual([
    NOW_MS - 1000,
    NOW_MS + hour,
    NOW_MS,
    NOW_MS,
    NOW_MS,
    NOW_MS,
  ])
})

describe('a record’s own fault is answered in its place', () => {
  test.each([
    [
      'bad base64',
      { data: '@@@' },
      'DIS.4200',
      'Invalid request. data must be well-formed base64.',
    ],
    ['URL-safe base64', { data: '-_-_' }, 'DIS.4200', expect.stringContaining('base64')],
    ['no data', { partition_key: 'k' }, 'DIS.4200', 'Invalid request. data is required.'],
    ['null data', { data: null }, 'DIS.4200', 'Invalid request. data is required.'],
    ['bad id', { data: DATA, partition_id: 'one' }, 'DIS.4201', 'Invalid partition_id. one'],
    ['bad id', { data: DATA, partition_id: '-1' }, 'DIS.4201', 'Invalid partition_id. -1'],
    [
      'no such partition',
      { data: DATA, partition_id: '7' },
      'DIS.4302',
      'Partition does not exist. shardId-0000000007',
    ],
    [
      'no such partition',
      { data: DATA, partition_id: '9'.repeat(400) },
      'DIS.4302',
      expect.stringContaining('Partition does not exist.'),
    ],
    [
      'more data than a record may have',
      { data: Buffer.alloc(LIMITS.recordBytesMax + 1).toString('base64') },
      'DIS.4200',
      'Invalid request. data has 1048577 bytes, and a record may have 1048576.',
    ],
  ])('%s', async (_, record, code, message) => {
    const { send, log } = startBridge({ s1: 2 })

    const reply = await send(PUT, {
      stream_name: 's1',
      records: [{ data: DATA, partition_id: '0' }, record, { data: DATA, partition_id: '0' }],
    })

    expect(reply.status).toBe(200)
    expect(reply.json).toEqual({
      failed_record_count: 1,
      records: [
        { partition_id: 'shardId-0000000000', sequence_number: '0' },
        { error_code: code, error_message: message as string },
        { partition_id: 'shardId-0000000000', sequence_number: '1' },
      ],
    })
    expect(log.messages('s1')).toHaveLength(2)
  })

  test('more than the topic takes', async () => {
    const { put, log } = startBridge({ s1: 1 })
    await log.configure('s1', { messageBytesMax: 200 })
    const results = await put('s1', [{ data: base64('x'.repeat(300)) }, { data: DATA }])
    expect(results[0]).toEqual({
      error_code: 'DIS.4200',
      error_message: expect.stringContaining("the stream's limit of 200 bytes") as string,
    })
    expect(results[1]).toHaveProperty('sequence_number', '0')
  })
})

describe('whole calls that are wrong', () => {
  test.each<[string, unknown, string, string]>([
    ['empty body', undefined, 'DIS.4202', 'Empty request.'],
    ['no JSON', '{', 'DIS.4300', 'Request error. The body is not JSON.'],
    ['an array', '[]', 'DIS.4300', 'Request error. The body is not a JSON object.'],
    ['no records', { stream_name: 's1' }, 'DIS.4202', 'Empty request. records is empty.'],
    [
      'empty records',
      { stream_name: 's1', records: [] },
      'DIS.4202',
      'Empty request. records is empty.',
    ],
    [
      'too many records',
      { stream_name: 's1', records: Array<unknown>(10_001).fill({ data: DATA }) },
      'DIS.4200',
      'Invalid request. records must have at most 10000 elements.',
    ],
    [
      'no stream',
      { records: [{ data: DATA }] },
      'DIS.4200',
      'Invalid request. stream_name is required.',
    ],
    [
      'no stream in empty texts',
      { stream_name: '', stream_id: '', records: [{ data: DATA }] },
      'DIS.4200',
      'Invalid request. stream_name is required.',
    ],
    [
      'a number for the stream',
      { stream_name: 1, records: [{ data: DATA }] },
      'DIS.4200',
      'Invalid request. stream_name must be a string.',
    ],
    [
      'a number for a key',
      { stream_name: 's1', records: [{ data: DATA }, { data: DATA, partition_key: 1 }] },
      'DIS.4200',
      'Invalid request. records[1].partition_key must be a string.',
    ],
    [
      'a number for a partition',
      { stream_name: 's1', records: [{ data: DATA, partition_id: 0 }] },
      'DIS.4200',
      'Invalid request. records[0].partition_id must be a string.',
    ],
    [
      'a text for a time',
      { stream_name: 's1', records: [{ data: DATA, timestamp: '1' }] },
      'DIS.4200',
      'Invalid request. records[0].timestamp must be a number.',
    ],
    [
      'a null record',
      { stream_name: 's1', records: [null] },
      'DIS.4200',
      'Invalid request. records[0] is required.',
    ],
    [
      'records that are no list',
      { stream_name: 's1', records: {} },
      'DIS.4200',
      'Invalid request. records must be a list.',
    ],
  ])('%s', async (_, body, code, message) => {
    const { send, log } = startBridge({ s1: 1 })
    const reply = await send(PUT, body)
    expect(reply.status).toBe(400)
    expect(reply.json).toEqual({
      errorCode: code,
      message,
      error_code: code,
      error_msg: message,
    })
    expect(log.messages('s1')).toEqual([])
  })
})

describe('which stream', () => {
  async function idOf(bridge: ReturnType<typeof startBridge>, name: string): Promise<string> {
    const { json } = await bridge.send(`GET /v2/{p}/streams/${name}`)
    return json['stream_id'] as string
  }

  test('a missing one is a 410', async () => {
    const { send } = startBridge()
    const reply = await send(PUT, { stream_name: 'nope', records: [{ data: DATA }] })
    expect(reply.status).toBe(410)
    expect(reply.json['errorCode']).toBe('DIS.4301')
    expect(reply.json['message']).toBe(`Stream does not exist. [nope][${PROJECT}]`)
  })

  test.each(['a.b', 'a b', 'x'.repeat(65), '_internal', '../x', 'ö'])(
    '%j is no name, so it is missing',
    async (name) => {
      const { send } = startBridge({ 'a.b': 1, _internal: 1, ['x'.repeat(65)]: 1 })
      const reply = await send(PUT, { stream_name: name, records: [{ data: DATA }] })
      expect(reply.status).toBe(410)
    },
  )

  test('it is missing too when all of its records are wrong', async () => {
    const { send } = startBridge()
    const reply = await send(PUT, { stream_name: 'nope', records: [{ data: '@' }] })
    expect(reply.status).toBe(410)
  })

  test.each(['', null, undefined, 'unknown'])('by id where the name is %j', async (name) => {
    const bridge = startBridge({ s1: 1 })
    const id = await idOf(bridge, 's1')
    const body = { stream_name: name, stream_id: id, records: [{ data: DATA }] }
    const reply = await bridge.send(PUT, body)
    expect(reply.json['failed_record_count']).toBe(0)
    expect(bridge.log.messages('s1')).toHaveLength(1)
  })

  test('the name wins over the id', async () => {
    const bridge = startBridge({ s1: 1, s2: 1 })
    const id = await idOf(bridge, 's2')
    await bridge.send(PUT, { stream_name: 's1', stream_id: id, records: [{ data: DATA }] })
    expect(bridge.log.messages('s1')).toHaveLength(1)
    expect(bridge.log.messages('s2')).toEqual([])
  })

  test('an unknown name with an unknown id is missing under its name', async () => {
    const { send } = startBridge({ s1: 1 })
    const body = { stream_name: 'nope', stream_id: 'neither', records: [{ data: DATA }] }
    const reply = await send(PUT, body)
    expect(reply.status).toBe(410)
    expect(reply.json['message']).toContain('[nope]')
  })

  test('the project is a part of the name', async () => {
    const naming = { dis: { template: '{project}.{stream}', overrides: {}, pinned: {} } }
    const { send, log } = startBridge({ 'p1.s1': 1 }, { naming })
    const body = { stream_name: 's1', records: [{ data: DATA }] }
    expect((await send('POST /v2/p1/records', body)).status).toBe(200)
    expect((await send('POST /v2/p2/records', body)).status).toBe(410)
    expect(log.messages('p1.s1')).toHaveLength(1)
  })

  test('a pinned project is the only one', async () => {
    const naming = { dis: { template: '{stream}', overrides: {}, pinned: { project: 'p1' } } }
    const { send } = startBridge({ s1: 1 }, { naming })
    const body = { stream_name: 's1', records: [{ data: DATA }] }
    expect((await send('POST /v2/p1/records', body)).status).toBe(200)
    expect((await send('POST /v2/p2/records', body)).status).toBe(410)
  })
})

describe('what passes is answered in place, in a 200', () => {
  const body = {
    stream_name: 's1',
    records: [
      { data: DATA, partition_id: '0' },
      { data: DATA, partition_id: '1' },
    ],
  }
  const STORAGE = { error_code: 'DIS.5250', error_message: 'System error.' }
  const TRAFFIC = { error_code: 'DIS.4303', error_message: 'Exceeded traffic control limit.' }

  test.each([
    ['unavailable', STORAGE],
    ['throttled', TRAFFIC],
  ] as const)('one partition %s', async (reason, expected) => {
    const { send, log, account } = startBridge({ s1: 2 })
    log.fail(({ partition }) =>
      partition === 1 ? { state: 'refused', reason, detail: 'broker-7 said no' } : undefined,
    )
    const reply = await send(PUT, body)
    expect(reply.status).toBe(200)
    expect(reply.json).toEqual({
      failed_record_count: 1,
      records: [{ partition_id: 'shardId-0000000000', sequence_number: '0' }, expected],
    })
    expect(account.failures.get(reason)).toBe(1)
  })

  test('nothing could be stored', async () => {
    const { send, log } = startBridge({ s1: 2 })
    log.fail(() => ({ state: 'unknown', stored: false, detail: 'broker-7 went away' }))
    const reply = await send(PUT, body)
    expect(reply.status).toBe(200)
    expect(reply.json).toEqual({ failed_record_count: 2, records: [STORAGE, STORAGE] })
  })

  test('no leader anywhere', async () => {
    const { send, log } = startBridge({ s1: 2 })
    log.loseLeaders('s1', [0, 1])
    const reply = await send(PUT, body)
    expect(reply.json).toEqual({ failed_record_count: 2, records: [STORAGE, STORAGE] })
  })

  test.each([
    ['unavailable', STORAGE],
    ['undecided', STORAGE],
    ['throttled', TRAFFIC],
    ['stream-in-use', STORAGE],
  ] as const)('a log that answers %s to everything', async (code, expected) => {
    const { send, log } = startBridge({ s1: 2 })
    const refuse = () => Promise.reject(new BridgeError(code, 'broker-7 said no'))
    Object.assign(log, { shape: refuse, list: refuse })
    const records = [body.records[0], { data: '@' }, body.records[1]]
    for (const stream of [{ stream_name: 's1' }, { stream_id: 'some' }]) {
      const reply = await send(PUT, { ...stream, records })
      expect(reply.status).toBe(200)
      expect(reply.json).toMatchObject({
        failed_record_count: 3,
        records: [expected, { error_code: 'DIS.4200' }, expected],
      })
    }
  })

  test('a bug of ours is no answer about records', async () => {
    const { send, log } = startBridge({ s1: 2 })
    Object.assign(log, { append: () => Promise.reject(new TypeError('bug')) })
    const reply = await send(PUT, body)
    expect(reply.status).toBe(500)
    expect(reply.json['errorCode']).toBe('DIS.5000')
  })

  test('a topic that vanishes under all records is a missing stream', async () => {
    const { send, log } = startBridge({ s1: 2 })
    log.fail(() => ({ state: 'refused', reason: 'topic-missing' }))
    expect((await send(PUT, body)).status).toBe(410)
  })
})

test('the vendor’s own example: as written it lacks a brace, mended it is stored', async () => {
  const example = `{
 "stream_name": "stream_test",
  "records": [
    {
      "data":
"MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=",
      "explicit_hash_key": null,
      "partition_key": "0"
 ]
}`
  const { send, log } = startBridge({ stream_test: 1 })

  const asWritten = await send(PUT, example)
  const mended = await send(PUT, example.replace('"0"\n ]', '"0"\n }]'))

  expect(asWritten.status).toBe(400)
  expect(asWritten.json['error_code']).toBe('DIS.4300')
  expect(mended.status).toBe(200)
  expect(mended.json['failed_record_count']).toBe(0)
  expect(log.messages('stream_test').map(({ value }) => value.toString())).toEqual(['1'.repeat(32)])
})
