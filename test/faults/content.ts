// What a record of the harness is: its identity in its first bytes, the rest told by that.

import type { SampleRecord } from '../contract/samples.ts'

const FILLING = 'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(20)
const SPREAD_BYTES = 220

export interface Identity {
  readonly lane: number
  readonly record: number
  readonly key: number
}

export function contentOf({ lane, record, key }: Identity): SampleRecord {
  const filling = FILLING.slice(record % 36, (record % 36) + 60 + ((record * 7919) % SPREAD_BYTES))
  return {
    data: Buffer.from(`${lane}/${record}/${key}/${filling}`),
    key: `lane-${lane}-key-${key}`,
  }
}

/** The identity that a value states, and whether all of it is as it was sent. */
export function readContent(
  key: Buffer | null,
  value: Buffer | null,
): Identity & { readonly intact: boolean } {
  const [lane, record, keyNumber] = (value?.toString() ?? '').split('/', 3).map(Number)
  const identity = { lane: lane ?? -1, record: record ?? -1, key: keyNumber ?? -1 }
  const sent = contentOf(identity)
  const intact = value !== null && sent.data.equals(value) && key?.toString() === sent.key
  return { ...identity, intact }
}
