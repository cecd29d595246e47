// SeekShard and GetRecords over the log in memory.

import { base64, startBridge, type Bridge } from './bridge.ts'

const START = 'AQAAAAAAAAAAAAAAAAAAAA=='
const INVALID = '{"ErrorCode":-201326592,"ErrorMessage":"InvalidArgumentException"}'
const NOT_FOUND = '{"ErrorCode":-201326608,"ErrorMessage":"ResourceNotFoundException"}'
const OUT_OF_RANGE = '{"ErrorCode":-201326594,"ErrorMessage":"ShardIDOutOfRangeException"}'
const ILLEGAL = '{"ErrorCode":-201326611,"ErrorMessage":"IllegalLocationException"}'

interface Records {
  readonly NextLocation: string
  readonly MSecBehindLatest: number
  readonly RecordsBehindLatest: number
  readonly Records: readonly { SequenceNumber: number; Data: string; ArrivalTimeSec: number }[]
}

/** Calls a function on shard 0 of `/bigdata/s/`. */
function on(bridge: Bridge, name: string, body: unknown, path = '/bigdata/s/0') {
  return bridge.send(`PUT ${path}`, body, { 'x-v3io-function': name })
}

async function seek(bridge: Bridge, body: object, path?: string): Promise<string> {
  const { status, text } = await on(bridge, 'SeekShard', body, path)
  if (status !== 200) throw new Error(`${status} ${text}`)
  return (JSON.parse(text) as { Location: string }).Location
}

async function read(bridge: Bridge, location: string, limit?: number): Promise<Records> {
  const { status, text } = await on(bridge, 'GetRecords', { Location: location, Limit: limit })
  if (status !== 200) throw new Error(`${status} ${text}`)
  return JSON.parse(text) as Records
}

function numbersOf({ Records: records }: Records): number[] {
  return records.map(({ SequenceNumber }) => SequenceNumber)
}

async function withRecords(count: number): Promise<Bridge> {
  const bridge = startBridge({ 'bigdata.s': 2 })
  await bridge.put(Array.from({ length: count }, (_, i) => ({ Data: base64(`${i}`), ShardId: 0 })))
  return bridge
}

