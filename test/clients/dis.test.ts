// Huawei's SDK for Python, with both of its signatures: the derived key (V11-HMAC-SHA256), which is its
// default, and the plain one; and with bodies in protobuf. It describes a stream before it first puts
// into it.

import { failureOf } from '../support/failure.ts'
import { notRun } from '../support/not-run.ts'
import {
  providePython,
  PYTHON_WITHIN_MS,
  pythonAbsence,
  startPythonClient,
  type PythonClient,
} from '../support/python.ts'
import { expectStored, readTopic, type Acknowledged } from '../support/reader.ts'
import { serviceOfFile, type Service } from '../support/service.ts'
import { uniqueName } from '../support/unique.ts'
import { placeInDis } from './places.ts'

interface Sent {
  /** This client puts texts only. */
  readonly data: string
  readonly partition_key?: string
  readonly partition_id?: string
  readonly explicit_hash_key?: string
  readonly timestamp?: number
}

interface Result {
  readonly partition_id?: string
  readonly sequence_number?: string
  readonly error_code?: string
  readonly error_message?: string
}

interface Response<Body> {
  readonly status: number
  readonly body: Body
}

type PutResponse = Response<{ failed_record_count: number; records: Result[] }>

interface Partition {
  readonly partition_id: string
  readonly hash_range: string
  readonly sequence_number_range: string
}

interface Description {
  readonly status: string
  readonly stream_id: string
  readonly partitions: Partition[]
}

type DescribeResponse = Response<Description>

const PARTITIONS = 4

/** Where DIS puts these keys among four partitions. */
const PARTITION_OF_KEY = { '0': 2, '1': 2, abc: 0, 'user-1': 2, '12345': 0, 測試: 1 }

function acknowledged(sent: Sent, result: Result): Acknowledged {
  const { explicit_hash_key: hash } = sent
  return {
    ...placeInDis(result),
    key: sent.partition_key ?? null,
    value: Buffer.from(sent.data),
    headers: hash === undefined ? {} : { 'tributary-explicit-hash-key': hash },
  }
}

async function createStream(dis: PythonClient): Promise<string> {
  const stream = uniqueName('dis')
  const created = await dis.call('createStream', [stream, PARTITIONS, 'BLOB', 'COMMON'])
  expect(created).toMatchObject({ status: 201 })
  return stream
}

/** Under the names that this client gives. */
interface Read {
  readonly sequence_number: string
  readonly partitionKey: string | null
  readonly data: string | { readonly bytes: string }
}

/** The client undoes base64, and has bytes or their text in its place. */
function textOf(data: Read['data']): string {
  return typeof data === 'string' ? data : Buffer.from(data.bytes, 'base64').toString()
}

async function readAll(dis: PythonClient, stream: string): Promise<Read[]> {
  const { body: first } = await dis.call<Response<{ partition_cursor: string }>>('getCursor', [
    ...[stream, '1', 'TRIM_HORIZON'],
  ])
  const read: Read[] = []
  for (let cursor = first.partition_cursor; ;) {
    const { body } = await dis.call<Response<{ records: Read[]; next_partition_cursor: string }>>(
      'getRecords',
      [cursor, 10],
    )
    if (body.records.length === 0) return read
    read.push(...body.records)
    cursor = body.next_partition_cursor
  }
}

