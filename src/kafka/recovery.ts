// What to do about a batch, given what came of sending it. A pure function over the table of
// errors.ts; the rules, of which none may be bent:
//
// * A batch that may lie in the log is sent again byte for byte, under its own sequence, until the
//   broker says where it lies. The broker knows it by producer, epoch and sequence, and does not
//   store it twice.
// * A batch that certainly does not lie in the log is taken apart: its messages go back to the head
//   of their queue and may leave in other company, even under the same sequence, which no broker
//   has seen.
// * A batch that may lie in the log, and whose repetition is refused, is given up as unknown, and
//   so is one out of time; then the epoch is raised, so that a late copy of it is fenced and its
//   sequence never belongs to a second batch.

import { NONE, meaningOf } from './errors.ts'
import type { Meaning } from './errors.ts'
import type { ProduceAnswer } from './protocol/produce.ts'

/** What came of sending a batch once. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: ProduceAnswer }
  /** No answer; `written`: the request had been handed to the network. */
  | { readonly kind: 'lost'; readonly written: boolean; readonly reason: string }

/** What is known of the batch. */
export interface BatchHistory {
  readonly records: number
  /** An earlier attempt may have stored it. */
  readonly perhapsStored: boolean
}

export interface RecordRefusal {
  readonly reason: 'too-large' | 'malformed'
  readonly detail: string
}

export type Verdict =
  | { readonly then: 'done'; readonly baseOffset: number; readonly logAppendTimeMs: number }
  /** Not stored for certain: into the queue again. */
  | {
      readonly then: 'rebuild'
      readonly error: string
      /** Raise the epoch first. */
      readonly fence: boolean
      /** Records that are refused, by their place in the batch. */
      readonly refused: ReadonlyMap<number, RecordRefusal>
      /** How many records the next batches may have until these are through. */
      readonly recordsMax: number
    }
  /** Perhaps stored: the same bytes again. */
  | { readonly then: 'repeat'; readonly error: string }
  /** Perhaps stored, and no way to find out. */
  | { readonly then: 'give-up'; readonly error: string }

const NOTHING_REFUSED: ReadonlyMap<number, RecordRefusal> = new Map()

/** Decides what to do about a batch. */
export function decide(outcome: Outcome, batch: BatchHistory): Verdict {
  if (outcome.kind === 'lost') {
    const error = outcome.reason
    return batch.perhapsStored || outcome.written ? { then: 'repeat', error } : rebuild(error)
  }
  const { answer } = outcome
  if (answer.code === NONE) {
    const { baseOffset, logAppendTimeMs } = answer
    return { then: 'done', baseOffset, logAppendTimeMs }
  }
  const meaning = meaningOf(answer.code)
  const error = meaning.name
  const hopeful = meaning.cure === 'again' || meaning.cure === 'route'
  if (batch.perhapsStored || meaning.stored === 'perhaps') {
    return { then: hopeful ? 'repeat' : 'give-up', error }
  }
  if (meaning.cure === 'split') return split(answer, meaning, batch.records)
  return { ...rebuild(error), fence: meaning.cure === 'fence' }
}

function rebuild(error: string): Extract<Verdict, { then: 'rebuild' }> {
  return { then: 'rebuild', error, fence: false, refused: NOTHING_REFUSED, recordsMax: Infinity }
}

// Where Kafka names the records, these are refused. Where it names none, the batch is halved until
// the guilty one is alone.
function split(answer: ProduceAnswer, meaning: Meaning, records: number): Verdict {
  const reason = meaning.reason ?? 'malformed'
  const detail = answer.message ?? meaning.name
  const refused = new Map<number, RecordRefusal>()
  for (const { index, message } of answer.recordErrors) {
    if (index >= 0 && index < records) refused.set(index, { reason, detail: message ?? detail })
  }
  if (refused.size === 0 && records === 1) refused.set(0, { reason, detail })
  const recordsMax = refused.size === 0 ? Math.ceil(records / 2) : Infinity
  return { ...rebuild(meaning.name), refused, recordsMax }
}
