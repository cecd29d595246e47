// The service's own calls about streams: UpdateStream, SetWriteQuota, SetStreamRetentionPeriod, and
// what CreateStream takes beside Amazon's members.
//
// * Retention in hours is the topic's. A quota is remembered and shown, and limits nothing: quotas of
//   writers are Kafka's, or the credentials file's.
// * Retention in megabytes and shards that come and go by themselves are refused.

import type { Input, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import { encodeReply } from '../../kinesis/encode.ts'
import type { Facts } from '../../kinesis/facts.ts'
import { createCreateStream as createAsAmazon, modeIn } from '../../kinesis/operations/streams.ts'
import { createUpdateShardCount } from '../../kinesis/operations/scaling.ts'
import { changeSettings, type Settings } from '../../kinesis/settings.ts'

type Perform = Operation['perform']

function numberIn(input: Input, member: string): number | undefined {
  const value = input[member]
  return typeof value === 'number' ? Math.floor(value) : undefined
}

/** Throws BridgeError for what a topic cannot be told. */
function refuseExtras({ RetentionStorageMegabytes, PartitioningSettings }: Input): void {
  if (typeof RetentionStorageMegabytes === 'number' && RetentionStorageMegabytes > 0) {
    throw refusal('Retention is in hours here, not in megabytes: use RetentionPeriodHours.')
  }
  const { AutoPartitioningSettings: auto } = membersOf(PartitioningSettings)
  const { Strategy: strategy } = membersOf(auto)
  if (typeof strategy !== 'string' || /_(DISABLED|UNSPECIFIED)$/.test(strategy)) return
  throw refusal('Shards are not split by themselves here: use UpdateShardCount.')
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function refusal(sentence: string): BridgeError {
  return new BridgeError('not-supported', sentence)
}

function settingsIn(input: Input): Partial<Settings> {
  const writeQuota = numberIn(input, 'WriteQuotaKbPerSec')
  const mode = modeIn(input['StreamModeDetails'])
  return { ...(writeQuota && { writeQuota }), ...(mode && { mode }) }
}

export function createCreateStream(facts: Facts): Perform {
  const create = createAsAmazon(facts)
  return async function createStream(ask) {
    refuseExtras(ask.input)
    const reply = await create(ask)
    const { writeQuota } = settingsIn(ask.input)
    if (writeQuota !== undefined) {
      const ref = facts.streamOf(ask.input, ask.call.head)
      await changeSettings(ask.streams, ref, () => ({ writeQuota }))
    }
    return reply
  }
}

export function createUpdateStream(facts: Facts): Perform {
  const grow = createUpdateShardCount(facts)
  return async function updateStream(ask) {
    const { input, call, streams } = ask
    const ref = facts.streamOf(input, call.head)
    await streams.summarise(ref)
    refuseExtras(input)
    if (numberIn(input, 'TargetShardCount')) await grow(ask)
    const hours = numberIn(input, 'RetentionPeriodHours')
    if (hours !== undefined) await streams.retain(ref, hours)
    const settings = settingsIn(input)
    if (Object.keys(settings).length > 0) await changeSettings(streams, ref, () => settings)
    return encodeReply(call.head)
  }
}

export function createSetWriteQuota(facts: Facts): Perform {
  return async function setWriteQuota({ input, call, streams }) {
    const settings = settingsIn(input)
    await changeSettings(streams, facts.streamOf(input, call.head), () => settings)
    return encodeReply(call.head)
  }
}

export function createSetRetention(facts: Facts): Perform {
  return async function setRetention({ input, call, streams }) {
    await streams.retain(
      facts.streamOf(input, call.head),
      numberIn(input, 'RetentionPeriodHours') ?? 0,
    )
    return encodeReply(call.head)
  }
}
