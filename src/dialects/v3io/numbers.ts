// Sequence numbers: they count from 1 in each shard, since v3io-go takes 0 for none.

import { createCounting } from '../../core/sequence.ts'

export const { numberOf, ordinalOf } = createCounting(1)
