// Kafka's password and authority in files that change under a running service, as Secrets do in a pod:
// what they hold counts for every connection that is made later.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKafkaCluster } from '../support/kafka-cluster.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

interface Readiness {
  readonly kafka: { readonly connected: boolean }
}

test('a password that changes is used for the next connection', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary rotation '))
  await using cluster = await startKafkaCluster({
    nodes: 1,
    tls: {},
    sasl: { users: { app: 'secret' }, mechanisms: ['PLAIN'] },
  })
  const password = join(folder, 'password')
  const ca = join(folder, 'ca.crt')
  writeFileSync(password, 'secret\n')
  writeFileSync(ca, cluster.authority.ca)
  try {
    await using service = await startService({
      environment: {
        KAFKA_BROKERS: cluster.saslTlsBrokers.join(),
        KAFKA_TLS: 'true',
        KAFKA_TLS_CA: ca,
        KAFKA_SASL_MECHANISM: 'PLAIN',
        KAFKA_SASL_USERNAME: 'app',
        KAFKA_SASL_PASSWORD_FILE: password,
      },
    })
    const isConnected = async () => {
      const response = await fetch(`http://127.0.0.1:${service.adminPort}/readyz`)
      return ((await response.json()) as Readiness).kafka.connected
    }
    expect(await isConnected()).toBe(true)

    writeFileSync(password, 'not yet')
    await cluster.nodes[0]!.restart()
    await until(async () => !(await isConnected()), 30_000)

    writeFileSync(password, 'secret')
    await until(isConnected, 30_000)
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 120_000)
