// Where Kafka is and how to talk to it, from the configuration.

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

/** Rejects with Refusal for a file that cannot be read. */
export function connectionOf({ kafka: { clientId, tls, sasl } }: Config): Connection {
  return {
    clientId,
    ssl: tls.enabled
      ? {
          ...(tls.ca && { ca: readPem('kafka.tls.ca', tls.ca) }),
          ...(tls.cert && { cert: readPem('kafka.tls.cert', tls.cert) }),
          ...(tls.key && { key: readPem('kafka.tls.key', tls.key) }),
        }
      : false,
    ...(sasl.mechanism !== 'none' && {
      sasl: {
        mechanism: MECHANISMS[sasl.mechanism],
        username: sasl.username,
        password: sasl.password,
      },
    }),
  }
}

function readPem(key: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new Refusal(`${key}: cannot read ${file}: ${(error as Error).message}`)
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
