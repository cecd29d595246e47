// What is known of topics: partitions, leaders, limits, and which there are not.
//
// * Topics are known by use. Those used lately are refreshed twice per `maxAgeMs`, all in one
//   request; the others when they are next asked for. One look-up is under way at a time, and
//   whoever asks meanwhile joins the next: an unknown topic costs one look-up per interval.
// * A topic is missing only when two brokers (one, if there is one) say so; that is remembered for
//   `MISSING_MS`. A topic that we made is believed in for `EXPECTED_MS`, whoever denies it. While they disagree, or no second one answers, it is undecided.

import { BridgeError } from '../core/errors.ts'
import type { Brokers } from './brokers.ts'
import { sleep, within } from './deadline.ts'
import { INVALID_TOPIC, UNKNOWN_TOPIC } from './errors.ts'
import type { OnKafkaEvent } from './events.ts'
import type { Link } from './link.ts'
import { METADATA_KEY, decodeMetadata, encodeMetadata, metadataApi } from './protocol/metadata.ts'
import type { MetadataReply, TopicMetadata } from './protocol/metadata.ts'
import { createRounds } from './rounds.ts'
import { readSettings } from './settings.ts'
import type { TopicSettings } from './settings.ts'
import { isSameTopic, updateView, viewTopic } from './topic-view.ts'
import type { TopicView } from './topic-view.ts'

export interface MetadataOptions {
  readonly brokers: Brokers
  readonly clientId: string
  readonly maxAgeMs: number
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number
  /** A topic's leaders, partitions or limits may have changed. */
  readonly onUpdate: (view: TopicView) => void
  /** The topic is gone, or another one now; the view says so. */
  readonly onLost: (view: TopicView) => void
  /** The list of brokers was read. */
  readonly onBrokers: () => void
  /** A look-up worked. */
  readonly onRead: () => void
  readonly onEvent: OnKafkaEvent
}

const MISSING_MS = 1000
const EXPECTED_MS = 5000
const RETRY_MS = 100
const SOON_MS = 30
const SETTINGS_AGE_MS = 2000
/** Topics unused for so long are no longer kept fresh. */
const USED_MS = 60_000

export class Metadata {
  readonly #options: MetadataOptions
  readonly #views = new Map<string, TopicView>()
  readonly #missingUntilMs = new Map<string, number>()
  readonly #rounds = createRounds((topics) => this.#lookUpNow([...topics]))
  readonly #ticker: NodeJS.Timeout
  readonly #soon = new Set<string>()
  #soonTimer: NodeJS.Timeout | undefined
  #connected = false
  #closed = false
  /** Topics that we made, and until when a broker that denies one is taken to lag behind. */
  readonly #expectedUntilMs = new Map<string, number>()

  constructor(options: MetadataOptions) {
    this.#options = options
    this.#ticker = setInterval(() => this.#refreshUsed(), Math.max(1, options.maxAgeMs / 2)).unref()
  }

  /** What is known of a topic, however old; it counts as used. */
  peek(topic: string): TopicView | undefined {
    const view = this.#views.get(topic)
    if (view !== undefined) view.usedMs = this.#options.now()
    return view
  }

  /** Whether a view is at most `maxAgeMs` old. */
  isFresh({ seenMs }: TopicView): boolean {
    return this.#options.now() - seenMs <= this.#options.maxAgeMs
  }

