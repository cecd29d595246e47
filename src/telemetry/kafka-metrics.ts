// The engine's events as metrics. Topics and partitions are no labels: their number has no bound.

import { Counter, Histogram, type Registry } from 'prom-client'
import type { KafkaEvent } from '../kafka/events.ts'
import { SECONDS } from './buckets.ts'
import { createTimes } from './times.ts'

const BATCH_BYTES = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576]

type Of<Type extends KafkaEvent['type']> = Extract<KafkaEvent, { readonly type: Type }>
type Counts = { readonly [Type in KafkaEvent['type']]?: (event: Of<Type>) => void }

export function countKafka(registry: Registry): (event: KafkaEvent) => void {
  const registers = [registry]
  const append = createTimes({
    name: 'tributary_kafka_append_duration_seconds',
    help: 'From handing records to the Kafka side to knowing what became of them.',
    labelNames: [],
    buckets: SECONDS,
    registry,
  }).row({})
  const failures = new Counter({
    name: 'tributary_kafka_batch_failures_total',
    help: 'Attempts of batches that failed, by the error and by what followed.',
    labelNames: ['error', 'then'],
    registers,
  })
  const throttled = new Counter({
    name: 'tributary_kafka_throttled_seconds_total',
    help: 'Time for which brokers asked this service to send nothing.',
    registers,
  })
  const lost = new Counter({
    name: 'tributary_kafka_connections_lost_total',
    help: 'Connections to brokers that ended without being asked to.',
    registers,
  })
  const counts: Counts = {
    append: ({ latencyMs }) => append.observe(latencyMs / 1000),
    produce: countProduce(registry),
    'batch-failed': ({ error, then }) => failures.inc({ error, then }),
    throttled: ({ throttleMs }) => throttled.inc(throttleMs / 1000),
    'broker-lost': () => lost.inc(),
  }
  return (event) => {
    const count = counts[event.type] as ((event: KafkaEvent) => void) | undefined
    count?.(event)
  }
}

function countProduce(registry: Registry): (event: Of<'produce'>) => void {
  const registers = [registry]
  const seconds = new Histogram({
    name: 'tributary_kafka_produce_duration_seconds',
    help: 'From sending a Produce request to its answer.',
    buckets: SECONDS,
    registers,
  })
  const batches = new Counter({
    name: 'tributary_kafka_batches_total',
    help: 'Batches in answered Produce requests.',
    registers,
  })
  const bytes = new Counter({
    name: 'tributary_kafka_batch_bytes_total',
    help: 'Their bytes as sent.',
    registers,
  })
  const records = new Counter({
    name: 'tributary_kafka_batch_records_total',
    help: 'Their records.',
    registers,
  })
  const sizes = new Histogram({
    name: 'tributary_kafka_batch_size_bytes',
    help: 'The mean size of the batches of each Produce request.',
    buckets: BATCH_BYTES,
    registers,
  })
  return (event) => {
    records.inc(event.records)
    sizes.observe(event.bytes / Math.max(1, event.batches))
    seconds.observe(event.latencyMs / 1000)
    batches.inc(event.batches)
    bytes.inc(event.bytes)
  }
}
