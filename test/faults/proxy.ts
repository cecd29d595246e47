// A TCP proxy that can do to a connection what networks do: delay, block, cut, halve. One stands
// before each broker (the brokers advertise it, so the service knows no other address), and one
// before each instance of the service.

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const HOST = '127.0.0.1'
const BUFFERED_BYTES_MAX = 2 ** 20

/** To the server, or back to the client. */
export type Direction = 'forth' | 'back'

/** What becomes of a chunk. */
export type Fate =
  | 'pass'
  /** Both ends are reset; the chunk does not arrive. */
  | 'cut'
  /** It arrives, and then both ends are reset. */
  | 'pass-and-cut'
  /** Its first half arrives, and nothing ever after it. */
  | 'half'

export interface Weather {
  readonly delayMs?: number
  /** Nothing passes either way; it arrives when the weather changes. */
  readonly blocked?: boolean
  readonly fateOf?: (direction: Direction, bytes: number) => Fate
}

export interface Proxy {
  readonly port: number
  /** Where connections go to. */
  readonly aim: (port: number) => void
  readonly setWeather: (weather: Weather) => void
  /** Resets every connection; new ones are welcome. */
  readonly cutAll: () => void
  /** As if the process behind had ended: connections are reset, new ones refused. */
  readonly shut: () => void
  readonly reopen: () => Promise<void>
}

export async function createProxy(): Promise<Proxy> {
  const pairs = new Set<() => void>()
  let target = 0
  let weather: Weather = {}
  let change = createSignal()
  let server = await listen(0, accept)
  const { port } = server.address() as AddressInfo

  function accept(client: Socket): void {
    const upstream = connect({ host: HOST, port: target, noDelay: true })
    client.setNoDelay(true)
    const end = () => {
      pairs.delete(end)
      reset(client)
      reset(upstream)
    }
    pairs.add(end)
    client.once('close', () => {
      pairs.delete(end)
    })
    for (const [from, to, direction] of [
      [client, upstream, 'forth'],
      [upstream, client, 'back'],
    ] as const) {
      pump({ from, to, direction, weather: () => weather, changed: () => change.given, end })
    }
  }

  function cutAll(): void {
    for (const end of [...pairs]) end()
  }

  return {
    port,
    cutAll,
    aim(next) {
      target = next
    },
    setWeather(next) {
      weather = next
      const { give } = change
      change = createSignal()
      give()
    },
    shut() {
      if (server.listening) server.close()
      cutAll()
    },
    async reopen() {
      if (!server.listening) server = await listen(port, accept)
    },
  }
}

function createSignal() {
  let give: () => void = () => undefined
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}

async function listen(port: number, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: false }, accept)
  server.listen({ host: HOST, port })
  await once(server, 'listening')
  return server
}

function reset(socket: Socket): void {
  if (!socket.destroyed) socket.resetAndDestroy()
}

interface Pump {
  readonly from: Socket
  readonly to: Socket
  readonly direction: Direction
  readonly weather: () => Weather
  /** Resolves when the weather changes. */
  readonly changed: () => Promise<void>
  readonly end: () => void
}

/** Carries one direction, in order. */
function pump({ from, to, direction, weather, changed, end }: Pump): void {
  let last = Promise.resolve()
  let silent = false

  async function carry(chunk: Buffer, dueMs: number): Promise<void> {
    while (weather().blocked) await changed()
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    if (silent || to.destroyed) return
    const fate = weather().fateOf?.(direction, chunk.length) ?? 'pass'
    if (fate === 'cut') {
      end()
      return
    }
    silent = fate === 'half'
    const part = silent ? chunk.subarray(0, chunk.length >> 1) : chunk
    const flowing = to.write(part, () => {
      if (fate === 'pass-and-cut') end()
    })
    if (!flowing) await Promise.race([once(to, 'drain'), once(to, 'close')]).catch(() => undefined)
    if (from.isPaused()) from.resume()
  }

  function enqueue(work: () => Promise<void> | void): void {
    last = last.then(work).catch(end)
  }

  from.on('data', (chunk: Buffer) => {
    const dueMs = performance.now() + (weather().delayMs ?? 0)
    if (weather().blocked || to.writableLength > BUFFERED_BYTES_MAX) from.pause()
    enqueue(() => carry(chunk, dueMs))
  })
  from.on('end', () => {
    enqueue(() => {
      if (!silent) to.end()
    })
  })
  from.on('error', end)
  from.on('close', () => {
    if (from.errored) end()
  })
}
