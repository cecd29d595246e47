// Cursors of every type, and the records that are read by them.

import { base64, NOW_MS, PROJECT, startBridge, type Bridge } from './bridge.ts'
import { PROTOBUF, readRecords } from './protobuf.ts'

const MINUTE_MS = 60_000

async function fill(bridge: Bridge, count: number, partition = 0): Promise<void> {
  const records = Array.from({ length: count }, (_, i) => ({
    data: base64(`value ${i}`),
    partition_id: `${partition}`,
    ...(i % 2 === 0 && { partition_key: `key ${i}` }),
    timestamp: NOW_MS - (count - i) * MINUTE_MS,
  }))
  await bridge.put('s1', records)
}

function cursorLine(query: string): string {
  return `GET /v2/{p}/cursors/?stream-name=s1&partition-id=shardId-0000000000&${query}&`
}

async function cursorOf(bridge: Bridge, query: string): Promise<string> {
  const { status, json, text } = await bridge.send(cursorLine(query))
  if (status !== 200) throw new Error(`${status} ${text}`)
  return json['partition_cursor'] as string
}

interface Records {
  readonly next_partition_cursor: string
  readonly records: readonly Record<string, unknown>[]
}

async function readBy(bridge: Bridge, cursor: string, query = ''): Promise<Records> {
  const { status, json, text } = await bridge.send(
    `GET /v2/{p}/records/?partition-cursor=${cursor}&${query}`,
  )
  if (status !== 200) throw new Error(`${status} ${text}`)
  return json as unknown as Records
}

async function sequencesBy(bridge: Bridge, cursor: string, query = ''): Promise<unknown[]> {
  return (await readBy(bridge, cursor, query)).records.map((each) => each['sequence_number'])
}

/** What the Kafka adapter makes of a cursor. */
function decoded(cursor: string) {
  expect(cursor).toMatch(/^[\w-]{1,512}$/)
  return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as {
    getIteratorParam: Record<string, string>
    generateTimestamp: number
  }
}

