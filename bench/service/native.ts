// Kafka's native producer beside the service: no HTTP, one thread that never waits for an answer. It
// says what the broker and the records cost by themselves, and is not like for like.

import type { Broker } from '../shared/broker.ts'
import { createPerformance, fetchTools, type Performance } from '../shared/producer-performance.ts'
import { NO_REQUESTS, type Run } from './measure.ts'
import type { Timed } from './workloads.ts'

export const NATIVE = 'Kafka’s native producer, no HTTP'

const START_MS_MAX = 10_000

/** Runs it with records as large as those of a workload, after `startMs` in which it becomes quick. */
export type RunNative = (workload: Timed, round: number) => Promise<Run>

export interface NativeOptions {
  readonly root: string
  readonly broker: Broker
  readonly warmS: number
}

/** Fetches it first, when it is first run. */
export function createNative({ root, broker, warmS }: NativeOptions): RunNative {
  let performance: Promise<Performance> | undefined
  const startMs = Math.min(START_MS_MAX, warmS * 1000)
  let runs = 0

  return async ({ id, recordBytes, partitions, seconds }, round) => {
    performance ??= fetchTools(root).then(createPerformance)
    const send = await performance
    const topic = `native-${Date.now().toString(36)}-${runs++}`
    await broker.createTopics([topic], partitions)
    const run = await send({ broker, topic, recordBytes, seconds, startMs })
    const stored = await broker.countAndDelete([topic])
    const { records, cpuUs, brokerCpuUs, peakBytes, total } = run
    return {
      ...NO_REQUESTS,
      ...{ subject: NATIVE, workload: id, round, seconds: run.seconds, records },
      ...{ acknowledged: total, stored },
      recordsPerS: records / run.seconds,
      mbPerS: (records * recordBytes) / run.seconds / 1e6,
      ...{ cpuUs: cpuUs / records, brokerCpuUs: brokerCpuUs / records },
      ...{ serverCores: cpuUs / run.seconds / 1e6, peakMib: peakBytes / 2 ** 20 },
    }
  }
}
