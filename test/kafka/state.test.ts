// State on a real Kafka: instances that share a topic, and what Kafka may deny.

import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
  type Admin,
} from 'kafkajs'
import { BridgeError } from '../../src/core/errors.ts'
import { createState, type Json, type State } from '../../src/core/state.ts'
import { createKafkaLog, type KafkaLog, type KafkaLogOptions } from '../../src/kafka/log.ts'
import { failureOf } from '../support/failure.ts'
import { startKafkaCluster } from '../support/kafka-cluster.ts'
import { readTopic } from '../support/reader.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { describeStateLog } from '../support/state-log-suite.ts'
import { uniqueName } from '../support/unique.ts'
import { until } from '../support/until.ts'

const cleanups: (() => Promise<void>)[] = []
/** Before the cluster goes that connections lead to. */
async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
}
afterEach(cleanUp)

interface Instance {
  readonly state: State
  readonly kafka: KafkaLog
  readonly stop: () => Promise<void>
}

async function start(topic: string, options: Partial<KafkaLogOptions> = {}): Promise<Instance> {
  const kafka = createKafkaLog({
    brokers: sharedBrokers(),
    clientId: 'state',
    bytesMax: 2 ** 20,
    ...options,
  })
  await kafka.connect(Date.now() + 20_000)
  const state = createState(kafka.stateLog(topic), { bytesMax: 2 ** 20, now: Date.now })
  await state.opened(Date.now() + 10_000)
  let stopping: Promise<void> | undefined
  const stop = () => {
    state.close()
    return (stopping ??= kafka.close())
  }
  cleanups.push(stop)
  return { state, kafka, stop }
}

async function openAdmin(brokers = sharedBrokers()): Promise<Admin> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  cleanups.push(() => admin.disconnect())
  return admin
}

async function failed(work: () => unknown): Promise<BridgeError> {
  const failure = await failureOf(Promise.resolve().then(work))
  if (failure instanceof BridgeError) return failure
  throw failure
}

const add = (name: string) => (value: Json | undefined) => [...((value ?? []) as Json[]), name]
const present = (key: string | null) => key !== null

describeStateLog('Kafka', async () => {
  const kafka = createKafkaLog({
    brokers: sharedBrokers(),
    clientId: 'suite',
    bytesMax: 2 ** 20,
  })
  await kafka.connect(Date.now() + 20_000)
  return { open: () => kafka.stateLog(uniqueName('_state')), close: kafka.close }
})

test('the topic is made with the first change, compacted, with one partition', async () => {
  const topic = uniqueName('_state')
  const { state } = await start(topic)
  expect(state.get('k')).toBeUndefined()
  const admin = await openAdmin()
  expect(await admin.listTopics()).not.toContain(topic)

  expect(await state.change('k', { expected: 0, value: 1 })).toBe('changed')

  expect(state.get('k')?.value).toBe(1)
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  expect(topics[0]!.partitions).toHaveLength(1)
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['cleanup.policy'] }],
  })
  expect(resources[0]!.configEntries[0]!.configValue).toBe('compact')
})

test('two instances agree within seconds, and a later one finds what they kept', async () => {
  const topic = uniqueName('_state')
  const [a, b] = [await start(topic), await start(topic)]

  const names = Array.from({ length: 20 }, (_, i) => `n${i}`)
  await Promise.all(
    names.map((name, i) => [a, b][i % 2]!.state.update('list', add(name), Date.now() + 20_000)),
  )
  await a.state.change('gone', { expected: 0, value: 'x' })
  await a.state.change('gone', { expected: 'any', value: undefined })

  await until(() => b.state.get('list')?.version === a.state.get('list')?.version, 3000)
  await until(() => b.state.get('gone') === undefined, 3000)
  expect(b.state.list('')).toEqual(a.state.list(''))
  expect([...(a.state.get('list')!.value as string[])].sort()).toEqual([...names].sort())
  await Promise.all([a.stop(), b.stop()])

  const { state } = await start(topic)
  expect(state.list('')).toEqual(a.state.list(''))
  const records = await readTopic(sharedBrokers(), topic)
  const last = new Map(records.map(({ key, value }) => [key, value]))
  expect([...last].filter(([key, value]) => present(key) && value !== null)).toHaveLength(2)
})

test('a change is known elsewhere as soon as it is answered, or nearly so', async () => {
  const topic = uniqueName('_state')
  const [a, b] = [await start(topic), await start(topic)]
  await a.state.change('k', { expected: 0, value: 0 })
  await until(() => b.state.get('k') !== undefined)

  const changedMs = Date.now()
  await a.state.change('k', { expected: 'any', value: 1 })
  await until(() => b.state.get('k')?.value === 1)

  expect(Date.now() - changedMs).toBeLessThan(2000)
})

