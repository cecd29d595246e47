// The lane of one partition: what waits, and the one batch on its way.
//
// * Group commit without a linger: what arrives while a batch is on its way is the next batch, cut
//   at the topic's `max.message.bytes`.
// * A lane has its own producer state (id, epoch, sequence). The sequence advances only when a
//   batch is written; after a batch was given up, the epoch is raised.

import type { Message, Refusal } from '../core/log.ts'
import type { Slice, SliceOwner } from './call.ts'
import { BATCH_HEAD_BYTES, recordBytes } from './protocol/record-batch.ts'
import type { BatchContent, ProducerState } from './protocol/record-batch.ts'
import type { RecordRefusal } from './recovery.ts'
import type { Sender } from './sender.ts'
import type { TopicView } from './topic-view.ts'

/** Messages that travel together, and always under the same sequence. */
export interface Batch extends BatchContent {
  readonly slices: readonly Slice[]
  readonly producer: ProducerState
  readonly bytes: number
  readonly sealedMs: number
  perhapsStored: boolean
  /** As it was first written; kept only while it may have to be sent again. */
  encoded: Buffer | undefined
}

const EPOCH_MAX = 32_766 // the next one is the last that fits, and Kafka gives no batch that one
const SEQUENCE_LIMIT = 2 ** 31

const WAITING = {
  reason: 'unavailable',
  detail: 'The partition was busy until the deadline',
} as const

export class Lane implements SliceOwner {
  readonly topic: TopicView
  readonly partition: number
  /** Absent: a new producer id is needed. */
  producer: ProducerState | undefined
  /** The batch on its way, or waiting to be sent again. */
  batch: Batch | undefined
  inFlight = false
  /** Where it waits to be sent, or was sent. */
  sender: Sender | undefined
  /** Wakes it for the next try. */
  timer: NodeJS.Timeout | undefined
  /** Waits for a producer id. */
  unnamed = false
  /** Failures since a batch was last written. */
  failures = 0
  /** The broker at which it last was; another one may be tried at once. */
  failedAt: number | undefined
  /** Not to be sent before this time; 0: at once. */
  notBeforeMs = 0
  /** Why it was last held up. */
  heldUpBy: { readonly reason: Refusal; readonly detail: string } = WAITING
  #queue: Slice[] = []
  #withdrawn = 0
  #recordsMax = Infinity
  #recordsOnTrial = 0

