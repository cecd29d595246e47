// The faults. Each does one thing, undoes it, and says in a few words what it did. Those of the
// track `brokers` hurt Kafka and the way to it, those of the track `edge` the service and the way
// to its clients: one of each may be at work at a time.
//
// Left out for want of means: a partition between the brokers themselves, faults of disks, and a
// loss of power.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker, Cluster } from './cluster.ts'
import type { Direction, Fate, Weather } from './proxy.ts'
import type { Random } from './random.ts'
import type { Services } from './service.ts'

export interface Scene {
  readonly cluster: Cluster
  readonly services: Services
  readonly topics: readonly string[]
  readonly random: Random
  /** Longer than every time-out of the service. */
  readonly beyondTimeoutsMs: number
  readonly allDownMs: number
  /** How long the network is bad. */
  readonly badMs: number
}

export interface Fault {
  readonly name: string
  readonly track: 'brokers' | 'edge'
  readonly run: (scene: Scene) => Promise<string>
}

const PARTITIONS_MAX = 16
const DOWN_MS = 3000

async function killFor(broker: Broker, downMs: number): Promise<void> {
  await broker.kill()
  await sleep(downMs)
  await broker.start()
}

const killLeader: Fault = {
  name: 'kill-leader',
  track: 'brokers',
  async run({ cluster, topics, random }) {
    const topic = random.pick(topics)
    const leader = await cluster.leaderOf(topic)
    await killFor(leader, random.between(0, 2 * DOWN_MS))
    return `SIGKILL of broker ${leader.id}, which led partitions of ${topic}`
  },
}

const killController: Fault = {
  name: 'kill-controller',
  track: 'brokers',
  async run({ cluster, random }) {
    const controller = await cluster.controller()
    await killFor(controller, random.between(0, 2 * DOWN_MS))
    return `SIGKILL of broker ${controller.id}, the controller`
  },
}

const killTwo: Fault = {
  name: 'kill-two',
  track: 'brokers',
  async run({ cluster, random }) {
    const two = random.shuffled(cluster.brokers).slice(0, 2)
    await Promise.all(two.map((broker) => broker.kill()))
    await sleep(random.between(1000, DOWN_MS))
    await Promise.all(two.map((broker) => broker.start()))
    return `SIGKILL of brokers ${two.map(({ id }) => id).join(' and ')} at once`
  },
}

const pauseBroker: Fault = {
  name: 'pause',
  track: 'brokers',
  async run({ cluster, topics, random, beyondTimeoutsMs }) {
    const leader = await cluster.leaderOf(random.pick(topics))
    // Now and then shorter than Kafka needs to see it, so that the leader stays the leader.
    const pausedMs = random.chance(0.3) ? 2500 : beyondTimeoutsMs
    leader.pause()
    await sleep(pausedMs)
    leader.resume()
    return `SIGSTOP of broker ${leader.id} for ${pausedMs / 1000} s`
  },
}

const rollingRestart: Fault = {
  name: 'rolling-restart',
  track: 'brokers',
  async run({ cluster, random }) {
    for (const broker of random.shuffled(cluster.brokers)) {
      await broker.stop()
      await broker.start()
      await cluster.healthy()
    }
    return 'SIGTERM and start of every broker, one after the other'
  },
}

const allDown: Fault = {
  name: 'all-down',
  track: 'brokers',
  async run({ cluster, allDownMs }) {
    await Promise.all(cluster.brokers.map((broker) => broker.kill()))
    await sleep(allDownMs)
    await Promise.all(cluster.brokers.map((broker) => broker.start()))
    return `SIGKILL of all brokers, down for ${allDownMs / 1000} s`
  },
}

const grow: Fault = {
  name: 'grow',
  track: 'brokers',
  async run({ cluster, topics, random }) {
    const topic = random.pick(topics)
    if ((await partitionCount(cluster, topic)) >= PARTITIONS_MAX) {
      return `${topic} stays at ${PARTITIONS_MAX} partitions`
    }
    return `${topic} grows to ${await cluster.grow(topic)} partitions`
  },
}

