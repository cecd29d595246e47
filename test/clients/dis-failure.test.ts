// The clients of DIS while Kafka is away: a client keeps what was not stored and sends it again, or tells
// its caller to; once Kafka is back all of it is there, where the answers say.

import { failureOf } from '../support/failure.ts'
import { provideHuaweiCore, startHuaweiCore } from '../support/huawei-core.ts'
import { JAVA_WITHIN_MS, javaAbsence } from '../support/java.ts'
import { startJavaClients, type JavaClients } from '../support/java-clients.ts'
import { startKafkaCluster, type KafkaCluster } from '../support/kafka-cluster.ts'
import { providePython, pythonAbsence, startPythonClient } from '../support/python.ts'
import { notRun } from '../support/not-run.ts'
import { readTopic } from '../support/reader.ts'
import { startService, type Service } from '../support/service.ts'
import { createTopics } from '../support/topics.ts'
import { until } from '../support/until.ts'
import type { PutAnswer } from './dis-service.ts'
import { placeInDis, type Place } from './places.ts'

const PARTITIONS = 2
const BATCH = 5
/** Batches that each client delivers before and after Kafka was away. */
const BATCHES = 4
const AWAY_MS = 4000
const WITHIN_MS = 120_000

const absence = javaAbsence() ?? pythonAbsence()
if (absence === undefined) suite()
else notRun('clients of DIS while Kafka is away', absence)

