// Settings of a stream that its producers may ask for: UpdateStreamMode and Enable- and
// DisableEnhancedMonitoring, which are remembered and shown and change nothing; UpdateMaxRecordSize,
// which is the topic's `max.message.bytes`; UpdateStreamRecordDistributionStrategy, of which there is
// one (docs: API version 2013-12-02).

import type { Ask, Operation } from '../../../core/dialect.ts'
import { arnOf } from '../arns.ts'
import { encodeReply } from '../encode.ts'
import { newer, type Facts } from '../facts.ts'
import { METRICS } from '../schema.ts'
import { changeSettings } from '../settings.ts'
import { toInteger } from '../words.ts'
import { modeIn, refuseStrategy } from './streams.ts'

type Perform = Operation['perform']

const KIB = 1024
const ALL = 'ALL'

export function createUpdateStreamMode(facts: Facts): Perform {
  return async function updateStreamMode({ input, call, streams }) {
    const mode = modeIn(input['StreamModeDetails']) ?? 'PROVISIONED'
    await changeSettings(streams, facts.streamOf(input, call.head), () => ({ mode }))
    return encodeReply(call.head)
  }
}

export function createUpdateMaxRecordSize(facts: Facts): Perform {
  return async function updateMaxRecordSize({ input, call, streams }) {
    const bytes = toInteger(Number(input['MaxRecordSizeInKiB'])) * KIB
    await streams.limitRecords(facts.streamOf(input, call.head), bytes)
    return encodeReply(call.head)
  }
}

export function createUpdateStrategy(facts: Facts): Perform {
  return async function updateStrategy({ input, call, streams }) {
    await streams.summarise(facts.streamOf(input, call.head))
    refuseStrategy(input['RecordDistributionStrategy'])
    return encodeReply(call.head)
  }
}

type Metrics = readonly string[]

/** Changes which metrics are on, and answers with those before and after. */
function monitoring(facts: Facts, change: (before: Metrics, named: Metrics) => Metrics): Perform {
  return async ({ input, call, streams }: Ask) => {
    const ref = facts.streamOf(input, call.head)
    const named = expand(input['ShardLevelMetrics'] as Metrics)
    let before: Metrics = []
    const { metrics } = await changeSettings(streams, ref, (settings) => {
      before = settings.metrics
      return { metrics: change(before, named) }
    })
    return encodeReply(call.head, {
      StreamName: facts.nameOf(ref, input),
      CurrentShardLevelMetrics: before,
      DesiredShardLevelMetrics: metrics,
      ...newer(facts, { StreamARN: arnOf(ref, facts, call.head) }),
    })
  }
}

function expand(named: Metrics): Metrics {
  return named.includes(ALL) ? METRICS.filter((metric) => metric !== ALL) : named
}

export function createEnableMonitoring(facts: Facts): Perform {
  return monitoring(facts, (before, named) =>
    METRICS.filter((metric) => before.includes(metric) || named.includes(metric)),
  )
}

export function createDisableMonitoring(facts: Facts): Perform {
  return monitoring(facts, (before, named) => before.filter((metric) => !named.includes(metric)))
}
