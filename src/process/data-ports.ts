// The data ports: the shared one, and those that belong to one dialect. They start and drain as one.

import type { Config } from '../config/schema.ts'
import type { App } from '../http/app.ts'
import { listen, type Listener } from '../http/listener.ts'
import { explainPort } from './ports.ts'
import { Refusal } from './refusal.ts'

export interface DataPorts {
  /** The shared port; absent: off. */
  readonly port: number | undefined
  readonly connections: () => number
  /** Keeps accepting for the grace, then closes what is idle, and waits for what is in flight. */
  readonly drain: (times: Config['shutdown']) => Promise<void>
}

interface Wanted {
  readonly port: number
  readonly setting: string
  readonly pinned?: string
}

function wantedPorts({ port, dialects }: Config): Wanted[] {
  const own = Object.entries(dialects).flatMap(([pinned, each]) =>
    each.port === 'off'
      ? []
      : [{ port: each.port, pinned, setting: `TRIBUTARY_DIALECTS_${pinned.toUpperCase()}_PORT` }],
  )
  return port === 'off' ? own : [{ port, setting: 'TRIBUTARY_PORT' }, ...own]
}

export async function createDataPorts(config: Config, host: string, app: App): Promise<DataPorts> {
  const wanted = wantedPorts(config)
  if (wanted.length === 0) throw new Refusal('All data ports are off: nothing would listen.')
  const listeners: Listener[] = []
  for (const { port, setting, pinned } of wanted) {
    try {
      listeners.push(await listen({ ...config.http, port, host, ...app.listeners(pinned) }))
    } catch (error) {
      throw explainPort(error, port, setting)
    }
  }
  return {
    port: config.port === 'off' ? undefined : listeners[0]?.port,
    connections: () => listeners.reduce((sum, { connections }) => sum + connections(), 0),
    async drain({ graceMs, drainMs }) {
      await new Promise((resolve) => setTimeout(resolve, graceMs))
      await Promise.all(listeners.map(({ stopAccepting }) => stopAccepting()))
      await Promise.all(listeners.map(({ close }) => close(drainMs)))
    },
  }
}
