// What the chart makes of its values, by what matters in a cluster.

import { KEYS } from '../../src/config/schema.ts'
import { notRun } from '../support/not-run.ts'
import {
  configOf,
  containerOf,
  MINIMAL,
  only,
  podOf,
  PROFILES,
  render,
  template,
  type Values,
} from './helm.ts'
import { toolsAbsence } from './tools.ts'

const absence = toolsAbsence()

/** What Helm says of values that it refuses. */
function refusal(values: Values): string {
  const { status, stderr } = template({ ...MINIMAL, ...values })
  expect(status).not.toBe(0)
  return stderr
}

function envOf(objects: ReturnType<typeof render>): Record<string, unknown> {
  return Object.fromEntries(
    containerOf(objects).env.map(({ name, value, ...rest }) => [name, value ?? rest]),
  )
}

if (absence) notRun('Helm', absence)
else {
  describe('values that are wrong are refused', () => {
    test.each<[string, Values, string]>([
      ['an unknown key', { replicas: 3 }, 'replicas'],
      ['one deep inside', { kafka: { brokers: ['a:1'], tls: { enable: true } } }, 'enable'],
      ['an unknown key of the service', { config: { shutdwon: {} } }, 'shutdwon'],
      ['a value of the service out of range', { config: { recall: { windowMs: -1 } } }, 'windowMs'],
      ['a secret in plain sight', { config: { kafka: { sasl: { password: 'x' } } } }, 'password'],
      ['another kind of value', { replicaCount: 'two' }, 'replicaCount'],
      ['a broker without a port', { kafka: { brokers: ['kafka'] } }, 'brokers'],
      ['no broker', { kafka: { brokers: [] } }, 'kafka.brokers: name the brokers'],
      ['an unknown mechanism', { kafka: { sasl: { mechanism: 'GSSAPI' } } }, 'mechanism'],
      ['a digest that is none', { image: { digest: 'latest' } }, 'digest'],
      [
        'SASL without a Secret',
        { kafka: { brokers: ['a:1'], sasl: { mechanism: 'PLAIN' } } },
        'kafka.sasl.existingSecret',
      ],
      ['verify without a Secret', { identity: { mode: 'verify' } }, 'identity.existingSecret'],
      ['TLS without a certificate', { tls: { enabled: true } }, 'tls.existingSecret'],
      [
        'cert-manager without an issuer',
        { tls: { enabled: true, certManager: { enabled: true } } },
        'tls.certManager.issuerRef',
      ],
      ['no admin port', { config: { adminPort: 'off' } }, 'probes need the admin port'],
      [
        'a drain that fails calls',
        { config: { shutdown: { drainMs: 30_000 } } },
        'config.shutdown.drainMs',
      ],
      ['a kill before the drain ends', { terminationGracePeriodSeconds: 59 }, 'need 60'],
      ['too little memory', { resources: { limits: { memory: '128Mi' } } }, '192Mi'],
      [
        'fewer at the most than at least',
        { autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 2 } },
        'autoscaling.maxReplicas',
      ],
      ['an Ingress to nowhere', { ingress: { enabled: true } }, 'ingress.hosts'],
      ['an HTTPRoute to nowhere', { httpRoute: { enabled: true } }, 'httpRoute.parentRefs'],
    ])('%s', (_what, values, said) => {
      expect(refusal(values)).toContain(said)
    })
  })

  describe('a rolling update', () => {
    test('drains for longer than the longest deadline that the service has', () => {
      const longest = Math.max(
        ...Object.values(KEYS.dialects).map((dialect) => dialect.answerWithinMs.default),
      )
      const objects = render()
      const { shutdown } = configOf(objects) as { shutdown: { graceMs: number; drainMs: number } }

      expect(shutdown).toEqual({ graceMs: 10_000, drainMs: longest + 10_000 })
      expect(podOf(objects).terminationGracePeriodSeconds).toBe(
        (shutdown.graceMs + shutdown.drainMs) / 1000 + 10,
      )
    })

    test('follows the deadlines that are configured', () => {
      const objects = render({
        config: { dialects: { v3io: { answerWithinMs: 60_500 } }, shutdown: { graceMs: 2500 } },
      })

      expect(configOf(objects)['shutdown']).toEqual({ graceMs: 2500, drainMs: 70_500 })
      expect(podOf(objects).terminationGracePeriodSeconds).toBe(73 + 10)
    })

    test('takes no instance away before another is ready, and neither does a drain of nodes', () => {
      const objects = render()

      expect(only(objects, 'Deployment').spec['strategy']).toEqual({
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
      })
      expect(only(objects, 'PodDisruptionBudget').spec['maxUnavailable']).toBe(1)
    })

    test('follows a change of the configuration, and only that', () => {
      const sum = (values: Values): unknown => {
        const { template: pod } = only(render(values), 'Deployment').spec as {
          template: { metadata: { annotations: Record<string, string> } }
        }
        return pod.metadata.annotations['checksum/config']
      }

      expect(sum({ config: { log: { level: 'debug' } } })).not.toBe(sum({}))
      expect(sum({ service: { type: 'NodePort' }, replicaCount: 5 })).toBe(sum({}))
    })
  })

  describe('probes', () => {
    const { startupProbe, livenessProbe, readinessProbe } = absence
      ? ({} as never)
      : containerOf(render())

    test('ask whether it lives of what says nothing of Kafka, and whether it is ready of the rest', () => {
      expect(startupProbe.httpGet).toEqual({ path: '/livez', port: 'admin' })
      expect(livenessProbe.httpGet).toEqual({ path: '/livez', port: 'admin' })
      expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'admin' })
    })

    test('notice a stop within the grace', () => {
      const { graceMs } = configOf(render())['shutdown'] as { graceMs: number }
      expect(readinessProbe.periodSeconds * readinessProbe.failureThreshold * 1000).toBeLessThan(
        graceMs,
      )
    })
  })

  describe('memory', () => {
    test.each([
      ['256Mi', 16, 128],
      ['512Mi', 64, 256],
      ['1Gi', 192, 512],
      ['1.5Gi', 320, 768],
      [1_073_741_824, 192, 512],
    ])('%s: %i MiB of requests, %i MiB of heap', (memory, budget, heap) => {
      const objects = render({ resources: { limits: { memory } } })

      expect(configOf(objects)['memory']).toEqual({ bytesMax: budget * 2 ** 20 })
      expect(envOf(objects)['NODE_OPTIONS']).toBe(`--max-old-space-size=${heap}`)
    })

    test('what docs/reliability.md asks for fits, with a thousand connections that send', () => {
      for (const mib of [384, 512, 1024, 4096]) {
        const objects = render({ resources: { limits: { memory: `${mib}Mi` } } })
        const { bytesMax } = configOf(objects)['memory'] as { bytesMax: number }
        expect(130 + (3 * bytesMax) / 2 ** 20 + 64).toBeLessThan(mib)
      }
    })

    test('without a limit the defaults stay', () => {
      const objects = render({ resources: { limits: { memory: null } } })

      expect(configOf(objects)['memory']).toBeUndefined()
      expect(envOf(objects)).not.toHaveProperty('NODE_OPTIONS')
    })
  })

  describe('secrets', () => {
    const MOUNTED = {
      kafka: {
        brokers: ['kafka:9093'],
        tls: { enabled: true, ca: { existingSecret: 'ca' }, client: { existingSecret: 'client' } },
        sasl: { mechanism: 'SCRAM-SHA-512', existingSecret: 'sasl' },
      },
      identity: { mode: 'verify', existingSecret: 'producers' },
      adminToken: { existingSecret: 'token' },
      tls: { enabled: true, existingSecret: 'served' },
    }

    test('are folders, which follow a change; never single files', () => {
      const objects = render(MOUNTED)
      const secrets = podOf(objects).volumes.flatMap(({ secret }) => secret?.secretName ?? [])

      expect(secrets.sort()).toEqual(['ca', 'client', 'producers', 'sasl', 'served', 'token'])
      expect(containerOf(objects).volumeMounts.filter(({ subPath }) => subPath)).toEqual([])
    })

    test('and files of theirs are what the service is told', () => {
      const objects = render(MOUNTED)

      expect(configOf(objects)).toMatchObject({
        identity: 'verify',
        credentials: '/etc/tributary/credentials/credentials.yaml',
        tls: { port: 8443, cert: '/etc/tributary/tls/tls.crt', key: '/etc/tributary/tls/tls.key' },
        kafka: {
          tls: {
            enabled: true,
            ca: '/etc/tributary/kafka-ca/ca.crt',
            cert: '/etc/tributary/kafka-client/tls.crt',
            key: '/etc/tributary/kafka-client/tls.key',
          },
          sasl: {
            mechanism: 'SCRAM-SHA-512',
            passwordFile: '/etc/tributary/kafka-sasl/password',
          },
        },
      })
      expect(envOf(objects)).toMatchObject({
        KAFKA_SASL_USERNAME: { valueFrom: { secretKeyRef: { name: 'sasl', key: 'username' } } },
        TRIBUTARY_ADMIN_TOKEN_FILE: '/etc/tributary/admin/token',
      })
    })

    test('of a KafkaUser with a certificate are used as Strimzi makes them', () => {
      const objects = render({ kafka: { strimzi: { cluster: 'my', user: 'me' } } })

      expect(configOf(objects)['kafka']).toMatchObject({
        brokers: ['my-kafka-bootstrap:9093'],
        tls: {
          enabled: true,
          ca: '/etc/tributary/kafka-ca/ca.crt',
          cert: '/etc/tributary/kafka-client/user.crt',
          key: '/etc/tributary/kafka-client/user.key',
        },
      })
      expect(podOf(objects).volumes.flatMap(({ secret }) => secret?.secretName ?? [])).toEqual([
        'my-cluster-ca-cert',
        'me',
      ])
    })

    test('of a KafkaUser with a password, too', () => {
      const objects = render({
        kafka: { strimzi: { cluster: 'my', user: 'me', authentication: 'scram-sha-512' } },
      })

      expect(configOf(objects)['kafka']).toMatchObject({
        sasl: {
          mechanism: 'SCRAM-SHA-512',
          username: 'me',
          passwordFile: '/etc/tributary/kafka-sasl/password',
        },
      })
    })
  })

  describe('pods', () => {
    test.each(PROFILES)('%s: meet the restricted standard, without a token', (profile) => {
      const objects = render({}, { files: [profile] })
      const test = only(objects, 'Pod').spec as { containers: unknown[]; [name: string]: unknown }
      const pods = [podOf(objects), test]
      for (const pod of pods) {
        expect(pod).toMatchObject({
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
        })
      }
      for (const container of [containerOf(objects), test.containers[0]]) {
        expect(container).toMatchObject({
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        })
      }
    })

    test('of helm test are behind no Service and in no budget', () => {
      const objects = render()
      const labels = only(objects, 'Pod').metadata.labels ?? {}
      for (const { spec } of objects.filter(({ kind }) => kind === 'Service')) {
        const { selector } = spec as { selector: Record<string, string> }
        expect(Object.entries(selector).every(([name, value]) => labels[name] === value)).toBe(
          false,
        )
      }
    })
  })

  describe('ports', () => {
    const portsOf = (values: Values): unknown[] =>
      (only(render(values), 'Service').spec as { ports: unknown[] }).ports

    test('are told as HTTP/2 in plain text, and apart from the admin port', () => {
      expect(portsOf({})).toMatchObject([
        { name: 'http', port: 8080, targetPort: 'http', appProtocol: 'kubernetes.io/h2c' },
      ])
      expect(only(render(), 'Service', '-admin').spec).toMatchObject({
        type: 'ClusterIP',
        clusterIP: 'None',
        ports: [{ name: 'admin', port: 8081 }],
      })
    })

    test('are those of the configuration', () => {
      const values = {
        config: { port: 9000, adminPort: 9001, dialects: { dis: { port: 9002 } } },
        tls: { enabled: true, existingSecret: 'served' },
      }

      expect(portsOf(values)).toMatchObject([
        { name: 'http', port: 9000 },
        { name: 'https', port: 8443, appProtocol: 'https' },
        { name: 'dis', port: 9002 },
      ])
      expect(containerOf(render(values)).ports.map((each) => each.containerPort)).toEqual([
        ...[9000, 8443, 9002],
        9001,
      ])
    })

    test('in plain text can be off', () => {
      const values = { tls: { enabled: true, only: true, existingSecret: 'served' } }

      expect(portsOf(values)).toMatchObject([{ name: 'https', port: 8443 }])
      expect(configOf(render(values))['port']).toBe('off')
    })
  })

  test('the longest names still fit', () => {
    const release = 'a'.repeat(53)
    for (const { metadata } of render({}, { release })) {
      expect(metadata.name.length).toBeLessThanOrEqual(63)
    }
  })

  test('a digest wins over a tag', () => {
    const digest = `sha256:${'0'.repeat(64)}`

    expect(containerOf(render({ image: { tag: '1', digest } })).image).toBe(`tributary@${digest}`)
    expect(containerOf(render({ image: { tag: '1' } })).image).toBe('tributary:1')
  })
}
