// The ledger of streams over a partition in memory, where a test wants nothing of it.

import { createLedger, type Ledger } from '../../src/core/ledger.ts'
import { createState } from '../../src/core/state.ts'
import { createStatePartition } from './state-partition.ts'

export function createMemoryLedger(now: () => number = Date.now): Ledger {
  const partition = createStatePartition(now)
  return createLedger(createState(partition.open({ pollMs: Infinity }), { bytesMax: 2 ** 20, now }))
}
