// The service as a user starts it: dist/cli.js in a process of its own, told everything by its
// environment, on free ports. Needs a build (npm test makes one first).

import { runProgram, startProgram, type Program } from './program.ts'
import { sharedBrokers } from './shared-kafka.ts'

export interface ServiceOptions {
  /** Without KAFKA_BROKERS it starts a Kafka of its own, which takes a while. */
  readonly environment: Readonly<Record<string, string>>
  /** Of the command line. */
  readonly args?: readonly string[]
  readonly withinMs?: number
}

export interface Service extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly tlsPort: number | undefined
  readonly adminPort: number
  readonly brokers: readonly string[]
  readonly stdout: () => string
  readonly stderr: () => string
  readonly until: Program['until']
  readonly signal: (name: NodeJS.Signals) => void
  /** Resolves with the exit status, once the service has ended. */
  readonly ended: () => Promise<number>
}

interface ReadyLine {
  readonly msg: 'ready'
  readonly port: number
  readonly tlsPort?: number
  readonly adminPort: number
  readonly brokers: readonly string[]
}

const CLI = 'dist/cli.js'

/** A draining service waits for nobody here. */
const DEFAULTS = {
  TRIBUTARY_PORT: '0',
  TRIBUTARY_ADMIN_PORT: '0',
  TRIBUTARY_SHUTDOWN_GRACE_MS: '0',
  TRIBUTARY_LOG_REQUESTS: 'all',
}

const STOP_WITHIN_MS = 20_000

/** Resolves when the service is ready. Disposing stops it, and rejects if it did not stop cleanly. */
export async function startService({
  environment,
  args = [],
  withinMs = 30_000,
}: ServiceOptions): Promise<Service> {
  const program = startProgram([process.execPath, CLI, ...args], {
    environment: { ...DEFAULTS, ...environment },
  })
  try {
    const { port, tlsPort, adminPort, brokers } = await program.until(
      () => readyLine(program.stdout()),
      withinMs,
    )
    const ended = () => program.until(program.status, STOP_WITHIN_MS)
    return {
      url: `http://127.0.0.1:${port}`,
      port,
      tlsPort,
      adminPort,
      brokers,
      stdout: program.stdout,
      stderr: program.stderr,
      until: program.until,
      signal: program.signal,
      ended,
      async [Symbol.asyncDispose]() {
        try {
          if (program.status() !== undefined) return
          program.signal('SIGTERM')
          expect(await ended()).toBe(0)
        } finally {
          await program[Symbol.asyncDispose]()
        }
      },
    }
  } catch (error) {
    await program[Symbol.asyncDispose]()
    throw error
  }
}

/** One service for all tests of a file, on the run's own Kafka unless `environment` names another. */
export function serviceOfFile(environment: Readonly<Record<string, string>> = {}): () => Service {
  let service: Service | undefined
  beforeAll(async () => {
    service = await startService({
      environment: { KAFKA_BROKERS: sharedBrokers().join(), ...environment },
    })
  })
  afterAll(() => service?.[Symbol.asyncDispose]())
  return () => {
    if (!service) throw new Error('the service is there within tests only')
    return service
  }
}

function readyLine(stdout: string): ReadyLine | undefined {
  const line = stdout.split('\n').find((each) => each.includes('"msg":"ready"'))
  return line === undefined ? undefined : (JSON.parse(line) as ReadyLine)
}

/** The command line, run to its end. */
export function runCli(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): ReturnType<typeof runProgram> {
  return runProgram([process.execPath, CLI, ...args], { environment })
}