function suite(service: () => Service, options: object): void {
  const connect = () => startPythonClient('dis', { endpoint: service().url, ...options })

  test('what was put lies in Kafka where the answers say, in order', async () => {
    await using dis = await connect()
    const stream = await createStream(dis)
    const batches: Sent[][] = [
      Object.keys(PARTITION_OF_KEY).map((key) => ({ data: `of ${key}`, partition_key: key })),
      [{ data: 'single', partition_key: 'ключ' }],
      ['shardId-0000000003', '1'].map((id) => ({ data: `to ${id}`, partition_id: id })),
      [{ data: 'both', partition_id: '3', partition_key: '12345' }],
      Array.from({ length: 1000 }, (_, i) => ({ data: `${i}`, partition_key: `key ${i % 9}` })),
    ]
    const answers: Acknowledged[] = []

    for (const records of batches) {
      const { status, body } = await dis.call<PutResponse>('putRecords', [stream, records])
      expect([status, body.failed_record_count, body.records.length]).toEqual([
        ...[200, 0, records.length],
      ])
      answers.push(...records.map((sent, i) => acknowledged(sent, body.records[i]!)))
    }

    expectStored(answers, await readTopic(service().brokers, stream))
    const partitions = answers.map(({ partition }) => partition)
    const keys = answers.slice(0, 6).map(({ key }, i) => [key, partitions[i]])
    expect(Object.fromEntries(keys)).toEqual(PARTITION_OF_KEY)
    expect(partitions.slice(7, 10)).toEqual([3, 1, 3])
  })

  test('an explicit hash at either end of a partition’s range lands in that partition', async () => {
    await using dis = await connect()
    const stream = await createStream(dis)

    const { body } = await dis.call<DescribeResponse>('describeStream', [stream])
    const records = body.partitions
      .flatMap(({ hash_range: range }) => range.match(/\d+/g) ?? [])
      .map((hash): Sent => ({ data: hash, explicit_hash_key: hash, partition_key: 'the same' }))
    const put = await dis.call<PutResponse>('putRecords', [stream, records])

    const answers = records.map((sent, i) => acknowledged(sent, put.body.records[i]!))
    expect(answers.map(({ partition }) => partition)).toEqual([0, 0, 1, 1, 2, 2, 3, 3])
    expectStored(answers, await readTopic(service().brokers, stream))
  })

  test('records with neither key nor partition are spread', async () => {
    await using dis = await connect()
    const stream = await createStream(dis)
    const records = Array.from({ length: 40 }, (_, i): Sent => ({ data: `record ${i}` }))

    const { body } = await dis.call<PutResponse>('putRecords', [stream, records])

    const answers = records.map((sent, i) => acknowledged(sent, body.records[i]!))
    expectStored(answers, await readTopic(service().brokers, stream))
    expect(new Set(answers.map(({ partition }) => partition)).size).toBe(PARTITIONS)
  })

  test('a stream named by its id alone, and a record with a time of its own', async () => {
    await using dis = await connect()
    const stream = await createStream(dis)
    const { body } = await dis.call<DescribeResponse>('describeStream', [stream])
    const timestamp = Date.now() - 60_000
    const sent: Sent = { data: 'x', partition_key: 'k', timestamp }

    const put = await dis.call<PutResponse>('put_records', ['', body.stream_id, [sent]])

    const stored = await readTopic(service().brokers, stream)
    expectStored([acknowledged(sent, put.body.records[0]!)], stored)
    expect(stored[0]?.timestampMs).toBe(timestamp)
  })

  test('what was put is read back, cursor after cursor', async () => {
    await using dis = await connect()
    const stream = await createStream(dis)
    const records = Array.from({ length: 25 }, (_, i): Sent => ({
      data: `value ${i}`,
      partition_id: '1',
      ...(i % 2 === 0 && { partition_key: `key ${i}` }),
    }))
    await dis.call('putRecords', [stream, records])

    const read = await readAll(dis, stream)

    expect(read.map(({ sequence_number: sequence }) => sequence)).toEqual(
      records.map((_, i) => `${i}`),
    )
    expect(read.map(({ data }) => textOf(data))).toEqual(records.map(({ data }) => data))
    expect(read.map(({ partitionKey: key }) => key ?? '')).toEqual(
      records.map(({ partition_key: key }) => key ?? ''),
    )
    const failure = await failureOf(
      dis.call('getCursor', [stream, '1', 'AT_SEQUENCE_NUMBER', '99']),
    )
    expect((failure as Error).message).toContain('DIS.4224')
  })

  test('a record for a partition that there is not fails alone, in its place', async () => {
    await using dis = await connect()
    const stream = await createStream(dis)
    const records = ['1', '7', '2'].map((id): Sent => ({ data: `to ${id}`, partition_id: id }))

    const { status, body } = await dis.call<PutResponse>('putRecords', [stream, records])

    expect([status, body.failed_record_count]).toEqual([200, 1])
    expect(body.records[1]).toEqual({
      error_code: 'DIS.4302',
      error_message: expect.stringContaining('Partition does not exist.') as string,
    })
    const others = [0, 2].map((i) => acknowledged(records[i]!, body.records[i]!))
    expectStored(others, await readTopic(service().brokers, stream))
  })

  test('a stream is created, described, listed and deleted', async () => {
    await using dis = await connect()
    const stream = await createStream(dis)
    await dis.call('putRecords', [stream, [{ data: 'x', partition_id: '2' }]])

    const { body } = await dis.call<DescribeResponse>('describeStream', [stream])
    expect(body.status).toBe('RUNNING')
    expect(body.partitions.map((each) => each.sequence_number_range)).toEqual([
      ...['[0 : 0]', '[0 : 0]', '[0 : 1]', '[0 : 0]'],
    ])
    const list = await dis.call<Response<{ stream_names: string[] }>>('listStream', ['dis-', 100])
    expect(list.body.stream_names).toContain(stream)
    const again = await failureOf(dis.call('createStream', [stream, 1, 'BLOB', 'COMMON']))
    expect((again as Error).message).toContain('DIS.4307')
    expect(await dis.call('deleteStream', [stream])).toMatchObject({ status: 204 })
  })

  test('a stream that is not there', async () => {
    await using dis = await connect()
    const stream = uniqueName('none')
    const records: Sent[] = [{ data: 'x', partition_key: 'k' }]

    const failures = [
      await failureOf(dis.call('put_records', [stream, '', records])),
      await failureOf(dis.call('describeStream', [stream])),
    ]

    for (const failure of failures) {
      expect(failure).toMatchObject({ type: 'DisException' })
      expect((failure as Error).message).toContain('DIS.4301')
    }
  })
}

const absence = pythonAbsence()
if (absence === undefined) {
  beforeAll(providePython, PYTHON_WITHIN_MS)
  const service = serviceOfFile()
  describe('V11-HMAC-SHA256', () => suite(service, {}))
  describe('SDK-HMAC-SHA256', () => suite(service, { derivationKeySwitch: false }))

  test(
    'protobuf: what was put lies where the answers say, and is read back',
    async () => {
      await providePython('python-dis-protobuf')
      await using dis = await startPythonClient('dis.protobuf', { endpoint: service().url })
      const stream = await createStream(dis)
      const records = Array.from({ length: 25 }, (_, i): Sent => ({
        data: `значение ${i}`,
        partition_id: '1',
        ...(i % 2 === 0 && { partition_key: `ключ ${i}` }),
      }))

      const { body } = await dis.call<PutResponse>('putRecords', [stream, records])

      expect([body.failed_record_count, body.records.length]).toEqual([0, records.length])
      const answers = records.map((sent, i) => acknowledged(sent, body.records[i]!))
      expectStored(answers, await readTopic(service().brokers, stream))
      const read = await readAll(dis, stream)
      expect(read.map(({ data }) => textOf(data))).toEqual(records.map(({ data }) => data))
      const wrong = await dis.call<PutResponse>('putRecords', [
        ...[stream, [{ data: 'x', partition_id: '9' }]],
      ])
      expect(wrong.body.records[0]?.error_code).toBe('DIS.4302')
    },
    PYTHON_WITHIN_MS,
  )
} else notRun('huaweicloud-sdk-python-dis', absence)
