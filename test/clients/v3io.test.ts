// Iguazio's client for Python: synchronous over both of its transports, and asynchronous; and storey's
// stream target, which is built on the latter.

import { join } from 'node:path'
import { failureOf } from '../support/failure.ts'
import { startKafkaCluster } from '../support/kafka-cluster.ts'
import { notRun } from '../support/not-run.ts'
import { runProgram } from '../support/program.ts'
import {
  providePython,
  PYTHON_WITHIN_MS,
  pythonAbsence,
  pythonScript,
  startPythonClient,
  storeyAbsence,
  type PythonClient,
} from '../support/python.ts'
import { expectStored, readTopic, type Acknowledged } from '../support/reader.ts'
import { serviceOfFile, startService, type Service } from '../support/service.ts'
import { uniqueName } from '../support/unique.ts'
import { until } from '../support/until.ts'
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

interface Stored {
  readonly sequence_number: number
  readonly data: { readonly bytes: string }
  readonly client_info: { readonly bytes: string } | null
  readonly partition_key: string | null
  readonly arrival_time_sec: number
}

type GetOutput = Response<{
  readonly next_location: string
  readonly msec_behind_latest: number
  readonly records_behind_latest: number
  readonly records: Stored[]
}>

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

  test('what was put is read again, page by page, and by its number', async () => {
    await using v3io = await connect()
    const { path } = await createStream(v3io)
    const shard = at(path, { shard_id: 1 })
    const early = await failureOf(v3io.call('seek', { ...shard, seek_type: 'EARLIEST' }))
    expect(early).toMatchObject({ type: 'HttpResponseError', status: 404 })
    expect((early as Error).message).toContain('ResourceNotFound')
    const records = Array.from({ length: 30 }, (_, i) => ({
      data: Buffer.from([i, 0xff]),
      shard_id: 1,
      partition_key: 'ключ',
      client_info: Buffer.from(`${i}`),
    }))
    await v3io.call('put_records', at(path, { records }))
    const seek = async (extra: object) =>
      (await v3io.call<Response<{ location: string }>>('seek', { ...shard, ...extra })).output

    let { location } = await seek({ seek_type: 'EARLIEST' })
    const seen: Stored[] = []
    for (let behind = 1; behind > 0;) {
      const { output } = await v3io.call<GetOutput>('get_records', { ...shard, location, limit: 7 })
      seen.push(...output.records)
      behind = output.records_behind_latest
      location = output.next_location
    }

    expect(seen.map((each) => each.sequence_number)).toEqual(records.map((_, i) => i + 1))
    for (const [i, each] of seen.entries()) {
      expect(Buffer.from(each.data.bytes, 'base64')).toEqual(records[i]!.data)
      expect(Buffer.from(each.client_info?.bytes ?? '', 'base64').toString()).toBe(`${i}`)
      expect(each.partition_key).toBe('ключ')
    }
    const at20 = await seek({ seek_type: 'SEQUENCE', starting_sequence_number: 20 })
    const { output: rest } = await v3io.call<GetOutput>('get_records', { ...shard, ...at20 })
    expect(rest.records[0]?.sequence_number).toBe(20)
    const since = { timestamp_sec: seen[0]!.arrival_time_sec, timestamp_nsec: 0 }
    expect(await seek({ seek_type: 'TIME', ...since })).toEqual(
      await seek({ seek_type: 'EARLIEST' }),
    )
    const end = await seek({ seek_type: 'LATEST' })
    const { output: nothing } = await v3io.call<GetOutput>('get_records', { ...shard, ...end })
    expect(nothing).toEqual({
      next_location: end.location,
      msec_behind_latest: 0,
      records_behind_latest: 0,
      records: [],
    })
  })

  test('a stream with the states of consumer groups is deleted, as the vendor’s test does it', async () => {
    await using v3io = await connect()
    const { path } = await createStream(v3io)
    const records = [0, 1, 2].map((shard) => ({ data: `data for ${shard}`, shard_id: shard }))
    await v3io.call('put_records', at(path, { records }))
    for (let group = 0; group < 3; group++) {
      const state = { container: CONTAINER, path: `${path}/cg${group}-state.json` }
      expect(await v3io.call('object.put', state)).toMatchObject({ status: 200 })
    }
    type Listing = Response<{ contents: { key: string }[] }>
    const listed = await v3io.call<Listing>('container.list', { container: CONTAINER, path })
    expect(listed.output.contents.map(({ key }) => key.slice(path.length))).toEqual([
      ...['/0', '/1', '/2', '/cg0-state.json', '/cg1-state.json', '/cg2-state.json'],
    ])

    expect(await v3io.call('delete', at(path))).toMatchObject({ status: 204 })

    const gone = await failureOf(v3io.call('describe', at(path)))
    expect(gone).toMatchObject({ status: 404 })
  })

  test('the state of a group is changed by those who know when it was last changed', async () => {
    await using v3io = await connect()
    const { path } = await createStream(v3io)
    const item = { container: CONTAINER, table_path: path, key: 'cg-state.json' }
    type Item = Response<{ item: Readonly<Record<string, unknown>> }>
    const put = (attributes: object, condition: string) =>
      v3io.call<Item>('kv.put', { ...item, attributes, condition })

    await put({ state: 'one', number: 9_007_199_254_740_992 }, 'not(exists(state))')
    const attribute_names = ['state', 'number', '__mtime_secs', '__mtime_nsecs']
    const { output } = await v3io.call<Item>('kv.get', { ...item, attribute_names })

    expect(output.item).toMatchObject({ state: 'one', number: 9_007_199_254_740_992 })
    const { __mtime_secs: secs, __mtime_nsecs: nsecs } = output.item
    const known = `(__mtime_nsecs == ${String(nsecs)}) AND (__mtime_secs == ${String(secs)})`
    expect(await put({ state: 'two' }, known)).toMatchObject({ status: 200 })
    const late = await failureOf(put({ state: 'three' }, known))
    expect(late).toMatchObject({ type: 'HttpResponseError', status: 400 })
    expect((late as Error).message).toContain('16777244')
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

function failing(): void {
  test('Kafka goes away and comes back: clients see a 503 before they give up, and no record is lost', async () => {
    await using kafka = await startKafkaCluster({ nodes: 1 })
    const [node] = kafka.nodes
    await using service = await startService({
      environment: { KAFKA_BROKERS: kafka.brokers.join() },
    })
    const name = uniqueName('stream')
    const clients = await Promise.all(
      Object.values(TRANSPORTS).map(([client, options]) =>
        startPythonClient(client, { endpoint: service.url, ...options }),
      ),
    )
    const stream = { container: CONTAINER, stream_path: name }
    await clients[0]?.call('create', { ...stream, shard_count: SHARDS })
    const answered: Acknowledged[] = []
    const put = async (round: string) => {
      const putting = clients.map(async (v3io, i) => {
        const records: Sent[] = [0, 1, 2].map((shard) => ({
          data: `${round} ${i} ${shard}`,
          shard_id: shard,
        }))
        const { output } = await v3io.call<PutOutput>('put_records', { ...stream, records })
        expect(output.failed_record_count).toBe(0)
        answered.push(...records.map((sent, place) => acknowledged(sent, output.records[place]!)))
      })
      return Promise.allSettled(putting)
    }
    const outcomes = async (round: string) => (await put(round)).map(({ status }) => status)
    expect(await outcomes('before')).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])

    await node?.kill()
    const beganMs = Date.now()
    const during = await put('during')
    expect(Date.now() - beganMs).toBeLessThan(CLIENT_WAITS_MS)
    for (const each of during) {
      expect(each).toMatchObject({ status: 'rejected', reason: { status: 503 } })
    }
    await node?.start()

    await until(async () => !(await outcomes('after')).includes('rejected'), 60_000)
    const stored = await readTopic(kafka.brokers, `${CONTAINER}.${name}`)
    for (const { partition, offset, value } of answered) {
      const found = stored.find((each) => each.partition === partition && each.offset === offset)
      expect(found?.value).toEqual(value)
    }
    for (const client of clients) await client[Symbol.asyncDispose]()
  }, 180_000)
}

