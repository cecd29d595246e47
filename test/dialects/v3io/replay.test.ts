// What programs send that are written by hand: the vendor's collection for Postman, its scripts for curl,
// http_blaster, frames, v3ctl and mlrun; over HTTP, request by request, on a port of v3io's own.

import { base64 } from './bridge.ts'
import { startBridge, type Bridge } from '../../support/bridge.ts'

const JSON_TYPE = { 'content-type': 'application/json', 'cache-control': 'no-cache' }
const KEY = { 'x-v3io-session-key': '123e4567-e89b-12d3-a456-426655440000' }
const START = 'AQAAAAAAAAAAAAAAAAAAAA=='

interface Answer {
  readonly status: number
  readonly text: string
}

/** A bridge and a way to ask it: `PUT /1/topic/ CreateStream`. */
async function open() {
  const bridge: Bridge = await startBridge({ pinned: 'v3io' })
  return {
    bridge,
    async ask(line: string, body = '', headers: Readonly<Record<string, string>> = {}) {
      const [method = '', path = '', name] = line.split(' ')
      const response = await fetch(bridge.url + path, {
        method,
        headers: {
          ...JSON_TYPE,
          ...headers,
          ...(name !== undefined && { 'x-v3io-function': name }),
        },
        ...(body !== '' && { body }),
      })
      return { status: response.status, text: await response.text() } satisfies Answer
    },
    [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose](),
  }
}

test('the collection for Postman', async () => {
  await using at = await open()
  const created = '{\n    "ShardCount":2,\n    "RetentionPeriodHours": 1\n}'
  expect(await at.ask('PUT /1/topic/ CreateStream', created)).toEqual({ status: 204, text: '' })
  const records = `{
    "Records": [
        {
          "ShardId": 0,
            "Data":"SGVsbG8=",
            "ClientInfo": "MjkvMDEvMjAxNw=="
        },
         {
           "ShardId": 0,
            "Data":"MjkvMDEvMjAxNw==",
            "PartitionKey": "123456"
        },
         {
            "Data":"SGVsbG8=",
            "PartitionKey": "My key is"
        }
    ]
}`
  const put = await at.ask('PUT /1/topic/ PutRecords', records)
  expect(put).toMatchObject({ status: 200 })
  expect(put.text).toContain('{"FailedRecordCount":0,"Records":[{"SequenceNumber":1,"ShardId":0},{')
  const got = await at.ask('PUT /1/topic/0 GetRecords', `{"Location": "${START}", "Limit": 10}`)
  expect(got.text).toContain('"ClientInfo":"MjkvMDEvMjAxNw==","Data":"SGVsbG8="')
  const seeks = [
    '{"Type": "LATEST"}',
    '{"Type": "EARLIEST"}',
    '{"Type": "SEQUENCE", "StartingSequenceNumber": 1}',
    '{"Type": "TIME", "TimeStampSec": 0, "TimeStampNSec": 0}',
  ]
  for (const body of seeks) {
    const { status, text } = await at.ask('PUT /1/topic/0 Seek', body)
    expect([status, text]).toEqual([200, expect.stringMatching(/^{"Location":"AQAAA.{18,}"}$/)])
  }
  expect(await at.ask('PUT /1/topic/ DescribeStream')).toEqual({
    status: 200,
    text: '{"ShardCount":2,"RetentionPeriodHours":1}',
  })
  expect((await at.ask('PUT /1/topic UpdateStream', '{\n    "ShardCount":4\n}')).status).toBe(204)
  const one = '{"Records": [{"ShardId": 3, "Data":"SGVsbG8="}]}'
  const keyed = await at.ask('PUT /1/topic PutRecords', one, KEY)
  expect(keyed.text).toBe('{"FailedRecordCount":0,"Records":[{"SequenceNumber":1,"ShardId":3}]}')
})

