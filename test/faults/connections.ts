// What connections cost that do nothing, or do it slowly: idle ones by the thousand, headers and
// bodies that trickle, replies that nobody reads, peers that are gone without a word. Beside each, a
// healthy client calls and must be served.

import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Request } from '../contract/samples.ts'
import { bytesOf, createBlaster } from './blast.ts'
import type { Instance } from './service.ts'

export interface Crowd {
  readonly name: string
  readonly connections: number
  /** Resident memory that each of them costs; nothing where it was not measured. */
  readonly bytesEach: number | undefined
  /** The slowest of a healthy client's calls beside them. */
  readonly healthyMs: number
  /** How many of them the service had ended after its own limits had passed. */
  readonly ended: number
  readonly mustEnd: boolean
}

export interface CrowdOptions {
  readonly instance: Instance
  readonly request: Request
  /** A while after which the service must have ended what trickles. */
  readonly limitMs: number
}

const SLOW = 300
const PIPELINED = 5
const HEALTHY_MS_MAX = 5000
const HEALTHY_CALLS = 10
const OPEN_AT_ONCE = 250
const SETTLE_MS = 1500

/** Connections that only are there. */
export async function gatherIdle(options: CrowdOptions, count: number): Promise<Crowd[]> {
  const whole = bytesOf(options.request)
  return [
    await gather(options, { name: 'idle, silent from the start', count, begin: silent }),
    await gather(options, {
      ...{ name: 'idle after a call (keep-alive)', count },
      begin: async (socket) => {
        socket.write(whole)
        await firstBytes(socket)
      },
    }),
  ]
}

/** Connections that keep the service waiting. */
export async function gatherSlow(options: CrowdOptions): Promise<Crowd[]> {
  const whole = bytesOf(options.request)
  const headEnd = whole.indexOf('\r\n\r\n')
  const head = whole.subarray(0, headEnd - 10)
  const half = whole.subarray(0, headEnd + 4 + Math.floor((whole.length - headEnd) / 2))
  const trickle = (start: Buffer, rest: Buffer) => (socket: Socket) => {
    socket.write(start)
    let at = 0
    const timer = setInterval(() => socket.write(rest.subarray(at, ++at)), 500)
    socket.once('close', () => clearInterval(timer))
  }
  return [
    await gather(options, {
      ...{ name: 'headers that trickle', count: SLOW, mustEnd: true },
      begin: trickle(head.subarray(0, 20), head.subarray(20)),
    }),
    await gather(options, {
      ...{ name: 'bodies that trickle', count: SLOW, mustEnd: true },
      begin: trickle(half, whole.subarray(half.length)),
    }),
    await gather(options, {
      ...{ name: 'gone in the middle of a body', count: SLOW, mustEnd: true },
      begin: (socket) => void socket.write(half),
    }),
    await gather(options, {
      ...{ name: 'replies that are not read', count: SLOW },
      begin(socket) {
        socket.pause()
        for (let i = 0; i < PIPELINED; i++) socket.write(whole)
      },
    }),
  ]
}

/** What must not be: a line each. */
export function failuresAmong(crowds: readonly Crowd[]): string[] {
  return crowds.flatMap(({ name, mustEnd, ended, connections, healthyMs }) => [
    ...(mustEnd && ended < connections
      ? [`${name}: only ${ended} of ${connections} were ended`]
      : []),
    ...(healthyMs > HEALTHY_MS_MAX ? [`${name}: others waited ${Math.round(healthyMs)} ms`] : []),
  ])
}

const silent = () => undefined

interface Kind {
  readonly name: string
  readonly count: number
  readonly mustEnd?: boolean
  readonly begin: (socket: Socket) => Promise<void> | void
}

async function gather(
  { instance, request, limitMs }: CrowdOptions,
  { name, count, mustEnd = false, begin }: Kind,
): Promise<Crowd> {
  await sleep(SETTLE_MS)
  const before = instance.rss()
  const sockets: Socket[] = []
  let ended = 0
  while (sockets.length < count) {
    const some = Math.min(OPEN_AT_ONCE, count - sockets.length)
    const opened = await Promise.all(
      Array.from({ length: some }, async () => {
        const socket = await open(instance.port)
        socket.once('close', () => ended++)
        await begin(socket)
        return socket
      }),
    )
    sockets.push(...opened)
  }
  await sleep(SETTLE_MS)
  const after = instance.rss()
  const healthyMs = await slowestCall(instance.port, request)
  const deadlineMs = Date.now() + limitMs
  while (mustEnd && ended < count && Date.now() < deadlineMs) await sleep(100)
  const endedByService = ended
  for (const socket of sockets) socket.destroy()
  const bytesEach = before === undefined || after === undefined ? undefined : after - before
  return {
    ...{ name, mustEnd, healthyMs, connections: count, ended: endedByService },
    bytesEach: bytesEach === undefined ? undefined : bytesEach / count,
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}

function firstBytes(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('data', () => resolve())
    socket.once('close', () => reject(new Error('closed without an answer')))
  })
}

async function slowestCall(port: number, request: Request): Promise<number> {
  const blaster = createBlaster(port)
  let slowestMs = 0
  for (let i = 0; i < HEALTHY_CALLS; i++) {
    const { status, ms } = await blaster.send(bytesOf(request))
    if (status !== 200) slowestMs = Infinity
    slowestMs = Math.max(slowestMs, ms)
  }
  blaster.close()
  return slowestMs
}
