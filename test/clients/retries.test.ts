// A call whose answer is lost after its records were stored: each SDK tries again by itself, gets the
// first answer, and Kafka holds the records once.

import * as sdk from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { isHttpAnswer, startCuttingProxy, type CuttingProxy } from '../support/cutting-proxy.ts'
import { JAVA_WITHIN_MS, withJava } from '../support/java.ts'
import { startJavaClients, type JavaClients } from '../support/java-clients.ts'
import { notRun } from '../support/not-run.ts'
import {
  providePython,
  pythonAbsence,
  PYTHON_WITHIN_MS,
  startPythonClient,
} from '../support/python.ts'
import { readTopic } from '../support/reader.ts'
import { serviceOfFile } from '../support/service.ts'
import { uniqueName } from '../support/unique.ts'
import { placeInKinesis, type KinesisAnswer } from './places.ts'

const service = serviceOfFile()
let proxy: CuttingProxy

beforeAll(async () => {
  proxy = await startCuttingProxy(service().port, isHttpAnswer)
})
afterAll(() => proxy[Symbol.asyncDispose]())

/** A client as the test needs it: nothing but calls. */
interface Caller extends AsyncDisposable {
  readonly call: <Output>(operation: string, input: object) => Promise<Output>
}

const RECORDS = Array.from({ length: 10 }, (_, i) => ({
  PartitionKey: `key ${i}`,
  Data: Buffer.from(`record ${i}`),
}))

async function expectStoredOnce(client: Caller): Promise<void> {
  const StreamName = uniqueName('lost')
  await client.call('CreateStream', { StreamName, ShardCount: 2 })
  const lostBefore = proxy.lost()

  proxy.loseNext()
  const { Records } = await client.call<{ Records: KinesisAnswer[] }>('PutRecords', {
    StreamName,
    Records: RECORDS,
  })

  expect(proxy.lost()).toBe(lostBefore + 1)
  const stored = await readTopic(service().brokers, StreamName)
  expect(stored.map(({ value }) => String(value)).sort()).toEqual(
    RECORDS.map(({ Data }) => String(Data)).sort(),
  )
  for (const [i, answer] of Records.entries()) {
    const { partition, offset } = placeInKinesis(answer)
    const record = stored.find((each) => each.partition === partition && each.offset === offset)
    expect(String(record?.value)).toBe(`record ${i}`)
  }
}

const endpoint = (): string => `http://127.0.0.1:${proxy.port}`

type Command = new (input: object) => Parameters<sdk.KinesisClient['send']>[0]

const COMMANDS = sdk as unknown as Readonly<Record<string, Command>>

describe('JavaScript', () => {
  test.each([
    ['HTTP/2', {}],
    ['HTTP/1.1', { requestHandler: new NodeHttpHandler() }],
  ])('%s', async (_, extra) => {
    const client = new sdk.KinesisClient({
      endpoint: endpoint(),
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      ...extra,
    })
    await using caller: Caller = {
      call: <Output>(operation: string, input: object) =>
        client.send(new COMMANDS[`${operation}Command`]!(input)) as Promise<Output>,
      [Symbol.asyncDispose]() {
        client.destroy()
        return Promise.resolve()
      },
    }
    await expectStoredOnce(caller)
  })
})

describe('Python', () => {
  const absence = pythonAbsence()
  if (absence !== undefined) {
    notRun('boto3 whose answers are lost', absence)
    return
  }
  beforeAll(providePython, PYTHON_WITHIN_MS)

  test.each(['legacy', 'standard', 'adaptive'])('boto3, retry mode %s', async (retries) => {
    await using client = await startPythonClient('boto3', {
      ...{ endpoint: endpoint(), region: 'us-east-1', attempts: 3, retries },
    })
    const methods: Record<string, string> = {
      CreateStream: 'create_stream',
      PutRecords: 'put_records',
    }
    await expectStoredOnce({
      call: (operation, input) => client.call(methods[operation]!, input),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    })
  })
})

withJava('Amazon’s SDK for Java whose answers are lost', () => {
  let java: readonly JavaClients[] = []
  beforeAll(async () => {
    java = [
      await startJavaClients({ pom: '.', main: 'SdkV2' }),
      await startJavaClients({ pom: '.', main: 'SdkV1' }),
    ]
  }, JAVA_WITHIN_MS)
  afterAll(async () => {
    for (const each of java) await each[Symbol.asyncDispose]()
  })

  test.each([
    ['2, Apache', 0, 'apache'],
    ['2, UrlConnection', 0, 'url-connection'],
    ['2, asynchronous', 0, 'netty'],
    ['1', 1, 'apache'],
  ])('Java SDK %s', async (_, machine, http) => {
    const client = java[machine]!.open({ endpoint: endpoint(), http, attempts: 3 })
    await expectStoredOnce({
      call: client.call,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    })
  })
})
