// The one failure of this folder. It knows nothing of requests: BridgeError is for those.

/** Why the embedded Kafka cannot be had. The message is one sentence for a newcomer's terminal. */
export class EmbeddedKafkaError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'EmbeddedKafkaError'
  }
}

/** Environment variables as handed in by the caller: JAVA_HOME and PATH are read, all passed on. */
export type Environment = Readonly<Record<string, string | undefined>>
