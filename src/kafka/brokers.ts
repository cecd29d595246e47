// The brokers, and asking them. Connections here are for questions only: a Produce request that
// waits for replicas would hold up every question behind it on the same connection.
//
// * A question goes to the broker that answered last; when it fails, or takes longer than
//   `HEDGE_MS`, to the next one, too. The addresses from the configuration are the last resort.

import { createDoor } from './door.ts'
import type { Door } from './door.ts'
import type { OnKafkaEvent } from './events.ts'
import { hedge } from './hedge.ts'
import type { Link } from './link.ts'
import type { BrokerAddress } from './protocol/metadata.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Of `host:port`; an IPv6 address stands in brackets. */
export function parseAddress(broker: string): Address {
  const colon = broker.lastIndexOf(':')
  const host = broker.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  return { host, port: Number(broker.slice(colon + 1)) }
}

export interface BrokersOptions {
  /** Where to look first. */
  readonly bootstrap: readonly Address[]
  readonly open: (address: Address) => Promise<Link>
  readonly onEvent: OnKafkaEvent
}

export type Question<T> = (link: Link) => Promise<T>

export interface Answer<T> {
  readonly reply: T
  /** Who answered; undefined: one of the configured addresses, of which no more is known. */
  readonly node: number | undefined
}

export interface KnownAnswer<T> extends Answer<T> {
  readonly node: number
}

const HEDGE_MS = 400
const CLOSED = 'The log is closed'

/** The address book; it opens connections when something is asked. */
export class Brokers {
  readonly #options: BrokersOptions
  readonly #doors = new Map<string, Door>()
  #known: ReadonlyMap<number, BrokerAddress> = new Map()
  #lastGood: number | undefined
  #closed = false

  constructor(options: BrokersOptions) {
    this.#options = options
  }

  /** By node id, as the last metadata told. */
  known(): ReadonlyMap<number, BrokerAddress> {
    return this.#known
  }

  /** Takes the list of brokers from newer metadata. */
  update(brokers: readonly BrokerAddress[]): void {
    const next = new Map(brokers.map((broker) => [broker.nodeId, broker]))
    tellChanges(this.#known, next, this.#options.onEvent)
    this.#known = next
    const wanted = new Set([...this.#options.bootstrap, ...brokers].map(nameOf))
    for (const [name, door] of this.#doors) {
      if (wanted.has(name)) continue
      this.#doors.delete(name)
      door.close('The broker left the cluster')
    }
  }

  /** Asks whoever answers. Rejects with the last failure when nobody does. */
  ask<T>(question: Question<T>): Promise<Answer<T>> {
    return this.#first(hedge(this.#tasks(question), HEDGE_MS))
  }

  /** Asks for a change: of a second broker only when the first one failed. */
  order<T>(question: Question<T>): Promise<Answer<T>> {
    return this.#first(hedge(this.#tasks(question), Infinity))
  }

  /** Asks known brokers other than these. */
  askOthers<T>(question: Question<T>, except: ReadonlySet<number>): Promise<KnownAnswer<T>> {
    const tasks = this.#inOrder(except).map(
      (broker) => (): Promise<KnownAnswer<T>> => this.#askKnown(question, broker),
    )
    return hedge(tasks, HEDGE_MS)
  }

  /** Asks this broker. */
  async askOne<T>(question: Question<T>, node: number): Promise<T> {
    const broker = this.#known.get(node)
    if (broker === undefined) throw new Error(`Broker ${node} is not known`)
    return this.#put(question, broker)
  }

  /** Ends all connections; whoever asks from now on gets an error. */
  close(): void {
    this.#closed = true
    for (const door of this.#doors.values()) door.close(CLOSED)
    this.#doors.clear()
  }

  #tasks<T>(question: Question<T>): (() => Promise<Answer<T>>)[] {
    const known = this.#inOrder(NOBODY).map(
      (broker) => (): Promise<Answer<T>> => this.#askKnown(question, broker),
    )
    const configured = this.#options.bootstrap.map((address) => async (): Promise<Answer<T>> => {
      return { reply: await this.#put(question, address), node: undefined }
    })
    return [...known, ...configured]
  }

  // Only who answered first is asked first the next time: a slow one answers, too, in the end.
  async #first<T>(asking: Promise<Answer<T>>): Promise<Answer<T>> {
    const answer = await asking
    this.#lastGood = answer.node ?? this.#lastGood
    return answer
  }

  async #askKnown<T>(question: Question<T>, broker: BrokerAddress): Promise<KnownAnswer<T>> {
    return { reply: await this.#put(question, broker), node: broker.nodeId }
  }

  async #put<T>(question: Question<T>, { host, port }: Address): Promise<T> {
    if (this.#closed) throw new Error(CLOSED)
    const name = nameOf({ host, port })
    let door = this.#doors.get(name)
    if (door === undefined) {
      door = createDoor(() => this.#options.open({ host, port }))
      this.#doors.set(name, door)
    }
    return question(await door.open())
  }

  /** The one that answered last comes first. */
  #inOrder(except: ReadonlySet<number>): BrokerAddress[] {
    const brokers = [...this.#known.values()].filter(({ nodeId }) => !except.has(nodeId))
    const first = brokers.findIndex(({ nodeId }) => nodeId === this.#lastGood)
    return first <= 0 ? brokers : [...brokers.slice(first), ...brokers.slice(0, first)]
  }
}

const NOBODY: ReadonlySet<number> = new Set()

function nameOf({ host, port }: Address): string {
  return `${host}:${port}`
}

function tellChanges(
  before: ReadonlyMap<number, BrokerAddress>,
  after: ReadonlyMap<number, BrokerAddress>,
  onEvent: OnKafkaEvent,
): void {
  for (const [broker, address] of after) {
    const old = before.get(broker)
    if (old !== undefined && nameOf(old) === nameOf(address)) continue
    onEvent({ type: 'broker-found', broker, address: nameOf(address) })
  }
  for (const broker of before.keys()) {
    if (after.has(broker)) continue
    onEvent({ type: 'broker-lost', broker })
  }
}
