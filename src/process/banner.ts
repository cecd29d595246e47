// What a person sees at the start: where each dialect listens, and a command per dialect that works
// as printed. Printed once, to stderr.

import { resolve } from 'node:path'
import { commandsOf, JSON_1_1 } from './commands.ts'
import type { Demo } from './demo.ts'

export interface BannerOptions {
  readonly port: number | undefined
  readonly tlsPort: number | undefined
  /** What clients must trust, where the certificate was made at the start. */
  readonly caFile: string | undefined
  readonly adminPort: number | undefined
  readonly brokers: readonly string[]
  readonly embedded: boolean
  readonly demo: Demo
  readonly version: string
}

function section(name: string, commands: readonly string[]): string {
  return [`  ${name}`, '', ...commands.map((command) => indent(command, 4) + '\n')].join('\n')
}

/** Here-documents must stay at the margin to work as pasted. */
function indent(text: string, by: number): string {
  return text.includes("<<'EOF'") ? text : text.replace(/^/gm, ' '.repeat(by))
}

/** Plain text where there is any: its commands work without a certificate to trust. */
function urlsOf({ port, tlsPort }: BannerOptions): string[] {
  return [
    ...(port === undefined ? [] : [`http://127.0.0.1:${port}`]),
    ...(tlsPort === undefined ? [] : [`https://127.0.0.1:${tlsPort}`]),
  ]
}

/** curl, the AWS SDKs and OpenSSL's users (Python's own library) each have a variable of theirs. */
function trust(caFile: string): string {
  const names = ['CURL_CA_BUNDLE', 'AWS_CA_BUNDLE', 'SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS']
  return `
The certificate is a throw-away one. Let clients of https trust its authority:

    export ${names.map((name) => `${name}='${resolve(caFile)}'`).join(' ')}
`
}

export function banner(options: BannerOptions): string {
  const { adminPort = 0, caFile, brokers, embedded, demo, version } = options
  const urls = urlsOf(options)
  const [url = ''] = urls
  const kafka = embedded ? `a Kafka of its own at ${brokers.join(', ')}` : brokers.join(', ')
  const sections = Object.entries(commandsOf(url, demo)).map(([name, lines]) =>
    section(name, lines),
  )
  return `
Tributary ${version} listens on ${urls.join(' and ')} for all dialects and writes to ${kafka}.
What goes on, to look at: http://127.0.0.1:${adminPort}/console/
Health, metrics and OpenAPI documents: http://127.0.0.1:${adminPort}/readyz /metrics /openapi/
${caFile === undefined ? '' : trust(caFile)}
Put a record (each command works as it stands${embedded ? '' : ' once the stream exists'}):

${embedded ? '' : `${createFirst(url, demo)}\n`}${sections.join('\n')}
  See it as it lies in Kafka

    ${embedded ? '' : `KAFKA_BROKERS=${brokers.join()} `}npm start -- tail ${demo.stream}
`
}

function createFirst(url: string, { stream, path }: Demo): string {
  const header = `-H 'X-Amz-Target: Kinesis_20131202.CreateStream'`
  return section('Make the streams first, or name topics of yours', [
    `curl ${url}/ ${header} ${JSON_1_1} -d '{"StreamName":"${stream}","ShardCount":4}'`,
    `curl ${url}/${path}/ -H 'X-v3io-function: CreateStream' -d '{"ShardCount":4,"RetentionPeriodHours":24}'`,
  ])
}
