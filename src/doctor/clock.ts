// Does our clock agree with Kafka's? Records carry our time, and signatures are judged by it.

import type { Cluster } from '../kafka/survey.ts'
import { good, problem, warning } from './finding.ts'
import type { Finding } from './finding.ts'

const NOTICED_MS = 5000
/** Clients' signatures are refused beyond five minutes, and Kafka refuses times an hour ahead. */
const HARMFUL_MS = 240_000

export function judgeClock({ clock }: Cluster): readonly Finding[] {
  if (clock === undefined) return []
  const { aheadMs, errorMs } = clock
  const offMs = Math.abs(aheadMs) - errorMs
  if (offMs < NOTICED_MS) return [good('The clock agrees with Kafka’s.')]
  const by = `${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} Kafka’s`
  const text = `The clock here is ${by}: set both by NTP. Records get wrong times, and beyond five minutes signatures are refused.`
  return [offMs < HARMFUL_MS ? warning(text) : problem(text)]
}
