// A survey of a cluster for people: what `tributary doctor` judges. Every address is tried on its own,
// as configured and as the brokers name themselves, since a client needs all of them.
//
// Brokers that do not tell something (rights before 2.3, times before 3.3 or with ZooKeeper) leave it
// out; that is no fault.

import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { openLink } from './connect.ts'
import type { LinkOptions } from './connect.ts'
import type { Address } from './brokers.ts'
import type { Link } from './link.ts'
import {
  decodeDescribeCluster,
  decodeDescribeQuorum,
  DESCRIBE_CLUSTER,
  DESCRIBE_QUORUM,
  encodeDescribeCluster,
  encodeDescribeQuorum,
} from './protocol/cluster.ts'
import { decodeMetadata, encodeMetadata, METADATA_KEY, metadataApi } from './protocol/metadata.ts'
import type { BrokerAddress, TopicMetadata } from './protocol/metadata.ts'
import { readConfigs } from './settings.ts'

/** An address, and what came of calling there. */
export interface Reach extends Address {
  /** Why it cannot be used. */
  readonly failure?: string
  /** When the certificate shown there ends, in milliseconds since 1970. */
  readonly certificateEndsMs?: number
}

export interface TopicFacts extends Pick<TopicMetadata, 'name' | 'partitions'> {
  /** Kafka does not let us describe it. */
  readonly isDenied: boolean
  /** A bit for each operation that we may do. */
  readonly operations: number | undefined
  /** Nothing where we may not read them. */
  readonly settings: ReadonlyMap<string, string | null> | undefined
}

export interface Cluster {
  readonly brokers: readonly (Reach & { readonly nodeId: number })[]
  readonly topics: readonly TopicFacts[]
  /** A bit for each operation that we may do with the cluster. */
  readonly operations: number | undefined
  /** How far our clock is ahead of the controller's, give or take `clockErrorMs`. */
  readonly clock: { readonly aheadMs: number; readonly errorMs: number } | undefined
}

export interface Survey {
  readonly configured: readonly Reach[]
  /** Absent: no configured address answered. */
  readonly cluster?: Cluster
}

export interface SurveyOptions extends LinkOptions {
  readonly brokers: readonly Address[]
  readonly now: () => number
}

const SETTINGS = [
  'max.message.bytes',
  'min.insync.replicas',
  'retention.ms',
  'cleanup.policy',
  'unclean.leader.election.enable',
]
/** Topics in one question about settings. */
const TOPICS_ASKED = 200
const DENIED = 29

/** Never rejects for what is wrong with the cluster. */
export async function surveyCluster(options: SurveyOptions): Promise<Survey> {
  const doors = await Promise.all(options.brokers.map((address) => callAt(address, options)))
  const links = doors.flatMap(({ link }) => link ?? [])
  const configured = doors.map(({ reach }) => reach)
  try {
    const [link] = links
    return link ? { configured, cluster: await ask(link, options) } : { configured }
  } finally {
    for (const link of links) link.destroy('The survey is over')
  }
}

interface Door {
  readonly reach: Reach
  readonly link?: Link
}

async function callAt({ host, port }: Address, options: SurveyOptions): Promise<Door> {
  const shown = options.ssl ? await certificateEnd({ host, port }, options) : undefined
  const reach = { host, port, ...(shown !== undefined && { certificateEndsMs: shown }) }
  try {
    return { reach, link: await openLink({ host, port }, options) }
  } catch (error) {
    return { reach: { ...reach, failure: error instanceof Error ? error.message : String(error) } }
  }
}

async function ask(link: Link, options: SurveyOptions): Promise<Cluster> {
  const { clientId } = options
  const api = metadataApi(link.versionMax(METADATA_KEY))
  const question = encodeMetadata(api, clientId, { topics: null, rights: true })
  const { brokers, topics } = decodeMetadata(api, await link.request(question))
  const names = topics.filter(({ code }) => code !== DENIED).map(({ name }) => name)
  const settings = await readSettings(link, clientId, names)
  return {
    brokers: await Promise.all(brokers.map((broker) => callBroker(broker, options))),
    topics: topics.map(({ name, partitions, operations, code }) => ({
      name,
      partitions,
      operations,
      isDenied: code === DENIED,
      settings: settings.get(name),
    })),
    operations: await readOperations(link, clientId),
    clock: await readClock(link, options),
  }
}

async function callBroker({ nodeId, ...address }: BrokerAddress, options: SurveyOptions) {
  const { reach, link } = await callAt(address, options)
  link?.destroy('The survey is over')
  return { ...reach, nodeId }
}

async function readSettings(link: Link, clientId: string, topics: readonly string[]) {
  const all = new Map<string, ReadonlyMap<string, string | null>>()
  for (let from = 0; from < topics.length; from += TOPICS_ASKED) {
    const wanted = { topics: topics.slice(from, from + TOPICS_ASKED), names: SETTINGS }
    for (const [topic, values] of await readConfigs(link, clientId, wanted)) all.set(topic, values)
  }
  return all
}

async function readOperations(link: Link, clientId: string): Promise<number | undefined> {
  if (link.versionMax(DESCRIBE_CLUSTER.key) < DESCRIBE_CLUSTER.version) return undefined
  const told = decodeDescribeCluster(await link.request(encodeDescribeCluster(clientId)))
  return told.code === 0 ? told.operations : undefined
}

async function readClock(link: Link, { clientId, now }: SurveyOptions): Promise<Cluster['clock']> {
  if (link.versionMax(DESCRIBE_QUORUM.key) < DESCRIBE_QUORUM.version) return undefined
  const askedMs = now()
  const theirsMs = decodeDescribeQuorum(await link.request(encodeDescribeQuorum(clientId)))
  const errorMs = (now() - askedMs) / 2
  return theirsMs === undefined
    ? undefined
    : { aheadMs: Math.round(askedMs + errorMs - theirsMs), errorMs: Math.ceil(errorMs) }
}

/** Whoever signed it: that is judged when the connection is opened. */
function certificateEnd(
  { host, port }: Address,
  { ssl, requestTimeoutMs }: SurveyOptions,
): Promise<number | undefined> {
  const own: ConnectionOptions = typeof ssl === 'object' ? ssl : {}
  return new Promise((resolve) => {
    const socket = connectTls({ ...own, host, port, rejectUnauthorized: false }, () => {
      const ends = Date.parse(socket.getPeerCertificate().valid_to)
      socket.destroy()
      resolve(Number.isNaN(ends) ? undefined : ends)
    })
    socket.setTimeout(requestTimeoutMs, () => socket.destroy())
    socket.on('error', () => resolve(undefined))
    socket.on('close', () => resolve(undefined))
  })
}
