// The port's append: from messages to slices in lanes.
//
// * Refused at once: what does not fit the budget, partitions that are not there, messages that
//   are larger than the topic's limit by themselves.
// * Calls for a topic that is not known yet wait for its look-up in the order in which they came.

import { BridgeError } from '../core/errors.ts'
import type { Appended, Message, Refusal } from '../core/log.ts'
import { budgetBytes } from './budget.ts'
import type { Budget } from './budget.ts'
import { Call } from './call.ts'
import type { OnKafkaEvent } from './events.ts'
import type { Lane } from './lane.ts'
import type { Metadata } from './metadata.ts'
import type { Producer } from './producer.ts'
import { BATCH_HEAD_BYTES, recordBytes } from './protocol/record-batch.ts'
import type { TopicView } from './topic-view.ts'

export interface AppenderOptions {
  readonly budget: Budget
  readonly metadata: Metadata
  readonly producer: Producer
  /** How long a topic is searched for on behalf of calls whose own deadlines are shorter. */
  readonly searchMs: number
  /** Milliseconds since 1970: of messages without a time of their own. */
  readonly now: () => number
  readonly onEvent: OnKafkaEvent
}

export class Appender {
  readonly #options: AppenderOptions
  /** Calls that wait for the look-up of their topic. */
  readonly #searches = new Map<string, Call[]>()
  #closed = false

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  append(
    topic: string,
    messages: readonly Message[],
    deadlineMs: number,
  ): Promise<readonly Appended[]> {
    if (messages.length === 0) return Promise.resolve([])
    if (this.#closed) return Promise.resolve(refuseAll(messages, 'unavailable', 'Shutting down'))
    const { budget, now } = this.#options
    let bytes = 0
    for (const message of messages) bytes += budgetBytes(message)
    if (!budget.take(bytes)) {
      return Promise.resolve(refuseAll(messages, 'throttled', 'Too many bytes wait for Kafka'))
    }
    const nowMs = now()
    return new Promise((resolve) => {
      const onAnswer = (results: readonly Appended[], call: Call): void => {
        this.#tell(topic, call)
        resolve(results)
      }
      const call = new Call({ messages, budget, nowMs, onAnswer })
      call.expireIn(deadlineMs - nowMs)
      this.#start(topic, call)
    })
  }

  /** From now on everything is refused. */
  close(): void {
    this.#closed = true
  }

  #start(topic: string, call: Call): void {
    const view = this.#options.metadata.peek(topic)
    const search = this.#searches.get(topic)
    if (search !== undefined) search.push(call)
    else if (view === undefined || !this.#fits(call, view)) void this.#search(topic, call)
    else this.#place(call, view)
  }

  // A partition beyond those known may be new.
  #fits({ messages }: Call, view: TopicView): boolean {
    if (this.#options.metadata.isFresh(view)) return true
    return messages.every(({ partition }) => partition < view.partitions.length)
  }

  async #search(topic: string, first: Call): Promise<void> {
    const calls = [first]
    this.#searches.set(topic, calls)
    const { metadata, searchMs } = this.#options
    try {
      const view = await metadata.lookUp(topic, searchMs)
      this.#searches.delete(topic)
      for (const call of calls) this.#place(call, view)
    } catch (error) {
      this.#searches.delete(topic)
      const missing = error instanceof BridgeError && error.code === 'stream-not-found'
      const detail = error instanceof Error ? error.message : String(error)
      for (const call of calls) call.refuseAll(missing ? 'topic-missing' : 'unavailable', detail)
    }
  }

  #place(call: Call, topic: TopicView): void {
    if (call.answered) {
      call.refuseAll('unavailable', 'Answered at its deadline')
      return
    }
    const absent: number[] = []
    const large: number[] = []
    for (let index = 0; index < call.messages.length; index++) {
      const message = call.messages[index]
      if (message === undefined) continue
      if (topic.partitions[message.partition] === undefined) absent.push(index)
      else if (!isSmall(message, topic)) large.push(index)
      else this.#queue(call, index, this.#options.producer.lane(topic, message.partition))
    }
    // Only now, so that a refusal cannot complete the call too early.
    call.refuse(absent, 'partition-missing', `The topic has ${topic.partitions.length} partitions`)
    call.refuse(large, 'too-large', `The topic takes ${topic.messageBytesMax} bytes at most`)
  }

  // Nothing leaves a lane before the loop's next turn: the slices of a call are complete by then.
  #queue(call: Call, index: number, lane: Lane): void {
    const begun = lane.last()
    if (begun?.call === call) call.extend(begun, index)
    else this.#options.producer.push(lane, call.slice(lane, [index]))
  }

  #tell(topic: string, { written, refused, unknown, startedMs }: Call): void {
    const latencyMs = this.#options.now() - startedMs
    this.#options.onEvent({ type: 'append', topic, latencyMs, written, refused, unknown })
  }
}

function isSmall(message: Message, { messageBytesMax }: TopicView): boolean {
  return BATCH_HEAD_BYTES + recordBytes(message, 0, 0) <= messageBytesMax
}

function refuseAll(messages: readonly Message[], reason: Refusal, detail: string): Appended[] {
  const result: Appended = { state: 'refused', reason, detail }
  return messages.map(() => result)
}
