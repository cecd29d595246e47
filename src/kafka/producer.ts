// The engine: routes lanes to the brokers that lead them, and carries out what recovery.ts decides.
//
//   append ─► lane (per partition) ─► sender (per broker) ─► exchange (a request)
//               ▲                                               │ outcome
//               └─────────────── recovery decides ◄─────────────┘
//
// * A lane that failed waits, longer each time, and is routed anew with newer metadata.
// * A batch that may be stored goes on beyond its callers' deadlines, until `deliveryTimeoutMs`.
// * When a topic is lost, what was never sent is refused, what may be stored is unknown, and the
//   producer id is replaced: a lane made anew must not start where a forgotten one did.

import type { Refusal } from '../core/log.ts'
import type { Slice } from './call.ts'
import type { OnKafkaEvent } from './events.ts'
import type { Batch } from './lane.ts'
import { Lane } from './lane.ts'
import type { Metadata } from './metadata.ts'
import type { ProducerIds } from './producer-ids.ts'
import { decide } from './recovery.ts'
import type { Outcome, Verdict } from './recovery.ts'
import type { Sender } from './sender.ts'
import type { TopicView } from './topic-view.ts'

export interface ProducerOptions {
  readonly ids: ProducerIds
  readonly deliveryTimeoutMs: number
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number
  /** The sender to the leader of a partition, if it is known. */
  readonly senderOf: (topic: TopicView, partition: number) => Sender | undefined
  /** Told when newer metadata may help, or a limit is not what we think. */
  readonly metadata: Pick<Metadata, 'refreshSoon' | 'invalidate'>
  readonly onWritten: () => void
  readonly onEvent: OnKafkaEvent
}

const BACKOFF_MIN_MS = 50
const BACKOFF_MAX_MS = 1000

export class Producer {
  readonly #options: ProducerOptions
  readonly #lanes = new Map<TopicView, Lane[]>()

  constructor(options: ProducerOptions) {
    this.#options = options
  }

  /** The lane of a partition that the topic has. */
  lane(topic: TopicView, partition: number): Lane {
    let lanes = this.#lanes.get(topic)
    if (lanes === undefined) this.#lanes.set(topic, (lanes = []))
    return (lanes[partition] ??= new Lane(topic, partition))
  }

  /** Queues a slice in its lane. */
  push(lane: Lane, slice: Slice): void {
    lane.push(slice)
    this.#route(lane)
  }

  /** The topic's leaders may have changed. */
  update(topic: TopicView): void {
    for (const lane of this.#lanesOf(topic)) {
      const { sender } = lane
      const next = this.#options.senderOf(topic, lane.partition)
      if (sender !== undefined && sender === next) continue
      if (next !== undefined && next.broker !== lane.failedAt) lane.notBeforeMs = 0
      this.#leave(lane)
      this.#route(lane)
    }
  }

  /** These lanes lost their sender. */
  reroute(lanes: readonly Lane[]): void {
    for (const lane of lanes) {
      this.#leave(lane)
      this.#route(lane)
    }
  }

  /** The topic is gone. */
  lose(topic: TopicView): void {
    for (const lane of this.#lanesOf(topic)) {
      this.#leave(lane)
      this.#abandon(lane, 'topic-missing', 'The topic was deleted')
    }
    this.#lanes.delete(topic)
    this.#options.ids.renew()
  }

  /** Ends everything: what was never sent is refused, the rest is unknown. */
  close(detail: string): void {
    for (const lanes of this.#lanes.values()) {
      for (const lane of lanes.filter(Boolean)) {
        this.#leave(lane)
        lane.inFlight = false
        this.#abandon(lane, 'unavailable', detail)
      }
    }
    this.#lanes.clear()
  }

  /** A batch was sent, and this is what came of it. */
  settle(lane: Lane, batch: Batch, outcome: Outcome): void {
    lane.failedAt = lane.sender?.broker
    lane.sender = undefined
    if (lane.batch !== batch) return // closed meanwhile
    const verdict = decide(outcome, {
      records: batch.messages.length,
      perhapsStored: batch.perhapsStored,
    })
    if (verdict.then !== 'done') this.#tell(lane, batch, verdict)
    this.#carryOut(lane, batch, verdict)
    if (lane.topic.gone) this.#abandon(lane, 'topic-missing', 'The topic was deleted')
    else this.#route(lane)
  }

  /** A lane that was routed had nothing left to send. */
  rest(lane: Lane): void {
    lane.sender = undefined
    this.#route(lane)
  }

  /** Lanes whose broker cannot be reached; nothing of theirs was sent. */
  holdUp(lanes: readonly Lane[], detail: string): void {
    for (const lane of lanes) {
      lane.failedAt = lane.sender?.broker
      lane.sender = undefined
      this.#backOff(lane, { reason: 'unavailable', detail })
      this.#route(lane)
    }
  }

