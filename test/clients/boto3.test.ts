// Amazon's SDK for Python, against Amazon's dialect and, as Yandex' documentation tells its users to,
// against Yandex' with full-path stream names.

import { failureOf } from '../support/failure.ts'
import { notRun } from '../support/not-run.ts'
import {
  PYTHON_WITHIN_MS,
  providePython,
  pythonAbsence,
  PythonError,
  startPythonClient,
} from '../support/python.ts'
import { serviceOfFile, startService } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { uniqueName } from '../support/unique.ts'
import { until } from '../support/until.ts'
import { kinesisSuite, type KinesisClientUnderTest } from './kinesis-suite.ts'
import { placeInKinesis, placeInYandex } from './places.ts'

/** PutRecord is put_record there. */
function methodOf(operation: string): string {
  return operation.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()
}

async function connect(endpoint: string, region: string): Promise<KinesisClientUnderTest> {
  const client = await startPythonClient('boto3', { endpoint, region })
  return {
    call: (operation, input) => client.call(methodOf(operation), input),
    typeOf: (error) => (error as PythonError).type,
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}

const DATABASE = '/ru-central1/folder/database'

function suites(): void {
  const service = serviceOfFile()

  describe('Amazon Kinesis', () => {
    kinesisSuite({
      service,
      connect: ({ url }) => connect(url, 'us-east-1'),
      nameOf: (stream) => stream,
      placeOf: placeInKinesis,
    })
  })

  describe('Yandex Data Streams', () => {
    kinesisSuite({
      service,
      connect: ({ url }) => connect(url, 'ru-central1'),
      nameOf: (stream) => `${DATABASE}/${stream}`,
      placeOf: placeInYandex,
    })

    test('the full path alone says whose dialect it is', async () => {
      await using client = await connect(service().url, 'us-east-1')
      const StreamName = `${DATABASE}/${uniqueName('path')}`
      await client.call('CreateStream', { StreamName, ShardCount: 1 })

      const answer = await client.call('PutRecord', {
        StreamName,
        PartitionKey: 'k',
        Data: Buffer.from('x'),
      })

      expect(answer).toMatchObject({
        EncryptionType: 'NONE',
        ShardId: 'shard-000000',
        SequenceNumber: '0',
      })
    })

    test('a database in the endpoint’s path, and relative names', async () => {
      await using client = await connect(`${service().url}${DATABASE}`, 'ru-central1')
      const StreamName = uniqueName('relative')
      await client.call('CreateStream', { StreamName, ShardCount: 1 })

      const answer = await client.call('PutRecord', {
        StreamName,
        PartitionKey: 'k',
        Data: Buffer.from('x'),
      })

      expect(answer).toMatchObject({ ShardId: 'shard-000000', SequenceNumber: '0' })
    })
  })

  test.each([
    [
      'a partition key over the limit',
      { Data: Buffer.from('x'), PartitionKey: 'k'.repeat(257) },
      'ValidationException',
    ],
    [
      'a hash key beyond the space',
      { Data: Buffer.from('x'), PartitionKey: 'k', ExplicitHashKey: String(2n ** 128n) },
      'InvalidArgumentException',
    ],
    [
      'a record over the limit',
      { Data: Buffer.alloc(2 ** 20 + 1), PartitionKey: 'k' },
      'ValidationException',
    ],
  ])('%s: the error’s class and code', async (_, record, code) => {
    await using client = await startPythonClient('boto3', {
      endpoint: service().url,
      region: 'us-east-1',
    })
    const StreamName = uniqueName('errors')
    await client.call('create_stream', { StreamName, ShardCount: 1 })

    const failure = await failureOf(client.call('put_record', { StreamName, ...record }))

    expect(failure).toBeInstanceOf(PythonError)
    expect(failure).toMatchObject({ code, status: 400 })
  })
}

/** Calls that fail, and the class by which a program catches each. */
function failures(stream: string): readonly (readonly [string, string, object])[] {
  const record = { StreamName: stream, Data: Buffer.from('x'), PartitionKey: 'k' }
  const grow = { StreamName: stream, ScalingType: 'UNIFORM_SCALING' }
  return [
    ['ResourceNotFoundException', 'describe_stream', { StreamName: 'none' }],
    ['ResourceNotFoundException', 'put_record', { ...record, StreamName: 'none' }],
    ['ResourceInUseException', 'create_stream', { StreamName: stream, ShardCount: 1 }],
    ['InvalidArgumentException', 'put_record', { ...record, ExplicitHashKey: '9'.repeat(39) }],
    ['InvalidArgumentException', 'update_shard_count', { ...grow, TargetShardCount: 1 }],
    [
      'InvalidArgumentException',
      'split_shard',
      { StreamName: stream, ShardToSplit: 'shardId-000000000000', NewStartingHashKey: '10' },
    ],
    [
      'InvalidArgumentException',
      'start_stream_encryption',
      { StreamName: stream, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
    ],
    ['InvalidArgumentException', 'list_shards', { NextToken: 'x' }],
    ['LimitExceededException', 'create_stream', { StreamName: `${stream}-2`, ShardCount: 100_000 }],
    ['ValidationException', 'describe_stream', { StreamName: 'a b' }],
    ['ValidationException', 'list_streams', { Limit: 10_001 }],
    ['DryRunOperationException', 'put_record', { ...record, DryRun: true }],
  ]
}

function controlSuites(): void {
  const service = serviceOfFile()
  const connectPlain = () =>
    startPythonClient('boto3', { endpoint: service().url, region: 'us-east-1' })

  test('each modelled exception surfaces as its class', async () => {
    await using client = await connectPlain()
    const stream = uniqueName('classes')
    await client.call('create_stream', { StreamName: stream, ShardCount: 2 })

    for (const [type, method, input] of failures(stream)) {
      const failure = await failureOf(client.call(method, input))

      expect([method, failure]).toEqual([
        method,
        expect.objectContaining({ type, code: type, status: 400 }) as unknown,
      ])
    }
  }, 60_000)

  test('what does not fit into memory is ProvisionedThroughputExceededException', async () => {
    await using small = await startService({
      environment: {
        KAFKA_BROKERS: sharedBrokers().join(),
        TRIBUTARY_MEMORY_BYTES_MAX: String(2 ** 20),
      },
    })
    await using client = await startPythonClient('boto3', {
      endpoint: small.url,
      region: 'us-east-1',
    })
    const record = { Data: Buffer.alloc(2 ** 20), PartitionKey: 'k' }
    const type = 'ProvisionedThroughputExceededException'
    expect(
      await failureOf(client.call('put_record', { StreamName: 'any', ...record })),
    ).toMatchObject({ type, code: type, status: 400 })
  }, 60_000)

  test('a stream is grown, tagged and kept for longer', async () => {
    await using client = await connectPlain()
    const StreamName = uniqueName('control')
    const call = <Output>(method: string, input: object = {}) =>
      client.call<Output>(method, { StreamName, ...input })
    await call('create_stream', { ShardCount: 2, Tags: { team: 'blue' }, MaxRecordSizeInKiB: 4096 })
    await call('add_tags_to_stream', { Tags: { stage: 'test' } })
    await call('increase_stream_retention_period', { RetentionPeriodHours: 48 })
    await call('enable_enhanced_monitoring', { ShardLevelMetrics: ['IncomingBytes'] })
    const grown = await call('update_shard_count', {
      ...{ TargetShardCount: 4, ScalingType: 'UNIFORM_SCALING' },
    })
    expect(grown).toMatchObject({ CurrentShardCount: 2, TargetShardCount: 4 })
    const summary = async () =>
      (await call<{ StreamDescriptionSummary: object }>('describe_stream_summary'))
        .StreamDescriptionSummary
    expect(await summary()).toMatchObject({ StreamStatus: 'UPDATING' })

    await until(
      async () => 'ACTIVE' === ((await summary()) as { StreamStatus: string }).StreamStatus,
      10_000,
    )

    expect(await summary()).toMatchObject({
      ...{ OpenShardCount: 4, RetentionPeriodHours: 48, MaxRecordSizeInKiB: 4096 },
      EnhancedMonitoring: [{ ShardLevelMetrics: ['IncomingBytes'] }],
    })
    expect(await call('list_tags_for_stream')).toMatchObject({
      Tags: [
        { Key: 'stage', Value: 'test' },
        { Key: 'team', Value: 'blue' },
      ],
      HasMoreTags: false,
    })
    expect(await client.call('describe_limits', {})).toMatchObject({ ShardLimit: 1_000_000 })
    const large = { Data: Buffer.alloc(4 * 2 ** 20, 'x'), PartitionKey: 'k' }
    expect(await call('put_record', large)).toHaveProperty('SequenceNumber')
  }, 60_000)
}

const absence = pythonAbsence()
if (absence === undefined) {
  beforeAll(providePython, PYTHON_WITHIN_MS)
  suites()
  describe('Amazon Kinesis, besides', controlSuites)
} else notRun('boto3', absence)
