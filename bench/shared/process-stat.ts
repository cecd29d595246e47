// What a process has taken, all of its threads, from Linux's /proc.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const TICK_US = 10_000 // Linux tells hundredths of a second to everybody

/** CPU so far, user and system, in microseconds; 0 where there is no such process. */
export function cpuUs(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in brackets, may hold anything: fields are counted from its end.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_US
  } catch {
    return 0
  }
}

/** CPU that threads had and CPU that they waited for, in microseconds. */
export interface Demand {
  readonly mainUs: number
  readonly allUs: number
}

/** What it would have used with a machine to itself; zeros where Linux does not tell. */
export function demandOf(pid: number): Demand {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const allUs = threads.reduce((sum, thread) => sum + scheduledUs(pid, thread), 0)
    return { mainUs: scheduledUs(pid, String(pid)), allUs }
  } catch {
    return { mainUs: 0, allUs: 0 }
  }
}

function scheduledUs(pid: number, thread: string): number {
  try {
    const [ran, waited] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
    return (Number(ran) + Number(waited)) / 1000
  } catch {
    return 0 // a thread that ended meanwhile
  }
}

/** Memory that it holds, and the most that it held since `forgetPeak`, in bytes. */
export function memoryOf(pid: number): { readonly bytes: number; readonly peakBytes: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const read = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024
  return { bytes: read('VmRSS'), peakBytes: read('VmHWM') }
}

/** Lets the peak of its memory begin anew. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}
