// When OpenTelemetry's variables ask for traces.

import { openTracing } from '../../src/telemetry/tracing.ts'

const URL = 'http://127.0.0.1:1'

test.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: URL }, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: URL }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
  [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: URL }, false],
  [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
  [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: URL }, false],
  [{ OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_ENDPOINT: URL }, false],
])('%j: %s', async (environment, isOn) => {
  const tracing = await openTracing(environment, '0.0.0')
  expect(tracing !== undefined).toBe(isOn)
  await tracing?.close()
})