describe('SeekShard', () => {
  test.each<[string, object, number[]]>([
    ['EARLIEST', { Type: 'EARLIEST' }, [1, 2, 3, 4, 5]],
    ['LATEST', { Type: 'LATEST' }, []],
    ['SEQUENCE', { Type: 'SEQUENCE', StartingSequenceNumber: 4 }, [4, 5]],
    ['the next to come', { Type: 'SEQUENCE', StartingSequenceNumber: 6 }, []],
    ['TIME long ago', { Type: 'TIME', TimestampSec: 0, TimestampNSec: 0 }, [1, 2, 3, 4, 5]],
    ['TIME to come', { Type: 'TIME', TimestampSec: 4_000_000_000, TimestampNSec: 5 }, []],
    ['TIME beyond 2^53', { Type: 'TIME', TimestampSec: 2 ** 63, TimestampNSec: 0 }, []],
    [
      'TIME as Postman spells it',
      { Type: 'TIME', TimeStampSec: 0, TimeStampNSec: 0 },
      [1, 2, 3, 4, 5],
    ],
  ])('%s', async (_case, body, numbers) => {
    const bridge = await withRecords(5)
    const location = await seek(bridge, body)
    expect(numbersOf(await read(bridge, location))).toEqual(numbers)
    expect(Buffer.from(location, 'base64').subarray(0, 4).toString('hex')).toBe('01000000')
    expect(Buffer.from(location, 'base64')).toHaveLength(16)
  })

  test('TIME: the first record at that time or later, nanoseconds counted', async () => {
    const bridge = await withRecords(1)
    const [message] = bridge.log.messages('bigdata.s')
    const atMs = message?.timestampMs ?? 0
    const at = (extra: number) => ({
      Type: 'TIME',
      TimestampSec: Math.floor(atMs / 1000),
      TimestampNSec: (atMs % 1000) * 1_000_000 + extra,
    })
    expect(numbersOf(await read(bridge, await seek(bridge, at(0))))).toEqual([1])
    expect(numbersOf(await read(bridge, await seek(bridge, at(1))))).toEqual([])
  })

  test.each([
    ['/bigdata/s/0', {}],
    ['/bigdata/s/0/', {}],
    ['//bigdata//s/0/', {}],
    ['/bigdata/s/', { ShardId: 0 }],
    ['/bigdata/s', { ShardId: 0 }],
    ['/bigdata/', { StreamName: 's', ShardId: 0 }],
  ])('names its shard in the URL or the body: %s with %j', async (path, body) => {
    const bridge = await withRecords(1)
    const location = await seek(bridge, { ...body, Type: 'EARLIEST' }, path)
    const { text } = await on(bridge, 'GetRecords', { ...body, Location: location }, path)
    expect(numbersOf(JSON.parse(text) as Records)).toEqual([1])
  })

  test.each<[string, object, number, string]>([
    ['/bigdata/s/0', {}, 400, INVALID],
    ['/bigdata/s/0', { Type: 'OLDEST' }, 400, INVALID],
    ['/bigdata/s/0', { Type: 'TIME', TimestampSec: 1 }, 400, INVALID],
    ['/bigdata/s/0', { Type: 'SEQUENCE' }, 400, INVALID],
    ['/bigdata/s/0', { Type: 'SEQUENCE', StartingSequenceNumber: 0 }, 400, INVALID],
    ['/bigdata/s/0', { Type: 'SEQUENCE', StartingSequenceNumber: -1 }, 400, INVALID],
    ['/bigdata/s/0', { Type: 'SEQUENCE', StartingSequenceNumber: 4 }, 400, INVALID],
    ['/bigdata/s/0', { Type: 'SEQUENCE', StartingSequenceNumber: 2 ** 64 }, 400, INVALID],
    ['/bigdata/s/', { Type: 'EARLIEST' }, 400, INVALID],
    ['/bigdata/s/2', { Type: 'EARLIEST' }, 400, OUT_OF_RANGE],
    ['/bigdata/s/-1', { Type: 'EARLIEST' }, 400, OUT_OF_RANGE],
    ['/bigdata/s/', { Type: 'EARLIEST', ShardId: 2 ** 63 }, 400, OUT_OF_RANGE],
    ['/bigdata/s/', { Type: 'EARLIEST', ShardId: 0.5 }, 400, OUT_OF_RANGE],
    ['/bigdata/s/1', { Type: 'EARLIEST' }, 404, NOT_FOUND],
    ['/bigdata/s/1', { Type: 'LATEST' }, 404, NOT_FOUND],
    ['/bigdata/none/0', { Type: 'EARLIEST' }, 404, NOT_FOUND],
    ['/bigdata/none/9', { Type: 'EARLIEST' }, 404, NOT_FOUND],
  ])('%s with %j: %i', async (path, body, status, text) => {
    const bridge = await withRecords(2)
    expect(await on(bridge, 'SeekShard', body, path)).toMatchObject({ status, text })
  })

  test('a number that retention took: GetRecords refuses its location, and go seeks anew', async () => {
    const bridge = await withRecords(5)
    bridge.log.deleteBefore('bigdata.s', 0, 3)
    const location = await seek(bridge, { Type: 'SEQUENCE', StartingSequenceNumber: 2 })
    expect(await on(bridge, 'GetRecords', { Location: location })).toMatchObject({
      status: 400,
      text: ILLEGAL,
    })
    expect(numbersOf(await read(bridge, await seek(bridge, { Type: 'EARLIEST' })))).toEqual([4, 5])
    expect(numbersOf(await read(bridge, START))).toEqual([4, 5])
  })
})

