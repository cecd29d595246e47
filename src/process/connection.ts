// Where Kafka is and how to talk to it, from the configuration.
//
// * Files are read anew for every connection that is opened: whoever takes the options apart then gets what
//   the files hold then. One that cannot be read just then is as it was last.

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import type { Config } from '../config/schema.ts'
import { Refusal } from './refusal.ts'

export interface Sasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

export interface Connection {
  readonly clientId: string
  readonly ssl: ConnectionOptions | false
  readonly sasl?: Sasl
}

const MECHANISMS = {
  PLAIN: 'plain',
  'SCRAM-SHA-256': 'scram-sha-256',
  'SCRAM-SHA-512': 'scram-sha-512',
} as const

/** Throws Refusal for a file that cannot be read. */
export function connectionOf({ kafka: { clientId, tls, sasl } }: Config): Connection {
  const { mechanism, username } = sasl
  return {
    clientId,
    ssl: tls.enabled && pemsOf(tls),
    ...(mechanism !== 'none' && {
      sasl: withPassword({ mechanism: MECHANISMS[mechanism], username }, sasl),
    }),
  }
}

const PEMS = ['ca', 'cert', 'key'] as const

function pemsOf(tls: Config['kafka']['tls']): ConnectionOptions {
  const options: ConnectionOptions = {}
  for (const name of PEMS) {
    if (tls[name] === '') continue
    const get = fresh(`kafka.tls.${name}`, tls[name])
    Object.defineProperty(options, name, { enumerable: true, get })
  }
  return options
}

type Login = Pick<Sasl, 'mechanism' | 'username'>

function withPassword(login: Login, { password, passwordFile }: Config['kafka']['sasl']): Sasl {
  if (passwordFile === '') return { ...login, password }
  const read = fresh('kafka.sasl.passwordFile', passwordFile)
  return {
    ...login,
    get password() {
      return read()
        .toString('utf8')
        .replace(/\r?\n$/, '')
    },
  }
}

/** What the file holds whenever it is asked for. Throws Refusal where it cannot be read at first. */
function fresh(key: string, file: string): () => Buffer {
  let content: Buffer
  try {
    content = readFileSync(file)
  } catch (error) {
    throw new Refusal(`${key}: cannot read ${file}: ${(error as Error).message}`)
  }
  return () => {
    try {
      content = readFileSync(file)
    } catch {
      // Between two versions of it.
    }
    return content
  }
}

/** Holds the addresses of the embedded brokers while they run. */
export function addressFile({ embedded }: Config): string {
  return join(embedded.directory, 'brokers')
}

/** The configured brokers, or those of a service that runs its own Kafka in the same folder. */
export async function brokersOf(config: Config): Promise<readonly string[]> {
  if (config.kafka.brokers.length > 0) return config.kafka.brokers
  try {
    return (await readFile(addressFile(config), 'utf8')).split('\n').filter((line) => line !== '')
  } catch {
    throw new Refusal(
      'No Kafka to read from: KAFKA_BROKERS is not set, and no service with an embedded Kafka runs in this folder.',
    )
  }
}
