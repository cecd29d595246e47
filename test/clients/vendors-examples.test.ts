// The vendors' own examples, from the pages on which the dialects rest (Amazon "PutRecord", Yandex
// "PutRecord", Huawei "Uploading Data to a DIS Stream", Iguazio "PutRecords"), sent as they are printed.
// Only placeholders are filled in.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { notRun } from '../support/not-run.ts'
import { runProgram } from '../support/program.ts'
import { providePython, PYTHON_WITHIN_MS, pythonAbsence } from '../support/python.ts'
import { rawRequest, sendRaw } from '../support/raw-http.ts'
import { readTopic } from '../support/reader.ts'
import { serviceOfFile } from '../support/service.ts'
import { createTopics } from '../support/topics.ts'
import { uniqueName } from '../support/unique.ts'

/** Sets this run's topics apart, since the pages' streams always have the same names. */
const RUN = uniqueName('run')

const service = serviceOfFile({
  TRIBUTARY_DIALECTS_KINESIS_TOPIC_TEMPLATE: `{stream}.${RUN}`,
  TRIBUTARY_DIALECTS_YANDEX_TOPIC_TEMPLATE: `{stream}.${RUN}`,
  TRIBUTARY_DIALECTS_DIS_TOPIC_TEMPLATE: `{stream}.${RUN}`,
  TRIBUTARY_DIALECTS_V3IO_TOPIC_TEMPLATE: `{container}.{path}.${RUN}`,
})

const MY_STREAM = 'mycontainer.MyDirectory.MyStream'

beforeAll(async () => {
  const streams = ['exampleStreamName', 'stream-of-yandex', 'stream_test', MY_STREAM]
  await createTopics(service().brokers, {
    topics: streams.map((stream) => `${stream}.${RUN}`),
    partitions: 2,
  })
})

const read = (topic: string) => readTopic(service().brokers, `${topic}.${RUN}`)

const SIGNATURE = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9'

/** 20150830T123600Z and the like. */
function basicDate(): string {
  return new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
}

test('Amazon Kinesis: the sample request of PutRecord', async () => {
  const date = basicDate()
  const credential = `AKIDEXAMPLE/${date.slice(0, 8)}/us-east-1/kinesis/aws4_request`
  const head = [
    'POST / HTTP/1.1',
    'Host: kinesis.us-east-1.example.com',
    `x-amz-Date: ${date}`,
    `Authorization: AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=content-type;date;host;user-agent;x-amz-date;x-amz-target;x-amzn-requestid, Signature=${SIGNATURE}`,
    'User-Agent: example/1.0',
    'Content-Type: application/x-amz-json-1.1',
    'Connection: Keep-Alive',
    'X-Amz-Target: Kinesis_20131202.PutRecord',
  ]
  const body = `{
  "StreamName": "exampleStreamName",
  "Data": "XzxkYXRhPl8x",
  "PartitionKey": "partitionKey"
}`

  const { status, headers, body: reply } = await sendRaw(service().port, rawRequest(head, body))

  expect([status, headers['content-type']]).toEqual([200, 'application/x-amz-json-1.1'])
  expect(headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/)
  expect(JSON.parse(reply)).toEqual({
    SequenceNumber: expect.stringMatching(/^\d{56}$/) as string,
    ShardId: expect.stringMatching(/^shardId-00000000000[01]$/) as string,
  })
  expect(await read('exampleStreamName')).toMatchObject([
    { key: 'partitionKey', value: Buffer.from('_<data>_1'), headers: {} },
  ])
})

test('Yandex Data Streams: the request of PutRecord, each member filled in', async () => {
  const head = [
    'POST /ru-central1/folder/database HTTP/1.1',
    'Host: streams.example.com',
    'Authorization: Bearer t1.token',
    'Content-Type: application/json',
    'X-Amz-Target: Kinesis_20131202.PutRecord',
  ]
  const body = `{
  "Data": "ZGF0YQ==",
  "ExplicitHashKey": "0",
  "PartitionKey": "string",
  "SequenceNumberForOrdering": "0",
  "StreamName": "stream-of-yandex"
}`

  const { status, body: reply } = await sendRaw(service().port, rawRequest(head, body))

  expect([status, JSON.parse(reply)]).toEqual([
    200,
    { EncryptionType: 'NONE', SequenceNumber: '0', ShardId: 'shard-000000' },
  ])
  expect(await read('stream-of-yandex')).toMatchObject([
    { partition: 0, offset: 0, key: 'string', value: Buffer.from('data') },
  ])
})

