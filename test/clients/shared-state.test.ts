// Two services on one Kafka, as behind a load balancer: what one has made, the other knows, and so does
// a third that is started later.

import { Kafka, logLevel } from 'kafkajs'
import { startService, type Service } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { uniqueName } from '../support/unique.ts'
import { until } from '../support/until.ts'

const STATE = uniqueName('_state')
const start = () =>
  startService({
    environment: { KAFKA_BROKERS: sharedBrokers().join(), TRIBUTARY_STATE_TOPIC: STATE },
  })

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

async function call({ url }: Service, operation: string, input: object): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Kinesis_20131202.${operation}`,
    },
    body: JSON.stringify(input),
  })
  const text = await response.text()
  return { status: response.status, body: JSON.parse(text || '{}') as Answer['body'] }
}

async function createdAt(service: Service, StreamName: string): Promise<unknown> {
  const { body } = await call(service, 'DescribeStreamSummary', { StreamName })
  const summary = body['StreamDescriptionSummary'] as Record<string, unknown>
  return summary['StreamCreationTimestamp']
}

test('a stream made by one can be deleted by others, a stranger’s topic by none', async () => {
  const [StreamName, stranger] = [uniqueName('orders'), uniqueName('stranger')]
  const admin = new Kafka({ brokers: sharedBrokers(), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: stranger, numPartitions: 1 }] })
  await admin.disconnect()
  await using b = await start()
  const beforeS = Date.now() / 1000
  let madeAt: unknown
  {
    await using a = await start()
    expect((await call(a, 'CreateStream', { StreamName, ShardCount: 1 })).status).toBe(200)
    madeAt = await createdAt(a, StreamName)
    expect(madeAt).toBeGreaterThanOrEqual(beforeS)
    await until(async () => (await createdAt(b, StreamName)) === madeAt, 5000)
  }
  await using c = await start()
  expect(await createdAt(c, StreamName)).toBe(madeAt)

  const refused = await call(c, 'DeleteStream', { StreamName: stranger })
  expect([refused.status, refused.body['__type']]).toEqual([400, 'AccessDeniedException'])
  expect((await call(c, 'DeleteStream', { StreamName })).status).toBe(200)

  expect((await call(b, 'ListStreams', {})).body['StreamNames']).not.toContain(STATE)
}, 60_000)

interface Summary {
  readonly StreamStatus: string
  readonly OpenShardCount: number
  readonly StreamModeDetails: { readonly StreamMode: string }
  readonly MaxRecordSizeInKiB: number
}

test('what is kept beside a stream through one is read through the other, and a growth seen by both', async () => {
  await using a = await start()
  await using b = await start()
  const StreamName = uniqueName('kept')
  const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`
  const summaryOf = async (service: Service): Promise<Summary> => {
    const { body } = await call(service, 'DescribeStreamSummary', { StreamName })
    return body['StreamDescriptionSummary'] as Summary
  }
  await call(a, 'CreateStream', { StreamName, ShardCount: 2 })

  await call(a, 'AddTagsToStream', { StreamName, Tags: { team: 'blue' } })
  await call(a, 'UpdateStreamMode', { StreamARN, StreamModeDetails: { StreamMode: 'ON_DEMAND' } })
  await until(async () => (await summaryOf(b)).StreamModeDetails.StreamMode === 'ON_DEMAND', 5000)
  const { body } = await call(b, 'ListTagsForStream', { StreamName })
  expect(body['Tags']).toEqual([{ Key: 'team', Value: 'blue' }])

  const grow = { StreamName, TargetShardCount: 5, ScalingType: 'UNIFORM_SCALING' }
  expect((await call(b, 'UpdateShardCount', grow)).status).toBe(200)
  await until(async () => (await summaryOf(a)).OpenShardCount === 5, 5000)
  for (const service of [a, b]) expect((await summaryOf(service)).StreamStatus).toBe('UPDATING')
  for (const service of [a, b]) {
    await until(async () => (await summaryOf(service)).StreamStatus === 'ACTIVE', 10_000)
  }
}, 60_000)

test('records as large as Kinesis takes, once the stream is told to, through either', async () => {
  await using a = await start()
  await using b = await start()
  const StreamName = uniqueName('large')
  const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`
  const put = (service: Service, mebibytes: number) => {
    const Data = Buffer.alloc(mebibytes * 2 ** 20, 'x').toString('base64')
    return call(service, 'PutRecord', { StreamName, PartitionKey: 'k', Data })
  }
  await call(a, 'CreateStream', { StreamName, ShardCount: 1 })
  expect((await put(b, 2)).body['__type']).toBe('ValidationException')

  const larger = await call(a, 'UpdateMaxRecordSize', { StreamARN, MaxRecordSizeInKiB: 10_240 })

  expect(larger.status).toBe(200)
  expect((await put(a, 10)).status).toBe(200)
  await until(async () => (await put(b, 10)).status === 200, 10_000)
  const { body } = await call(b, 'DescribeStreamSummary', { StreamName })
  expect(body['StreamDescriptionSummary']).toMatchObject({ MaxRecordSizeInKiB: 10_240 })
}, 60_000)
