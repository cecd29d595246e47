// Every configuration key: its default, what it may be, and a sentence. config/default.yaml and
// docs/configuration.md are written from this table (`npm run reference`).

import {
  choice,
  flag,
  list,
  ownTopic,
  port,
  secret,
  table,
  text,
  whole,
  type ValuesOf,
} from './key.ts'

const MIB = 2 ** 20

interface DialectDefaults {
  readonly template: string
  readonly answerWithinMs: number
  readonly recordBytesMax: number
  readonly recordsMax: number
  readonly bodyBytesMax: number
}

/** The keys that every dialect has. */
function dialect(defaults: DialectDefaults) {
  return {
    port: port('off', 'A port of its own, where every request is this dialect’s.'),
    hosts: list('Host names under which every request is this dialect’s.'),
    topic: {
      template: text(defaults.template, 'Makes the topic of a stream from the parts of its name.'),
      overrides: table('Topics of single streams, by the stream’s whole name.'),
      pinned: table('Parts of names that must have this value; others mean a missing stream.'),
    },
    answerWithinMs: whole(
      defaults.answerWithinMs,
      'How long a client waits for an answer at the most. A batch may go on after it.',
      { min: 100, max: 600_000 },
    ),
    limits: {
      recordBytesMax: whole(defaults.recordBytesMax, 'Data of one record, decoded.', {
        min: 1,
        max: 64 * MIB,
      }),
      recordsMax: whole(defaults.recordsMax, 'Records in one call.', { min: 1, max: 100_000 }),
      bodyBytesMax: whole(defaults.bodyBytesMax, 'Body of a request as sent.', {
        min: 1024,
        max: 256 * MIB,
      }),
    },
  }
}

