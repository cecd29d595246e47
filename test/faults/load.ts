// The part about load: overload under a limit of memory, and crowds of connections, each on an
// instance of its own.

import { SAMPLES, type Sample } from '../contract/samples.ts'
import type { Cluster } from './cluster.ts'
import { failuresAmong, gatherIdle, gatherSlow, type Crowd } from './connections.ts'
import { overload, type Overload, type Phase } from './overload.ts'
import { mebibytes, table } from './report.ts'
import { createServices, type Services } from './service.ts'

export interface LoadFindings {
  readonly overload: Overload
  readonly crowds: readonly Crowd[]
  readonly failures: readonly string[]
}

const MEMORY_BYTES_MAX = 256 * 2 ** 20
/**
 * Under 256 MiB there is room for no more: a byte in work costs up to four (the body, its text, its
 * values, the batch), and each connection that sends one read of 64 KiB.
 */
const BUDGET_BYTES = 16 * 2 ** 20
const PARTITIONS = 6
const IDLE = 10_000

/** Limits of the service cut short, so that their end can be waited for. */
const LIMITS = {
  TRIBUTARY_HTTP_HEADERS_TIMEOUT_MS: '3000',
  TRIBUTARY_HTTP_REQUEST_TIMEOUT_MS: '5000',
}
const LIMITS_PASSED_MS = 12_000

const streamOf = (sample: Sample) => sample.stream(`load-${sample.name}`).stream

export async function bearLoad(cluster: Cluster, forMs: number): Promise<LoadFindings> {
  const topics = SAMPLES.map((sample) => sample.stream(`load-${sample.name}`).topic)
  await cluster.createTopics(topics, PARTITIONS)
  const narrow = createServices({
    brokers: cluster.addresses,
    nodeFlags: ['--max-old-space-size=128'],
    environment: { TRIBUTARY_MEMORY_BYTES_MAX: String(BUDGET_BYTES) },
  })
  const found = await using(narrow, async () =>
    overload({
      ...{ instance: await narrow.start(), streamOf, forMs, memoryBytesMax: MEMORY_BYTES_MAX },
    }),
  )
  const put = SAMPLES[0]!.put(streamOf(SAMPLES[0]!), [{ data: Buffer.alloc(1000), key: 'key' }])
  const crowdOptions = { request: put, limitMs: LIMITS_PASSED_MS }
  const patient = createServices({ brokers: cluster.addresses })
  const idle = await using(patient, async () =>
    gatherIdle({ ...crowdOptions, instance: await patient.start() }, IDLE),
  )
  const strict = createServices({ brokers: cluster.addresses, environment: LIMITS })
  const slow = await using(strict, async () =>
    gatherSlow({ ...crowdOptions, instance: await strict.start() }),
  )
  const crowds = [...idle, ...slow]
  const complaints = [narrow, patient, strict].flatMap((each) => each.complaints())
  const failures = [...found.failures, ...failuresAmong(crowds), ...complaints]
  return { overload: found, crowds, failures }
}

async function using<T>(services: Services, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } finally {
    await services.stop()
  }
}

export function describeLoad({ overload: found, crowds }: LoadFindings): string {
  const { before, during, after, recoveredMs, rssPeak } = found
  const phases = [
    ['before', ...cellsOf(before)],
    ['three times that', ...cellsOf(during)],
    ['after', ...cellsOf(after)],
  ]
  const rows = crowds.map(({ name, connections, bytesEach, healthyMs, ended }) => [
    ...[name, connections],
    bytesEach === undefined ? 'not measured' : kibibytes(bytesEach),
    ...[Math.round(healthyMs), ended],
  ])
  const memory = rssPeak === undefined ? 'not measured' : mebibytes(rssPeak)
  return [
    table(PHASE, phases),
    `Memory of the service, peak: ${memory}. As quick as before after ${Math.round(recoveredMs)} ms.`,
    table(CROWD, rows),
  ].join('\n\n')
}

/** Where the collector took more than the connections gave, they cost nothing that can be seen. */
function kibibytes(bytes: number): string {
  return bytes > 0 ? `${(bytes / 1024).toFixed(1)} KiB` : 'none to be seen'
}

const PHASE = [
  ...['load', 'accepted calls', 'a second', 'p50, ms', 'p99, ms'],
  ...['refused', 'p99, ms', 'broken', 'cores of the service'],
]

const CROWD = [
  ...['connections', 'how many', 'memory each'],
  ...['slowest call beside them, ms', 'ended by the service'],
]

function cellsOf(phase: Phase): (string | number)[] {
  const {
    accepted,
    perSecond,
    acceptedP50,
    acceptedP99,
    refused,
    refusedP99,
    broken,
    cores = NaN,
  } = phase
  const times = [perSecond, acceptedP50, acceptedP99].map(Math.round)
  return [accepted, ...times, refused, Math.round(refusedP99), broken, cores.toFixed(2)]
}
