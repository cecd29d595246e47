// The metrics of a service in which nothing happens: for tests that want their names.

import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'

export function createIdleMetrics(): Metrics {
  return createMetrics({
    version: '0.0.0',
    streamsMax: 1,
    bytesMax: 1,
    sources: {
      bytesHeld: () => 0,
      connections: () => 0,
      state: () => ({ known: true, trouble: undefined, bytes: 0, foreign: 0 }),
      kafka: () => ({
        ...{ connected: true, lastWrittenMs: undefined, partitionsBusy: 0, appendsMax: 0 },
      }),
    },
  })
}