  #carryOut(lane: Lane, batch: Batch, verdict: Verdict): void {
    switch (verdict.then) {
      case 'done':
        settleWritten(batch, verdict.baseOffset, verdict.logAppendTimeMs)
        lane.complete(batch)
        this.#options.onWritten()
        return
      case 'rebuild':
        lane.takeApart(batch, verdict.refused, verdict.recordsMax)
        if (verdict.fence) lane.raiseEpoch()
        this.#renewIfUsedUp(lane)
        if (verdict.recordsMax < Infinity) this.#refreshLimit(lane.topic)
        else if (verdict.refused.size === 0) {
          this.#backOff(lane, { reason: 'unavailable', detail: verdict.error })
        }
        return
      case 'repeat':
        batch.perhapsStored = true
        this.#backOff(lane, { reason: 'unavailable', detail: verdict.error })
        return
      case 'give-up':
        lane.giveUp(batch, verdict.error)
        this.#renewIfUsedUp(lane)
        return
    }
  }

  // Sends the lane on its way, or sets a timer for the next try.
  #route(lane: Lane): void {
    if (lane.inFlight || lane.sender !== undefined || lane.timer !== undefined) return
    this.#giveUpIfLate(lane)
    if (!lane.hasWork() || lane.topic.gone) return
    const { now, senderOf } = this.#options
    const waitMs = lane.notBeforeMs === 0 ? 0 : lane.notBeforeMs - now()
    if (waitMs > 0) {
      this.#wake(lane, waitMs)
      return
    }
    if (!this.#hasProducer(lane)) return
    const sender = senderOf(lane.topic, lane.partition)
    if (sender === undefined) {
      this.#backOff(lane, { reason: 'unavailable', detail: 'The partition has no leader' })
      this.#wake(lane, lane.notBeforeMs - now())
      return
    }
    lane.sender = sender
    sender.add(lane)
  }

  #hasProducer(lane: Lane): boolean {
    const { ids, now } = this.#options
    lane.producer ??= ids.peek()
    if (lane.producer !== undefined) return true
    if (lane.unnamed) return false
    lane.unnamed = true
    ids.need().then(
      () => {
        lane.unnamed = false
        this.#route(lane)
      },
      (error: unknown) => {
        lane.unnamed = false
        const detail = error instanceof Error ? error.message : String(error)
        this.#backOff(lane, { reason: 'unavailable', detail })
        this.#wake(lane, lane.notBeforeMs - now())
      },
    )
    return false
  }

  #wake(lane: Lane, waitMs: number): void {
    lane.timer ??= setTimeout(() => {
      lane.timer = undefined
      this.#route(lane)
    }, waitMs)
  }

  #backOff(lane: Lane, heldUpBy: { readonly reason: Refusal; readonly detail: string }): void {
    const { now, metadata } = this.#options
    const waitMs = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** lane.failures)
    lane.failures++
    lane.notBeforeMs = now() + waitMs
    lane.heldUpBy = heldUpBy
    metadata.refreshSoon(lane.topic.name)
  }

  #refreshLimit({ name }: TopicView): void {
    const { metadata } = this.#options
    metadata.invalidate(name)
    metadata.refreshSoon(name)
  }

  #giveUpIfLate(lane: Lane): void {
    const { batch } = lane
    const { now, deliveryTimeoutMs } = this.#options
    if (batch === undefined || now() - batch.sealedMs < deliveryTimeoutMs) return
    this.#tell(lane, batch, { then: 'give-up', error: lane.heldUpBy.detail })
    lane.giveUp(batch, `Given up after ${deliveryTimeoutMs} ms: ${lane.heldUpBy.detail}`)
    this.#renewIfUsedUp(lane)
  }

  // A lane whose epochs are used up has no producer: the shared id, which it had, is not for it.
  #renewIfUsedUp(lane: Lane): void {
    if (lane.producer === undefined) this.#options.ids.renew()
  }

  #abandon(lane: Lane, reason: Refusal, detail: string): void {
    if (lane.batch !== undefined && !lane.inFlight) lane.giveUp(lane.batch, detail)
    lane.refuseWaiting(reason, detail)
  }

  #leave(lane: Lane): void {
    lane.sender?.remove(lane)
    if (!lane.inFlight) lane.sender = undefined
    clearTimeout(lane.timer)
    lane.timer = undefined
  }

  /** How many lanes have work, and how much the busiest one has. */
  load(): { readonly lanes: number; readonly busiest: number } {
    const loads = [...this.#lanes.values()].flat().flatMap((lane) => lane.load() || [])
    return { lanes: loads.length, busiest: Math.max(0, ...loads) }
  }

  #lanesOf(topic: TopicView): Lane[] {
    return (this.#lanes.get(topic) ?? []).filter(Boolean) // partitions unused so far are holes
  }

  #tell(lane: Lane, batch: Batch, verdict: { then: FailedThen; error: string }): void {
    this.#options.onEvent({
      type: 'batch-failed',
      topic: lane.topic.name,
      partition: lane.partition,
      error: verdict.error,
      then: verdict.then,
      records: batch.messages.length,
    })
  }
}

type FailedThen = Exclude<Verdict['then'], 'done'>

// Its slices lie one after the other from this offset.
function settleWritten({ slices }: Batch, baseOffset: number, logAppendTimeMs: number): void {
  let offset = baseOffset
  for (const slice of slices) {
    const count = slice.indexes.length
    slice.call.settleWritten(slice, offset, logAppendTimeMs)
    offset += count
  }
}
