// DIS sequence numbers: decimal digits, from 0 in each partition, without gaps as they are given.

import type { Position } from '../../core/model.ts'
import { createCounting } from '../../core/sequence.ts'

const counting = createCounting(0)

export function formatSequence(position: Pick<Position, 'ordinal'>): string {
  return counting.numberOf(position).toString()
}
