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
import { serviceOfFile } from '../support/service.ts'
import { uniqueName } from '../support/unique.ts'
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

const absence = pythonAbsence()
if (absence === undefined) {
  beforeAll(providePython, PYTHON_WITHIN_MS)
  suites()
} else notRun('boto3', absence)