test('the scripts that make, fill and delete a stream with curl, one shard too many', async () => {
  await using at = await open()
  const stream = '/1/training/flight_stream/'
  const body = '{"ShardCount": 12, "RetentionPeriodHours": 1}'
  expect((await at.ask(`PUT ${stream} CreateStream`, body)).status).toBe(204)
  const quoted = "{'ShardCount': 12, 'RetentionPeriodHours': 1}"
  const drivers = 'PUT /bigdata/taxi_streaming_example/drivers_stream/ CreateStream'
  expect((await at.ask(drivers, quoted)).status).toBe(204)
  const records = { Records: [{ Data: base64('{"ts":1}') }, { Data: base64('{"ts":2}') }] }
  expect((await at.ask(`POST ${stream} PutRecords`, JSON.stringify(records))).status).toBe(200)
  const statuses: number[] = []
  for (let shard = 0; shard <= 12; shard++) {
    statuses.push((await at.ask(`DELETE ${stream}${shard}`)).status)
  }
  expect(statuses).toEqual([...Array<number>(12).fill(204), 404])
  expect((await at.ask(`DELETE ${stream}`)).status).toBe(204)
  expect((await at.ask(`PUT ${stream} DescribeStream`)).status).toBe(404)
})

test('http_blaster, frames, Spark’s demo, v3ctl and mlrun: their records', async () => {
  await using at = await open()
  expect((await at.ask('POST /bigdata/s/ CreateStream', '{"ShardCount":1}')).status).toBe(204)
  const data = base64('x')
  const both = { ...KEY, authorization: 'Basic Og==' }
  const asked: [string, object, Record<string, string>][] = [
    ['PUT', { Data: data, ClientInfo: 'client', PartitionKey: 'k' }, {}],
    ['POST', { Data: data, ClientInfo: '' }, KEY],
    ['POST', { Data: data, PartitionKey: '', ShardId: 0 }, KEY],
    ['POST', { Data: data, ClientInfo: '', ShardId: 1 }, both],
    ['POST', { Data: data, ShardId: null }, KEY],
  ]
  const answers: string[] = []
  for (const [method, record, headers] of asked) {
    const body = JSON.stringify({ Records: [record] })
    answers.push((await at.ask(`${method} /bigdata/s/ PutRecords`, body, headers)).text)
  }
  const stored = (number: number) =>
    `{"FailedRecordCount":0,"Records":[{"SequenceNumber":${number},"ShardId":0}]}`
  expect(answers).toEqual([
    ...[1, 2, 3].map(stored),
    '{"FailedRecordCount":1,"Records":[{"ErrorCode":-201326594,"ErrorMessage":"ShardIDOutOfRangeException"}]}',
    stored(4),
  ])
  const again = await at.ask('POST /bigdata/s/ CreateStream', '{"ShardCount":1}', KEY)
  expect(again).toMatchObject({ status: 409 })
  expect(again.text).toContain('ResourceInUse')
})

test('numbers of 64 bits over the whole way: a shard, a limit, a number, a time', async () => {
  await using at = await open()
  await at.ask('POST /bigdata/s/ CreateStream', '{"ShardCount":1}')
  const large = '18446744073709551615'
  const put = await at.ask(
    'POST /bigdata/s/ PutRecords',
    `{"Records":[{"Data":"QQ==","ShardId":${large}},{"Data":"QQ=="}]}`,
  )
  expect(put.text).toBe(
    '{"FailedRecordCount":1,"Records":[{"ErrorCode":-201326594,"ErrorMessage":"ShardIDOutOfRangeException"},{"SequenceNumber":1,"ShardId":0}]}',
  )
  const got = await at.ask(
    'PUT /bigdata/s/0 GetRecords',
    `{"Location":"${START}","Limit":${large}}`,
  )
  expect(got).toMatchObject({ status: 200 })
  const seek = (members: string) => at.ask('PUT /bigdata/s/0 SeekShard', `{${members}}`)
  const beyond = await seek(`"Type":"SEQUENCE","StartingSequenceNumber":${large}`)
  expect([beyond.status, beyond.text]).toEqual([
    400,
    '{"ErrorCode":-201326592,"ErrorMessage":"InvalidArgumentException"}',
  ])
  const late = await seek(`"Type":"TIME","TimestampSec":${large},"TimestampNSec":0`)
  expect(late.text).toBe((await seek('"Type":"LATEST"')).text)
})