describe('GetRecords', () => {
  test('the answer is exact', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    await bridge.put([
      { Data: base64('one'), ClientInfo: base64('info'), PartitionKey: 'ké' },
      { Data: '', ClientInfo: 'client' },
    ])
    const times = bridge.log.messages('bigdata.s').map(({ timestampMs }) => timestampMs)
    const arrival = (i: number) =>
      `"ArrivalTimeSec":${Math.floor(times[i]! / 1000)},"ArrivalTimeNSec":${(times[i]! % 1000) * 1e6}`

    const { status, headers, text } = await on(bridge, 'GetRecords', { Location: START, Limit: 0 })

    expect([status, headers['content-type']]).toEqual([200, 'application/json'])
    const { NextLocation: next } = JSON.parse(text) as Records
    expect(text).toBe(
      `{"NextLocation":"${next}","MSecBehindLatest":0,"RecordsBehindLatest":0,"Records":[` +
        `{${arrival(0)},"SequenceNumber":1,"ClientInfo":"aW5mbw==","PartitionKey":"ké","Data":"b25l"},` +
        `{${arrival(1)},"SequenceNumber":2,"ClientInfo":"Y2xpZW50","Data":""}]}`,
    )
  })

  test('goes on from NextLocation until nothing is behind, and stays there', async () => {
    const bridge = await withRecords(5)
    const first = await read(bridge, START, 2)
    expect([numbersOf(first), first.RecordsBehindLatest]).toEqual([[1, 2], 3])
    expect(first.MSecBehindLatest).toBeGreaterThanOrEqual(0)
    const second = await read(bridge, first.NextLocation, 100)
    expect([numbersOf(second), second.RecordsBehindLatest]).toEqual([[3, 4, 5], 0])
    const last = await read(bridge, second.NextLocation)
    expect(last).toEqual({
      NextLocation: second.NextLocation,
      MSecBehindLatest: 0,
      RecordsBehindLatest: 0,
      Records: [],
    })
    await bridge.put([{ Data: base64('new'), ShardId: 0 }])
    expect(numbersOf(await read(bridge, last.NextLocation))).toEqual([6])
  })

  test('of a shard without records, from the hard-coded start: nothing, and then the first', async () => {
    const bridge = startBridge({ 'bigdata.s': 1 })
    const nothing = await read(bridge, START)
    expect([nothing.Records, nothing.RecordsBehindLatest]).toEqual([[], 0])
    await bridge.put([{ Data: base64('x') }])
    expect(numbersOf(await read(bridge, nothing.NextLocation))).toEqual([1])
  })

  test('passes over what readers do not see', async () => {
    const bridge = await withRecords(2)
    bridge.log.burn('bigdata.s', 0, 3)
    await bridge.put([{ Data: base64('x'), ShardId: 0 }])
    expect(numbersOf(await read(bridge, START))).toEqual([1, 2, 6])
  })

  test('ends where the records become too many bytes', async () => {
    const bridge = startBridge()
    await bridge.call('CreateStream')
    const data = Buffer.alloc(2_000_000, 1).toString('base64')
    for (let i = 0; i < 6; i++) await bridge.put([{ Data: data }])
    const { text } = await on(bridge, 'GetRecords', { Location: START, Limit: 100 })
    expect(text.length).toBeLessThan(10 * 2 ** 20)
    const first = JSON.parse(text) as Records
    expect([numbersOf(first), first.RecordsBehindLatest]).toEqual([[1, 2, 3], 3])
    expect(numbersOf(await read(bridge, first.NextLocation, 2 ** 63))).toEqual([4, 5, 6])
  })

  test.each<[object, number, string]>([
    [{}, 400, INVALID],
    [{ Location: 1 }, 400, INVALID],
    [{ Location: START, Limit: -1 }, 400, INVALID],
    [{ Location: '' }, 400, ILLEGAL],
    [{ Location: 'xyz' }, 400, ILLEGAL],
    [{ Location: Buffer.alloc(16, 1).toString('base64') }, 400, ILLEGAL],
    [{ Location: START, ShardId: 2 }, 400, OUT_OF_RANGE],
    [{ Location: START, StreamName: 'none', ShardId: 0 }, 404, NOT_FOUND],
  ])('%j: %i', async (body, status, text) => {
    const bridge = await withRecords(1)
    const path =
      'ShardId' in body ? ('StreamName' in body ? '/bigdata/' : '/bigdata/s/') : undefined
    expect(await on(bridge, 'GetRecords', body, path)).toMatchObject({ status, text })
  })

  test('of a stream made again: IllegalLocationException', async () => {
    const bridge = await withRecords(3)
    const { NextLocation: location } = await read(bridge, START, 1)
    await bridge.send('DELETE /bigdata/s/')
    await bridge.call('CreateStream', { ShardCount: 1 })
    await bridge.put([{ Data: base64('x') }, { Data: base64('y') }])
    expect(await on(bridge, 'GetRecords', { Location: location })).toMatchObject({
      status: 400,
      text: ILLEGAL,
    })
    expect(numbersOf(await read(bridge, START))).toEqual([1, 2])
  })

  test('where the shard has no leader: a 503, which v3io-go waits on', async () => {
    const bridge = await withRecords(1)
    bridge.log.loseLeaders('bigdata.s', [0])
    expect((await on(bridge, 'GetRecords', { Location: START })).status).toBe(503)
    expect((await on(bridge, 'SeekShard', { Type: 'EARLIEST' })).status).toBe(503)
  })
})
