// Sending to one broker: all lanes that are ready go into one Produce request, and no more than two
// requests are on their way. (A broker handles a connection's requests one after the other, so a
// request per partition costs it and us twice the work, and a third request in flight gains
// nothing.)
//
// * What became ready during one turn of the event loop leaves together.
// * A broker's throttle time silences its sender, and nobody else's.

import type { Door } from './door.ts'
import type { OnKafkaEvent } from './events.ts'
import type { Batch, Lane } from './lane.ts'
import type { Link } from './link.ts'
import type { ExchangeOptions, Sent } from './exchange.ts'
import { exchange } from './exchange.ts'
import type { Outcome } from './recovery.ts'

export interface SenderOptions extends ExchangeOptions {
  readonly broker: number
  readonly door: Door
  readonly requestBytesMax: number
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number
  /** What came of a batch; its lane is no longer in flight. */
  readonly onOutcome: (lane: Lane, batch: Batch, outcome: Outcome) => void
  /** A lane that was ready had nothing left to send. */
  readonly onIdle: (lane: Lane) => void
  /** The broker cannot be connected to: these lanes have sent nothing. */
  readonly onUnreachable: (lanes: readonly Lane[], reason: string) => void
  readonly onEvent: OnKafkaEvent
}

const REQUESTS_MAX = 2
const THROTTLED = { reason: 'throttled', detail: 'Kafka’s quota is used up' } as const
const UNUSED = 'The broker is no longer in use'

export class Sender {
  readonly broker: number
  readonly #options: SenderOptions
  readonly #ready: Lane[] = []
  #requests = 0
  #mutedUntilMs = 0
  #scheduled = false
  #connecting = false
  #retired = false

  constructor(options: SenderOptions) {
    this.broker = options.broker
    this.#options = options
  }

  /** A lane that is not here yet has something to send. */
  add(lane: Lane): void {
    if (this.#isThrottled()) lane.heldUpBy = THROTTLED
    this.#ready.push(lane)
    this.#schedule()
  }

  /** It has not any more. */
  remove(lane: Lane): void {
    const at = this.#ready.indexOf(lane)
    if (at >= 0) this.#ready.splice(at, 1)
  }

  /** Sends nothing more. Returns the lanes that were ready; those in flight still get an outcome. */
  retire(): readonly Lane[] {
    this.#retired = true
    const lanes = this.#ready.splice(0)
    this.#closeIfUnused()
    return lanes
  }

  #schedule(): void {
    if (this.#scheduled || this.#retired) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    while (this.#maySend()) {
      const link = this.#options.door.peek()
      if (link === undefined) {
        void this.#connect()
        return
      }
      const sent = collect(this.#ready, this.#options)
      if (sent.length > 0) void this.#send(link, sent)
    }
  }

  #maySend(): boolean {
    return (
      this.#requests < REQUESTS_MAX &&
      this.#ready.length > 0 &&
      !this.#retired &&
      !this.#isThrottled()
    )
  }

  async #connect(): Promise<void> {
    if (this.#connecting) return
    this.#connecting = true
    try {
      await this.#options.door.open()
      this.#schedule()
    } catch (error) {
      const lanes = this.#ready.splice(0)
      this.#options.onUnreachable(lanes, error instanceof Error ? error.message : String(error))
    } finally {
      this.#connecting = false
    }
  }

  async #send(link: Link, sent: readonly Sent[]): Promise<void> {
    const { broker, now, onEvent, onOutcome } = this.#options
    this.#requests++
    const startedMs = now()
    const { outcomes, throttleMs, bytes } = await exchange(link, sent, this.#options)
    this.#requests--
    if (throttleMs > 0) this.#mute(throttleMs)
    const records = recordsOf(sent)
    const latencyMs = now() - startedMs
    onEvent({ type: 'produce', broker, latencyMs, batches: sent.length, records, bytes })
    outcomes.forEach((outcome, i) => {
      const item = sent[i]
      if (item === undefined) return
      item.lane.inFlight = false
      onOutcome(item.lane, item.batch, outcome)
    })
    this.#closeIfUnused()
    // What the answers make their callers send next is nearly here.
    this.#schedule()
  }

  #isThrottled(): boolean {
    return this.#mutedUntilMs > 0 && this.#options.now() < this.#mutedUntilMs
  }

  #mute(throttleMs: number): void {
    for (const lane of this.#ready) lane.heldUpBy = THROTTLED
    const { broker, now, onEvent } = this.#options
    this.#mutedUntilMs = Math.max(this.#mutedUntilMs, now() + throttleMs)
    onEvent({ type: 'throttled', broker, throttleMs })
    setTimeout(() => this.#schedule(), throttleMs + 1).unref()
  }

  #closeIfUnused(): void {
    if (this.#retired && this.#requests === 0) this.#options.door.close(UNUSED)
  }
}

// Takes lanes from the front while the request may grow; one at least.
function collect(ready: Lane[], { now, requestBytesMax, onIdle }: SenderOptions): Sent[] {
  const sent: Sent[] = []
  const nowMs = now()
  let bytes = 0
  let taken = 0
  for (const lane of ready) {
    if (bytes > 0 && bytes + lane.topic.messageBytesMax > requestBytesMax) break
    taken++
    const batch = lane.next(nowMs)
    if (batch === undefined) {
      onIdle(lane)
      continue
    }
    lane.inFlight = true
    sent.push({ lane, batch })
    bytes += batch.bytes
  }
  ready.splice(0, taken)
  return sent
}

function recordsOf(sent: readonly Sent[]): number {
  let records = 0
  for (const { batch } of sent) records += batch.messages.length
  return records
}
