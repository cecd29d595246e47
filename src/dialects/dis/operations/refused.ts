// Calls of the vendor's that are known and refused: each with a sentence for its caller.

import type { Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'

const APPS = 'Apps are not kept by this endpoint yet; use a consumer group on Kafka.'
const CHECKPOINTS = 'Checkpoints are not kept by this endpoint yet; commit offsets on Kafka.'
const GROUPS = 'Consumer groups are not served by this endpoint yet; use a consumer group on Kafka.'
const METRICS = 'Metrics are not served by this endpoint yet; the service exports its own.'
const TASKS = 'There are no transfer tasks here: let a connector on Kafka move the records.'
const POLICIES = 'There are no stream policies here: permissions belong to the service’s settings.'
const TAGS = 'Tags are not kept by this endpoint yet.'

const REFUSED = {
  CreateApp: APPS,
  ListApps: APPS,
  DescribeApp: APPS,
  DeleteApp: APPS,
  DescribeConsumerState: CHECKPOINTS,
  CommitCheckpoint: CHECKPOINTS,
  GetCheckpoint: CHECKPOINTS,
  DeleteCheckpoint: CHECKPOINTS,
  JoinGroup: GROUPS,
  SyncGroup: GROUPS,
  Heartbeat: GROUPS,
  LeaveGroup: GROUPS,
  GetStreamMetrics: METRICS,
  GetPartitionMetrics: METRICS,
  TransferTasks: TASKS,
  StreamPolicies: POLICIES,
  StreamTags: TAGS,
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
