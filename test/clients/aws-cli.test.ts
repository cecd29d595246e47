// Amazon's command line, version 1 (the one that is a Python package).

import { join } from 'node:path'
import { notRun } from '../support/not-run.ts'
import { runProgram } from '../support/program.ts'
import { providePython, PYTHON_WITHIN_MS, pythonAbsence } from '../support/python.ts'
import { expectStored, readTopic } from '../support/reader.ts'
import { serviceOfFile } from '../support/service.ts'
import { uniqueName } from '../support/unique.ts'
import { placeInKinesis, placeInYandex, type KinesisAnswer } from './places.ts'

const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'any',
  AWS_SECRET_ACCESS_KEY: 'any',
  AWS_MAX_ATTEMPTS: '1',
}

interface PutRecordsOutput {
  readonly FailedRecordCount: number
  readonly Records: KinesisAnswer[]
}

function suites(): void {
  const service = serviceOfFile()
  let aws = ''

  beforeAll(async () => {
    aws = join(await providePython(), 'aws')
  }, PYTHON_WITHIN_MS)

  function run(region: string, words: readonly string[]): ReturnType<typeof runProgram> {
    const endpoint = ['--endpoint-url', service().url, '--region', region]
    return runProgram([aws, ...endpoint, '--output', 'json', 'kinesis', ...words], {
      environment: ENVIRONMENT,
    })
  }

  async function answerTo(region: string, ...words: string[]): Promise<unknown> {
    const { status, stdout, stderr } = await run(region, words)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return stdout === '' ? undefined : JSON.parse(stdout)
  }

  test.each([
    ['Amazon Kinesis', 'us-east-1', '', placeInKinesis],
    ['Yandex Data Streams', 'ru-central1', '/ru-central1/folder/database/', placeInYandex],
  ])('%s: a stream is made, and records are put', async (_, region, path, placeOf) => {
    const topic = uniqueName('cli')
    const named = ['--stream-name', `${path}${topic}`]

    await answerTo(region, 'create-stream', ...named, '--shard-count', '2')
    const one = await answerTo(
      ...[region, 'put-record', ...named],
      ...['--partition-key', 'a', '--data', 'one'],
    )
    const many = (await answerTo(
      ...[region, 'put-records', ...named, '--records'],
      'Data=two,PartitionKey=b',
      'Data=three,PartitionKey=c,ExplicitHashKey=0',
    )) as PutRecordsOutput

    expect(many.FailedRecordCount).toBe(0)
    const places = [one as KinesisAnswer, ...many.Records].map((answer) => {
      const { partition, offset } = placeOf(answer)
      return { partition, offset }
    })
    const headers = { 'tributary-explicit-hash-key': '0' }
    const sent = [
      { key: 'a', value: Buffer.from('one') },
      { key: 'b', value: Buffer.from('two') },
      { key: 'c', value: Buffer.from('three'), headers },
    ]
    expectStored(
      sent.map((record, i) => ({ ...record, ...places[i]! })),
      await readTopic(service().brokers, topic),
    )
  })

  test('a stream is looked at, listed and deleted', async () => {
    const stream = uniqueName('cli')
    const named = ['--stream-name', stream]
    await answerTo('us-east-1', 'create-stream', ...named, '--shard-count', '2')

    const described = await answerTo('us-east-1', 'describe-stream', ...named)
    const listed = await answerTo('us-east-1', 'list-streams')
    await answerTo('us-east-1', 'delete-stream', ...named)

    expect(described).toMatchObject({
      StreamDescription: { StreamStatus: 'ACTIVE', Shards: [{}, {}] },
    })
    expect(listed).toMatchObject({ StreamNames: expect.arrayContaining([stream]) as string[] })
  })

  test('a stream that is not there: the status and the words', async () => {
    const none = uniqueName('none')

    const { status, stderr } = await run('us-east-1', ['describe-stream', '--stream-name', none])

    expect(status).not.toBe(0)
    expect(stderr).toContain(
      '(ResourceNotFoundException) when calling the DescribeStream operation',
    )
  })
}

const absence = pythonAbsence()
if (absence === undefined) suites()
else notRun('the aws command line', absence)