export const KEYS = {
  port: port(8080, 'The data port, shared by all dialects, plain text.'),
  adminPort: port(8081, 'The port of health, metrics and OpenAPI documents.'),
  host: text('', 'Address to listen on; empty: loopback with the embedded Kafka, else all.'),
  adminHost: text('', 'Address of the admin port; empty: like host.'),
  adminToken: secret(
    'What whoever asks for metrics, documents or the console must show; empty: nothing.',
  ),

  tls: {
    port: port('off', 'The data port over TLS, beside the plain one or instead of it.'),
    cert: text('', 'PEM file with the certificate, and those between it and its authority.'),
    key: text('', 'PEM file with the certificate’s key. Both are read anew when they change.'),
  },

  identity: choice(
    ['open', 'verify'],
    'open: any or no credentials are accepted; verify: those of the credentials file.',
  ),
  credentials: text('', 'YAML or JSON file with principals; read anew when it changes.'),

  kafka: {
    brokers: list('Brokers as host:port; none: the embedded Kafka.', { env: 'KAFKA_BROKERS' }),
    clientId: text('tributary', 'How this service names itself to the brokers.'),
    tls: {
      enabled: flag(false, 'TLS to the brokers.', { env: 'KAFKA_TLS' }),
      ca: text('', 'PEM file with the brokers’ authority; empty: the system’s.', {
        env: 'KAFKA_TLS_CA',
      }),
      cert: text('', 'PEM file with the client certificate.', { env: 'KAFKA_TLS_CERT' }),
      key: text('', 'PEM file with the key of the client certificate.', { env: 'KAFKA_TLS_KEY' }),
    },
    sasl: {
      mechanism: choice(['none', 'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'], 'SASL mechanism.', {
        env: 'KAFKA_SASL_MECHANISM',
      }),
      username: text('', 'SASL user name.', { env: 'KAFKA_SASL_USERNAME' }),
      password: secret('SASL password.', { env: 'KAFKA_SASL_PASSWORD' }),
      passwordFile: text('', 'File with the SASL password, read anew for every connection.', {
        env: 'KAFKA_SASL_PASSWORD_FILE',
      }),
    },
    metadataMaxAgeMs: whole(2000, 'How old the known partitions of a topic may be.', {
      min: 100,
      max: 300_000,
    }),
    requestTimeoutMs: whole(3000, 'How long one request to a broker may take.', {
      min: 100,
      max: 60_000,
    }),
    deliveryTimeoutMs: whole(
      60_000,
      'How long a batch is tried, also after its callers were answered.',
      { min: 1000, max: 600_000 },
    ),
    compression: choice(
      ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
      'Compression of batches; zstd saves most for its CPU, lz4 costs least, gzip needs no package.',
    ),
    connectTimeoutMs: whole(60_000, 'How long the start waits for the first broker.', {
      min: 1000,
      max: 3_600_000,
    }),
  },

  embedded: {
    directory: text('.tributary', 'Where the embedded Kafka keeps its jars and data.'),
    demoStream: text('demo', 'A stream made at the start of the embedded Kafka; empty: none.'),
    demoShards: whole(4, 'Its shards.', { min: 1, max: 100 }),
  },

  streams: {
    autoCreate: flag(false, 'A put to a stream that does not exist creates it.'),
    autoCreateShards: whole(4, 'Shards of a stream that was created by a put.', {
      min: 1,
      max: 10_000,
    }),
    manage: choice(
      ['own', 'all', 'none'],
      'Which topics delete, resize and retention may touch; the embedded Kafka uses all.',
    ),
    manageable: list('Topic patterns (* for any text) that own includes.'),
    nativePlacement: list('Topic patterns whose keys are placed as Kafka’s own producers do.'),
    deaggregate: list('Topic patterns whose KPL aggregates are stored as their user records.', {
      default: ['*'],
    }),
    shardsMax: whole(1000, 'Shards of one stream.', { min: 1, max: 100_000 }),
    replicationFactor: whole(0, 'Replicas of a new topic; 0: three, or one per broker if fewer.', {
      min: 0,
      max: 100,
    }),
  },

  memory: {
    bytesMax: whole(
      24 * MIB,
      'Bytes of requests in work at once, from the socket to the acknowledgement; more is refused.',
      { min: MIB },
    ),
  },

  state: {
    topic: ownTopic(
      '_tributary',
      'The compacted topic that keeps what Kafka has no place for; two installations on one cluster use two.',
    ),
    bytesMax: whole(16 * MIB, 'Memory for what is kept there, all together; more is refused.', {
      min: 65_536,
    }),
  },

  recall: {
    windowMs: whole(120_000, 'How long a retried call gets the first attempt’s answer.', {
      min: 0,
      max: 3_600_000,
    }),
    bytesMax: whole(16 * MIB, 'Memory for the answers that retries may ask for.', { min: 0 }),
  },

  http: {
    keepAliveMs: whole(75_000, 'How long an idle connection stays open; longer than clients’.', {
      min: 1000,
      max: 3_600_000,
    }),
    headersTimeoutMs: whole(20_000, 'How long a request’s headers may take.', { min: 1000 }),
    requestTimeoutMs: whole(60_000, 'How long a whole request may take to arrive.', { min: 1000 }),
    connectionsMax: whole(20_000, 'Connections at once.', { min: 1 }),
    discardBytesMax: whole(
      32 * MIB,
      'How much of a refused body is read and thrown away, so that the client sees the answer.',
      { min: 0 },
    ),
  },

  shutdown: {
    graceMs: whole(
      1000,
      'How long to keep accepting after SIGTERM, not ready, closing connections.',
      {
        min: 0,
        max: 600_000,
      },
    ),
    drainMs: whole(40_000, 'How long to wait for what is in flight after that.', {
      min: 0,
      max: 3_600_000,
    }),
  },

  log: {
    level: choice(['info', 'debug', 'warn', 'error'], 'The least important line that is written.'),
    format: choice(['auto', 'json', 'text'], 'auto: readable on a terminal, JSON otherwise.'),
    requests: choice(
      ['sampled', 'all', 'failures', 'off'],
      'Request lines; sampled: failures, and at most one success a second.',
    ),
  },

  metrics: {
    streamsMax: whole(
      500,
      'Streams with metrics of their own; what comes later is counted together.',
      {
        min: 0,
        max: 100_000,
      },
    ),
  },

  dialects: {
    kinesis: {
      ...dialect({
        template: '{stream}',
        answerWithinMs: 15_000,
        recordBytesMax: MIB,
        recordsMax: 500,
        bodyBytesMax: 16 * MIB,
      }),
      requestBytesMax: whole(10 * MIB, 'Data and keys of one PutRecords, decoded.', { min: 1024 }),
      largeRecordBytesMax: whole(
        10 * MIB,
        'Data of one record on a stream that was made for larger ones (MaxRecordSizeInKiB).',
        { min: 1, max: 64 * MIB },
      ),
      newerMembers: flag(
        true,
        'Replies have members that Amazon has added since 2021; off for clients that stumble over them.',
      ),
      accountId: text('000000000000', 'The account in ARNs and messages: twelve digits.'),
      region: text('us-east-1', 'The region in ARNs of calls whose signature names none.'),
    },
    yandex: {
      ...dialect({
        template: '{stream}',
        answerWithinMs: 15_000,
        recordBytesMax: MIB,
        recordsMax: 500,
        bodyBytesMax: 8 * MIB,
      }),
      requestBytesMax: whole(5 * MIB, 'Data and keys of one PutRecords, decoded.', { min: 1024 }),
    },
    dis: {
      ...dialect({
        template: '{stream}',
        answerWithinMs: 30_000,
        recordBytesMax: MIB,
        recordsMax: 10_000,
        bodyBytesMax: 16 * MIB,
      }),
      retentionHoursMax: whole(72, 'The longest retention that CreateStream may ask for.', {
        min: 24,
      }),
    },
    v3io: {
      ...dialect({
        template: '{container}.{path}',
        answerWithinMs: 15_000,
        recordBytesMax: 2 * MIB,
        recordsMax: 1000,
        bodyBytesMax: 10 * MIB,
      }),
      keyBytesMax: whole(256, 'A partition key in UTF-8.', { min: 1, max: 65_536 }),
      clientInfoBytesMax: whole(16, 'ClientInfo of a record, decoded.', { min: 0, max: 65_536 }),
      readBytesMax: whole(7 * MIB, 'Data, keys and ClientInfo in the answer of one GetRecords.', {
        min: 1,
      }),
      shardsMax: whole(4096, 'Shards that CreateStream and UpdateStream take.', { min: 1 }),
      retentionHoursMax: whole(8760, 'The longest retention that CreateStream may ask for.', {
        min: 1,
      }),
      containers: list('Containers whose requests are v3io’s even without credentials.'),
    },
  },
}

/** The configuration, complete and frozen. */
export type Config = ValuesOf<typeof KEYS>
