// How often V8 looks through the whole heap.
//
// * It counts the bytes of Buffers against what its old space may grow by, also of those that are as good as
//   gone. Bodies and batches are hundreds of megabytes a second, and a look through the whole heap moves
//   everything young to the old: once it looks often, it keeps looking, twenty times a second, for three
//   times the CPU (npm run bench, workload B-cbor). Left alone it falls into that in some processes.
// * The growth set here is the largest that V8 chooses by itself.

import { setFlagsFromString } from 'node:v8'

const GROWTH_PERCENT = 300

/** Lets the old space grow to four times of what is live before the whole heap is looked through. */
export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
}
