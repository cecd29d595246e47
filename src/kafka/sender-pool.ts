// One sender per broker, kept in step with the cluster's list of brokers.

import type { Address } from './brokers.ts'
import { createDoor } from './door.ts'
import type { Door } from './door.ts'
import type { Link } from './link.ts'
import type { Producer } from './producer.ts'
import type { BrokerAddress } from './protocol/metadata.ts'
import { Sender } from './sender.ts'
import type { SenderOptions } from './sender.ts'

export interface SenderPoolOptions extends Pick<
  SenderOptions,
  'clientId' | 'crc32c' | 'compressor' | 'produceTimeoutMs' | 'requestBytesMax' | 'now' | 'onEvent'
> {
  readonly open: (address: Address) => Promise<Link>
  readonly producer: Producer
}

interface Member {
  readonly sender: Sender
  readonly door: Door
  readonly address: BrokerAddress
}

export class SenderPool {
  readonly #options: SenderPoolOptions
  readonly #members = new Map<number, Member>()

  constructor(options: SenderPoolOptions) {
    this.#options = options
  }

  get(broker: number): Sender | undefined {
    return this.#members.get(broker)?.sender
  }

  /** Takes newer addresses in. Lanes of brokers that are gone are routed anew. */
  update(brokers: ReadonlyMap<number, BrokerAddress>): void {
    for (const [broker, { sender, address }] of this.#members) {
      const next = brokers.get(broker)
      if (next?.host === address.host && next.port === address.port) continue
      this.#members.delete(broker)
      this.#options.producer.reroute(sender.retire())
    }
    for (const address of brokers.values()) {
      if (!this.#members.has(address.nodeId)) this.#add(address)
    }
  }

  /** Ends all connections at once. */
  close(): void {
    for (const { sender, door } of this.#members.values()) {
      sender.retire()
      door.close('The log is closed')
    }
    this.#members.clear()
  }

  #add(address: BrokerAddress): void {
    const { open, producer, onEvent, ...terms } = this.#options
    const broker = address.nodeId
    const door = createDoor(() => open({ host: address.host, port: address.port }))
    const sender = new Sender({
      ...terms,
      broker,
      door,
      onEvent,
      onOutcome: (lane, batch, outcome) => producer.settle(lane, batch, outcome),
      onIdle: (lane) => producer.rest(lane),
      onUnreachable(lanes, reason) {
        onEvent({ type: 'broker-unreachable', broker, reason })
        producer.holdUp(lanes, reason)
      },
    })
    this.#members.set(broker, { sender, door, address })
  }
}
