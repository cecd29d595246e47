// What is used of kafkajs 2.2.4 below its public face. The package has no `exports` map, so its
// files can be imported; they are not an API, so the version is pinned exactly.
//
// * Broker opens a socket (TLS where asked), asks for the broker's API versions and logs in.
// * The codecs of the administrative requests are used without their `parse`, which throws for
//   the whole reply when one entry failed.

/* eslint-disable no-restricted-exports -- these are the exports that the package has */

declare module 'kafkajs/src/broker/index.js' {
  import type ConnectionPool from 'kafkajs/src/network/connectionPool.js'
  import type { Logger } from 'kafkajs/src/loggers/index.js'

  export default class Broker {
    constructor(options: {
      connectionPool: ConnectionPool
      logger: Logger
      authenticationTimeout?: number
    })
    /** By API key, once connected. */
    readonly versions: Readonly<
      Record<number, { readonly minVersion: number; readonly maxVersion: number } | undefined>
    > | null
    connect(): Promise<void>
  }
}

declare module 'kafkajs/src/network/connectionPool.js' {
  import type { Socket } from 'node:net'
  import type { ConnectionOptions } from 'node:tls'
  import type { SASLOptions } from 'kafkajs'
  import type { Logger } from 'kafkajs/src/loggers/index.js'

  export interface SocketTarget {
    readonly host: string
    readonly port: number
    readonly ssl: ConnectionOptions | null
    readonly onConnect: () => void
  }

  export interface Connection {
    /** Milliseconds that a login is good for; 0: for ever. A Long. */
    readonly sessionLifetime: { toString(): string }
    /** Its timers end with `destroy`. */
    readonly requestQueue: { destroy(): void }
  }

  export default class ConnectionPool {
    constructor(options: {
      host: string
      port: number
      ssl: ConnectionOptions | null
      sasl: SASLOptions | null
      clientId: string
      socketFactory: (target: SocketTarget) => Socket
      connectionTimeout: number
      requestTimeout: number
      logger: Logger
    })
    readonly pool: readonly Connection[]
  }
}

declare module 'kafkajs/src/loggers/index.js' {
  export interface Logger {
    namespace(name: string): Logger
  }
  export function createLogger(options: {
    level: number
    logCreator: (level: number) => (entry: unknown) => void
  }): Logger
}

declare module 'kafkajs/src/protocol/requests/index.js' {
  interface Protocol<Input, Reply> {
    protocol(options: { version: number }): (input: Input) => {
      readonly request: {
        readonly apiKey: number
        readonly apiVersion: number
        encode(): Promise<{ readonly buffer: Buffer }>
      }
      readonly response: { decode(reply: Buffer): Promise<Reply> }
    }
  }

  interface TopicError {
    readonly topic: string
    readonly errorCode: number
    readonly errorMessage?: string | null
  }

  interface TopicErrors {
    readonly topicErrors: readonly TopicError[]
  }

  export const requests: {
    readonly CreateTopics: Protocol<
      {
        topics: readonly {
          topic: string
          numPartitions: number
          replicationFactor: number
          configEntries: readonly { name: string; value: string }[]
        }[]
        timeout: number
      },
      TopicErrors
    >
    readonly CreatePartitions: Protocol<
      { topicPartitions: readonly { topic: string; count: number }[]; timeout: number },
      TopicErrors
    >
    readonly DeleteTopics: Protocol<{ topics: readonly string[]; timeout: number }, TopicErrors>
    readonly DescribeConfigs: Protocol<
      { resources: readonly { type: number; name: string; configNames: readonly string[] }[] },
      {
        readonly resources: readonly {
          readonly errorCode: number
          readonly errorMessage: string | null
          readonly resourceName: string
          readonly configEntries: readonly {
            readonly configName: string
            readonly configValue: string | null
          }[]
        }[]
      }
    >
    readonly ListOffsets: Protocol<
      {
        replicaId: number
        isolationLevel: number
        topics: readonly {
          topic: string
          partitions: readonly { partition: number; timestamp: number }[]
        }[]
      },
      {
        readonly responses: readonly {
          readonly topic: string
          readonly partitions: readonly {
            readonly partition: number
            readonly errorCode: number
            readonly offset: string
          }[]
        }[]
      }
    >
  }
}