describe('GetCursor', () => {
  test.each([
    ['cursor-type=TRIM_HORIZON', '0'],
    ['cursor-type=LATEST', '10'],
    ['cursor-type=AT_SEQUENCE_NUMBER&starting-sequence-number=3', '3'],
    ['starting-sequence-number=3', '3'],
    ['cursor-type=&starting-sequence-number=3&timestamp=&stream-id=', '3'],
    ['cursor-type=AFTER_SEQUENCE_NUMBER&starting-sequence-number=3', '4'],
    ['cursor-type=AFTER_SEQUENCE_NUMBER&starting-sequence-number=9', '10'],
    ['cursor-type=AT_SEQUENCE_NUMBER&starting-sequence-number=10', '10'],
    [`cursor-type=AT_TIMESTAMP&timestamp=${NOW_MS - 4 * MINUTE_MS}`, '6'],
    [`cursor-type=AT_TIMESTAMP&timestamp=${NOW_MS - 4 * MINUTE_MS + 1}`, '7'],
    ['cursor-type=AT_TIMESTAMP&timestamp=1', '0'],
    [`cursor-type=AT_TIMESTAMP&timestamp=${NOW_MS}`, '10'],
  ])('%s begins at %s', async (query, ordinal) => {
    const bridge = startBridge({ s1: 2 })
    await fill(bridge, 10)
    const { getIteratorParam, generateTimestamp } = decoded(await cursorOf(bridge, query))
    expect(generateTimestamp).toBe(NOW_MS)
    expect(getIteratorParam).toMatchObject({
      'stream-name': 's1',
      'partition-id': '0',
      'cursor-type': 'AT_SEQUENCE_NUMBER',
      'starting-sequence-number': ordinal,
    })
    expect(Object.keys(getIteratorParam)).toHaveLength(5)
  })

  test('an answer of one member, a cursor without padding', async () => {
    const bridge = startBridge({ s1: 1 })
    const reply = await bridge.send(cursorLine('cursor-type=LATEST'))
    expect(Object.keys(reply.json)).toEqual(['partition_cursor'])
    expect(reply.headers).toEqual({ 'content-type': 'application/json' })
  })

  test('the longest names fit', async () => {
    const name = 'n'.repeat(64)
    const bridge = startBridge({ [name]: 1 })
    const { json: stream } = await bridge.send(`GET /v2/{p}/streams/${name}`)
    const query = `stream-name=${name}&stream-id=${stream['stream_id'] as string}&partition-id=0`
    const { json } = await bridge.send(`GET /v2/{p}/cursors?${query}&cursor-type=LATEST`)
    decoded(json['partition_cursor'] as string)
  })

  test('a stream by its id, with no name or an unknown one', async () => {
    const bridge = startBridge({ s1: 1 })
    await fill(bridge, 2)
    const { json: stream } = await bridge.send('GET /v2/{p}/streams/s1')
    for (const name of ['', 'unknown']) {
      const id = stream['stream_id'] as string
      const query = `stream-name=${name}&stream-id=${id}&partition-id=0&cursor-type=TRIM_HORIZON`
      const { json } = await bridge.send(`GET /v2/{p}/cursors?${query}`)
      expect(await sequencesBy(bridge, json['partition_cursor'] as string)).toEqual(['0', '1'])
    }
  })

  const NUMBER = 'starting-sequence-number'
  test.each([
    ['cursor-type=NONE', 'DIS.4215', 'Invalid cursor type. There is AT_SEQUENCE_NUMBER,'],
    ['cursor-type=constructor', 'DIS.4215', 'Invalid cursor type.'],
    ['', 'DIS.4216', `Invalid sequence_number. ${NUMBER} is required.`],
    [`${NUMBER}=x`, 'DIS.4216', 'Invalid sequence_number. It must be a decimal number.'],
    [`${NUMBER}=-1`, 'DIS.4216', 'Invalid sequence_number.'],
    [
      `${NUMBER}=12`,
      'DIS.4224',
      'Sequence_number out of range. [12][ should be within ][2][ ][10]',
    ],
    [`${NUMBER}=1`, 'DIS.4224', 'Sequence_number out of range. [1][ should be within ][2][ ][10]'],
    [`${NUMBER}=${'9'.repeat(400)}`, 'DIS.4224', 'Sequence_number out of range.'],
    ['cursor-type=AFTER_SEQUENCE_NUMBER', 'DIS.4216', 'Invalid sequence_number.'],
    [`cursor-type=AFTER_SEQUENCE_NUMBER&${NUMBER}=10`, 'DIS.4224', '[10][ should be within ]'],
    ['cursor-type=AT_TIMESTAMP', 'DIS.4200', 'Invalid request. timestamp is required.'],
    ['cursor-type=AT_TIMESTAMP&timestamp=x', 'DIS.4200', 'timestamp must be a number.'],
  ])('%s is a 400 with %s', async (query, code, message) => {
    const bridge = startBridge({ s1: 1 })
    await fill(bridge, 10)
    bridge.log.deleteBefore('s1', 0, 2)
    const { status, json } = await bridge.send(cursorLine(query))
    expect([status, json['errorCode']]).toEqual([400, code])
    expect(json['message']).toContain(message)
  })

  test.each([
    ['stream-name=no&partition-id=0', 'DIS.4301', `Stream does not exist. [no][${PROJECT}]`],
    ['stream-name=a.b&partition-id=0', 'DIS.4301', 'Stream does not exist.'],
    ['stream-id=no&partition-id=0', 'DIS.4301', 'Stream does not exist. [no]'],
    ['partition-id=0', 'DIS.4200', 'Invalid request. stream-name is required.'],
    ['stream-name=s1', 'DIS.4200', 'Invalid request. partition-id is required.'],
    ['stream-name=s1&partition-id=', 'DIS.4200', 'partition-id is required.'],
    ['stream-name=s1&partition-id=x', 'DIS.4201', 'Invalid partition_id. x'],
    ['stream-name=s1&partition-id=7', 'DIS.4302', 'Partition does not exist. shardId-0000000007'],
  ])('%s is a 400 with %s', async (query, code, message) => {
    const { send } = startBridge({ s1: 1 })
    const { status, json } = await send(`GET /v2/{p}/cursors?${query}&cursor-type=LATEST`)
    expect([status, json['errorCode']]).toEqual([400, code])
    expect(json['message']).toContain(message)
  })
})