  /** A view at most `maxAgeMs` old. Rejects with `stream-not-found` or `unavailable`. */
  async lookUp(topic: string, timeoutMs: number): Promise<TopicView> {
    const { now } = this.#options
    const deadlineMs = now() + timeoutMs
    let reason = 'its leaders are not known yet'
    const late = (): BridgeError =>
      new BridgeError('unavailable', `Kafka does not tell about topic ${topic}: ${reason}`)
    let known = this.#known(topic)
    while (known === undefined) {
      if (now() >= deadlineMs || this.#closed) throw late()
      const looking = this.#rounds.join([topic]).catch((error: unknown) => {
        reason = error instanceof Error ? error.message : String(error)
      })
      await within(looking, deadlineMs - now(), late)
      known = this.#known(topic)
      if (known === undefined) await sleep(Math.min(RETRY_MS, Math.max(0, deadlineMs - now())))
    }
    if (known instanceof BridgeError) throw known
    return known
  }

  /** Looks these up now, limits included. Rejects when nobody answers. */
  refresh(topics: readonly string[]): Promise<void> {
    return this.#rounds.join(topics)
  }

  /** Something failed that newer metadata may mend: looks the topic up soon. */
  refreshSoon(topic: string): void {
    this.#soon.add(topic)
    this.#soonTimer ??= setTimeout(() => {
      this.#soonTimer = undefined
      ignore(this.#rounds.join([...this.#soon]))
      this.#soon.clear()
    }, SOON_MS)
  }

  /** Forgets that a topic is missing, and what was read of its settings: both have changed. */
  invalidate(topic: string): void {
    this.#missingUntilMs.delete(topic)
    this.#expectedUntilMs.delete(topic)
    const view = this.#views.get(topic)
    if (view !== undefined) view.configuredMs = -Infinity
  }

  /** A topic was made just now: brokers that deny it lag behind. */
  expect(topic: string): void {
    this.#expectedUntilMs.set(topic, this.#options.now() + EXPECTED_MS)
  }

  /** Whether the last look-up worked. */
  isConnected(): boolean {
    return this.#connected
  }

  /** Ends all look-ups. */
  close(): void {
    this.#closed = true
    clearInterval(this.#ticker)
    clearTimeout(this.#soonTimer)
  }

  async #lookUpNow(topics: readonly string[]): Promise<void> {
    const { brokers, now, onEvent, onBrokers, onRead } = this.#options
    const startedMs = now()
    try {
      const { reply, node } = await brokers.ask((link) => this.#fetch(link, topics))
      brokers.update(reply.brokers)
      onBrokers()
      const [told, denied] = sort(reply.topics)
      const others = denied.length === 0 ? [] : await this.#askAgain(denied, node)
      await this.#adopt([...told, ...others])
      onRead()
      this.#connected = true
    } catch (error) {
      this.#connected = false
      throw error
    } finally {
      onEvent({ type: 'metadata', ok: this.#connected, latencyMs: now() - startedMs })
    }
  }

  async #fetch(link: Link, topics: readonly string[]): Promise<MetadataReply> {
    const api = metadataApi(link.versionMax(METADATA_KEY))
    const frame = encodeMetadata(api, this.#options.clientId, { topics })
    return decodeMetadata(api, await link.request(frame))
  }

  // A broker that lags behind does not know a new topic: another one is asked, and what both deny
  // is missing. Returns what the others know.
  async #askAgain(topics: readonly string[], first: number | undefined): Promise<TopicMetadata[]> {
    const { brokers, now } = this.#options
    const denying = new Set(first === undefined ? [] : [first])
    const found: TopicMetadata[] = []
    let doubted = topics
    while (doubted.length > 0 && denying.size < Math.min(2, brokers.known().size)) {
      const asked = doubted
      const { reply, node } = await brokers.askOthers((link) => this.#fetch(link, asked), denying)
      denying.add(node)
      const [told, denied] = sort(reply.topics)
      found.push(...told)
      doubted = denied
    }
    for (const topic of doubted) {
      if ((this.#expectedUntilMs.get(topic) ?? 0) > now()) continue
      this.#missingUntilMs.set(topic, now() + MISSING_MS)
      const view = this.#views.get(topic)
      if (view !== undefined) this.#lose(view)
    }
    return found
  }

  async #adopt(topics: readonly TopicMetadata[]): Promise<void> {
    const { now, onUpdate } = this.#options
    const fresh: TopicMetadata[] = []
    const stale: string[] = []
    for (const topic of topics) {
      const view = this.#views.get(topic.name)
      if (view === undefined || !isSameTopic(view, topic)) {
        if (view !== undefined) this.#lose(view)
        fresh.push(topic)
        continue
      }
      updateView(view, topic, now())
      onUpdate(view)
      if (now() - view.configuredMs > SETTINGS_AGE_MS) stale.push(topic.name)
    }
    if (fresh.length > 0 || stale.length > 0) await this.#configure(fresh, stale)
  }

  // A topic is known once its limit is.
  async #configure(fresh: readonly TopicMetadata[], stale: readonly string[]): Promise<void> {
    const { now, onUpdate } = this.#options
    const settings = await this.#readSettings([...fresh.map(({ name }) => name), ...stale])
    for (const topic of fresh) {
      const told = settings.get(topic.name)
      if (told === undefined) continue
      const view = viewTopic(topic, told, now())
      this.#views.set(topic.name, view)
      onUpdate(view)
    }
    for (const name of stale) {
      const view = this.#views.get(name)
      const told = settings.get(name)
      if (view === undefined || told === undefined) continue
      Object.assign(view, told)
      view.configuredMs = now()
      view.shape = undefined
      onUpdate(view)
    }
  }

  // What a broker that lags behind does not know, another one is asked; what neither knows is left out.
  async #readSettings(topics: readonly string[]): Promise<ReadonlyMap<string, TopicSettings>> {
    const { brokers, clientId } = this.#options
    const { reply, node } = await brokers.ask((link) => readSettings(link, clientId, topics))
    const denied = topics.filter((topic) => !reply.has(topic))
    if (denied.length === 0 || node === undefined || brokers.known().size < 2) return reply
    const others = await brokers.askOthers(
      (link) => readSettings(link, clientId, denied),
      new Set([node]),
    )
    return new Map([...reply, ...others.reply])
  }

  #lose(view: TopicView): void {
    view.gone = true
    this.#views.delete(view.name)
    this.#options.onEvent({ type: 'topic-lost', topic: view.name })
    this.#options.onLost(view)
  }

  /** The view if it is fresh, an error if the topic is missing, undefined if nobody knows. */
  #known(topic: string): TopicView | BridgeError | undefined {
    const view = this.peek(topic)
    if (view !== undefined && this.isFresh(view)) return view
    if (!this.#isMissing(topic)) return undefined
    return new BridgeError('stream-not-found', `There is no topic ${topic}`)
  }

  #isMissing(topic: string): boolean {
    return (this.#missingUntilMs.get(topic) ?? 0) > this.#options.now()
  }

  #refreshUsed(): void {
    const nowMs = this.#options.now()
    forget(this.#missingUntilMs, nowMs)
    forget(this.#expectedUntilMs, nowMs)
    if (this.#rounds.isBusy()) return
    const used = [...this.#views.values()].filter(({ usedMs }) => nowMs - usedMs < USED_MS)
    ignore(this.#rounds.join(used.map(({ name }) => name)))
  }
}

// Those that can be used, and the names of those that are denied. In neither: topics that are
// being made, and those that we may not see.
function sort(topics: readonly TopicMetadata[]): [told: TopicMetadata[], denied: string[]] {
  const denied = topics.filter(({ code }) => code === UNKNOWN_TOPIC || code === INVALID_TOPIC)
  return [topics.filter(({ partitions }) => partitions.length > 0), denied.map(({ name }) => name)]
}

function forget(untilMs: Map<string, number>, nowMs: number): void {
  for (const [topic, until] of untilMs) if (until <= nowMs) untilMs.delete(topic)
}

function ignore(work: Promise<void>): void {
  work.catch(() => undefined) // whoever needs the result waits for a look-up of their own
}
