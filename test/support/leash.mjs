// node leash.mjs COMMAND [ARGUMENT…]: runs a program that cannot outlive whoever started it.
//
// * The program and its children are a process group of their own, killed when standard input ends:
//   the starter holds the other end of that pipe, and the kernel closes it however the starter dies.
// * Signals are passed on to the group; the exit status is the program's, or 128 and the signal's number.

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import process from 'node:process'

const [command, ...args] = process.argv.slice(2)
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true })

function pass(signal) {
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It has ended already.
  }
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => pass(signal))
process.stdin.on('end', () => pass('SIGKILL')).resume()
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(127)
})
child.on('exit', (status, signal) => {
  process.exit(status ?? 128 + constants.signals[signal])
})