test('a topic that was deleted is empty, and is made again when needed', async () => {
  const topic = uniqueName('_state')
  const { state, kafka } = await start(topic)
  await state.change('k', { expected: 0, value: 1 })

  await kafka.topics.remove(topic)

  await until(() => state.health().known && state.get('k') === undefined, 20_000)
  expect(await state.change('k', { expected: 0, value: 2 })).toBe('changed')
  expect(state.get('k')?.value).toBe(2)
}, 60_000)

test('a topic that is not compacted is refused, and taken once it is', async () => {
  const topic = uniqueName('_state')
  const first = await start(uniqueName('_other'))
  await first.kafka.topics.create(topic, { partitions: 1 })
  const { state } = await start(topic)

  const failure = await failed(() => state.get('k'))

  expect(failure.code).toBe('unavailable')
  expect(failure.message).toContain('its cleanup.policy must be compact')
  const admin = await openAdmin()
  const configEntries = [{ name: 'cleanup.policy', value: 'compact' }]
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }]
  await admin.alterConfigs({ validateOnly: false, resources })
  await until(() => state.health().known)
})

test('a stopped Kafka: what is known is served, changes fail in time, and it recovers', async () => {
  await using cluster = await startKafkaCluster({ nodes: 1 })
  const { state } = await start('_state', { brokers: cluster.brokers })
  await state.change('k', { expected: 0, value: 1 })
  const [node] = cluster.nodes
  node!.pause()

  expect(state.get('k')?.value).toBe(1)
  const startedMs = Date.now()
  const wanted = { expected: 'any', value: 2, deadlineMs: Date.now() + 2000 } as const
  const { code } = await failed(() => state.change('k', wanted))
  expect(['unavailable', 'undecided']).toContain(code)
  expect(Date.now() - startedMs).toBeLessThan(4000)

  node!.resume()
  const later = { expected: 'any', value: 3, deadlineMs: Date.now() + 20_000 } as const
  expect(await state.change('k', later)).toBe('changed')
  expect(state.get('k')?.value).toBe(3)
  await cleanUp()
}, 90_000)

describe('rights', () => {
  test('without them state says so at once, puts go on, and they count once they are given', async () => {
    await using cluster = await startKafkaCluster({
      nodes: 1,
      sasl: { users: { alice: 'a' } },
      properties: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
    })
    const root = await openAdmin(cluster.brokers)
    const allow = (resourceName: string, operation: AclOperationTypes) =>
      root.createAcls({
        acl: [
          {
            ...{ resourceType: AclResourceTypes.TOPIC, resourceName, operation },
            ...{ principal: 'User:alice', host: '*' },
            resourcePatternType: ResourcePatternTypes.LITERAL,
            permissionType: AclPermissionTypes.ALLOW,
          },
        ],
      })
    await root.createTopics({ topics: [{ topic: 'stream', numPartitions: 1 }] })
    await allow('stream', AclOperationTypes.WRITE)
    const { state, kafka } = await start('_state', {
      brokers: cluster.saslBrokers,
      sasl: { mechanism: 'plain', username: 'alice', password: 'a' },
    })
    const codeOf = async (work: () => unknown) => (await failed(work)).code

    // Nothing at all, and the topic is not there.
    const failure = await failed(() => state.get('k'))
    expect([failure.code, failure.message]).toEqual([
      'not-permitted',
      'Kafka does not let this service read topic _state, where state is kept',
    ])
    const startedMs = Date.now()
    expect(await codeOf(() => state.change('k', { expected: 0, value: 1 }))).toBe('not-permitted')
    expect(Date.now() - startedMs).toBeLessThan(2000)
    const message = { partition: 0, key: null, value: Buffer.from('x') }
    const [put] = await kafka.log.append('stream', [message], Date.now() + 5000)
    expect(put!.state).toBe('written')

    // May read what is not there, and not create it.
    await allow('_state', AclOperationTypes.READ)
    await until(() => state.health().known)
    expect(state.get('k')).toBeUndefined()
    const refused = await failed(() => state.change('k', { expected: 0, value: 1 }))
    expect(refused.code).toBe('not-permitted')

    // The topic is there, and may be read only.
    await root.createTopics({
      topics: [
        {
          topic: '_state',
          numPartitions: 1,
          configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
        },
      ],
    })
    expect(await codeOf(() => state.change('k', { expected: 0, value: 1 }))).toBe('not-permitted')

    // Everything that is needed.
    await allow('_state', AclOperationTypes.WRITE)
    await until(async () => {
      const outcome = await state.change('k', { expected: 'any', value: 1 }).catch(() => undefined)
      return outcome === 'changed'
    })
    expect(state.get('k')?.value).toBe(1)
    await cleanUp()
  }, 90_000)
})
