// Three times what the service can carry: memory stays in its bounds, what is refused is refused
// quickly and in the dialects' words for it, what is accepted stays fast, and afterwards all is as it
// was at once.
//
// What it can carry is measured first, on the same machine that has to make the load: the numbers
// say how the service bears too much, not how fast it is.

import { setTimeout as sleep } from 'node:timers/promises'
import { SAMPLES, type Sample } from '../contract/samples.ts'
import { bytesOf, createBlaster, type Blaster, type Reply } from './blast.ts'
import type { Instance } from './service.ts'

export interface OverloadOptions {
  readonly instance: Instance
  /** The stream of each dialect, by its name. */
  readonly streamOf: (sample: Sample) => string
  readonly forMs: number
  readonly memoryBytesMax: number
}

export interface Phase {
  readonly accepted: number
  readonly refused: number
  readonly broken: number
  readonly perSecond: number
  /** Of the service, on average; nothing where it was not measured. */
  readonly cores: number | undefined
  /** Milliseconds. */
  readonly acceptedP50: number
  readonly acceptedP99: number
  readonly refusedP99: number
  /** Answers that are neither. */
  readonly strange: readonly string[]
}

export interface Overload {
  readonly before: Phase
  readonly during: Phase
  readonly after: Phase
  /** From the end of the load until a call was as quick as before. */
  readonly recoveredMs: number
  readonly rssPeak: number | undefined
  readonly failures: readonly string[]
}

const RECORDS = 50
const RECORD_BYTES = 1024
const VARIANTS = 8
const WARM_UP_MS = 3000
const WARM_UPS_MAX = 6
const WORKERS = 48
const FACTOR = 3
/** Connections of the clients, kept alive as theirs are. Their requests exceed the budget. */
const CONNECTIONS = 600
/** On a machine that is short of processors even the first calls are slow. */
const REFUSED_P99_MS_MAX = 2000
const REFUSED_FACTOR_MAX = 3
const RECOVERED_MS_MAX = 5000

interface Gun {
  readonly instance: Instance
  readonly blaster: Blaster
  readonly shots: readonly Shot[]
}

interface Shot {
  readonly sample: Sample
  readonly bytes: Buffer
}

export async function overload(options: OverloadOptions): Promise<Overload> {
  const { instance, forMs, memoryBytesMax } = options
  const blaster = createBlaster(instance.port)
  const gun = { instance, blaster, shots: createShots(options.streamOf) }
  await blaster.open(CONNECTIONS)
  const before = await warmUp(gun)
  const during = await openLoop(gun, { perSecond: FACTOR * before.perSecond, forMs })
  const recoveredMs = await untilAsQuick(gun, before.acceptedP99)
  const after = await closedLoop(gun, 3000)
  blaster.close()
  const rssPeak = instance.rssPeak()
  const found = { before, during, after, recoveredMs, rssPeak }
  return { ...found, failures: failuresIn(found, memoryBytesMax) }
}

function failuresIn(found: Omit<Overload, 'failures'>, memoryBytesMax: number): string[] {
  const { before, during, after, recoveredMs, rssPeak = 0 } = found
  const { broken, refusedP99 } = during
  const slow = [REFUSED_FACTOR_MAX * before.acceptedP99, during.acceptedP99 / 2]
  const quickMs = Math.max(REFUSED_P99_MS_MAX, ...slow)
  const strange = [before, during, after].flatMap((phase) => phase.strange)
  return [
    ...new Set(strange.map((line) => `an answer that is no answer to overload: ${line}`)),
    ...(broken > 0 ? [`${broken} connections broke under overload`] : []),
    ...(rssPeak > memoryBytesMax ? [`the service took ${rssPeak} bytes of memory`] : []),
    ...(refusedP99 > quickMs ? [`refusals took ${Math.round(refusedP99)} ms`] : []),
    ...(recoveredMs > RECOVERED_MS_MAX ? [`normal only ${Math.round(recoveredMs)} ms later`] : []),
  ]
}

