// What is measured: the service, and the yardsticks.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Broker } from '../shared/broker.ts'
import { buildGo, lineOf, ready, spawnQuietly, type Running } from './processes.ts'
import { KEY_ID, SECRET, type RequestKind } from './requests.ts'
import { OVERLOAD_ID, OVERLOAD_MIB, type Workload } from './workloads.ts'

/** A server that requests are sent to. */
export interface Subject {
  readonly name: string
  readonly takesPart: (workload: Workload) => boolean
  /** Whether its records go to Kafka, and can be counted there. */
  readonly stores: boolean
  /** From a registry, and may be left out: where it does not start, the result is no worse. */
  readonly isOptional?: boolean
  /** What it is sent, where it does not understand what the others are sent. */
  readonly kind?: RequestKind
  /** Rejects where it does not start, and says why. */
  readonly start: (place: Place) => Promise<Running>
}

export interface Place {
  /** The repository's folder. */
  readonly root: string
  readonly broker: Broker
  readonly partitions: number
}

export const SERVICE = 'Tributary'
export const FLOOR = 'floor'
export const GO = 'Go gateway'
export const OBVIOUS = 'obvious gateway'

export const amongAll = ({ among }: Workload): boolean => among === 'all'
const amongYardsticks = ({ among }: Workload): boolean => among !== 'nobody'

export function serviceOf(name: string, dist: (root: string) => string): Subject {
  return {
    name,
    takesPart: () => true,
    stores: true,
    start: (place) => startService(dist(place.root), place, {}),
  }
}

/** The service under other settings, for the workloads that need them. */
export const SETTINGS: Readonly<Record<string, (cache: string) => Record<string, string>>> = {
  [OVERLOAD_ID]: () => ({ TRIBUTARY_MEMORY_BYTES_MAX: String(OVERLOAD_MIB * 2 ** 20) }),
  'A-sigv4': (cache) => {
    const file = join(cache, 'credentials.json')
    const aws = [{ accessKeyId: KEY_ID, secretAccessKey: SECRET }]
    const allow = [{ actions: ['put'], streams: ['*'] }]
    writeFileSync(file, JSON.stringify({ principals: [{ name: 'bench', aws, allow }] }))
    return { TRIBUTARY_IDENTITY: 'verify', TRIBUTARY_CREDENTIALS: file }
  },
}

export const YARDSTICKS: readonly Subject[] = [
  {
    ...{ name: FLOOR, takesPart: amongYardsticks, stores: true },
    start: (place) => startPeer(process.execPath, [peer(place, 'floor.js')], place),
  },
  {
    ...{ name: GO, takesPart: amongYardsticks, stores: true },
    start: (place) => startPeer(buildGo(place.root, 'peers/gateway', 'gateway'), [], place),
  },
  {
    ...{ name: OBVIOUS, takesPart: amongYardsticks, stores: true },
    start: (place) => startPeer(process.execPath, [peer(place, 'obvious.js')], place),
  },
  {
    ...{ name: 'without Kafka', takesPart: amongAll, stores: false },
    start: (place) => startPeer(process.execPath, [peer(place, 'no-kafka.js')], place),
  },
]

function peer({ root }: Place, file: string): string {
  return join(root, '.cache', 'bench', 'js', 'bench', 'peers', file)
}

function startPeer(command: string, args: readonly string[], place: Place): Promise<Running> {
  const [broker = ''] = place.broker.brokers
  const child = spawnQuietly(command, [...args, broker, String(place.partitions)], {})
  return ready(child, lineOf(child, /^port (\d+)/))
}

/** As `npm start` and the image have it. */
const NODE_FLAGS = ['--max-semi-space-size=32', '--use-largepages=silent']

export function startService(
  dist: string,
  { broker }: Place,
  settings: Readonly<Record<string, string>>,
): Promise<Running> {
  const child = spawnQuietly(process.execPath, [...NODE_FLAGS, join(dist, 'cli.js')], {
    ...{ KAFKA_BROKERS: broker.brokers.join(), TRIBUTARY_HOST: '127.0.0.1' },
    ...{ TRIBUTARY_PORT: '0', TRIBUTARY_ADMIN_PORT: '0' },
    ...settings,
  })
  return ready(child, lineOf(child, /"msg":"ready".*"port":(\d+)|"port":(\d+).*"ready"/))
}
