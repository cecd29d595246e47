// npm run test:faults: three brokers, the service as a process of its own, producers of all dialects,
// faults, and then the reader's word against the producers'. The README of it is
// docs/reliability.md.
//
// Exit status 0: nothing lost, misplaced, doubled or out of order that must not be, and all faults
// were run.

import { setTimeout as sleep } from 'node:timers/promises'
import { startCluster, type Cluster } from './cluster.ts'
import type { Fault, Scene } from './faults.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { bearLoad, describeLoad, type LoadFindings } from './load.ts'
import { readOptions, type Options } from './options.ts'
import { createRandom } from './random.ts'
import { readBack } from './reader.ts'
import { describe, failuresIn, type Findings } from './report.ts'
import { createServices, type Services } from './service.ts'
import { startTraffic, trafficTopics } from './traffic.ts'

const PARTITIONS = 6
const SHORT_FORM_MS = 175_000
const SHORT_FORM = { allDownMs: 6000, badMs: 5000 }
const LONG_FORM = { allDownMs: 30_000, badMs: 8000 }
const PROGRESS_MS = 15_000

const TIMES = {
  short: {
    environment: {
      TRIBUTARY_DIALECTS_KINESIS_ANSWER_WITHIN_MS: '4000',
      TRIBUTARY_DIALECTS_YANDEX_ANSWER_WITHIN_MS: '4000',
      TRIBUTARY_DIALECTS_DIS_ANSWER_WITHIN_MS: '6000',
      TRIBUTARY_DIALECTS_V3IO_ANSWER_WITHIN_MS: '4000',
      TRIBUTARY_KAFKA_DELIVERY_TIMEOUT_MS: '15000',
    },
    clientMs: 12_000,
    beyondTimeoutsMs: 18_000,
  },
  default: { environment: {}, clientMs: 40_000, beyondTimeoutsMs: 65_000 },
}

function say(line: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)
}

/** Answers the exit status. */
export async function main(args: string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') {
    process.stderr.write(options)
    return 2
  }
  say(`seed ${options.seed}`)
  const cluster = await startCluster()
  const services = createServices({
    brokers: cluster.addresses,
    environment: { ...TIMES[options.timeouts].environment, ...options.environment },
  })
  try {
    const findings = options.faults.length > 0 ? await hurt(options, cluster, services) : undefined
    const load = options.overload ? await bearLoad(cluster, overloadMs(options)) : undefined
    return conclude(findings, load)
  } finally {
    await services.stop()
    await cluster.stop()
    say('stopped')
  }
}

function overloadMs({ minutes }: Options): number {
  return minutes === undefined ? 10_000 : 60_000
}

function conclude(findings: Findings | undefined, load: LoadFindings | undefined): number {
  const parts = [
    ...(findings ? [describe(findings)] : []),
    ...(load ? [describeLoad(load)] : []),
    ...(findings?.notRun ?? []).map((each) => `not run: ${each}`),
  ]
  process.stdout.write(`\n${parts.join('\n\n')}\n\n`)
  const failures = [...(findings ? failuresIn(findings) : []), ...(load?.failures ?? [])]
  for (const failure of failures) process.stdout.write(`failed: ${failure}\n`)
  const passed = (findings?.faults.length ?? 0) + (load ? 1 : 0)
  const failed = failures.length + (findings?.notRun.length ?? 0)
  process.stdout.write(`tests: ${passed} passed, ${failed} failed\n`)
  return failed === 0 ? 0 : 1
}

async function hurt(options: Options, cluster: Cluster, services: Services): Promise<Findings> {
  const random = createRandom(options.seed)
  const topics = trafficTopics()
  await cluster.createTopics(topics, PARTITIONS)
  await services.start()
  const ledger = createLedger()
  const { clientMs, beyondTimeoutsMs } = TIMES[options.timeouts]
  const { lanes, pauseMs } = options
  const traffic = startTraffic({
    ...{ ledger, services, lanes, pauseMs, random: random.fork(), timeoutMs: clientMs },
  })
  const progress = setInterval(() => say(`${ledger.acknowledged()} acknowledged`), PROGRESS_MS)
  await untilSomething(ledger)
  const scene = { cluster, services, topics, random, beyondTimeoutsMs }
  const lasting = options.minutes === undefined ? SHORT_FORM : LONG_FORM
  const { done, notRun } = await runTracks(options, { ...scene, ...lasting })
  await traffic.end()
  await services.stop()
  clearInterval(progress)
  await cluster.healthy()
  say(`${await readBack(cluster, topics, ledger)} records read back`)
  return {
    ...{ accounts: ledger.accounts(), strangers: ledger.strangers(), manners: traffic.manners },
    ...{ complaints: services.complaints(), rssPeak: peakOf(services), faults: done, notRun },
  }
}

async function untilSomething(ledger: Ledger): Promise<void> {
  const deadlineMs = Date.now() + 30_000
  while (ledger.acknowledged() < 1000) {
    if (Date.now() > deadlineMs) throw new Error('the service does not take records')
    await sleep(100)
  }
}

function peakOf(services: Services): number | undefined {
  const peaks = services.all().flatMap((each) => each.rssPeak() ?? [])
  return peaks.length > 0 ? Math.max(...peaks) : undefined
}

/** Both tracks at once; the edge's goes on while that of the brokers does. */
async function runTracks(options: Options, scene: Scene) {
  const { minutes, faults } = options
  const isShort = minutes === undefined
  const endMs = Date.now() + (isShort ? SHORT_FORM_MS : minutes * 60_000)
  const done: string[] = []
  const brokers = faults.filter(({ track }) => track === 'brokers')
  const edge = faults.filter(({ track }) => track === 'edge')
  let brokersDone = brokers.length === 0
  const first = runTrack(brokers, {
    ...{ scene: { ...scene, random: scene.random.fork() }, done, quietMs: 1000 },
    isOver: (turns) => Date.now() > endMs || (isShort && turns >= brokers.length),
  }).then(() => (brokersDone = true))
  const second = runTrack(edge, {
    ...{ scene: { ...scene, random: scene.random.fork() }, done, quietMs: isShort ? 5000 : 20_000 },
    isOver: (turns) => Date.now() > endMs || (isShort && brokersDone && turns >= edge.length),
  })
  await Promise.all([first, second])
  const notRun = faults.map(({ name }) => name).filter((name) => !done.includes(name))
  return { done, notRun: notRun.map((name) => `${name} (no time left)`) }
}

interface Track {
  readonly scene: Scene
  readonly done: string[]
  readonly quietMs: number
  readonly isOver: (turns: number) => boolean
}

async function runTrack(faults: readonly Fault[], track: Track): Promise<void> {
  const { scene, done, quietMs, isOver } = track
  let order: Fault[] = []
  for (let turns = 0; faults.length > 0 && !isOver(turns); turns++) {
    if (order.length === 0) order = scene.random.shuffled(faults)
    const fault = order.shift()!
    const did = await fault.run(scene)
    done.push(fault.name)
    say(`${fault.name}: ${did}`)
    if (fault.track === 'brokers') await scene.cluster.healthy()
    await sleep(quietMs * (0.5 + scene.random.next()))
  }
}
