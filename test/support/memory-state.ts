// State over a partition in memory, where a test wants nothing of the topic.

import { createState, type State } from '../../src/core/state.ts'
import { createStatePartition } from './state-partition.ts'

export function createMemoryState(now: () => number = Date.now): State {
  return createState(createStatePartition(now).open({ pollMs: Infinity }), {
    bytesMax: 2 ** 20,
    now,
  })
}