describe('Huawei DIS: the example request', () => {
  const entry = `      "data":
"MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=",
      "explicit_hash_key": null,
      "partition_key": "0"`
  const bodyOf = (records: string) => `{
 "stream_name": "stream_test",
  "records": [
    {
${records}
 ]
}`
  const send = (target: string, body: string) =>
    sendRaw(service().port, rawRequest([`POST ${target} HTTP/1.1`, 'Host: dis.example.com'], body))

  test('as printed, a brace short: a request error', async () => {
    const { status, body } = await send('/v2/project/records', bodyOf(entry))

    expect(status).toBe(400)
    expect(JSON.parse(body)).toMatchObject({ errorCode: 'DIS.4300', error_code: 'DIS.4300' })
  })

  test('mended, with the whole URL in the request line as printed, and with the path alone', async () => {
    const targets = ['https://dis.example.com/v2/project/records', '/v2/project/records']

    for (const [i, target] of targets.entries()) {
      const { status, headers, body } = await send(target, bodyOf(`${entry}\n    }`))
      expect([status, headers['content-type']]).toEqual([200, 'application/json'])
      expect(JSON.parse(body)).toEqual({
        failed_record_count: 0,
        records: [{ partition_id: 'shardId-0000000001', sequence_number: String(i) }],
      })
    }

    const stored = { partition: 1, key: '0', value: Buffer.from('1'.repeat(32)), headers: {} }
    expect(await read('stream_test')).toMatchObject([stored, stored])
  })
})

const ACCESS_KEY = 'e8bd4ca2-537b-4175-bf01-8c74963e90bf'

const STORED_IN_MY_STREAM = {
  key: null,
  value: Buffer.from('data\r\n'),
  headers: { 'tributary-client-info': '1234\r\n' },
}

test('Iguazio v3io: the example request, over HTTP', async () => {
  const head = [
    'POST /mycontainer/MyDirectory/MyStream/ HTTP/1.1',
    'Host: webapi.default-tenant.app.mycluster.example.com',
    'Content-Type: application/json',
    'X-v3io-function: PutRecords',
    `X-v3io-session-key: ${ACCESS_KEY}`,
  ]
  const body = `{
    "Records": [
        {
            "ClientInfo": "MTIzNA0K",
            "Data":       "ZGF0YQ0K"
        }
    ]
}`

  const { status, headers, body: reply } = await sendRaw(service().port, rawRequest(head, body))

  expect([status, headers['content-type']]).toEqual([200, 'application/json'])
  const { FailedRecordCount, Records } = JSON.parse(reply) as {
    FailedRecordCount: number
    Records: { SequenceNumber: number; ShardId: number }[]
  }
  expect([FailedRecordCount, Records.length]).toEqual([0, 1])
  expect(await read(MY_STREAM)).toContainEqual({
    ...STORED_IN_MY_STREAM,
    partition: Records[0]?.ShardId,
    offset: Records[0]!.SequenceNumber - 1,
    timestampMs: expect.any(Number) as number,
  })
})

const absence = pythonAbsence()
if (absence === undefined) {
  test(
    'Iguazio v3io: the example request, as the printed program sends it',
    async () => {
      const python = join(await providePython(), 'python')
      const folder = await mkdtemp(join(tmpdir(), 'tributary-example-'))
      const program = `import requests

url = "${service().url}/mycontainer/MyDirectory/MyStream/"
headers = {
            "Content-Type": "application/json",
            "X-v3io-function": "PutRecords",
            "X-v3io-session-key": "${ACCESS_KEY}"
          }
payload = {
            "Records": [
                {
                    "ClientInfo": "MTIzNA0K",
                    "Data": "ZGF0YQ0K"
                    }
                ]
          }

response = requests.post(url, json=payload, headers=headers)
print(response.text)
`
      await writeFile(join(folder, 'example.py'), program)
      const before = await read(MY_STREAM)

      const { status, stdout } = await runProgram([python, join(folder, 'example.py')])
      await rm(folder, { recursive: true })

      expect([status, JSON.parse(stdout)]).toMatchObject([0, { FailedRecordCount: 0 }])
      const after = await read(MY_STREAM)
      expect(after).toHaveLength(before.length + 1)
      for (const record of after) expect(record).toMatchObject(STORED_IN_MY_STREAM)
    },
    PYTHON_WITHIN_MS,
  )
} else notRun('the program on Iguazio’s page', absence)
