// IncreaseStreamRetentionPeriod and DecreaseStreamRetentionPeriod (docs: API version 2013-12-02):
// the topic's retention. The same number of hours again changes nothing.

import type { Ask, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { StreamRef } from '../../../core/model.ts'
import { encodeReply } from '../encode.ts'
import type { Facts } from '../facts.ts'
import { toInteger } from '../words.ts'

type Perform = Operation['perform']

interface Change {
  readonly ref: StreamRef
  readonly wanted: number
  readonly existing: number
}

async function changeOf({ input, call, streams }: Ask, facts: Facts): Promise<Change> {
  const ref = facts.streamOf(input, call.head)
  const wanted = toInteger(Number(input['RetentionPeriodHours']))
  const { retentionHours: existing } = await streams.describe(ref)
  if (wanted >= facts.limits.retentionHoursMin) return { ref, wanted, existing }
  throw invalid(
    `Minimum allowed retention period is ${facts.limits.retentionHoursMin} hours. Requested retention period (${wanted} hours) is too short.`,
  )
}

function invalid(sentence: string): BridgeError {
  return new BridgeError('invalid-argument', sentence)
}

export function createIncreaseRetention(facts: Facts): Perform {
  return async function increaseRetention(ask) {
    const { ref, wanted, existing } = await changeOf(ask, facts)
    if (wanted < existing) throw invalid(facts.sentences.notLonger(ref.name, wanted, existing))
    if (wanted > existing) await ask.streams.retain(ref, wanted)
    return encodeReply(ask.call.head)
  }
}

export function createDecreaseRetention(facts: Facts): Perform {
  return async function decreaseRetention(ask) {
    const { ref, wanted, existing } = await changeOf(ask, facts)
    if (wanted > existing) throw invalid(facts.sentences.notShorter(ref.name, wanted, existing))
    if (wanted < existing) await ask.streams.retain(ref, wanted)
    return encodeReply(ask.call.head)
  }
}
