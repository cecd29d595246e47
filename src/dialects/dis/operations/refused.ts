// Calls of the vendor's that are known and refused: each with a sentence for its caller.

import type { Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'

const TASKS = 'There are no transfer tasks here: let a connector on Kafka move the records.'
const POLICIES = 'There are no stream policies here: permissions belong to the service’s settings.'

const REFUSED = {
  TransferTasks: TASKS,
  StreamPolicies: POLICIES,
} as const satisfies Readonly<Record<string, string>>

export type RefusedName = keyof typeof REFUSED

/** The refused operations: they take anything and answer `not-supported`. */
export function createRefused(): Record<string, Operation> {
  const operations: Record<string, Operation> = {}
  for (const [name, sentence] of Object.entries(REFUSED)) {
    operations[name] = {
      about: `Refused. ${sentence}`,
      action: 'see',
      input: { type: 'structure', members: {} },
      perform: () => Promise.reject(new BridgeError('not-supported', sentence)),
    }
  }
  return operations
}
