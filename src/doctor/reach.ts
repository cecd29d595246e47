// Can every broker be reached, under the addresses that clients are sent to, for long enough?

import type { Cluster, Reach, Survey } from '../kafka/survey.ts'
import { count, enumerate, good, problem, warning } from './finding.ts'
import type { Finding } from './finding.ts'

const DAY_MS = 86_400_000
/** Long enough to order a new certificate. */
const CERTIFICATE_DAYS = 30

/** About the configured addresses, and those that the brokers give. */
export function judgeReach({ configured, cluster }: Survey, nowMs: number): readonly Finding[] {
  return [
    ...judgeConfigured(configured),
    ...(cluster ? judgeAdvertised(cluster, configured) : []),
    ...[...configured, ...(cluster?.brokers ?? [])].flatMap((reach) =>
      judgeEnd(`The certificate of Kafka at ${nameOf(reach)}`, reach.certificateEndsMs, nowMs),
    ),
  ]
}

/** About a certificate's last day; nothing is said of one that lasts. */
export function judgeEnd(
  what: string,
  endsMs: number | undefined,
  nowMs: number,
): readonly Finding[] {
  if (endsMs === undefined) return []
  const days = Math.floor((endsMs - nowMs) / DAY_MS)
  const date = new Date(endsMs).toISOString().slice(0, 10)
  if (days < 0) return [problem(`${what} ended on ${date}: replace it.`)]
  if (days >= CERTIFICATE_DAYS) return []
  return [warning(`${what} ends on ${date}, in ${count(days, 'day')}: replace it in time.`)]
}

function judgeConfigured(configured: readonly Reach[]): readonly Finding[] {
  const failing = configured.filter(({ failure }) => failure !== undefined)
  const none = failing.length === configured.length
  return [
    ...failing.map((reach) => {
      const sentence = `Kafka at ${nameOf(reach)} (KAFKA_BROKERS) cannot be used: ${reach.failure}.`
      return none
        ? problem(`${sentence} ${hintFor(reach.failure ?? '')}`)
        : warning(`${sentence} The service starts by way of the others.`)
    }),
    ...(none ? [] : [good(`Kafka answers at ${enumerate(names(configured))}.`)]),
    ...(configured.length === 1 && !none
      ? [
          warning(
            'KAFKA_BROKERS names one address only: name two or more, so that the service can start while a broker is away.',
          ),
        ]
      : []),
  ]
}

function names(reaches: readonly Reach[]): readonly string[] {
  return reaches.filter(({ failure }) => failure === undefined).map(nameOf)
}

function judgeAdvertised({ brokers }: Cluster, configured: readonly Reach[]): readonly Finding[] {
  const unreached = brokers.filter(({ failure }) => failure !== undefined)
  const elsewhere = !configured.some(({ host }) => isLoopback(host))
  return [
    ...unreached.map((broker) => {
      const why = isLoopback(broker.host) && elsewhere ? 'an address of its own machine' : undefined
      return problem(
        `Broker ${broker.nodeId} tells clients to come to ${nameOf(broker)}, ${why ?? 'which cannot be reached from here'}: ${broker.failure}. Mend the broker's advertised.listeners, or the network between here and there; records of its partitions cannot be stored.`,
      )
    }),
    ...(unreached.length === 0
      ? [good(`All ${count(brokers.length, 'broker')} can be reached where they say they are.`)]
      : []),
  ]
}

function nameOf({ host, port }: Reach): string {
  return `${host}:${port}`
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/ENOTFOUND|EAI_AGAIN/, 'The name is not known here: look at its spelling and at DNS.'],
  [/ECONNREFUSED/, 'Nothing listens there: look at the port, and whether Kafka runs.'],
  [/certificate|self.signed|issuer/i, 'KAFKA_TLS_CA must name the authority of the brokers.'],
  [/wrong version number|packet length/i, 'That port speaks no TLS, or TLS and KAFKA_TLS is off.'],
  [/SASL|[Aa]uthentication/, 'Look at KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and the password.'],
]

function hintFor(failure: string): string {
  const found = HINTS.find(([pattern]) => pattern.test(failure))
  return found?.[1] ?? 'Look at the listener: plain or TLS, with SASL or without, and at firewalls.'
}
