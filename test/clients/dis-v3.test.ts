// Huawei's SDKs of version 3, unmodified: the one for DIS in Java, and in JavaScript the core that
// signs and sends, with requests written by hand, since there is none for DIS. Both sign with the
// secret itself, or with a key derived from it.

import { failureOf } from '../support/failure.ts'
import { JAVA_WITHIN_MS, withJava } from '../support/java.ts'
import { startJavaClients, type JavaClients, type JavaError } from '../support/java-clients.ts'
import { expectStored, readTopic, type Acknowledged } from '../support/reader.ts'
import { uniqueName } from '../support/unique.ts'
import {
  DIS_KEY,
  DIS_SECRET,
  verifyingService,
  type PutAnswer,
  type ReadAnswer,
} from './dis-service.ts'
import {
  HUAWEI_CORE_WITHIN_MS,
  provideHuaweiCore,
  startHuaweiCore,
  type HuaweiCore,
} from '../support/huawei-core.ts'
import { placeInDis } from './places.ts'

const service = verifyingService()

const SIGNATURES = [
  ['SDK-HMAC-SHA256', false],
  ['V11-HMAC-SHA256', true],
] as const

/** Data in base64: this SDK leaves that to its caller. */
const RECORDS = Array.from({ length: 30 }, (_, i) => ({
  data: Buffer.from(`value ${i}`).toString('base64'),
  ...(i % 2 === 0 && { partition_key: `key ${i % 8}` }),
  ...(i % 5 === 0 && { partition_id: `${i % 3}` }),
}))

function acknowledged(answer: PutAnswer): Acknowledged[] {
  return RECORDS.map(({ data, partition_key: key = null }, i) => ({
    ...placeInDis(answer.records[i]!),
    key,
    value: Buffer.from(data, 'base64'),
  }))
}

withJava('Huawei’s SDK for Java of version 3', () => {
  let java: JavaClients

  beforeAll(async () => {
    java = await startJavaClients(
      { pom: 'dis-v3', main: 'DisV3' },
      { properties: { 'org.slf4j.simpleLogger.defaultLogLevel': 'error' } },
    )
  }, JAVA_WITHIN_MS)
  afterAll(() => java[Symbol.asyncDispose]())

  describe.each(SIGNATURES)('Java, %s', (_, derived) => {
    const open = (secret = DIS_SECRET) =>
      java.open({ endpoint: service().url, key: DIS_KEY, secret, derived })

    test('a stream is made, filled, read and deleted', async () => {
      const client = open()
      const stream = uniqueName('v3')
      await client.call('createStream', { body: { stream_name: stream, partition_count: 3 } })

      const answer = await client.call<PutAnswer>('sendRecords', {
        body: { stream_name: stream, records: RECORDS },
      })

      expectStored(acknowledged(answer), await readTopic(service().brokers, stream))
      const { partition_cursor: cursor } = await client.call<{ partition_cursor: string }>(
        'showCursor',
        { 'stream-name': stream, 'partition-id': '0', 'cursor-type': 'TRIM_HORIZON' },
      )
      const read = await client.call<ReadAnswer>('consumeRecords', {
        'partition-cursor': cursor,
        max_fetch_bytes: 1048576,
      })
      expect(read.records.map(({ sequence_number: sequence, data }) => [sequence, data])).toEqual(
        answer.records
          .flatMap((each, i) =>
            placeInDis(each).partition === 0 ? [[each.sequence_number, RECORDS[i]!.data]] : [],
          )
          .sort((a, b) => Number(a[0]) - Number(b[0])),
      )
      await client.call('deleteStream', { stream_name: stream })
    })

    test('a wrong secret, and a stream that is not there: the code and the text', async () => {
      const args = { body: { stream_name: 'none', records: RECORDS } }
      const failures = await Promise.all(
        [open('wrong'), open()].map((client) => failureOf(client.call('sendRecords', args))),
      )
      expect(failures.map((each) => (each as JavaError).message)).toEqual([
        expect.stringContaining('441 DIS.4112') as string,
        expect.stringContaining('410 DIS.4301 Stream does not exist.') as string,
      ])
    })
  })
})

describe.each(SIGNATURES)('JavaScript, %s', (_, derived) => {
  let core: string
  beforeAll(async () => {
    core = await provideHuaweiCore()
  }, HUAWEI_CORE_WITHIN_MS)

  const open = (secret = DIS_SECRET): HuaweiCore =>
    startHuaweiCore(core, { endpoint: service().url, key: DIS_KEY, secret, derived })

  test('a stream is made, filled, read and deleted', async () => {
    await using client = open()
    const stream = uniqueName('core')
    await client.call('POST', '/v2/p1/streams', { stream_name: stream, partition_count: 3 })

    const answer = await client.call<PutAnswer>('POST', '/v2/p1/records', {
      stream_name: stream,
      records: RECORDS,
    })

    expectStored(acknowledged(answer), await readTopic(service().brokers, stream))
    const { partition_cursor: cursor } = await client.call<{ partition_cursor: string }>(
      'GET',
      '/v2/p1/cursors',
      { 'stream-name': stream, 'partition-id': '0', 'cursor-type': 'TRIM_HORIZON' },
    )
    const read = await client.call<ReadAnswer>('GET', '/v2/p1/records', {
      'partition-cursor': cursor,
    })
    expect(read.records.length).toBeGreaterThan(0)
    await client.call('DELETE', `/v2/p1/streams/${stream}`)
  })

  test('a wrong secret, and a stream that is not there: the code and the text', async () => {
    await using right = open()
    await using wrong = open('wrong')
    const failures = await Promise.all(
      [wrong, right].map((client) =>
        failureOf(client.call('POST', '/v2/p1/records', { stream_name: 'none', records: RECORDS })),
      ),
    )
    expect(failures).toEqual([
      expect.objectContaining({ status: 441, code: 'DIS.4112' }),
      expect.objectContaining({ status: 410, code: 'DIS.4301' }),
    ])
  })
})
