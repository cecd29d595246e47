// The clients side by side, one run after the other.

import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Compression } from '../../src/kafka/compression.ts'
import type { Broker } from '../shared/broker.ts'
import type { Order, Taken } from './child.ts'
import { interleave } from '../shared/rounds.ts'
import type { Performance } from '../shared/producer-performance.ts'
import { PARTITIONS } from './workload.ts'
import type { Workload } from './workload.ts'

/** What is compared: a client in Node, or Kafka's own tool. */
export interface Subject {
  readonly name: string
  readonly client: 'engine' | 'kafkajs' | 'java'
  readonly compression: Compression
}

/** One run, without warming up. */
export interface Run {
  readonly subject: string
  readonly workload: string
  readonly kRecordsPerS: number
  readonly clientCpuUs: number
  readonly brokerCpuUs: number
  /** Per record, of requests; 0 where unknown. */
  readonly sentBytes: number
  readonly acknowledged: number
  readonly stored: number
}

export interface Bench {
  readonly broker: Broker
  readonly performance: Performance
  readonly seconds: number
  readonly rounds: number
  readonly progress: (line: string) => void
  /** Arguments of Node for the children. */
  readonly execArgv: readonly string[]
}

/** Runs all subjects on all workloads, warming up first. */
export async function compare(
  bench: Bench,
  subjects: readonly Subject[],
  workloads: readonly Workload[],
): Promise<Run[]> {
  const children = new Map<string, ChildProcess>()
  const runs: Run[] = []
  try {
    await interleave(bench.rounds, workloads, subjects, async (round, workload, subject) => {
      if (!takesPart(subject, workload, round)) return
      const run = await runOnce(bench, { subject, workload, round, children })
      if (round > 0) runs.push(run)
      bench.progress(describe(round, run))
    })
  } finally {
    for (const child of children.values()) await end(child)
  }
  return runs
}

// Kafka's tool makes no calls, and a virtual machine that is ended remembers no warming up.
function takesPart({ client }: Subject, { records }: Workload, round: number): boolean {
  return client !== 'java' || (records > 1 && round > 0)
}

interface Place {
  readonly subject: Subject
  readonly workload: Workload
  /** 0 is the one that warms up. */
  readonly round: number
  readonly children: Map<string, ChildProcess>
}

async function runOnce(bench: Bench, place: Place): Promise<Run> {
  const { broker } = bench
  const { subject, workload } = place
  const topic = `bench-${process.hrtime.bigint().toString(36)}`
  await broker.createTopics([topic], PARTITIONS)
  const { acknowledged, ...taken } =
    subject.client === 'java'
      ? await runJava(bench, place, topic)
      : await runNode(bench, place, topic)
  const stored = await broker.countAndDelete([topic])
  return {
    ...{ subject: subject.name, workload: workload.name, acknowledged, stored },
    kRecordsPerS: taken.records / taken.seconds / 1000,
    clientCpuUs: taken.cpuUs / taken.records,
    brokerCpuUs: taken.brokerCpuUs / taken.records,
    sentBytes: taken.sentBytes / taken.records,
  }
}

type Measured = Omit<Taken, 'warmedUp'> & { readonly acknowledged: number }

async function runNode(bench: Bench, place: Place, topic: string): Promise<Measured> {
  const { broker, seconds } = bench
  const { subject, workload, children } = place
  const { client, compression } = subject
  if (client === 'java') throw new Error('Java is no client of Node')
  let child = children.get(client)
  if (child === undefined) {
    const file = fileURLToPath(new URL('./child.js', import.meta.url))
    children.set(client, (child = fork(file, [], { execArgv: [...bench.execArgv] })))
  }
  const { brokers, pid: brokerPid } = broker
  const order: Order = { client, compression, brokers, brokerPid, topic, workload, seconds }
  const taken = await ask(child, order)
  return { ...taken, acknowledged: taken.records + taken.warmedUp }
}

async function runJava(bench: Bench, { workload }: Place, topic: string): Promise<Measured> {
  const { broker, performance, seconds } = bench
  const startMs = Math.min(2000, seconds * 500)
  const { recordBytes } = workload
  const run = await performance({ broker, topic, recordBytes, seconds, startMs })
  return { ...run, sentBytes: 0, acknowledged: run.total }
}

function ask(child: ChildProcess, order: Order): Promise<Taken> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error(`The process of ${order.client} ended`))
    child.once('exit', onExit)
    child.once('message', (taken: Taken) => {
      child.off('exit', onExit)
      resolve(taken)
    })
    child.send(order)
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.disconnect()
  await exited
}

function describe(round: number, run: Run): string {
  const { subject, workload, kRecordsPerS, clientCpuUs, brokerCpuUs } = run
  const name = `${round === 0 ? 'warm-up' : `round ${round}`}: ${workload}, ${subject}`
  const cpu = `${clientCpuUs.toFixed(1)} + ${brokerCpuUs.toFixed(1)} µs`
  return `${name}: ${kRecordsPerS.toFixed(1)} krec/s, ${cpu}`
}
