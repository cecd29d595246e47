// A child process that cannot outlive us.
//
// A small POSIX shell (no memory worth naming, the same on Linux and macOS) leads a process group
// of its own, so that a Ctrl-C meant for us does not reach the child before we have drained. It
// starts the command and a guard; the guard blocks on the pipe that we hold. When the pipe
// closes (we close it, exit, crash or are killed with SIGKILL: the kernel closes it in any case),
// the guard sends the command TERM and, after `graceS` seconds, KILL. A command that is stopped
// (SIGSTOP) ends too. The guard is a process besides the shell, so that it does its duty even
// when somebody kills the shell.
//
// Not done: a child of the command that leaves it is not followed.
import { spawn, type ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import type { Environment } from './embedded-error.ts'

// $1: seconds between TERM and KILL. Standard input is the pipe that we hold, and descriptor 3 takes
// the command's process id. The guard reads with a builtin, so that killing it leaves no reader
// behind. `wait` returns early when a signal is trapped, hence the loop. Once the
// command runs the watcher itself is mute: some shells comment on every process that ends.
const WATCHER = `
grace=$1; shift
exec 4<&0
"$@" </dev/null 3>&- 4<&- &
child=$!
exec >/dev/null 2>&1
trap 'kill -TERM "$child"' TERM INT HUP
(
  trap - TERM INT HUP
  exec 3>&-
  while read -r _ <&4; do :; done
  kill -TERM "$child" || exit 0
  while [ "$grace" -gt 0 ] && kill -0 "$child"; do sleep 1; grace=$((grace - 1)); done
  kill -KILL "$child"
) &
guard=$!
echo "$child" >&3
exec 3>&-
wait "$child"
status=$?
while kill -0 "$child"; do wait "$child"; status=$?; done
kill -KILL "$guard"
exit "$status"
`

export interface WatchedOptions {
  readonly command: string
  readonly args: readonly string[]
  /** Working directory of the command. */
  readonly directory: string
  readonly environment: Environment
  /** Seconds between TERM and KILL. */
  readonly graceS: number
  /** Where standard output and error go: a file descriptor, or a function that takes each line. */
  readonly output: number | ((line: string) => void)
}

export interface WatchedProcess {
  /** Process id of the command itself; rejects when it could not be started. */
  readonly pid: Promise<number>
  /** Exit status of the command as a shell gives it: 128 + n when signal n ended it. */
  readonly exited: Promise<number>
  /** Closes the pipe, and resolves when the command has ended: after `graceS` at the latest. */
  readonly end: () => Promise<void>
}

/** Starts the command under a watcher. `exited` rejects when no shell can be started at all. */
export function startWatched(options: WatchedOptions): WatchedProcess {
  const { output } = options
  const sink = typeof output === 'number' ? output : 'pipe'
  const child = spawn(
    '/bin/sh',
    ['-c', WATCHER, 'watcher', String(options.graceS), options.command, ...options.args],
    {
      cwd: options.directory,
      env: { ...options.environment },
      stdio: ['pipe', sink, sink, 'pipe'],
      detached: true,
    },
  )
  if (typeof output !== 'number') {
    for (const stream of [child.stdout, child.stderr]) if (stream) onLines(stream, output)
  }
  // Writing is never tried, but a reset by a dying peer may still be reported here.
  child.stdin?.on('error', () => undefined)
  child.on('exit', () => child.stdin?.destroy())
  const exited = new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    // 'close' comes after the last line, but a sleeping guard may hold the output for a while.
    child.on(
      sink === 'pipe' ? 'close' : 'exit',
      (code: number | null, signal: NodeJS.Signals | null) => {
        resolve(code ?? 128 + (signal ? constants.signals[signal] : 0))
      },
    )
  })
  exited.catch(() => undefined)
  const end = async () => {
    child.stdin?.destroy()
    // The guard keeps its word within graceS; the rest is for a starved machine.
    const late = setTimeout(() => child.kill('SIGTERM'), (options.graceS + 5) * 1000)
    await exited.catch(() => undefined)
    clearTimeout(late)
  }
  return { pid: readPid(child), exited, end }
}

function readPid(child: ChildProcess): Promise<number> {
  const pid = new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.stdio[3]?.once('data', (text) => resolve(Number(text)))
    child.stdio[3]?.once('end', () => reject(new Error('the watcher named no process')))
  })
  pid.catch(() => undefined)
  return pid
}

function onLines(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  })
  stream.on('end', () => {
    if (rest) take(rest)
  })
}
