// What is sent, and how. The letters are those of docs/performance.md.

import type { RequestKind } from './requests.ts'

export interface Workload {
  /** The letter, and what tells workloads of one letter apart. */
  readonly id: string
  readonly name: string
  readonly kind: RequestKind
  readonly records: number
  readonly recordBytes: number
  readonly connections: number
  /** Of HTTP/2 on each connection; 0: HTTP/1.1. */
  readonly streamsEach: number
  /** Requests a second in an open loop; 0: a closed one. */
  readonly rate: number
  /** Connections that stand by. */
  readonly idle: number
  readonly partitions: number
  readonly topics: number
  /** Of a round, where it is not as long as the others. */
  readonly seconds?: number
  /** Beside the service: those it is compared with, and nobody where only its own cost matters. */
  readonly among: 'all' | 'yardsticks' | 'nobody'
}

/** With the seconds of its rounds. */
export type Timed = Workload & { readonly seconds: number }

/** As many as the figures that are known of others were measured with. */
const PARTITIONS = 4

const PLAIN: Omit<Workload, 'id' | 'name' | 'records' | 'recordBytes' | 'connections'> = {
  ...{ kind: 'kinesis-json', streamsEach: 0, rate: 0, idle: 0, partitions: PARTITIONS, topics: 1 },
  among: 'nobody',
}

const SINGLE = { ...PLAIN, records: 1, recordBytes: 100, connections: 64 } as const
const MANY = { ...PLAIN, records: 500, recordBytes: 1024, connections: 8 } as const

/** How often over the capacity of B, and within which memory. */
export const OVERLOAD = 3
export const OVERLOAD_ID = 'F'
export const OVERLOAD_MIB = 64
const OVERLOAD_SECONDS = 60

export const WORKLOADS: readonly Workload[] = [
  { ...SINGLE, id: 'A', name: 'PutRecord, 100 B, 64 connections', among: 'all' },
  {
    ...{ ...SINGLE, id: 'A-http2', name: 'A, HTTP/2: 64 streams on 4 connections' },
    ...{ connections: 4, streamsEach: 16 },
  },
  { ...SINGLE, id: 'A-sigv4', name: 'A, signatures verified', kind: 'kinesis-signed' },
  { ...SINGLE, id: 'A-sdk', name: 'A, with the headers of an SDK', kind: 'kinesis-sdk' },
  { ...MANY, id: 'B', name: 'PutRecords, 500 × 1 KiB, 8 connections', among: 'all' },
  { ...MANY, id: 'B-cbor', name: 'B in CBOR', kind: 'kinesis-cbor' },
  { ...MANY, id: 'B-dis', name: 'B, DIS', kind: 'dis-json' },
  { ...MANY, id: 'B-protobuf', name: 'B, DIS in protobuf', kind: 'dis-protobuf' },
  { ...MANY, id: 'B-v3io', name: 'B, v3io', kind: 'v3io' },
  { ...MANY, id: 'B-kpl', name: 'B, KPL aggregates of 500', kind: 'kinesis-kpl' },
  {
    ...{ ...PLAIN, id: 'C', name: 'PutRecords, 10 × 256 B, 32 connections', among: 'all' },
    ...{ records: 10, recordBytes: 256, connections: 32 },
  },
  { ...SINGLE, id: 'D', name: 'PutRecord, open loop, 500/s', rate: 500, among: 'yardsticks' },
  { ...SINGLE, id: 'E', name: 'A beside 5,000 idle connections', idle: 5000 },
  {
    ...{ ...MANY, id: OVERLOAD_ID, name: `${OVERLOAD} × the capacity of B, ${OVERLOAD_MIB} MiB` },
    ...{ connections: 256, seconds: OVERLOAD_SECONDS },
  },
  ...[1, 16, 128, 1024].flatMap((partitions): Workload[] => [
    { ...SINGLE, id: `G-A-${partitions}p`, name: `A, ${partitions} partitions`, partitions },
    { ...MANY, id: `G-B-${partitions}p`, name: `B, ${partitions} partitions`, partitions },
  ]),
  ...[1, 100, 1000].flatMap((topics): Workload[] => {
    const each = { topics, partitions: 1 }
    return [
      { ...SINGLE, ...each, id: `G-A-${topics}s`, name: `A, ${topics} streams` },
      { ...MANY, ...each, id: `G-B-${topics}s`, name: `B, ${topics} streams` },
    ]
  }),
]

/** What workloads that are measured together have in common. */
export function letterOf({ id }: Workload): string {
  return id.slice(0, 1)
}

/** Those that a word names: an id, or the beginning of one and a star. */
export function named(word: string): readonly Workload[] {
  const prefix = word.slice(0, -1)
  return WORKLOADS.filter(({ id }) => (word.endsWith('*') ? id.startsWith(prefix) : id === word))
}
