// tributary doctor at real clusters: a sound one, and one with much that is wrong.

import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/load.ts'
import { examine } from '../../src/doctor/doctor.ts'
import { freePorts } from '../../src/embedded/ports.ts'
import { surveyCluster } from '../../src/kafka/survey.ts'
import { startKafkaCluster, type KafkaCluster } from '../support/kafka-cluster.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { createTopics } from '../support/topics.ts'
import { uniqueName } from '../support/unique.ts'

async function consult(environment: Record<string, string>) {
  const lines: string[] = []
  const config = loadConfig({
    environment: { TRIBUTARY_KAFKA_REQUEST_TIMEOUT_MS: '1000', ...environment },
  })
  const isWell = await examine(config, (line) => lines.push(line))
  return { isWell, text: lines.join('') }
}

test('a sound broker, alone', async () => {
  await createTopics(sharedBrokers(), { topics: [uniqueName('sound')], partitions: 2 })

  const { isWell, text } = await consult({ KAFKA_BROKERS: sharedBrokers().join() })

  expect(isWell).toBe(true)
  expect(text).toContain('ok       The clock agrees with Kafka’s.')
  expect(text).toContain('ok       All 1 broker can be reached where they say they are.')
  expect(text).toContain('warning  There is one broker')
  expect(text).toMatch(/\nIt will work\. Warnings: \d+\.\n$/)
})

test('the controller’s clock is found to differ by as much as ours is wrong', async () => {
  const [broker = ''] = sharedBrokers()
  const [host = '', port = ''] = broker.split(':')
  const aheadMs = 500_000
  const { cluster } = await surveyCluster({
    brokers: [{ host, port: Number(port) }],
    clientId: 'doctor',
    ssl: false,
    sasl: undefined,
    requestTimeoutMs: 3000,
    now: () => Date.now() + aheadMs,
  })
  const clock = cluster?.clock
  expect(Math.abs((clock?.aheadMs ?? 0) - aheadMs)).toBeLessThan((clock?.errorMs ?? 0) + 2000)
})

describe('a cluster with rights, TLS and a wrong address', () => {
  let cluster: KafkaCluster
  let caFile: string
  beforeAll(async () => {
    cluster = await startKafkaCluster({
      nodes: 1,
      tls: {},
      sasl: { users: { app: 'secret' }, mechanisms: ['PLAIN'] },
      fronts: await freePorts(1),
      properties: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
    })
    await createTopics(cluster.brokers, { topics: ['orders'], partitions: 1 })
    caFile = join(tmpdir(), `${uniqueName('ca')}.pem`)
    writeFileSync(caFile, cluster.authority.ca)
  }, 120_000)
  afterAll(async () => {
    rmSync(caFile, { force: true })
    await cluster.stop()
  })

  test('an address that nobody answers at is named, with what to mend', async () => {
    const { isWell, text } = await consult({ KAFKA_BROKERS: cluster.fronted.join() })
    expect(isWell).toBe(false)
    expect(text).toMatch(
      /PROBLEM {2}Broker 1 tells clients to come to 127\.0\.0\.1:\d+.*ECONNREFUSED/,
    )
    expect(text).toMatch(/\nNot well: problems 1, warnings \d+\.\n$/)
  })

  test('TLS: the authority is asked for, and certificates that end soon are told', async () => {
    const tls = { KAFKA_BROKERS: cluster.tlsBrokers.join(), KAFKA_TLS: 'true' }
    const without = await consult(tls)
    expect(without.isWell).toBe(false)
    expect(without.text).toContain('KAFKA_TLS_CA must name the authority')

    const { text } = await consult({ ...tls, KAFKA_TLS_CA: caFile })
    expect(text).toContain('All 1 broker can be reached')
  })

  test('a user without rights: each right that is missing, by name', async () => {
    const { isWell, text } = await consult({
      KAFKA_BROKERS: cluster.saslBrokers.join(),
      KAFKA_SASL_MECHANISM: 'PLAIN',
      KAFKA_SASL_USERNAME: 'app',
      KAFKA_SASL_PASSWORD: 'secret',
    })
    expect(isWell).toBe(false)
    expect(text).toContain('Topics may not be created')
    expect(text).not.toContain('secret')
  })

  test('a wrong password', async () => {
    const { isWell, text } = await consult({
      KAFKA_BROKERS: cluster.saslBrokers.join(),
      KAFKA_SASL_MECHANISM: 'PLAIN',
      KAFKA_SASL_USERNAME: 'app',
      KAFKA_SASL_PASSWORD: 'wrong-one',
    })
    expect(isWell).toBe(false)
    expect(text).toContain('Look at KAFKA_SASL_MECHANISM')
    expect(text).not.toContain('wrong-one')
  })
})