function createShots(streamOf: (sample: Sample) => string): Shot[] {
  return SAMPLES.flatMap((sample) =>
    Array.from({ length: VARIANTS }, (_, variant): Shot => {
      const records = Array.from({ length: RECORDS }, (_, i) => ({
        data: Buffer.alloc(RECORD_BYTES, `${variant}/${i}/`),
        key: `${variant}-${i}`,
      }))
      return { sample, bytes: bytesOf(sample.put(streamOf(sample), records)) }
    }),
  )
}

function createTally({ cpuSeconds }: Instance) {
  const cpuBefore = cpuSeconds()
  const accepted: number[] = []
  const refused: number[] = []
  const strange: string[] = []
  let broken = 0
  const used = (before: number, ms: number) => ((cpuSeconds() ?? before) - before) / (ms / 1000)
  return {
    async shoot(blaster: Blaster, { sample, bytes }: Shot): Promise<void> {
      const reply = await blaster.send(bytes).catch(() => undefined)
      if (!reply) broken++
      else if (isAccepted(sample, reply)) accepted.push(reply.ms)
      else if (isRefused(sample, reply)) refused.push(reply.ms)
      else strange.push(`${sample.name} ${reply.status} ${reply.body.slice(0, 200)}`)
    },
    sum(ms: number): Phase {
      return {
        ...{ accepted: accepted.length, refused: refused.length, broken, strange },
        perSecond: accepted.length / (ms / 1000),
        cores: cpuBefore === undefined ? undefined : used(cpuBefore, ms),
        ...{ acceptedP50: quantile(accepted, 0.5), acceptedP99: quantile(accepted, 0.99) },
        refusedP99: quantile(refused, 0.99),
      }
    },
  }
}

function isAccepted(sample: Sample, { status, body }: Reply): boolean {
  return status === 200 && sample.read(body).failed === 0
}

/** As a whole, before anything was stored; or in place, where there was no room for some. */
function isRefused(sample: Sample, { status, body }: Reply): boolean {
  const { overload: says } = sample.failures
  return (status === says.status || status === 200) && body.includes(says.says)
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
}

/** What it carries once it is warm: loads until another one brings hardly more. */
async function warmUp(gun: Gun): Promise<Phase> {
  let best = await closedLoop(gun, WARM_UP_MS)
  for (let i = 1; i < WARM_UPS_MAX; i++) {
    const next = await closedLoop(gun, WARM_UP_MS)
    const isSteady = next.perSecond < best.perSecond * 1.1
    if (next.perSecond > best.perSecond) best = next
    if (isSteady) break
  }
  return best
}

async function closedLoop(gun: Gun, forMs: number): Promise<Phase> {
  const tally = createTally(gun.instance)
  const startedMs = performance.now()
  const worker = async (_: unknown, first: number) => {
    for (let i = first; performance.now() - startedMs < forMs; i += WORKERS + 1) {
      await tally.shoot(gun.blaster, gun.shots[i % gun.shots.length]!)
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, worker))
  return tally.sum(performance.now() - startedMs)
}

/** Sends at its own pace, whatever comes back; resolves when all is answered. */
async function openLoop(
  gun: Gun,
  { perSecond, forMs }: { readonly perSecond: number; readonly forMs: number },
): Promise<Phase> {
  const tally = createTally(gun.instance)
  const inFlight = new Set<Promise<void>>()
  const startedMs = performance.now()
  let sent = 0
  while (performance.now() - startedMs < forMs) {
    const due = ((performance.now() - startedMs) / 1000) * perSecond
    for (; sent < due && gun.blaster.idle() > 0; sent++) {
      const shot = tally.shoot(gun.blaster, gun.shots[sent % gun.shots.length]!)
      inFlight.add(shot)
      void shot.then(() => inFlight.delete(shot))
    }
    await sleep(5)
  }
  const ms = performance.now() - startedMs
  await Promise.all(inFlight)
  return tally.sum(ms)
}

async function untilAsQuick(gun: Gun, quickMs: number): Promise<number> {
  const startedMs = performance.now()
  for (let i = 0; ; i++) {
    const shot = gun.shots[i % gun.shots.length]!
    const reply = await gun.blaster.send(shot.bytes)
    const ms = performance.now() - startedMs
    if ((isAccepted(shot.sample, reply) && reply.ms <= quickMs) || ms > 60_000) return ms
    await sleep(20)
  }
}