/** After which v3io-py sends a request anew. */
const CLIENT_WAITS_MS = 20_000

function storey(service: () => Service): void {
  async function emit(path: string, shards: number, count: number): Promise<void> {
    const python = join(await providePython('python-storey'), 'python')
    const args = [service().url, `${CONTAINER}/${path}`, String(shards), String(count)]
    const { status, stderr } = await runProgram(
      [python, pythonScript('storey_target.py'), ...args],
      { withinMs: 60_000 },
    )
    if (status !== 0) throw new Error(stderr)
  }

  async function expectShards(topic: string, shards: number, count: number): Promise<void> {
    const stored = await readTopic(service().brokers, topic)
    expect(stored).toHaveLength(count)
    for (let shard = 0; shard < shards; shard++) {
      const numbers = stored
        .filter(({ partition }) => partition === shard)
        .map(({ value }) => (JSON.parse(String(value)) as { n: number }).n)
      const wanted = Array.from({ length: count }, (_, n) => n).filter((n) => n % shards === shard)
      expect(numbers).toEqual(wanted)
    }
  }

  test('its stream target makes the stream, and each shard has its events in order', async () => {
    const name = uniqueName('storey')
    await emit(`dir/${name}`, 3, 200)
    await expectShards(`${CONTAINER}.dir.${name}`, 3, 200)
  }, 120_000)

  test('its stream target takes the shards of a stream that is there', async () => {
    const name = uniqueName('storey')
    await emit(name, 2, 20)
    await emit(name, 5, 20)
    const stored = await readTopic(service().brokers, `${CONTAINER}.${name}`)
    expect(stored.map(({ partition }) => partition).sort()).toEqual([
      ...Array<number>(20).fill(0),
      ...Array<number>(20).fill(1),
    ])
  }, 120_000)
}

const absence = pythonAbsence()
if (absence === undefined) {
  beforeAll(() => providePython(), PYTHON_WITHIN_MS)
  const service = serviceOfFile()
  describe.each(Object.entries(TRANSPORTS))('%s', (_, client) => suite(service, client))
  describe('failures', failing)
  const missing = storeyAbsence()
  if (missing === undefined) {
    describe('storey', () => {
      beforeAll(() => providePython('python-storey'), PYTHON_WITHIN_MS)
      storey(service)
    })
  } else notRun('storey', missing)
} else notRun('v3io from PyPI', absence)
