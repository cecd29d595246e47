// For promtool: what instances report, and which alerts fire by then. Instances are told apart from
// others by namespace and pod.

const POD = 'tributary-5d8f9c7b6d-x2x4z'
const OURS = `namespace="ingest",pod="${POD}",container="tributary"`
const RUNBOOK = 'docs/operations.md#'

interface Expected {
  readonly exp_labels: Readonly<Record<string, string>>
  readonly exp_annotations: Readonly<Record<string, string>>
}

interface Case {
  readonly eval_time: string
  readonly alertname: string
  readonly exp_alerts: readonly Expected[]
}

interface Firing {
  readonly alert: string
  readonly severity: string
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string
  readonly description: string
  /** When it fires, and when it does not yet. */
  readonly from: string
  readonly before: string
}

function cases({ alert, severity, labels, summary, description, from, before }: Firing): Case[] {
  return [
    { eval_time: before, alertname: alert, exp_alerts: [] },
    {
      eval_time: from,
      alertname: alert,
      exp_alerts: [
        {
          exp_labels: { severity, ...labels },
          exp_annotations: { summary, description, runbook_url: RUNBOOK + alert.toLowerCase() },
        },
      ],
    },
  ]
}

const INSTANCE = { namespace: 'ingest', pod: POD, container: 'tributary' }
const DIALECT = { namespace: 'ingest', dialect: 'dis' }

function series(name: string, values: string, labels = ''): { series: string; values: string } {
  return { series: `${name}{${OURS}${labels && `,${labels}`}}`, values }
}

/** Sixty puts a minute, a second of which in a hundred seconds. */
const PUTS = series(
  'tributary_requests_total',
  '0+60x30',
  'dialect="dis",operation="PutRecords",status="200"',
)

function failures(code: string, values: string): { series: string; values: string } {
  return series(
    'tributary_failures_total',
    values,
    `dialect="dis",operation="PutRecords",scope="record",code="${code}"`,
  )
}

