// Signals and the order of stopping. SIGTERM or SIGINT: not ready; accept for the grace while replies
// ask clients to go elsewhere; close what is idle; finish what is in flight; stop. Signals within a
// second of the first count as one, since Ctrl-C reaches the whole process group, npm included; a
// later one exits at once.

export type State = 'starting' | 'ready' | 'draining'

export interface LifeCycle {
  readonly state: () => State
  readonly becomeReady: () => void
  /** Resolves when the service is asked to stop, with the reason. */
  readonly stopping: Promise<string>
  readonly stop: (reason: string) => void
  /** Stops, and the process ends with status 1. */
  readonly fail: (reason: string) => void
  readonly failed: () => boolean
}

const ONE_SIGNAL_MS = 1000
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

export interface SignalSource {
  readonly on: (signal: NodeJS.Signals, listener: (signal: string) => void) => unknown
  readonly exit: (status: number) => never
}

export function createLifeCycle(source: SignalSource): LifeCycle {
  let state: State = 'starting'
  let hasFailed = false
  let firstSignalMs: number | undefined
  let resolve: (reason: string) => void
  const stopping = new Promise<string>((done) => {
    resolve = done
  })

  function stop(reason: string): void {
    state = 'draining'
    resolve(reason)
  }

  for (const name of SIGNALS) {
    source.on(name, (signal) => {
      firstSignalMs ??= Date.now()
      if (Date.now() - firstSignalMs > ONE_SIGNAL_MS) source.exit(1)
      stop(signal)
    })
  }

  return {
    state: () => state,
    becomeReady() {
      if (state === 'starting') state = 'ready'
    },
    stopping,
    stop,
    fail(reason) {
      hasFailed = true
      stop(reason)
    },
    failed: () => hasFailed,
  }
}
