// What the nodes of a test cluster are: their ports, listeners, and the settings of TLS and SASL.
// No process runs here but the formatting that SCRAM needs.
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  nodeProperties,
  propertiesText,
  type Listener,
  type NodePlan,
} from '../../src/embedded/node-config.ts'
import { freePorts } from '../../src/embedded/ports.ts'
import type { Authority } from '../../src/process/dev-certificate.ts'

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

export interface ClusterOptions {
  readonly nodes: 1 | 3
  /**
   * Kafka's settings to add or replace. For ACLs: `authorizer.class.name`:
   * `org.apache.kafka.metadata.authorizer.StandardAuthorizer` and `super.users`: `User:ANONYMOUS`,
   * which is whoever comes over `brokers`.
   */
  readonly properties?: Readonly<Record<string, string>>
  /** Win over the small and quick ones; `-XX:TieredStopAtLevel=4` and `-Xmx512m` for throughput. */
  readonly jvmFlags?: readonly string[]
  /** Adds the listeners `tlsBrokers`; `requireClientCertificate`: mutual TLS. */
  readonly tls?: { readonly requireClientCertificate?: boolean }
  /** Adds the listeners `saslBrokers`: the same users and passwords for every mechanism. */
  readonly sasl?: {
    readonly users: Readonly<Record<string, string>>
    readonly mechanisms?: readonly SaslMechanism[]
  }
  /**
   * Adds the listeners `fronted`, PLAINTEXT, which the nodes advertise under these ports, one each:
   * those of proxies, which must be there before the nodes are.
   */
  readonly fronts?: readonly number[]
}

// A broker that dies leaves the in-sync replicas after 3 s, not 9: until then acks=all waits.
const QUICK_FAILOVER = {
  'broker.heartbeat.interval.ms': '500',
  'broker.session.timeout.ms': '3000',
  'controller.quorum.election.timeout.ms': '500',
  'controller.quorum.fetch.timeout.ms': '1000',
}
const LISTENERS = ['PLAINTEXT', 'TLS', 'SASL', 'SASL_TLS', 'FRONTED'] as const
const PROTOCOLS = {
  PLAINTEXT: 'PLAINTEXT',
  TLS: 'SSL',
  SASL: 'SASL_PLAINTEXT',
  SASL_TLS: 'SASL_SSL',
  FRONTED: 'PLAINTEXT',
} as const
/** Plans all nodes on ports that were free a moment ago. */
export async function planNodes(
  options: ClusterOptions,
  authority: Authority,
): Promise<NodePlan[]> {
  const names = LISTENERS.filter(
    (name) =>
      (options.tls !== undefined || !name.includes('TLS')) &&
      (options.sasl !== undefined || !name.includes('SASL')) &&
      (options.fronts !== undefined || name !== 'FRONTED'),
  )
  const each = names.length + 1
  const ports = await freePorts(options.nodes * each)
  const ids = Array.from({ length: options.nodes }, (_, i) => i + 1)
  const portsOf = (id: number) => ports.slice((id - 1) * each, id * each)
  const voters = ids.map((nodeId) => ({ nodeId, port: portsOf(nodeId).at(-1)! }))
  const properties = {
    ...(options.nodes > 1 ? QUICK_FAILOVER : {}),
    ...(options.tls ? tlsProperties(authority, options.tls) : {}),
    ...(options.sasl ? saslProperties(options.sasl) : {}),
    ...options.properties,
  }
  return ids.map((nodeId) => {
    const listeners = names.map((name, i): Listener => {
      return { name, protocol: PROTOCOLS[name], port: portsOf(nodeId)[i]! }
    })
    const advertised = listeners.map(({ name, port }) => {
      const front = name === 'FRONTED' ? options.fronts?.[nodeId - 1] : undefined
      return `${name}://127.0.0.1:${front ?? port}`
    })
    return {
      ...{ nodeId, voters, listeners: [listeners[0]!, ...listeners.slice(1)] },
      properties: { 'advertised.listeners': advertised.join(), ...properties },
    }
  })
}

function tlsProperties(
  authority: Authority,
  { requireClientCertificate = false }: NonNullable<ClusterOptions['tls']>,
): Record<string, string> {
  const { cert, key } = authority.issue('broker')
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': cert,
    'ssl.keystore.key': key,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.certificates': authority.ca,
    'listener.name.tls.ssl.client.auth': requireClientCertificate ? 'required' : 'none',
  }
}

type Sasl = NonNullable<ClusterOptions['sasl']>

function mechanismsOf({ mechanisms = ['PLAIN'] }: Sasl): readonly SaslMechanism[] {
  return mechanisms
}

function saslProperties(sasl: Sasl): Record<string, string> {
  const module = 'org.apache.kafka.common.security'
  const users = Object.entries(sasl.users).map(([name, word]) => ` user_${name}="${word}"`)
  const properties: Record<string, string> = {
    'sasl.enabled.mechanisms': mechanismsOf(sasl).join(),
  }
  for (const listener of ['sasl', 'sasl_tls']) {
    for (const mechanism of mechanismsOf(sasl)) {
      const name = `listener.name.${listener}.${mechanism.toLowerCase()}.sasl.jaas.config`
      properties[name] =
        mechanism === 'PLAIN'
          ? `${module}.plain.PlainLoginModule required${users.join('')};`
          : `${module}.scram.ScramLoginModule required;`
    }
  }
  return properties
}

/** SCRAM's users lie in the cluster's metadata, where only formatting can put the first ones. */
export function scramUsers(sasl: ClusterOptions['sasl']): string[] {
  if (!sasl) return []
  const scram = mechanismsOf(sasl).filter((mechanism) => mechanism !== 'PLAIN')
  return scram.flatMap((mechanism) =>
    Object.entries(sasl.users).map(
      ([name, word]) => `${mechanism}=[name=${name},password=${word}]`,
    ),
  )
}

export interface Format {
  readonly folder: string
  readonly plans: readonly NodePlan[]
  readonly java: string
  readonly jars: string
  readonly clusterId: string
  readonly users: readonly string[]
}

/** Formats the data of every node with users for SCRAM, which costs the start of a JVM for each. */
export async function format({
  folder,
  plans,
  java,
  jars,
  clusterId,
  users,
}: Format): Promise<void> {
  const adds = users.flatMap((user) => ['--add-scram', user])
  const tool = ['-XX:TieredStopAtLevel=1', '-cp', `${jars}/*`, 'kafka.tools.StorageTool']
  const formatOne = async (plan: NodePlan) => {
    const cwd = join(folder, `node-${plan.nodeId}`)
    mkdirSync(join(cwd, 'data'), { recursive: true })
    writeFileSync(join(cwd, 'server.properties'), propertiesText(nodeProperties(plan)))
    const args = [...tool, 'format', '-t', clusterId, '-c', 'server.properties', ...adds]
    await promisify(execFile)(java, args, { cwd })
  }
  await Promise.all(plans.map(formatOne))
}
