// What became of the records of a put, taken together.

import type { Outcome } from './ingest.ts'

type Stored = Extract<Outcome, { stored: true }>

/** Whether there are records and all of them are stored. */
export function areStored(outcomes: readonly Outcome[]): outcomes is readonly Stored[] {
  for (const { stored } of outcomes) if (!stored) return false
  return outcomes.length > 0
}
