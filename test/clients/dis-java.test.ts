// Huawei's SDK for DIS in Java, unmodified: synchronous, asynchronous over threads, asynchronous over
// non-blocking sockets, and its producer; in JSON and in protobuf, with each compression of bodies;
// with right and wrong secrets.

import { failureOf } from '../support/failure.ts'
import { JAVA_WITHIN_MS, withJava } from '../support/java.ts'
import {
  startJavaClients,
  type JavaClient,
  type JavaClients,
  type JavaError,
} from '../support/java-clients.ts'
import { expectStored, readTopic, type Acknowledged } from '../support/reader.ts'
import { uniqueName } from '../support/unique.ts'
import {
  DIS_KEY,
  DIS_SECRET,
  verifyingService,
  type PutAnswer,
  type ReadAnswer,
} from './dis-service.ts'
import { placeInDis } from './places.ts'

const PARTITIONS = 4

withJava('Huawei’s SDK for Java', () => {
  const service = verifyingService()
  let java: JavaClients

  beforeAll(async () => {
    java = await startJavaClients(
      { pom: 'dis', main: 'Dis' },
      { properties: { 'org.slf4j.simpleLogger.defaultLogLevel': 'error' } },
    )
  }, JAVA_WITHIN_MS)
  afterAll(() => java[Symbol.asyncDispose]())

  type Kind = 'sync' | 'async' | 'nio' | 'producer'
  type Properties = Readonly<Record<string, string>>

  function open(kind: Kind, properties: Properties = {}): JavaClient {
    return java.open({
      kind,
      endpoint: service().url,
      region: 'cn-north-1',
      projectId: 'p1',
      ak: DIS_KEY,
      sk: DIS_SECRET,
      'records.retries': '0',
      'exception.retries': '0',
      ...properties,
    })
  }

  /** Whoever makes and describes streams. */
  const control = (): JavaClient => open('sync')

  async function createStream(): Promise<string> {
    const stream = uniqueName('java')
    await control().call('createStream', {
      stream_name: stream,
      partition_count: PARTITIONS,
      data_duration: 24,
      stream_type: 'COMMON',
      data_type: 'BLOB',
    })
    return stream
  }

  /** Bytes of every value; members that are left out, and all of them. */
  const RECORDS = Array.from({ length: 60 }, (_, i) => ({
    data: Buffer.from(Array.from({ length: i * 5 }, (__, j) => (i + j) % 256)),
    ...(i % 3 !== 0 && { partition_key: `ключ ${i % 7}` }),
    ...(i % 10 === 0 && { partition_id: i % 20 === 0 ? '2' : 'shardId-0000000003' }),
    ...(i % 6 === 5 && { timestamp: Date.now() - i * 1000 }),
  }))

  function acknowledged(answer: PutAnswer, records: readonly (typeof RECORDS)[number][] = RECORDS) {
    return records.map(({ data, partition_key: key = null }, i): Acknowledged => ({
      ...placeInDis(answer.records[i]!),
      key,
      value: data,
    }))
  }

  /** Everything in a partition, cursor after cursor. */
  async function readAll(client: JavaClient, stream: string, partition: number) {
    const { partition_cursor: first } = await client.call<{ partition_cursor: string }>(
      'getPartitionCursor',
      {
        'stream-name': stream,
        'partition-id': `shardId-000000000${partition}`,
        'cursor-type': 'TRIM_HORIZON',
      },
    )
    const records: ReadAnswer['records'][number][] = []
    for (let cursor = first; ;) {
      const answer = await client.call<ReadAnswer>('getRecords', {
        'partition-cursor': cursor,
        limit: 7,
      })
      if (answer.records.length === 0) return records
      records.push(...answer.records)
      cursor = answer.next_partition_cursor
    }
  }

  const PROTOBUF = { 'body.serialize.type': 'protobuf' }
  const FORMS: readonly (readonly [string, Properties])[] = [
    ['JSON', {}],
    ['protobuf', PROTOBUF],
    ...['lz4', 'snappy', 'zstd'].flatMap((type): [string, Properties][] => {
      const compressed = { 'body.compress.enabled': 'true', 'body.compress.type': type }
      return [
        [`JSON, ${type}`, compressed],
        [`protobuf, ${type}`, { ...PROTOBUF, ...compressed }],
      ]
    }),
  ]
  const KINDS: readonly Kind[] = ['sync', 'async', 'nio', 'producer']

  describe.each(KINDS)('%s', (kind) => {
    test.each(FORMS)('%s: what was put lies where the answer says', async (_, properties) => {
      const stream = await createStream()
      const client = open(kind, properties)

      const answer = await client.call<PutAnswer>('putRecords', {
        stream_name: stream,
        records: RECORDS,
      })

      expect([answer.failed_record_count, answer.records.length]).toEqual([0, RECORDS.length])
      expectStored(acknowledged(answer), await readTopic(service().brokers, stream))
    })
  })

  describe.each<Kind>(['sync', 'async', 'nio'])('%s', (kind) => {
    test.each([
      ['JSON', {}],
      ['protobuf', PROTOBUF],
    ])('%s: what was put is read back, under the numbers that were answered', async (_, form) => {
      const stream = await createStream()
      const client = open(kind, form)
      const put = await client.call<PutAnswer>('putRecords', {
        stream_name: stream,
        records: RECORDS,
      })

      for (let partition = 0; partition < PARTITIONS; partition++) {
        const read = await readAll(client, stream, partition)
        const sent = RECORDS.map((record, i) => ({ ...record, ...placeInDis(put.records[i]!) }))
          .filter((each) => each.partition === partition)
          .sort((a, b) => a.offset - b.offset)
        expect(
          read.map(({ sequence_number, partition_key, data, timestamp_type }) => ({
            sequence_number,
            // In protobuf the SDK shows an empty text for what is not there.
            partition_key: partition_key === '' ? null : (partition_key ?? null),
            data,
            timestamp_type,
          })),
        ).toEqual(
          sent.map(({ offset, partition_key: key, data }) => ({
            sequence_number: `${offset}`,
            partition_key: key ?? null,
            data: data.toString('base64'),
            timestamp_type: 'CreateTime',
          })),
        )
        for (const [i, { timestamp }] of sent.entries()) {
          if (timestamp !== undefined) expect(read[i]?.timestamp).toBe(timestamp)
        }
      }
    })

    test('a wrong secret, an unknown key', async () => {
      const stream = await createStream()
      const args = { stream_name: stream, records: [{ data: Buffer.from('x') }] }
      const failures = await Promise.all(
        [{ sk: 'wrong' }, { ak: 'UNKNOWN' }].map((properties) =>
          failureOf(open(kind, properties).call('putRecords', args)),
        ),
      )
      // The client over non-blocking sockets tells the status alone.
      const shown = kind === 'nio' ? ['441', '441'] : ['DIS.4112', 'DIS.4107']
      expect(failures.map((each) => (each as JavaError).message)).toEqual(
        shown.map((text) => expect.stringContaining(text) as string),
      )
      expect(await readTopic(service().brokers, stream)).toEqual([])
    })
  })

  test.each<Kind>(['sync', 'async'])('%s: a token in place of a signature', async (kind) => {
    const args = { stream_name: await createStream(), records: [{ data: Buffer.from('x') }] }
    const token = { 'auth.type': 'token', ak: '', sk: '' }
    const right = open(kind, { ...token, 'auth.token': 'iam-token' })
    const wrong = open(kind, { ...token, 'auth.token': 'another' })
    expect((await right.call<PutAnswer>('putRecords', args)).failed_record_count).toBe(0)
    expect((await failureOf(wrong.call('putRecords', args))) as JavaError).toMatchObject({
      message: expect.stringContaining('DIS.4114') as string,
    })
  })

  test('each fault has the class that the SDK knows it by', async () => {
    const stream = await createStream()
    const client = control()
    const cursor = { 'stream-name': stream, 'partition-id': '0' }
    const failures = {
      put: client.call('putRecords', {
        stream_name: 'none',
        records: [{ data: Buffer.from('x') }],
      }),
      beyond: client.call('getPartitionCursor', { ...cursor, 'starting-sequence-number': '7' }),
      partition: client.call('getPartitionCursor', {
        ...cursor,
        'partition-id': '9',
        'cursor-type': 'LATEST',
      }),
      stream: client.call('getPartitionCursor', { ...cursor, 'stream-name': 'none' }),
    }
    const types = Object.entries(failures).map(async ([name, call]) => [
      name,
      ((await failureOf(call)) as JavaError).type,
    ])
    expect(Object.fromEntries((await Promise.all(types)) as [string, string][])).toEqual({
      put: 'DISStreamNotExistsException',
      beyond: 'DISSequenceNumberOutOfRangeException',
      partition: 'DISPartitionNotExistsException',
      stream: expect.stringMatching(/^DIS(StreamNotExists|Client)Exception$/) as string,
    })
  })

  test('a record for a partition that there is not fails alone', async () => {
    const stream = await createStream()
    const records = ['0', '7', '1'].map((id) => ({ data: Buffer.from(id), partition_id: id }))
    for (const properties of [{}, PROTOBUF]) {
      const answer = await open('sync', properties).call<PutAnswer>('putRecords', {
        stream_name: stream,
        records,
      })
      expect(answer.failed_record_count).toBe(1)
      expect(answer.records[1]).toMatchObject({ error_code: 'DIS.4302' })
      // In protobuf the SDK shows an empty text for what is not there.
      expect(answer.records[1]?.sequence_number ?? '').toBe('')
    }
  })

  test('10,000 records, and five megabytes, in one request', async () => {
    const stream = await createStream()
    const many = Array.from({ length: 10_000 }, () => ({ data: Buffer.alloc(10) }))
    const large = Array.from({ length: 5 }, () => ({ data: Buffer.alloc(2 ** 20 - 100) }))
    for (const [, properties] of FORMS) {
      const client = open('sync', properties)
      for (const records of [many, large]) {
        const answer = await client.call<PutAnswer>('putRecords', { stream_name: stream, records })
        expect([answer.failed_record_count, answer.records.length]).toEqual([0, records.length])
      }
    }
  }, 120_000)

  test('a producer with order by partition', async () => {
    const stream = await createStream()
    const client = open('producer', { 'order.by.partition': 'true' })
    const calls = Array.from({ length: 20 }, (_, i) =>
      client.call<PutAnswer>('putRecords', {
        stream_name: stream,
        records: [{ data: Buffer.from(`${i}`), partition_key: `${i % 5}` }],
      }),
    )
    const answers = await Promise.all(calls)
    const places = answers.map(({ records }) => placeInDis(records[0]!).partition)
    for (const [i, place] of places.entries()) expect(place).toBe(places[i % 5])
  })
})
