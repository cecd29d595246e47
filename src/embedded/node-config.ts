// The text of the two files that a KRaft node reads at its start. Pure.
//
// With static voters nothing has to be formatted beforehand: a meta.properties in the empty data
// folder is enough, which saves the start of a whole JVM. Paths are relative to the node's working
// directory, because `log.dirs` is a list split at commas.
import { randomBytes } from 'node:crypto'

/** One listener of a broker, by the name that Kafka's settings use for it. */
export interface Listener {
  readonly name: string
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  readonly port: number
}

/** A combined node (broker and controller) on the loopback address. */
export interface NodePlan {
  readonly nodeId: number
  /** Controller ports of all nodes of the cluster, this one included. */
  readonly voters: readonly { readonly nodeId: number; readonly port: number }[]
  /** The brokers of a cluster talk to each other over the first one. */
  readonly listeners: readonly [Listener, ...Listener[]]
  /** Settings that are added or win over ours. */
  readonly properties?: Readonly<Record<string, string>>
}

const HOST = '127.0.0.1'
const CONTROLLER = 'CONTROLLER'

/** The settings of one node: small and quick, for one machine and few clients. */
export function nodeProperties(plan: NodePlan): Record<string, string> {
  const own = plan.voters.find((voter) => voter.nodeId === plan.nodeId)
  if (!own) throw new Error(`node ${plan.nodeId} is not among the voters`)
  const brokers = plan.listeners.map(({ name, port }) => `${name}://${HOST}:${port}`)
  const protocols = plan.listeners.map(({ name, protocol }) => `${name}:${protocol}`)
  const replicas = Math.min(3, plan.voters.length)
  return {
    'process.roles': 'broker,controller',
    'node.id': String(plan.nodeId),
    'controller.quorum.voters': plan.voters.map((v) => `${v.nodeId}@${HOST}:${v.port}`).join(),
    listeners: [...brokers, `${CONTROLLER}://${HOST}:${own.port}`].join(),
    'advertised.listeners': brokers.join(),
    'listener.security.protocol.map': [...protocols, `${CONTROLLER}:PLAINTEXT`].join(),
    'controller.listener.names': CONTROLLER,
    'inter.broker.listener.name': plan.listeners[0].name,
    'log.dirs': 'data',
    'auto.create.topics.enable': 'false',
    'default.replication.factor': String(replicas),
    'min.insync.replicas': String(Math.max(1, replicas - 1)),
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': String(replicas),
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': String(replicas),
    'transaction.state.log.min.isr': String(Math.max(1, replicas - 1)),
    'group.initial.rebalance.delay.ms': '0',
    'num.network.threads': '2',
    'num.io.threads': '2',
    // The default of 128 MiB does not fit the small heap.
    'log.cleaner.dedupe.buffer.size': String(4 * 1024 * 1024),
    ...plan.properties,
  }
}

/** Identities in the data folder; a cluster's nodes share `clusterId`. */
export function metaProperties(clusterId: string, nodeId: number): Record<string, string> {
  return {
    version: '1',
    'cluster.id': clusterId,
    'node.id': String(nodeId),
    'directory.id': randomKafkaId(),
  }
}

/**
 * A random id as Kafka writes it: 22 characters of base64url. Kafka reserves the ids of the first
 * hundred numbers and shuns those that begin with a dash.
 */
export function randomKafkaId(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01
  return bytes.toString('base64url')
}

/** The text of a properties file, which Java reads as Latin-1 with backslash escapes. */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  const lines = Object.entries(properties).map(([key, value]) => `${escape(key)}=${escape(value)}`)
  return `${lines.join('\n')}\n`
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escape(text: string): string {
  return text
    .replace(/[\\=:#! ]/g, '\\$&')
    .replace(/[\n\r\t]/g, (c) => ESCAPES[c] ?? c)
    .replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
