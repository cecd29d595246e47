// The Amazon Kinesis Producer Library with its native daemon, as it comes: aggregation on, over TLS,
// which it cannot do without. Its metrics, which go to CloudWatch, are off.

import {
  CreateStreamCommand,
  KinesisClient,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis'
import { JAVA_WITHIN_MS, withJava } from '../support/java.ts'
import { startJavaClients, type JavaClient, type JavaClients } from '../support/java-clients.ts'
import { readTopic } from '../support/reader.ts'
import { startSecureService, type SecureService } from '../support/secure-service.ts'
import { createTopics } from '../support/topics.ts'
import { uniqueName } from '../support/unique.ts'
import { placeInKinesis } from './places.ts'

interface Result {
  readonly ShardId: string
  readonly SequenceNumber: string
  readonly attempts: readonly string[]
}

withJava('the Kinesis Producer Library', () => {
  let service: SecureService
  let java: JavaClients
  let producer: JavaClient

  beforeAll(async () => {
    service = await startSecureService()
    const { tlsPort: port, certificate: caCertFile, folder: directory } = service
    java = await startJavaClients({ pom: 'kpl', main: 'Kpl' })
    producer = java.open({ host: 'localhost', port, caCertFile, directory })
  }, JAVA_WITHIN_MS)
  afterAll(async () => {
    await java[Symbol.asyncDispose]()
    await service[Symbol.asyncDispose]()
  }, 60_000)

  const RECORDS = 5000
  const KEYS = 20

  function put(stream: string, prefix: string): Promise<Result[]> {
    return producer.call('put', { stream, prefix, records: RECORDS, keys: KEYS })
  }

  function textsOf(prefix: string): string[] {
    return Array.from({ length: RECORDS }, (_, i) => `${prefix} ${i}`)
  }

  /** Indices of results by the Kinesis record that they came in: each an aggregate, or a record by itself. */
  function groupsOf(results: readonly Result[]): Map<string, number[]> {
    const groups = new Map<string, number[]>()
    for (const [i, { SequenceNumber }] of results.entries()) {
      groups.set(SequenceNumber, [...(groups.get(SequenceNumber) ?? []), i])
    }
    return groups
  }

  test('at rest nothing is tried twice, and user records arrive one by one, those of an aggregate together', async () => {
    const stream = uniqueName('kpl')
    await createTopics(service.brokers, { topics: [stream], partitions: 4 })

    // Until its first map of shards has come, it sends records by themselves.
    const first = await put(stream, 'first')
    const second = await put(stream, 'second')

    for (const { attempts } of [...first, ...second]) expect(attempts).toEqual(['ok'])
    expect(java.log()).not.toMatch(/Wrong Shard|did not end up in expected shard/i)
    const stored = await readTopic(service.brokers, stream)
    expect(stored.map(({ value }) => String(value)).sort()).toEqual(
      [...textsOf('first'), ...textsOf('second')].sort(),
    )
    const groups = groupsOf(second)
    expect(groups.size).toBeLessThan(RECORDS / 10)
    for (const indices of groups.values()) {
      const { partition, offset } = placeInKinesis(second[indices[0]!]!)
      const start = stored.findIndex(
        (each) => each.partition === partition && each.offset === offset,
      )
      // Together; in which order it aggregates them, its threads decide.
      const there = stored.slice(start, start + indices.length)
      expect(there.map(({ key, value }) => `${key}: ${String(value)}`).sort()).toEqual(
        indices.map((i) => `key ${i % KEYS}: second ${i}`).sort(),
      )
    }
  }, 90_000)

  test('after UpdateShardCount it finds its way by itself', async () => {
    const stream = uniqueName('kpl-grows')
    const client = new KinesisClient({
      endpoint: service.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    })
    await client.send(new CreateStreamCommand({ StreamName: stream, ShardCount: 2 }))
    await put(stream, 'before')
    await client.send(
      new UpdateShardCountCommand({
        ...{ StreamName: stream, TargetShardCount: 5, ScalingType: 'UNIFORM_SCALING' },
      }),
    )
    client.destroy()

    const deadlineMs = Date.now() + 60_000
    let round = 1
    while (!isSettled(await put(stream, `after ${round}`))) {
      expect(Date.now()).toBeLessThan(deadlineMs)
      round++
    }

    // What was sent before it knew is stored all the same, at least once.
    const values = (await readTopic(service.brokers, stream)).map(({ value }) => String(value))
    const rounds = Array.from({ length: round }, (_, i) => `after ${i + 1}`)
    const stored = new Set(values)
    const all = ['before', ...rounds].flatMap(textsOf)
    expect(all.filter((value) => !stored.has(value))).toEqual([])
  }, 120_000)

  /** All five shards are written to, and nothing is tried twice. */
  function isSettled(results: readonly Result[]): boolean {
    const shards = new Set(results.map(({ ShardId }) => ShardId))
    return shards.size === 5 && results.every(({ attempts }) => attempts.length === 1)
  }
})
