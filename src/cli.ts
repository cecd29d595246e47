#!/usr/bin/env -S node --max-semi-space-size=32 --use-largepages=silent
// The command line: tributary [serve | doctor | tail STREAM] and flags. Exit status 0 after a clean stop,
// 1 on failure, 2 on wrong usage or configuration.

import { parseArgs } from 'node:util'
import process from 'node:process'
import { ConfigError, loadConfig } from './config/load.ts'
import type { Config } from './config/schema.ts'
import { examine } from './doctor/doctor.ts'
import { serve } from './main.ts'
import { checkFiles } from './process/check-files.ts'
import { Refusal } from './process/refusal.ts'
import { tail } from './process/tail.ts'
import { PACKAGE_ROOT, readVersion } from './process/version.ts'

const USAGE = `Usage: tributary [serve | doctor | tail STREAM] [options]

  serve           the service (default)
  doctor          says what will hurt: brokers, rights, topics, clocks, certificates; changes nothing
  tail STREAM     shows the records of a stream as they lie in Kafka, the last ones first, then new ones

Options:
  --config FILE   a YAML file with any configuration key (instead of TRIBUTARY_CONFIG)
  --check-config  says whether the configuration and its files are right, and stops
  --dev-tls       TLS with a throw-away certificate for localhost, on TRIBUTARY_TLS_PORT or 8443
  --version
  --help

Keys, defaults and environment variables: config/default.yaml. The usual ones:
  KAFKA_BROKERS          host:port[,host:port…]; without it a Kafka is started here (needs Java and Maven)
  TRIBUTARY_PORT         8080 (0: any free one; off: none)
  TRIBUTARY_TLS_PORT     off; with TRIBUTARY_TLS_CERT and TRIBUTARY_TLS_KEY, PEM files
  TRIBUTARY_ADMIN_PORT   8081
`

class UsageError extends Error {}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        'check-config': { type: 'boolean' },
        'dev-tls': { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

async function run(): Promise<void> {
  const { values, positionals } = readArguments(process.argv.slice(2))
  const [command = 'serve', ...rest] = positionals
  if (values.help) return void process.stdout.write(USAGE)
  if (values.version) return void process.stdout.write(`${readVersion()}\n`)
  const config = loadConfig({ environment: process.env, file: values.config })
  const devTls = values['dev-tls'] ?? false
  if (values['check-config']) check(config, devTls)
  else await start([command, ...rest], config, devTls)
}

/** Throws ConfigError for files that cannot be used. */
function check(config: Config, devTls: boolean): void {
  // The throw-away certificate takes the place of files.
  const tls = devTls ? { ...config.tls, port: 'off' as const } : config.tls
  const problems = checkFiles({ ...config, tls })
  if (problems.length > 0) throw new ConfigError(problems)
  process.stdout.write('The configuration is right.\n')
}

function start(words: readonly string[], config: Config, devTls: boolean): Promise<void> {
  const [command, ...rest] = words
  const surroundings = {
    packageRoot: PACKAGE_ROOT,
    version: readVersion(),
    process,
    devTls,
  }
  if (command === 'serve' && rest.length === 0) return serve(config, surroundings)
  if (command === 'doctor' && rest.length === 0) return diagnose(config)
  const [stream] = rest
  if (command === 'tail' && stream !== undefined && rest.length === 1) {
    return tail(stream, config, process)
  }
  throw new UsageError(
    command === 'tail' ? 'tail needs one stream' : `unknown command: ${words.join(' ')}`,
  )
}

/** Exit status 1 where something is broken. */
async function diagnose(config: Config): Promise<void> {
  const isWell = await examine(config, (line) => process.stdout.write(line))
  process.exitCode = isWell ? 0 : 1
}

/** One sentence for what a person can mend; the whole error for what only we can. */
function explain(error: unknown): { text: string; status: number } {
  if (error instanceof UsageError) return { text: `${error.message}\n\n${USAGE}`, status: 2 }
  if (error instanceof ConfigError) {
    return { text: `The configuration is wrong:\n  ${error.problems.join('\n  ')}\n`, status: 2 }
  }
  if (error instanceof Refusal) return { text: `${error.message}\n`, status: 1 }
  return {
    text: `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    status: 1,
  }
}

try {
  await run()
} catch (error) {
  const { text, status } = explain(error)
  process.stderr.write(`tributary: ${text}`)
  process.exit(status)
}