const ALERTS: readonly { readonly input: readonly object[]; readonly firing: Firing }[] = [
  {
    input: [series('tributary_kafka_connected', '1x2 0x27')],
    firing: {
      alert: 'TributaryKafkaAway',
      severity: 'critical',
      labels: INSTANCE,
      summary: 'Kafka does not answer.',
      description: `${POD} gets no answer from Kafka: every put fails, and clients try again.`,
      before: '3m',
      from: '5m',
    },
  },
  {
    input: [{ series: 'tributary_kafka_connected{namespace="other",pod="x"}', values: '1x30' }],
    firing: {
      alert: 'TributaryAbsent',
      severity: 'critical',
      labels: { namespace: 'ingest' },
      summary: 'No instance of Tributary is seen.',
      description:
        'Prometheus has seen no instance for five minutes: none runs, none has reached Kafka yet, or none can be scraped.',
      before: '4m',
      from: '6m',
    },
  },
  {
    input: [
      PUTS,
      // The clock of promtool begins at 0.
      series('tributary_kafka_last_append_timestamp_seconds', '0x2 150x27'),
    ],
    firing: {
      alert: 'TributaryNothingStored',
      severity: 'critical',
      labels: { namespace: 'ingest' },
      summary: 'Puts arrive, and nothing is stored.',
      description: 'No record was stored for five minutes although producers put some.',
      before: '10m',
      from: '14m',
    },
  },
  {
    input: [PUTS, failures('undecided', '0+3x30')],
    firing: {
      alert: 'TributaryFailing',
      severity: 'critical',
      labels: DIALECT,
      summary: 'Requests or records of dis fail.',
      description: '5% of what dis producers send fails for reasons of ours or of Kafka.',
      before: '4m',
      from: '12m',
    },
  },
  {
    input: [PUTS, failures('throttled', '0+6x30')],
    firing: {
      alert: 'TributaryThrottling',
      severity: 'warning',
      labels: DIALECT,
      summary: 'Producers of dis are throttled.',
      description: '10% of what dis producers send is refused as too much.',
      before: '9m',
      from: '20m',
    },
  },
  {
    input: [PUTS, failures('not-authenticated', '0+15x30')],
    firing: {
      alert: 'TributaryCredentialsRejected',
      severity: 'warning',
      labels: DIALECT,
      summary: 'Credentials of dis producers are refused.',
      description:
        '25% of the requests of dis have credentials that are unknown, wrong or not enough.',
      before: '9m',
      from: '20m',
    },
  },
  {
    input: ['1', '2.5', '5', '+Inf'].map((le) =>
      series(
        'tributary_request_duration_seconds_bucket',
        le === '1' ? '0x30' : '0+60x30',
        `dialect="dis",operation="PutRecords",le="${le}"`,
      ),
    ),
    firing: {
      alert: 'TributarySlow',
      severity: 'warning',
      labels: DIALECT,
      summary: 'Puts of dis are slow.',
      description: 'One put in a hundred of dis takes longer than 2.485s.',
      before: '9m',
      from: '20m',
    },
  },
  {
    input: [series('tributary_kafka_throttled_seconds_total', '0+30x30')],
    firing: {
      alert: 'TributaryKafkaThrottles',
      severity: 'warning',
      labels: INSTANCE,
      summary: 'Kafka throttles Tributary.',
      description: `Brokers ask ${POD} to send nothing for 50% of the time: a quota of theirs.`,
      before: '9m',
      from: '20m',
    },
  },
  {
    input: [
      series('tributary_bytes_in_flight', '9x30'),
      series('tributary_bytes_in_flight_max', '10x30'),
    ],
    firing: {
      alert: 'TributaryBudgetNearlyUsed',
      severity: 'warning',
      labels: INSTANCE,
      summary: 'The memory for requests is nearly used up.',
      description: `${POD} uses 90% of memory.bytesMax; beyond it, it throttles.`,
      before: '4m',
      from: '6m',
    },
  },
  {
    input: [series('process_resident_memory_bytes', `${480 * 2 ** 20}x30`)],
    firing: {
      alert: 'TributaryMemoryNearLimit',
      severity: 'warning',
      labels: INSTANCE,
      summary: 'The process is close to its memory limit.',
      description: `${POD} uses 480MiB; beyond the container's limit it is killed.`,
      before: '9m',
      from: '11m',
    },
  },
  {
    input: [series('nodejs_eventloop_lag_p99_seconds', '0.75x30')],
    firing: {
      alert: 'TributaryBehind',
      severity: 'warning',
      labels: INSTANCE,
      summary: 'An instance is short of processor time.',
      description: `The event loop of ${POD} is 750ms behind.`,
      before: '4m',
      from: '6m',
    },
  },
  {
    input: [series('tributary_state_followed', '0x30')],
    firing: {
      alert: 'TributaryStateNotFollowed',
      severity: 'warning',
      labels: INSTANCE,
      summary: 'The topic of state cannot be read.',
      description: `${POD} does not know what instances share: calls that need it fail; puts go on.`,
      before: '9m',
      from: '11m',
    },
  },
]

/** Every alert is silent where all is well. */
const WELL = {
  interval: '1m',
  input_series: [
    series('tributary_kafka_connected', '1x30'),
    PUTS,
    series('tributary_kafka_last_append_timestamp_seconds', '0+60x30'),
    failures('undecided', '0x30'),
    failures('throttled', '0+1x30'),
    series('tributary_kafka_throttled_seconds_total', '0+1x30'),
    series('tributary_bytes_in_flight', '2x30'),
    series('tributary_bytes_in_flight_max', '10x30'),
    series('process_resident_memory_bytes', `${200 * 2 ** 20}x30`),
    series('nodejs_eventloop_lag_p99_seconds', '0.02x30'),
    series('tributary_state_followed', '1x30'),
  ],
  alert_rule_test: ALERTS.map(({ firing }): Case => ({
    eval_time: '25m',
    alertname: firing.alert,
    exp_alerts: [],
  })),
}

export const RULE_TESTS = {
  rule_files: ['rules.yaml'],
  evaluation_interval: '1m',
  tests: [
    WELL,
    ...ALERTS.map(({ input, firing }) => ({
      interval: '1m',
      input_series: input,
      alert_rule_test: cases(firing),
    })),
  ],
}
