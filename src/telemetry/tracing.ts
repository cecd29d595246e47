// Tracing by OpenTelemetry, sent over OTLP (HTTP, protobuf). Off unless its own variables ask for it
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/): then its
// libraries, which are large, are loaded, and read from the environment what they need: endpoint,
// headers, sampler, batching.
//
// * A span for each request, continuing the caller's `traceparent`, and one for each append to Kafka.
// * Attributes have the names of the semantic conventions. No query, no body: they may hold secrets.

import type * as Api from '@opentelemetry/api'
import type * as Core from '@opentelemetry/core'
import type { Account } from '../core/account.ts'
import type { Head } from '../core/dialect.ts'
import type { Attributes, Ending, Span } from '../core/trace.ts'

export interface Tracing {
  /** The span of a request. */
  readonly begin: (head: Head) => Span
  /** Sends what is left. Never rejects. */
  readonly close: () => Promise<void>
}

type Environment = Readonly<Record<string, string | undefined>>

const USER_AGENT_CHARS_MAX = 200
const CLOSE_WITHIN_MS = 3000

/** Whether the environment asks for traces. */
function wantsTracing(environment: Environment): boolean {
  if (environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false
  const exporter = environment['OTEL_TRACES_EXPORTER']
  if (exporter !== undefined && exporter !== '') return exporter.split(',').includes('otlp')
  return [
    environment['OTEL_EXPORTER_OTLP_ENDPOINT'],
    environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
  ].some((endpoint) => endpoint !== undefined && endpoint !== '')
}

/** Resolves with nothing where tracing is off. */
export async function openTracing(
  environment: Environment,
  version: string,
): Promise<Tracing | undefined> {
  if (!wantsTracing(environment)) return undefined
  const [api, core, sdk, resources, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
  ])
  const named = { 'service.name': 'tributary', 'service.version': version }
  const provider = new sdk.BasicTracerProvider({
    resource: resources
      .defaultResource()
      .merge(resources.resourceFromAttributes(named))
      .merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter())],
  })
  const tracer = createTracer({ ...api, ...core }, provider.getTracer('tributary', version))
  return {
    begin: tracer.begin,
    async close() {
      const late = new Promise((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS).unref())
      await Promise.race([provider.shutdown().catch(() => undefined), late])
    },
  }
}

type Libraries = Pick<typeof Api, 'ROOT_CONTEXT' | 'SpanKind' | 'SpanStatusCode' | 'trace'> &
  Pick<typeof Core, 'parseTraceParent'>

function createTracer(
  { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, parseTraceParent }: Libraries,
  tracer: Api.Tracer,
) {
  function toSpan(span: Api.Span): Span {
    return {
      traceparent: writeTraceparent(span),
      handOn: (name, attributes) =>
        toSpan(
          tracer.startSpan(
            name,
            { kind: SpanKind.PRODUCER, attributes },
            trace.setSpan(ROOT_CONTEXT, span),
          ),
        ),
      end({ name, attributes, failure }: Ending = {}) {
        if (name !== undefined) span.updateName(name)
        if (attributes) span.setAttributes(attributes)
        if (failure !== undefined) {
          span.setAttribute('error.type', failure).setStatus({ code: SpanStatusCode.ERROR })
        }
        span.end()
      },
    }
  }

  function parentOf(head: Head): Api.Context {
    const parent = parseTraceParent(head.headers['traceparent'] ?? '')
    return parent ? trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }) : ROOT_CONTEXT
  }

  return {
    begin: (head: Head): Span =>
      toSpan(
        tracer.startSpan(
          head.method,
          { kind: SpanKind.SERVER, attributes: attributesOf(head) },
          parentOf(head),
        ),
      ),
  }
}

function attributesOf({ method, path, headers }: Head): Attributes {
  const agent = headers['user-agent']
  return {
    'http.request.method': method,
    'url.path': path,
    ...(agent !== undefined && { 'user_agent.original': agent.slice(0, USER_AGENT_CHARS_MAX) }),
  }
}

/** What a request turned out to be. */
export function endingOf(account: Account, status: number, failure: string | undefined): Ending {
  const { dialect, operation, stream, records } = account
  return {
    ...(operation !== '' && { name: `${dialect}/${operation}` }),
    attributes: {
      'http.response.status_code': status,
      'tributary.dialect': dialect,
      ...(stream !== '' && { 'tributary.stream': stream }),
      ...(records > 0 && { 'messaging.batch.message_count': records }),
    },
    ...(failure !== undefined && { failure }),
  }
}

function writeTraceparent(span: Api.Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}