  constructor(topic: TopicView, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  /** Something to send, now or later. */
  hasWork(): boolean {
    return this.batch !== undefined || this.#queue.length > this.#withdrawn
  }

  /** Parts of appends that wait or are under way. */
  load(): number {
    return this.#queue.length - this.#withdrawn + (this.batch?.slices.length ?? 0)
  }

  push(slice: Slice): void {
    this.#queue.push(slice)
  }

  /** What was pushed last, if it was not sent since. */
  last(): Slice | undefined {
    return this.#queue[this.#queue.length - 1]
  }

  // A withdrawn slice stays where it is, empty, until half of the queue is like that.
  withdraw(): void {
    this.#withdrawn++
    if (this.#withdrawn * 2 <= this.#queue.length) return
    this.#queue = this.#queue.filter(({ state }) => state === 'waiting')
    this.#withdrawn = 0
  }

  delay(): { readonly reason: Refusal; readonly detail: string } {
    return this.heldUpBy
  }

  /** The batch to send: the one that has to be repeated, or a new one. Needs a producer. */
  next(nowMs: number): Batch | undefined {
    return (this.batch ??= this.#seal(nowMs))
  }

  /** The batch was written: the sequence goes on. */
  complete(batch: Batch): void {
    const { producerId, epoch, sequence } = batch.producer
    const next = (sequence + batch.messages.length) % SEQUENCE_LIMIT
    this.producer = { producerId, epoch, sequence: next }
    this.batch = undefined
    this.failures = 0
    this.notBeforeMs = 0
    this.heldUpBy = WAITING
    this.#passTrial(batch.messages.length)
  }

  /**
   * Takes a batch apart that is certainly not in the log: its messages wait again, before all
   * others, but for those refused here and those whose callers had their answer.
   */
  takeApart(batch: Batch, refused: ReadonlyMap<number, RecordRefusal>, recordsMax: number): void {
    this.batch = undefined
    const again: Slice[] = []
    let at = 0
    for (const slice of batch.slices) {
      const end = at + slice.indexes.length
      refuseNamed(slice, at, refused)
      at = end
      if (slice.state === 'settled') continue
      if (slice.call.answered) {
        slice.call.settleUnknown(slice, 'Answered at its deadline')
      } else {
        slice.state = 'waiting'
        again.push(slice)
      }
    }
    this.#queue.unshift(...again)
    this.#passTrial(refused.size)
    if (recordsMax === Infinity) return
    this.#recordsMax = recordsMax
    this.#recordsOnTrial = batch.messages.length
  }

  /** Gives a batch up whose fate is unknown: nothing else ever gets its sequence. */
  giveUp(batch: Batch, detail: string): void {
    this.batch = undefined
    for (const slice of batch.slices) slice.call.settleUnknown(slice, detail)
    this.raiseEpoch()
  }

  /** Starts a new epoch at sequence 0; the last one leaves the lane without a producer. */
  raiseEpoch(): void {
    if (this.producer === undefined) return
    const { producerId, epoch } = this.producer
    const usedUp = epoch >= EPOCH_MAX
    this.producer = usedUp ? undefined : { producerId, epoch: epoch + 1, sequence: 0 }
  }

  /** Refuses everything that waits. */
  refuseWaiting(reason: Refusal, detail: string): void {
    for (const slice of this.#queue.splice(0)) slice.call.settleRefused(slice, reason, detail)
    this.#withdrawn = 0
  }

  #seal(nowMs: number): Batch | undefined {
    const producer = this.producer
    if (producer === undefined) throw new Error('A lane without a producer was asked for a batch')
    const content: Filling = { slices: [], messages: [], timestamps: [], bytes: BATCH_HEAD_BYTES }
    let taken = 0
    for (const slice of this.#queue) {
      const fitting = slice.state === 'waiting' ? this.#fill(content, slice) : 0
      if (fitting < slice.indexes.length) {
        if (fitting > 0) send(content, slice.call.cut(slice, fitting))
        break
      }
      taken++
      if (fitting > 0) send(content, slice)
      else this.#withdrawn--
    }
    this.#queue.splice(0, taken)
    if (content.messages.length === 0) return undefined
    const { slices, messages, timestamps, bytes } = content
    return {
      slices,
      messages,
      timestamps,
      bytes,
      producer,
      sealedMs: nowMs,
      perhapsStored: false,
      encoded: undefined,
    }
  }

  // Adds messages of a slice while they fit, and tells how many did. Joined messages go together,
  // unless they are all there is: then they cannot.
  #fill(content: Filling, { call, indexes }: Slice): number {
    const { messages } = content
    const most = { bytes: this.topic.messageBytesMax, records: this.#recordsMax }
    // Where the last message that is not joined began: in the slice, and in the batch.
    let first = 0
    let records = messages.length
    let { bytes } = content
    for (let i = 0; i < indexes.length; i++) {
      const index = indexes[i] ?? 0
      const message = call.messages[index]
      if (message === undefined) continue
      if (message.joined === undefined) {
        first = i
        records = messages.length
        bytes = content.bytes
      }
      if (add(content, message, call.timestampMs(index), most)) continue
      if (records === 0) return i
      takeBack(content, { records, bytes })
      return first
    }
    return indexes.length
  }

  #passTrial(records: number): void {
    this.#recordsOnTrial -= records
    if (this.#recordsOnTrial <= 0) this.#recordsMax = Infinity
  }
}

interface Filling {
  readonly slices: Slice[]
  readonly messages: Message[]
  readonly timestamps: number[]
  bytes: number
}

/** Adds a message, if there is room for it or nothing else. */
// eslint-disable-next-line max-params -- the hot loop of the engine: no object for every message
function add(
  content: Filling,
  message: Message,
  timestamp: number,
  most: { readonly bytes: number; readonly records: number },
): boolean {
  const { messages, timestamps } = content
  const count = messages.length
  const bytes = recordBytes(message, count, timestamp - (timestamps[0] ?? timestamp))
  const full = content.bytes + bytes > most.bytes || count >= most.records
  if (full && count > 0) return false
  messages.push(message)
  timestamps.push(timestamp)
  content.bytes += bytes
  return true
}

function takeBack(
  content: Filling,
  to: { readonly records: number; readonly bytes: number },
): void {
  content.messages.length = to.records
  content.timestamps.length = to.records
  content.bytes = to.bytes
}

function send(content: Filling, slice: Slice): void {
  slice.state = 'sent'
  content.slices.push(slice)
}

// Refuses those messages of a slice, which begins at a place in its batch, that are named.
function refuseNamed(slice: Slice, at: number, refused: ReadonlyMap<number, RecordRefusal>): void {
  if (refused.size === 0) return
  const places = slice.indexes
  for (const [i, index] of places.entries()) {
    const refusal = refused.get(at + i)
    if (refusal !== undefined) slice.call.refuseOne(slice, index, refusal)
  }
}
