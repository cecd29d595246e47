// Tracing as OpenTelemetry's users know it: variables of its own, spans over OTLP, the caller's trace
// continued, and continued again by whoever reads from Kafka. Off, nothing is different.

import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { readTopic } from '../support/reader.ts'
import { startService } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { createTopics } from '../support/topics.ts'
import { uniqueName } from '../support/unique.ts'
import { until } from '../support/until.ts'

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const CALLER = '00f067aa0ba902b7'

function clientOf(endpoint: string): KinesisClient {
  const client = new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: new NodeHttpHandler(),
  })
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> }
      headers['traceparent'] = `00-${TRACE_ID}-${CALLER}-01`
      return next(args)
    },
    { step: 'build' },
  )
  return client
}

async function put(endpoint: string, stream: string): Promise<void> {
  const client = clientOf(endpoint)
  const records = ['a', 'b'].map((text) => ({ PartitionKey: text, Data: Buffer.from(text) }))
  await client.send(new PutRecordsCommand({ StreamName: stream, Records: records }))
  client.destroy()
}

test('a put is a span of its caller’s trace, its append one of the put, and readers go on from there', async () => {
  await using receiver = await startOtlpReceiver()
  const topic = uniqueName('traced')
  await createTopics(sharedBrokers(), { topics: [topic], partitions: 1 })
  await using service = await startService({
    environment: {
      KAFKA_BROKERS: sharedBrokers().join(),
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=blue',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_SERVICE_NAME: 'gateway',
    },
  })

  await put(service.url, topic)
  await until(() => receiver.spans.length >= 2, 10_000)

  const call = receiver.spans.find(({ kind }) => kind === 2)
  const append = receiver.spans.find(({ kind }) => kind === 4)
  expect(call).toMatchObject({
    name: 'kinesis/PutRecords',
    service: 'gateway',
    traceId: TRACE_ID,
    parentSpanId: CALLER,
    status: 0,
  })
  expect(call?.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.response.status_code': '200',
    'tributary.stream': topic,
    'messaging.batch.message_count': '2',
  })
  expect(append).toMatchObject({
    name: `send ${topic}`,
    traceId: TRACE_ID,
    parentSpanId: call?.spanId,
  })
  expect(append?.attributes['messaging.destination.name']).toBe(topic)
  expect(receiver.headers()).toMatchObject({ 'x-tenant': 'blue' })
  const stored = await readTopic(sharedBrokers(), topic)
  expect(stored.map(({ headers }) => String(headers['traceparent']))).toEqual(
    Array<string>(2).fill(`00-${TRACE_ID}-${append?.spanId}-01`),
  )
})

test('a call that fails is a span in error, by its code', async () => {
  await using receiver = await startOtlpReceiver()
  await using service = await startService({
    environment: {
      KAFKA_BROKERS: sharedBrokers().join(),
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces`,
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  })
  await expect(put(service.url, uniqueName('missing'))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
  await until(() => receiver.spans.length > 0, 10_000)
  expect(receiver.spans[0]).toMatchObject({
    status: 2,
    attributes: { 'error.type': 'stream-not-found', 'http.response.status_code': '400' },
  })
})

test('a collector that is away disturbs no put, and holds up no stop', async () => {
  const gone = await startOtlpReceiver()
  await gone[Symbol.asyncDispose]()
  const topic = uniqueName('untaken')
  await createTopics(sharedBrokers(), { topics: [topic], partitions: 1 })
  const service = await startService({
    environment: { KAFKA_BROKERS: sharedBrokers().join(), OTEL_EXPORTER_OTLP_ENDPOINT: gone.url },
  })
  await put(service.url, topic)
  const beganMs = Date.now()
  service.signal('SIGTERM')
  expect(await service.ended()).toBe(0)
  expect(Date.now() - beganMs).toBeLessThan(6000)
})

test('without the variables a record has no headers', async () => {
  const topic = uniqueName('untraced')
  await createTopics(sharedBrokers(), { topics: [topic], partitions: 1 })
  await using service = await startService({
    environment: {
      KAFKA_BROKERS: sharedBrokers().join(),
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_SDK_DISABLED: 'true',
    },
  })
  await put(service.url, topic)
  const stored = await readTopic(sharedBrokers(), topic)
  expect(stored.map(({ headers }) => headers)).toEqual([{}, {}])
})
