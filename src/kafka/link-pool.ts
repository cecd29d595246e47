// Connections for reading. Kafka answers the requests of a connection one after the other, so that
// one that waits for records has its connection for itself, apart from those of producers.
//
// * As many as are in use at once, up to a bound; who comes then waits for one to become free.
// * One that is not used for a while is closed.

import type { Address } from './brokers.ts'
import { LinkError } from './link.ts'
import type { Link } from './link.ts'

export interface LinkPoolOptions {
  readonly open: (address: Address) => Promise<Link>
  /** Per broker. */
  readonly linksMax: number
}

export interface LinkPool {
  /** Works with a connection that nobody else uses meanwhile. One that broke is not kept. */
  readonly use: <T>(address: Address, work: (link: Link) => Promise<T>) => Promise<T>
  /** Ends all connections; what waits on them fails. */
  readonly close: () => void
}

const IDLE_MS = 30_000
const CLOSED = 'The log is closed'

interface Idle {
  readonly link: Link
  readonly timer: NodeJS.Timeout
}

interface Stable {
  readonly idle: Idle[]
  readonly busy: Set<Link>
  readonly waiting: (() => void)[]
  /** Open, being opened, and idle. */
  count: number
}

export function createLinkPool({ open, linksMax }: LinkPoolOptions): LinkPool {
  const stables = new Map<string, Stable>()
  let isClosed = false

  async function take(stable: Stable, address: Address): Promise<Link> {
    for (;;) {
      if (isClosed) throw new LinkError(CLOSED, false)
      const link = takeIdle(stable)
      if (link !== undefined) return link
      if (stable.count < linksMax) break
      await new Promise<void>((resolve) => stable.waiting.push(resolve))
    }
    stable.count++
    try {
      return await open(address)
    } catch (error) {
      leave(stable)
      throw error
    }
  }

  return {
    async use(address, work) {
      const stable = stableOf(stables, address)
      const link = await take(stable, address)
      stable.busy.add(link)
      if (isClosed) link.destroy(CLOSED)
      try {
        return await work(link)
      } finally {
        stable.busy.delete(link)
        giveBack(stable, link)
      }
    },
    close() {
      isClosed = true
      for (const stable of stables.values()) {
        for (const link of stable.busy) link.destroy(CLOSED)
        for (let link = takeIdle(stable); link !== undefined; link = takeIdle(stable)) {
          link.destroy(CLOSED)
        }
        for (const wake of stable.waiting.splice(0)) wake()
      }
    },
  }
}

function stableOf(stables: Map<string, Stable>, { host, port }: Address): Stable {
  const name = `${host}:${port}`
  let stable = stables.get(name)
  if (stable === undefined) {
    stable = { idle: [], busy: new Set(), waiting: [], count: 0 }
    stables.set(name, stable)
  }
  return stable
}

function takeIdle(stable: Stable): Link | undefined {
  for (let idle = stable.idle.pop(); idle !== undefined; idle = stable.idle.pop()) {
    clearTimeout(idle.timer)
    if (!idle.link.expired()) return idle.link
    idle.link.retire()
    stable.count--
  }
  return undefined
}

function giveBack(stable: Stable, link: Link): void {
  if (link.expired()) {
    link.retire()
    leave(stable)
    return
  }
  const timer = setTimeout(() => {
    stable.idle.splice(stable.idle.indexOf(idle), 1)
    link.retire()
    leave(stable)
  }, IDLE_MS)
  const idle = { link, timer: timer.unref() }
  stable.idle.push(idle)
  stable.waiting.shift()?.()
}

function leave(stable: Stable): void {
  stable.count--
  stable.waiting.shift()?.()
}
