// One append call, and its slices: the messages of the call that go to one partition.
//
// * There is one promise per call and no object per message: results are filled in by place.
// * The deadline ends the answer, not the work: what waits is withdrawn, so that "not written"
//   stays true, what was sent is answered `unknown`, goes on, and is told when its fate is known.
// * A slice gives its bytes back to the budget when its fate is known, answered or not.

import type { Appended, Message, Refusal } from '../core/log.ts'
import { budgetBytes } from './budget.ts'
import type { Budget } from './budget.ts'

/** Where a slice waits. */
export interface SliceOwner {
  /** One of its waiting slices was settled. */
  readonly withdraw: () => void
  /** Why the slice is still waiting: for its refusal. */
  readonly delay: () => { readonly reason: Refusal; readonly detail: string }
}

export interface Slice {
  readonly call: Call
  readonly owner: SliceOwner
  /** Places in the call's messages, ascending. */
  indexes: number[]
  /** What it holds of the budget. */
  bytes: number
  state: 'waiting' | 'sent' | 'settled'
}

export interface CallOptions {
  readonly messages: readonly Message[]
  readonly budget: Budget
  readonly nowMs: number
  /** Called once, when the call is answered. */
  readonly onAnswer: (results: readonly Appended[], call: Call) => void
}

const TIMER_MS_MAX = 2 ** 31 - 1

export class Call {
  readonly messages: readonly Message[]
  readonly startedMs: number
  written = 0
  refused = 0
  unknown = 0
  /** Answered, by results or by the deadline. */
  answered = false
  readonly #budget: Budget
  readonly #onAnswer: CallOptions['onAnswer']
  readonly #results: Appended[]
  readonly #slices: Slice[] = []
  /** Who waits for the fate of messages that were answered as unknown, by place. */
  #later: Map<number, (result: Appended) => void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor({ messages, budget, nowMs, onAnswer }: CallOptions) {
    this.messages = messages
    this.startedMs = nowMs
    this.#budget = budget
    this.#onAnswer = onAnswer
    this.#results = new Array<Appended>(messages.length)
  }

  /** Ends the answer at a time, in milliseconds from now. */
  expireIn(timeoutMs: number): void {
    if (this.answered || timeoutMs > TIMER_MS_MAX) return
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, timeoutMs))
  }

  /** The time of the message at this place: its own, or that of the call. */
  timestampMs(index: number): number {
    return this.messages[index]?.timestampMs ?? this.startedMs
  }

  /** Makes the slice of the messages at these places. Their bytes are in the budget already. */
  slice(owner: SliceOwner, indexes: number[]): Slice {
    let bytes = 0
    for (const index of indexes) bytes += this.#bytesOf(index)
    const slice: Slice = { call: this, owner, indexes, bytes, state: 'waiting' }
    this.#slices.push(slice)
    return slice
  }

  /** Adds a later message to a slice that nobody has looked at yet. */
  extend(slice: Slice, index: number): void {
    slice.indexes.push(index)
    slice.bytes += this.#bytesOf(index)
  }

  /** Cuts the first messages off a waiting slice, as a slice of their own. */
  cut(slice: Slice, count: number): Slice {
    const head = this.slice(slice.owner, slice.indexes.slice(0, count))
    slice.indexes = slice.indexes.slice(count)
    slice.bytes -= head.bytes
    return head
  }

  /** The slice was written, its messages one after the other from this offset. */
  settleWritten(slice: Slice, baseOffset: number, logAppendTimeMs: number): void {
    if (slice.state === 'settled') return
    const { indexes } = slice
    for (let i = 0; i < indexes.length; i++) {
      const index = indexes[i] ?? 0
      const timestampMs = logAppendTimeMs >= 0 ? logAppendTimeMs : this.timestampMs(index)
      this.#set(index, { state: 'written', offset: baseOffset + i, timestampMs })
    }
    this.#end(slice)
  }

  settleRefused(slice: Slice, reason: Refusal, detail: string): void {
    this.#settle(slice, { state: 'refused', reason, detail })
  }

  settleUnknown(slice: Slice, detail: string): void {
    this.#settle(slice, { state: 'unknown', detail })
  }

  /** Refuses one message of a slice. */
  refuseOne(slice: Slice, index: number, refusal: { reason: Refusal; detail: string }): void {
    slice.bytes -= this.#bytesOf(index)
    slice.indexes = slice.indexes.filter((other) => other !== index)
    if (slice.indexes.length === 0) slice.state = 'settled'
    this.refuse([index], refusal.reason, refusal.detail)
  }

  /** Refuses messages that are in no slice. */
  refuse(indexes: readonly number[], reason: Refusal, detail: string): void {
    if (indexes.length === 0) return
    const result: Appended = { state: 'refused', reason, detail }
    for (const index of indexes) {
      this.#budget.give(this.#bytesOf(index))
      this.#set(index, result)
    }
    this.#answerIfComplete()
  }

  /** Refuses the whole call, of which nothing is in a slice. */
  refuseAll(reason: Refusal, detail: string): void {
    this.refuse([...this.messages.keys()], reason, detail)
  }

  #settle(slice: Slice, result: Appended): void {
    if (slice.state === 'settled') return
    for (const index of slice.indexes) this.#set(index, result)
    this.#end(slice)
  }

  // All its messages have their results.
  #end(slice: Slice): void {
    slice.state = 'settled'
    slice.indexes = [] // a withdrawn slice may stay in its queue for a while: keep no message
    this.#budget.give(slice.bytes)
    this.#answerIfComplete()
  }

  #set(index: number, result: Appended): void {
    if (this.answered) {
      this.#later?.get(index)?.(result)
      this.#later?.delete(index)
      return
    }
    this.#results[index] = result
    this[result.state]++
  }

  #answerIfComplete(): void {
    if (this.written + this.refused + this.unknown === this.messages.length) this.#answer()
  }

  #answer(): void {
    if (this.answered) return
    this.answered = true
    clearTimeout(this.#timer)
    this.#onAnswer(this.#results, this)
  }

  #expire(): void {
    for (const slice of [...this.#slices]) {
      if (slice.state === 'sent') {
        this.#answerUnknown(slice)
      } else if (slice.state === 'waiting') {
        const { reason, detail } = slice.owner.delay()
        this.settleRefused(slice, reason, detail)
        slice.owner.withdraw()
      }
    }
    this.#expireUnplaced()
  }

  #answerUnknown(slice: Slice): void {
    for (const index of slice.indexes) {
      this.#set(index, {
        state: 'unknown',
        detail: 'Kafka did not answer before the deadline',
        later: new Promise((resolve) => (this.#later ??= new Map()).set(index, resolve)),
      })
    }
    this.#answerIfComplete()
  }

  // The topic was not found before the deadline: nothing is in a slice, and the bytes are given
  // back when the search ends and finds the call answered.
  #expireUnplaced(): void {
    if (this.answered) return
    const result: Appended = {
      state: 'refused',
      reason: 'unavailable',
      detail: 'Kafka did not tell about the topic before the deadline',
    }
    for (let i = 0; i < this.messages.length; i++) this.#results[i] ??= result
    this.refused = this.messages.length - this.written - this.unknown
    this.#answer()
  }

  #bytesOf(index: number): number {
    const message = this.messages[index]
    return message === undefined ? 0 : budgetBytes(message)
  }
}
