// GetStreamMetrics and GetPartitionMetrics (docs: "Monitoring Management"): what went through a stream,
// one point for each minute.
//
// * The numbers are what this instance counted since its start, at most a week's (core/traffic.ts):
//   behind a load balancer each instance has its own share. For all of them together the service
//   exports metrics of its own.
// * The form of the answer follows the request: one `label` gives `metrics`, and a `label_list` gives
//   `metrics_list`. Clients read either, so both are there.
// * The Python SDK leaves times empty: then it is the last hour.

import type { Ask, Input, Operation, Reply } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { Counts, Point, Way } from '../../../core/traffic.ts'
import { encodeReply, REFINED } from '../encode.ts'
import { looseTextOf, onStream, textOf } from '../names.ts'
import { formatShardId, parseShardId } from '../shards.ts'

type Perform = Operation['perform']
type Value = (point: Point | undefined) => number

const MINUTE_MS = 60_000
const HOUR_S = 3600
const WEEK_S = 7 * 24 * HOUR_S

function valueOf(way: Way, name: keyof Counts): Value {
  return (point) => point?.[way][name] ?? 0
}

function latencyOf(way: Way): Value {
  return (point) => {
    const { requests, requestMs } = point?.[way] ?? { requests: 0, requestMs: 0 }
    return requests === 0 ? 0 : Math.round(requestMs / requests)
  }
}

const STREAM_LABELS: Readonly<Record<string, Value>> = {
  total_put_bytes_per_stream: valueOf('put', 'bytes'),
  total_get_bytes_per_stream: valueOf('get', 'bytes'),
  total_put_records_per_stream: valueOf('put', 'records'),
  total_get_records_per_stream: valueOf('get', 'records'),
  total_put_req_latency: latencyOf('put'),
  total_get_req_latency: latencyOf('get'),
  total_put_req_suc_per_stream: valueOf('put', 'requests'),
  total_get_req_suc_per_stream: valueOf('get', 'requests'),
  traffic_control_put: valueOf('put', 'throttled'),
  traffic_control_get: valueOf('get', 'throttled'),
  // as the page spells them elsewhere
  traffic_controll_put: valueOf('put', 'throttled'),
  traffic_controll_get: valueOf('get', 'throttled'),
}

const PARTITION_LABELS: Readonly<Record<string, Value>> = {
  total_put_bytes_per_partition: valueOf('put', 'bytes'),
  total_get_bytes_per_partition: valueOf('get', 'bytes'),
  total_put_records_per_partition: valueOf('put', 'records'),
  total_get_records_per_partition: valueOf('get', 'records'),
}

export function createStreamMetrics(): Perform {
  return (ask) => answer(ask, STREAM_LABELS)
}

export function createPartitionMetrics(): Perform {
  return async function partitionMetrics(ask) {
    const id = looseTextOf(ask.input, 'partition_id') ?? ''
    const shard = parseShardId(id)
    if (shard === undefined) throw new BridgeError('invalid-argument', id, { as: REFINED.shardId })
    return answer(ask, PARTITION_LABELS, shard)
  }
}

async function answer(
  ask: Ask,
  labels: Readonly<Record<string, Value>>,
  shard?: number,
): Promise<Reply> {
  const { input, streams, traffic, call } = ask
  const wanted = wantedOf(input, labels)
  const period = periodOf(input, call.receivedAtMs)
  const points = await onStream(ask, async (stream) => {
    const { shards } = await streams.summarise(stream)
    if (shard !== undefined && shard >= shards) {
      throw new BridgeError('shard-not-found', formatShardId(shard))
    }
    return traffic.points({ topic: streams.routeOf(stream).topic, shard, ...period })
  })
  const minutes = minutesOf(period, traffic.sinceMs)
  const found = new Map(points.map((point) => [point.minuteMs, point]))
  const series = wanted.map(([label, value]) => ({
    label,
    dataPoints: minutes.map((minuteMs) => ({
      timestamp: minuteMs / 1000,
      value: value(found.get(minuteMs)),
    })),
  }))
  return encodeReply({ metrics: series[0], metrics_list: series })
}

function wantedOf(input: Input, labels: Readonly<Record<string, Value>>): [string, Value][] {
  const list = textOf(input, 'label_list') ?? textOf(input, 'label') ?? ''
  const names = [...new Set(list.split(',').map((name) => name.trim()))]
  return names.map((name) => {
    const value = Object.hasOwn(labels, name) ? labels[name] : undefined
    if (value) return [name, value]
    throw new BridgeError('invalid-argument', `[${name.slice(0, 100)}]`, { as: REFINED.label })
  })
}

interface Period {
  readonly fromMs: number
  readonly untilMs: number
}

function periodOf(input: Input, nowMs: number): Period {
  const untilS = Number(input['end_time'] ?? Math.floor(nowMs / 1000))
  const fromS = Number(input['start_time'] ?? untilS - HOUR_S)
  const isPeriod = fromS >= 0 && untilS >= fromS && untilS < 1e10
  if (!isPeriod) {
    const sentence = 'start_time and end_time must be seconds since 1970, in this order.'
    throw new BridgeError('invalid-argument', sentence, { as: REFINED.period })
  }
  if (untilS - fromS > WEEK_S) {
    throw new BridgeError('invalid-argument', '', { as: REFINED.longPeriod })
  }
  return { fromMs: fromS * 1000, untilMs: Math.min(untilS * 1000, nowMs) }
}

/** The minutes of a period that this instance was there for, also those without traffic. */
function minutesOf({ fromMs, untilMs }: Period, sinceMs: number): readonly number[] {
  const firstMs = Math.ceil(Math.max(fromMs, sinceMs - MINUTE_MS + 1) / MINUTE_MS) * MINUTE_MS
  const count = Math.max(0, Math.ceil((untilMs - firstMs) / MINUTE_MS))
  return Array.from({ length: count }, (_, i) => firstMs + i * MINUTE_MS)
}
