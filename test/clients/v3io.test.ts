// Iguazio's client for Python: synchronous over both of its transports, and asynchronous.

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
import { placeInV3io } from './places.ts'

interface Sent {
  readonly data: string | Buffer
  readonly partition_key?: string
  readonly shard_id?: number
  readonly client_info?: Buffer
}

interface Result {
  readonly sequence_number: number | null
  readonly shard_id: number | null
  readonly error_code: number | null
  readonly error_message: string | null
}

interface Response<Output> {
  readonly status: number
  readonly output: Output
}

type PutOutput = Response<{ failed_record_count: number; records: Result[] }>

const CONTAINER = 'projects'
const SHARDS = 3

/** Murmur3 (x86, 32 bits, seed 0) of these keys, modulo three. */
const SHARD_OF_KEY = {
  hello: 613_153_351 % SHARDS,
  a: 1_009_084_850 % SHARDS,
  test: 3_127_628_307 % SHARDS,
  'The quick brown fox jumps over the lazy dog': 776_992_547 % SHARDS,
}

/** A stream by the path that producers write, and its topic. */
function uniqueStream(): { path: string; topic: string } {
  const name = uniqueName('stream')
  return { path: `iot/my devices/${name}`, topic: `${CONTAINER}.iot.my_x20devices.${name}` }
}

function acknowledged(sent: Sent, result: Result): Acknowledged {
  return {
    ...placeInV3io(result),
    key: sent.partition_key ?? null,
    value: Buffer.from(sent.data),
    headers: sent.client_info ? { 'tributary-client-info': String(sent.client_info) } : {},
  }
}

const TRANSPORTS = {
  httpclient: ['v3io', { transport: 'httpclient' }],
  requests: ['v3io', { transport: 'requests' }],
  aio: ['v3io.aio', {}],
} as const

type Client = (typeof TRANSPORTS)[keyof typeof TRANSPORTS]

function suite(service: () => Service, [client, options]: Client): void {
  const connect = () => startPythonClient(client, { endpoint: service().url, ...options })
  const at = (path: string, extra: object = {}) => ({
    container: CONTAINER,
    stream_path: path,
    ...extra,
  })

  async function createStream(v3io: PythonClient): Promise<{ path: string; topic: string }> {
    const stream = uniqueStream()
    const created = await v3io.call('create', at(stream.path, { shard_count: SHARDS }))
    expect(created).toMatchObject({ status: 204 })
    return stream
  }

  test('what was put lies in Kafka where the answers say, in order', async () => {
    await using v3io = await connect()
    const { path, topic } = await createStream(v3io)
    const batches: Sent[][] = [
      Object.keys(SHARD_OF_KEY).map((key) => ({ data: `of ${key}`, partition_key: key })),
      [2, 0, 1, 2].map((shard) => ({ data: `to ${shard}`, shard_id: shard })),
      [{ data: 'both', shard_id: 1, partition_key: 'hello' }],
      [{ data: 'single', partition_key: 'ключ', client_info: Buffer.from('json') }],
      [{ data: Buffer.from([0, 1, 0xfe, 0xff]), shard_id: 0 }],
      Array.from({ length: 1000 }, (_, i) => ({ data: `${i}`, partition_key: `key ${i % 9}` })),
    ]
    const answers: Acknowledged[] = []

    for (const records of batches) {
      const { status, output } = await v3io.call<PutOutput>('put_records', at(path, { records }))
      expect([status, output.failed_record_count, output.records.length]).toEqual([
        ...[200, 0, records.length],
      ])
      answers.push(...records.map((sent, i) => acknowledged(sent, output.records[i]!)))
    }

    expectStored(answers, await readTopic(service().brokers, topic))
    const partitions = answers.map(({ partition }) => partition)
    expect(partitions.slice(0, 4)).toEqual(Object.values(SHARD_OF_KEY))
    expect(partitions.slice(4, 9)).toEqual([2, 0, 1, 2, 1])
  })

  test('records with neither key nor shard go round the shards, on from one call to the next', async () => {
    await using v3io = await connect()
    const { path } = await createStream(v3io)
    const records = [{ data: 'a' }, { data: 'b' }, { data: 'c' }, { data: 'd' }]

    const shards: unknown[] = []
    for (let call = 0; call < 2; call++) {
      const { output } = await v3io.call<PutOutput>('put_records', at(path, { records }))
      shards.push(...output.records.map((record) => record.shard_id))
    }

    expect(shards).toEqual([0, 1, 2, 0, 1, 2, 0, 1])
  })

  test('a record for a shard that there is not fails alone, in its place', async () => {
    await using v3io = await connect()
    const { path, topic } = await createStream(v3io)
    const records: Sent[] = [1, 1, 10, 2, 0].map((shard, i) => ({
      data: `record ${i}`,
      shard_id: shard,
    }))

    const { status, output } = await v3io.call<PutOutput>('put_records', at(path, { records }))

    expect([status, output.failed_record_count]).toEqual([200, 1])
    expect(output.records[2]).toEqual({
      sequence_number: null,
      shard_id: null,
      error_code: -201_326_594,
      error_message: 'ShardIDOutOfRangeException',
    })
    const others = records.flatMap((sent, i) =>
      i === 2 ? [] : [acknowledged(sent, output.records[i]!)],
    )
    expectStored(others, await readTopic(service().brokers, topic))
  })

  test('a stream is created, described, enlarged and deleted', async () => {
    await using v3io = await connect()
    const { path } = await createStream(v3io)
    const describe = () => v3io.call<Response<object>>('describe', at(path))

    const retention = { shard_count: 2, retention_period_hours: 48 }
    const other = uniqueStream()
    await v3io.call('create', at(other.path, retention))
    expect((await describe()).output).toEqual({ shard_count: SHARDS, retention_period_hours: 24 })
    expect((await v3io.call<Response<object>>('describe', at(other.path))).output).toEqual(
      retention,
    )

    const again = await failureOf(v3io.call('create', at(path, { shard_count: 1 })))
    expect(again).toMatchObject({ type: 'HttpResponseError', status: 409 })
    expect(await v3io.call('update', at(path, { shard_count: 5 }))).toMatchObject({ status: 204 })
    expect((await describe()).output).toMatchObject({ shard_count: 5 })
    expect(await v3io.call('delete', at(path))).toMatchObject({ status: 204 })
  })

  test('a stream that is not there', async () => {
    await using v3io = await connect()
    const { path } = uniqueStream()

    const failures = [
      await failureOf(v3io.call('put_records', at(path, { records: [{ data: 'x' }] }))),
      await failureOf(v3io.call('describe', at(path))),
    ]

    for (const failure of failures) {
      expect(failure).toMatchObject({ type: 'HttpResponseError', status: 404 })
      expect((failure as Error).message).toContain('ResourceNotFoundException')
    }
  })
}

const absence = pythonAbsence()
if (absence === undefined) {
  beforeAll(providePython, PYTHON_WITHIN_MS)
  const service = serviceOfFile()
  describe.each(Object.entries(TRANSPORTS))('%s', (_, client) => suite(service, client))
} else notRun('v3io from PyPI', absence)
