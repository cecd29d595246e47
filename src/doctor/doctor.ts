// tributary doctor: what will hurt, in plain sentences, before it does. It changes nothing anywhere.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseCredentials } from '../config/credentials.ts'
import type { Config } from '../config/schema.ts'
import { createTopicNames } from '../core/naming.ts'
import type { Dialect } from '../core/dialect.ts'
import { messageBytesFor } from '../core/sizes.ts'
import { createDialects } from '../dialects/index.ts'
import { parseAddress } from '../kafka/brokers.ts'
import { surveyCluster } from '../kafka/survey.ts'
import { brokersOf, connectionOf } from '../process/connection.ts'
import { judgeClock } from './clock.ts'
import { good, problem, warning, type Finding } from './finding.ts'
import { judgeEnd, judgeReach } from './reach.ts'
import { judgeTopics, type TopicNeeds } from './topics.ts'

const MARKS: Record<Finding['level'], string> = {
  good: 'ok',
  warning: 'warning',
  problem: 'PROBLEM',
}

/**
 * Prints its findings. Resolves with whether nothing is broken: warnings are no breakage. Rejects with
 * Refusal where it cannot even begin.
 */
export async function examine(config: Config, print: (line: string) => void): Promise<boolean> {
  const nowMs = Date.now()
  const findings = [...judgeOwn(config, nowMs), ...(await judgeKafka(config, nowMs))]
  for (const { level, text } of findings) print(`${MARKS[level].padEnd(8)} ${text}\n`)
  const problems = findings.filter(({ level }) => level === 'problem').length
  const warnings = findings.filter(({ level }) => level === 'warning').length
  print(`\n${verdict(problems, warnings)}\n`)
  return problems === 0
}

function verdict(problems: number, warnings: number): string {
  if (problems > 0) return `Not well: problems ${problems}, warnings ${warnings}.`
  return warnings > 0 ? `It will work. Warnings: ${warnings}.` : 'All is well.'
}

async function judgeKafka(config: Config, nowMs: number): Promise<readonly Finding[]> {
  const { ssl, sasl, clientId } = connectionOf(config)
  const survey = await surveyCluster({
    brokers: (await brokersOf(config)).map(parseAddress),
    ...{ clientId, ssl, sasl, now: Date.now },
    requestTimeoutMs: config.kafka.requestTimeoutMs,
  })
  const { cluster } = survey
  return [
    ...judgeReach(survey, nowMs),
    ...(cluster ? [...judgeClock(cluster), ...judgeTopics(cluster, needsOf(config))] : []),
  ]
}

function needsOf({ dialects: settings, state }: Config): TopicNeeds {
  const known = createDialects(settings).map(({ name, names }: Dialect) => {
    const { topic, limits } = settings[name as keyof typeof settings]
    const bytes = messageBytesFor(limits.recordBytesMax)
    return { dialect: name, bytes, streamOf: createTopicNames(topic, names).streamOf }
  })
  return {
    stateTopic: state.topic,
    messageBytesOf: (topic) => known.filter(({ streamOf }) => streamOf(topic) !== undefined),
  }
}

/** What is here: identity, credentials, certificates. */
function judgeOwn(config: Config, nowMs: number): readonly Finding[] {
  const { identity, credentials, tls, kafka } = config
  return [
    ...(identity === 'open'
      ? [
          warning(
            'Identity is open: whoever reaches the port may write. TRIBUTARY_IDENTITY=verify.',
          ),
        ]
      : reading(credentials, 'TRIBUTARY_CREDENTIALS', (file) => {
          const principals = parseCredentials(file.toString('utf8')).length
          return [good(`The credentials file names ${principals} principals.`)]
        })),
    ...(tls.port === 'off' ? [] : judgeCertificate(tls.cert, 'TRIBUTARY_TLS_CERT', nowMs)),
    ...(kafka.tls.cert === '' ? [] : judgeCertificate(kafka.tls.cert, 'KAFKA_TLS_CERT', nowMs)),
  ]
}

function judgeCertificate(file: string, variable: string, nowMs: number): readonly Finding[] {
  return reading(file, variable, (pem) =>
    judgeEnd(`The certificate in ${variable}`, Date.parse(new X509Certificate(pem).validTo), nowMs),
  )
}

function reading(
  file: string,
  variable: string,
  judge: (content: Buffer) => readonly Finding[],
): readonly Finding[] {
  try {
    return judge(readFileSync(file))
  } catch (error) {
    return [problem(`${variable} names a file that cannot be used: ${(error as Error).message}.`)]
  }
}