describe('GetRecords', () => {
  test('what was put, whole: the number is that of the answer; a key only where one was sent', async () => {
    const bridge = startBridge({ s1: 2 })
    await fill(bridge, 2)
    const { records, next_partition_cursor: next } = await readBy(
      bridge,
      await cursorOf(bridge, 'cursor-type=TRIM_HORIZON'),
    )
    expect(records).toEqual([
      {
        partition_key: 'key 0',
        sequence_number: '0',
        data: base64('value 0'),
        timestamp: NOW_MS - 2 * MINUTE_MS,
        timestamp_type: 'CreateTime',
      },
      {
        sequence_number: '1',
        data: base64('value 1'),
        timestamp: NOW_MS - MINUTE_MS,
        timestamp_type: 'CreateTime',
      },
    ])
    expect(decoded(next).getIteratorParam['starting-sequence-number']).toBe('2')
  })

  test('protobuf where the GET’s content type asks for it; what is required is there', async () => {
    const bridge = startBridge({ s1: 1 })
    await fill(bridge, 2)
    const cursor = await cursorOf(bridge, 'cursor-type=TRIM_HORIZON')
    const line = (at: string): string => `GET /v2/{p}/records/?partition-cursor=${at}&`

    const reply = await bridge.send(line(cursor), undefined, PROTOBUF)

    expect(reply.headers).toEqual({ 'content-type': 'application/x-protobuf' })
    const { records, next_partition_cursor: next } = readRecords(reply.body)
    expect(records).toEqual([
      {
        partition_key: 'key 0',
        sequence_number: '0',
        data: 'value 0',
        timestamp: `${NOW_MS - 2 * MINUTE_MS}`,
        timestamp_type: 'CreateTime',
      },
      {
        sequence_number: '1',
        data: 'value 1',
        timestamp: `${NOW_MS - MINUTE_MS}`,
        timestamp_type: 'CreateTime',
      },
    ])
    const empty = readRecords((await bridge.send(line(next), undefined, PROTOBUF)).body)
    expect(empty.records).toEqual([])
    expect((await bridge.send(line('x'), undefined, PROTOBUF)).json['errorCode']).toBe('DIS.4217')
  })

  test('one cursor after the other, to the end and on', async () => {
    const bridge = startBridge({ s1: 1 })
    await fill(bridge, 25)
    let cursor = await cursorOf(bridge, 'cursor-type=TRIM_HORIZON')
    const pages: unknown[][] = []
    for (let page = 0; page < 4; page++) {
      const reply = await readBy(bridge, cursor, 'limit=10&app_name=app&max_fetch_bytes=')
      pages.push(reply.records.map((each) => each['sequence_number']))
      cursor = reply.next_partition_cursor
    }
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 5, 0])
    expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, i) => `${i}`))
    await fill(bridge, 1)
    expect(await sequencesBy(bridge, cursor)).toEqual(['25'])
  })

  test('limits: of bytes, with at least one record; odd ones are as none', async () => {
    const bridge = startBridge({ s1: 1 })
    await bridge.put('s1', Array<unknown>(5).fill({ data: base64('x'.repeat(100)) }))
    const cursor = await cursorOf(bridge, 'cursor-type=TRIM_HORIZON')
    const counts = ['max_fetch_bytes=250', 'max_fetch_bytes=1', 'limit=0', 'limit=-1', 'limit=1e9']
    const read: number[] = []
    for (const query of counts.slice(0, 4)) {
      read.push((await sequencesBy(bridge, cursor, query)).length)
    }
    expect(read).toEqual([2, 1, 5, 5])
    const { status } = await bridge.send(
      `GET /v2/{p}/records?partition-cursor=${cursor}&limit=many`,
    )
    expect(status).toBe(400)
  })

  test('an empty read holds nothing, and a full one what it keeps', async () => {
    let held = 0
    const bridge = startBridge({ s1: 1 }, { charge: (bytes) => (held += bytes) })
    const cursor = await cursorOf(bridge, 'cursor-type=LATEST')
    const { records } = await readBy(bridge, cursor)
    expect(records).toEqual([])
    const empty = held
    await bridge.put('s1', [{ data: base64('x'.repeat(3000)) }])
    held = 0
    await readBy(bridge, cursor)
    expect(held - empty).toBe(4000)
  })

  test('padded, in the other alphabet, percent-encoded: one cursor', async () => {
    const bridge = startBridge({ s1: 1 })
    await fill(bridge, 1)
    const cursor = await cursorOf(bridge, 'cursor-type=TRIM_HORIZON')
    const plain = Buffer.from(cursor, 'base64url').toString('base64')
    for (const form of [plain, encodeURIComponent(plain), `${cursor}=`]) {
      expect(await sequencesBy(bridge, form)).toEqual(['0'])
    }
  })

  test('good for five minutes', async () => {
    let nowMs = NOW_MS
    const bridge = startBridge({ s1: 1 }, { nowMs: () => nowMs })
    const cursor = await cursorOf(bridge, 'cursor-type=TRIM_HORIZON')
    nowMs += 5 * MINUTE_MS
    expect(await sequencesBy(bridge, cursor)).toEqual([])
    nowMs += 1
    const { status, json } = await bridge.send(`GET /v2/{p}/records?partition-cursor=${cursor}`)
    expect([status, json['errorCode']]).toEqual([400, 'DIS.4225'])
  })

  test('what retention has deleted in between is DIS.4226, and so is what cannot be', async () => {
    const bridge = startBridge({ s1: 1 })
    await fill(bridge, 5)
    const cursor = await cursorOf(bridge, 'cursor-type=TRIM_HORIZON')
    bridge.log.deleteBefore('s1', 0, 3)
    const { status, json } = await bridge.send(`GET /v2/{p}/records?partition-cursor=${cursor}`)
    expect([status, json['errorCode']]).toEqual([400, 'DIS.4226'])
  })

  test('a stream made again is another one', async () => {
    const bridge = startBridge({ s1: 1 })
    const cursor = await cursorOf(bridge, 'cursor-type=LATEST')
    await bridge.send('DELETE /v2/{p}/streams/s1')
    const gone = await bridge.send(`GET /v2/{p}/records?partition-cursor=${cursor}`)
    await bridge.send('POST /v2/{p}/streams', { stream_name: 's1', partition_count: 1 })
    const again = await bridge.send(`GET /v2/{p}/records?partition-cursor=${cursor}`)
    expect([gone, again].map(({ status, json }) => [status, json['errorCode']])).toEqual([
      [400, 'DIS.4301'],
      [400, 'DIS.4217'],
    ])
  })

  test('another project’s cursor is read in one’s own', async () => {
    const naming = { dis: { template: '{project}.{stream}', overrides: {}, pinned: {} } }
    const bridge = startBridge({ 'p1.s1': 1, 'p2.s1': 1 }, { naming })
    const query = 'stream-name=s1&partition-id=0&cursor-type=LATEST'
    const { json } = await bridge.send(`GET /v2/p1/cursors?${query}`)
    const cursor = json['partition_cursor'] as string
    expect((await bridge.send(`GET /v2/p1/records?partition-cursor=${cursor}`)).status).toBe(200)
    const other = await bridge.send(`GET /v2/p2/records?partition-cursor=${cursor}`)
    expect(other.json['errorCode']).toBe('DIS.4217')
  })

  const SOUND = {
    getIteratorParam: {
      'stream-name': 's1',
      'stream-id': '.AAAAAAAAAAA',
      'partition-id': '0',
      'cursor-type': 'AT_SEQUENCE_NUMBER',
      'starting-sequence-number': '0',
    },
    generateTimestamp: NOW_MS,
  }
  const { getIteratorParam: PARAM } = SOUND
  test.each<unknown>([
    'x',
    '%%%',
    'x'.repeat(600),
    null,
    1,
    [],
    {},
    { ...SOUND, generateTimestamp: '1' },
    { ...SOUND, getIteratorParam: null },
    { ...SOUND, getIteratorParam: { ...PARAM, 'stream-id': 'x' } },
    { ...SOUND, getIteratorParam: { ...PARAM, 'partition-id': 0 } },
    { ...SOUND, getIteratorParam: { ...PARAM, 'partition-id': 'x' } },
    { ...SOUND, getIteratorParam: { ...PARAM, 'cursor-type': 'LATEST' } },
    { ...SOUND, getIteratorParam: { ...PARAM, 'starting-sequence-number': '-1' } },
    { ...SOUND, getIteratorParam: { ...PARAM, 'starting-sequence-number': '9'.repeat(16) } },
    SOUND,
  ])('%j is no cursor of ours', async (value) => {
    const { send } = startBridge({ s1: 1 })
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    const cursor = text.startsWith('x') ? text : Buffer.from(text).toString('base64url')
    const { status, json } = await send(`GET /v2/{p}/records?partition-cursor=${cursor}`)
    expect([status, json['errorCode']]).toEqual([400, 'DIS.4217'])
  })

  test('what passes is a status that clients try again on', async () => {
    const bridge = startBridge({ s1: 1 })
    const cursor = await cursorOf(bridge, 'cursor-type=LATEST')
    bridge.log.loseLeaders('s1', [0])
    const lines = [
      `GET /v2/{p}/records?partition-cursor=${cursor}`,
      cursorLine('cursor-type=LATEST'),
    ]
    for (const line of lines) {
      const { status, json } = await bridge.send(line)
      expect([status, json['errorCode']]).toEqual([500, 'DIS.5250'])
    }
  })
})