function suite(): void {
  let cluster: KafkaCluster
  let service: Service
  let java: JavaClients
  let javaV3: JavaClients
  let core: string

  beforeAll(async () => {
    const properties = { 'org.slf4j.simpleLogger.defaultLogLevel': 'off' }
    core = await provideHuaweiCore()
    await providePython()
    java = await startJavaClients({ pom: 'dis', main: 'Dis' }, { properties })
    javaV3 = await startJavaClients({ pom: 'dis-v3', main: 'DisV3' }, { properties })
    cluster = await startKafkaCluster({ nodes: 1 })
    service = await startService({
      environment: {
        KAFKA_BROKERS: cluster.brokers.join(),
        // Short, so that clients see what is answered while nothing can be stored.
        TRIBUTARY_DIALECTS_DIS_ANSWER_WITHIN_MS: '1000',
      },
    })
  }, JAVA_WITHIN_MS)

  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await java[Symbol.asyncDispose]()
    await javaV3[Symbol.asyncDispose]()
    await cluster.stop()
  })

  /** Puts texts; rejects where the client gives a whole call up. */
  type Put = (stream: string, texts: readonly string[]) => Promise<PutAnswer>

  interface Client extends AsyncDisposable {
    readonly put: Put
  }

  const none = { [Symbol.asyncDispose]: () => Promise.resolve() }

  function javaClient(options: object): Client {
    const client = java.open({
      endpoint: service.url,
      region: 'r',
      projectId: 'p1',
      ak: 'any',
      sk: 'any',
      ...options,
    })
    return {
      ...none,
      put: (stream, texts) =>
        client.call('putRecords', {
          stream_name: stream,
          records: texts.map((text) => ({ data: Buffer.from(text), partition_key: text })),
        }),
    }
  }

  const inBase64 = (texts: readonly string[]) =>
    texts.map((text) => ({ data: Buffer.from(text).toString('base64'), partition_key: text }))

  const CLIENTS: Readonly<Record<string, () => Promise<Client>>> = {
    'java-sync': () => Promise.resolve(javaClient({ kind: 'sync' })),
    'java-async-protobuf': () =>
      Promise.resolve(javaClient({ kind: 'async', 'body.serialize.type': 'protobuf' })),
    'java-nio-lz4': () =>
      Promise.resolve(javaClient({ kind: 'nio', 'body.compress.enabled': 'true' })),
    'java-producer': () => Promise.resolve(javaClient({ kind: 'producer' })),
    python: async () => {
      const client = await startPythonClient('dis', { endpoint: service.url })
      return {
        [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
        async put(stream, texts) {
          const records = texts.map((text) => ({ data: text, partition_key: text }))
          return (await client.call<{ body: PutAnswer }>('putRecords', [stream, records])).body
        },
      }
    },
    'java-v3': () => {
      const client = javaV3.open({ endpoint: service.url, key: 'any', secret: 'any' })
      const put: Put = (stream, texts) =>
        client.call('sendRecords', { body: { stream_name: stream, records: inBase64(texts) } })
      return Promise.resolve({ ...none, put })
    },
    'javascript-v3': () => {
      const client = startHuaweiCore(core, { endpoint: service.url, key: 'any', secret: 'any' })
      return Promise.resolve({
        [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
        put: (stream: string, texts: readonly string[]) =>
          client.call<PutAnswer>('POST', '/v2/p1/records', {
            stream_name: stream,
            records: inBase64(texts),
          }),
      })
    },
  }

  interface Delivery {
    readonly places: Map<string, Place>
    /** Texts that were sent more than once. */
    readonly again: Set<string>
  }

  /** What an application does: it sends again what was not stored, until all of it is. */
  async function deliver(
    { put }: Client,
    { stream, texts }: { stream: string; texts: readonly string[] },
    { places, again }: Delivery,
  ): Promise<void> {
    let rest = texts
    while (rest.length > 0) {
      const sent = rest
      const answer = await put(stream, sent).catch((error: unknown) => String(error))
      if (typeof answer === 'string') {
        for (const text of sent) again.add(text)
        continue
      }
      rest = sent.filter((text, i) => {
        const result = answer.records[i]!
        const isStored = (result.error_code ?? '') === ''
        if (isStored) places.set(text, placeInDis(result))
        else again.add(text)
        return !isStored
      })
    }
  }

  test(
    'nothing is lost, and what was answered is there',
    async () => {
      const streams = Object.fromEntries(Object.keys(CLIENTS).map((name) => [name, `away-${name}`]))
      await createTopics(cluster.brokers, {
        topics: Object.values(streams),
        partitions: PARTITIONS,
      })
      const clients = await Promise.all(
        Object.entries(CLIENTS).map(async ([name, open]) => ({ name, client: await open() })),
      )
      const deliveries = new Map(
        clients.map(({ name }): [string, Delivery] => [
          name,
          { places: new Map(), again: new Set() },
        ]),
      )
      const run = (phase: string) =>
        clients.map(async ({ name, client }) => {
          for (let batch = 0; batch < BATCHES; batch++) {
            const texts = Array.from({ length: BATCH }, (_, i) => `${phase} ${batch} ${i}`)
            await deliver(client, { stream: streams[name]!, texts }, deliveries.get(name)!)
          }
        })

      await Promise.all(run('before'))
      await cluster.nodes[0]!.kill()
      const during = Promise.all(run('during'))
      await until(async () => (await recordFailures()) > clients.length, AWAY_MS * 5)
      await cluster.nodes[0]!.start()
      await during
      await Promise.all(run('after'))

      for (const { name, client } of clients) {
        const { places, again } = deliveries.get(name)!
        expect([name, places.size]).toEqual([name, 3 * BATCHES * BATCH])
        const stored = await readTopic(cluster.brokers, streams[name]!)
        const at = new Map(
          stored.map(({ partition, offset, value }) => [`${partition}/${offset}`, String(value)]),
        )
        for (const [text, { partition, offset }] of places) {
          expect([name, at.get(`${partition}/${offset}`)]).toEqual([name, text])
        }
        expect([name, new Set(at.values()).size]).toEqual([name, places.size])
        expect(again.size).toBeLessThanOrEqual(places.size)
        await client[Symbol.asyncDispose]()
      }
    },
    WITHIN_MS,
  )

  /** Records that the service has answered as not stored. */
  async function recordFailures(): Promise<number> {
    const metrics = await (await fetch(`http://127.0.0.1:${service.adminPort}/metrics`)).text()
    const counts = metrics.matchAll(
      /^tributary_failures_total\{(?=[^}]*dialect="dis")(?=[^}]*scope="record")[^}]*\} (\d+)/gm,
    )
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
  }

  test('a service that is away: the Java SDK tries again by itself', async () => {
    const stream = 'service-away'
    await createTopics(cluster.brokers, { topics: [stream], partitions: PARTITIONS })
    const nobody = java.open({
      ...{ kind: 'sync', endpoint: 'http://127.0.0.1:9', region: 'r', projectId: 'p1' },
      ...{ ak: 'any', sk: 'any', 'exception.retries': '1' },
    })
    const args = { stream_name: stream, records: [{ data: Buffer.from('x') }] }
    expect(await failureOf(nobody.call('putRecords', args))).toMatchObject({
      type: 'DISClientRetriableException',
    })
  })
}
