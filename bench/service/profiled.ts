// Loaded into the service before it starts (node --import), when it is to be profiled: each SIGUSR2 is the
// next step of CPU profile on, off, allocations on, off. So nothing of its start or its warming up is in it.
//
// * Allocations are those of V8's heap, also of what was soon collected; bytes of buffers are not there.

import { renameSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import process from 'node:process'

/** Names the files: PREFIX.cpuprofile and PREFIX.heapprofile. */
const PREFIX = process.env['BENCH_PROFILE'] ?? ''
const CPU_EVERY_US = 500
const HEAP_EVERY_BYTES = 32_768

const session = new Session()
session.connect()

/** Written whole or not at all: whoever waits for it may read it when it is there. */
function save(name: string, profile: unknown): void {
  const file = `${PREFIX}.${name}`
  writeFileSync(`${file}.part`, JSON.stringify(profile))
  renameSync(`${file}.part`, file)
}

const STEPS = [
  () => {
    session.post('Profiler.enable')
    session.post('Profiler.setSamplingInterval', { interval: CPU_EVERY_US })
    session.post('Profiler.start')
  },
  () => session.post('Profiler.stop', (_, { profile }) => save('cpuprofile', profile)),
  () => {
    session.post('HeapProfiler.enable')
    session.post('HeapProfiler.startSampling', {
      samplingInterval: HEAP_EVERY_BYTES,
      ...{ includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true },
    })
  },
  () => session.post('HeapProfiler.stopSampling', (_, { profile }) => save('heapprofile', profile)),
]

let step = 0
process.on('SIGUSR2', () => STEPS[step++ % STEPS.length]?.())