async function partitionCount(cluster: Cluster, topic: string): Promise<number> {
  const offsets = await cluster.withAdmin((admin) => admin.fetchTopicOffsets(topic))
  return offsets.length
}

const moveLeaders: Fault = {
  name: 'move-leaders',
  track: 'brokers',
  async run({ cluster, topics }) {
    for (const topic of topics) await cluster.moveLeaders(topic)
    await sleep(6000) // Kafka looks for leaders that are not the preferred ones every 5 s
    return 'another preferred leader for every partition'
  },
}

/** Weather over the ways to some brokers, then none. */
async function weatherOver(brokers: readonly Broker[], weather: Weather, forMs: number) {
  for (const { front } of brokers) front.setWeather(weather)
  await sleep(forMs)
  for (const { front } of brokers) front.setWeather({})
}

const slowNetwork: Fault = {
  name: 'slow-network',
  track: 'brokers',
  async run({ cluster, random, badMs }) {
    const delayMs = random.pick([30, 150, 600])
    await weatherOver(cluster.brokers, { delayMs }, badMs)
    return `${delayMs} ms each way to all brokers for ${badMs / 1000} s`
  },
}

const cutNetwork: Fault = {
  name: 'cut-network',
  track: 'brokers',
  async run({ cluster, random, badMs }) {
    const some = random.shuffled(cluster.brokers).slice(0, random.between(1, 3))
    const fateOf = (): Fate => (random.chance(0.05) ? random.pick(['cut', 'pass-and-cut']) : 'pass')
    await weatherOver(some, { fateOf }, badMs)
    for (const { front } of some) front.shut()
    await sleep(2000)
    await Promise.all(some.map(({ front }) => front.reopen()))
    return `connections to ${some.length} brokers reset at random for ${badMs / 1000} s, then refused`
  },
}

const hungNetwork: Fault = {
  name: 'hung-network',
  track: 'brokers',
  async run({ cluster, random, beyondTimeoutsMs }) {
    const some = random.shuffled(cluster.brokers).slice(0, random.between(1, 2))
    const forMs = random.chance(0.5) ? 4500 : beyondTimeoutsMs
    await weatherOver(some, { blocked: true }, forMs)
    return `nothing passes to ${some.length} brokers for ${forMs / 1000} s, and arrives then`
  },
}

const halfReplies: Fault = {
  name: 'half-replies',
  track: 'brokers',
  async run({ cluster, random, badMs }) {
    const fateOf = (direction: Direction): Fate =>
      direction === 'back' && random.chance(0.03) ? 'half' : 'pass'
    await weatherOver(cluster.brokers, { fateOf }, badMs)
    return `brokers’ replies end in their middle, the connection stays, for ${badMs / 1000} s`
  },
}

const cutReplies: Fault = {
  name: 'cut-replies',
  track: 'edge',
  async run({ services, random }) {
    const { front } = services.current()
    const fateOf = (direction: Direction): Fate => {
      if (direction === 'back') return random.chance(0.1) ? 'cut' : 'pass'
      return random.chance(0.03) ? 'pass-and-cut' : 'pass'
    }
    front.setWeather({ fateOf })
    await sleep(6000)
    front.setWeather({})
    return 'every tenth reply to a client is lost with its connection, for 6 s'
  },
}

const terminate: Fault = {
  name: 'sigterm',
  track: 'edge',
  async run({ services }) {
    const old = services.current()
    await services.start()
    const status = await old.terminate()
    return `SIGTERM of instance ${old.number} after a second one was ready: exit status ${status}`
  },
}

const killService: Fault = {
  name: 'sigkill',
  track: 'edge',
  async run({ services }) {
    const old = services.current()
    await old.kill()
    await services.start()
    return `SIGKILL of instance ${old.number}, then another one started`
  },
}

export const FAULTS: readonly Fault[] = [
  ...[killLeader, killController, killTwo, pauseBroker, rollingRestart, allDown],
  ...[grow, moveLeaders, slowNetwork, cutNetwork, hungNetwork, halfReplies],
  ...[cutReplies, terminate, killService],
]
