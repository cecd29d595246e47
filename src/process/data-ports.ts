// The data ports: the shared ones, in plain text and over TLS, and those that belong to one dialect.
// They start and drain as one.

import type { Config } from '../config/schema.ts'
import type { App } from '../http/app.ts'
import { listen, type Listener } from '../http/listener.ts'
import { explainPort } from './ports.ts'
import { Refusal } from './refusal.ts'
import type { Tls } from './tls.ts'

export interface DataPorts {
  /** The shared port in plain text; absent: off. */
  readonly port: number | undefined
  /** The shared port over TLS; absent: off. */
  readonly tlsPort: number | undefined
  readonly connections: () => number
  /** Keeps accepting for the grace, then closes what is idle, and waits for what is in flight. */
  readonly drain: (times: Config['shutdown']) => Promise<void>
}

interface Wanted {
  readonly port: number
  readonly setting: string
  readonly pinned?: string
  readonly certificates?: Tls['certificates']
}

function wantedPorts({ port, dialects }: Config, tls: Tls | undefined): Wanted[] {
  const own = Object.entries(dialects).flatMap(([pinned, each]) =>
    each.port === 'off'
      ? []
      : [{ port: each.port, pinned, setting: `TRIBUTARY_DIALECTS_${pinned.toUpperCase()}_PORT` }],
  )
  return [
    ...(port === 'off' ? [] : [{ port, setting: PLAIN }]),
    ...(tls ? [{ ...tls, setting: ENCRYPTED }] : []),
    ...own,
  ]
}

const PLAIN = 'TRIBUTARY_PORT'
const ENCRYPTED = 'TRIBUTARY_TLS_PORT'

export interface DataPortOptions {
  readonly config: Config
  readonly host: string
  readonly tls: Tls | undefined
  readonly app: App
}

export async function createDataPorts({
  config,
  host,
  tls,
  app,
}: DataPortOptions): Promise<DataPorts> {
  const wanted = wantedPorts(config, tls)
  if (wanted.length === 0) throw new Refusal('All data ports are off: nothing would listen.')
  const listeners: Listener[] = []
  const bound = new Map<string, number>()
  for (const { port, setting, pinned, certificates } of wanted) {
    const options = { ...config.http, port, host, certificates, ...app.listeners(pinned) }
    try {
      const listener = await listen(options)
      listeners.push(listener)
      bound.set(setting, listener.port)
    } catch (error) {
      throw explainPort(error, port, setting)
    }
  }
  return {
    port: bound.get(PLAIN),
    tlsPort: bound.get(ENCRYPTED),
    connections: () => listeners.reduce((sum, { connections }) => sum + connections(), 0),
    async drain({ graceMs, drainMs }) {
      await new Promise((resolve) => setTimeout(resolve, graceMs))
      await Promise.all(listeners.map(({ stopAccepting }) => stopAccepting()))
      await Promise.all(listeners.map(({ close }) => close(drainMs)))
    },
  }
}
