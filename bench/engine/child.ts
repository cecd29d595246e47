// The process of one client: it runs what its parent asks for, one workload at a time, and answers
// with what it took. It lives for the whole comparison, so that its code is compiled by then.

import process from 'node:process'
import type { Compression } from '../../src/kafka/compression.ts'
import { openEngine, openKafkajs } from './clients.ts'
import type { Client } from './clients.ts'
import { cpuUs } from '../shared/process-stat.ts'
import { createRecords } from '../shared/records.ts'
import { PARTITIONS } from './workload.ts'
import type { Workload } from './workload.ts'

export interface Order {
  readonly client: 'engine' | 'kafkajs'
  readonly compression: Compression
  readonly brokers: readonly string[]
  /** Process id of the only broker. */
  readonly brokerPid: number
  readonly topic: string
  readonly workload: Workload
  readonly seconds: number
}

export interface Taken {
  readonly records: number
  /** Records stored before. */
  readonly warmedUp: number
  readonly seconds: number
  readonly cpuUs: number
  readonly brokerCpuUs: number
  /** Bytes of requests; 0 where unknown. */
  readonly sentBytes: number
}

const DISTINCT = 4000
const CALLS_FIRST = 5
const cache = new Map<number, Buffer[]>()

function recordsOf({ recordBytes }: Workload): Buffer[] {
  let records = cache.get(recordBytes)
  if (records === undefined)
    cache.set(recordBytes, (records = createRecords(DISTINCT, recordBytes)))
  return records
}

async function run(client: Client, { topic, workload, seconds, brokerPid }: Order): Promise<Taken> {
  const values = recordsOf(workload)
  // A new topic and new connections have pauses that are not what is measured.
  let warmedUp = 0
  for (let call = 0; call < CALLS_FIRST; call++) {
    warmedUp += await client.send(topic, values.slice(0, PARTITIONS), 0)
  }
  const brokerBefore = cpuUs(brokerPid)
  const cpu = process.cpuUsage()
  const sentBefore = client.sentBytes()
  const beganMs = performance.now()
  const endMs = beganMs + seconds * 1000
  let at = 0
  let records = 0
  const caller = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const from = at
      at = (at + workload.records) % (DISTINCT - workload.records)
      const stored = await client.send(topic, values.slice(from, from + workload.records), from)
      records += stored
    }
  }
  await Promise.all(Array.from({ length: workload.calls }, caller))
  const { user, system } = process.cpuUsage(cpu)
  return {
    records,
    warmedUp,
    seconds: (performance.now() - beganMs) / 1000,
    cpuUs: user + system,
    brokerCpuUs: cpuUs(brokerPid) - brokerBefore,
    sentBytes: client.sentBytes() - sentBefore,
  }
}

async function obey(order: Order): Promise<Taken> {
  recordsOf(order.workload)
  const client =
    order.client === 'engine'
      ? await openEngine(order.brokers, order.compression)
      : await openKafkajs(order.brokers)
  try {
    return await run(client, order)
  } finally {
    await client.close()
  }
}

process.on('message', (order: Order) => {
  obey(order).then(
    (taken) => process.send?.(taken),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      process.exit(1)
    },
  )
})
// Ends by itself, so that a profile is written.
process.on('disconnect', () => process.exit(0))
