// A record as the messages it is stored as: one, or one for each record of a bundle.

import { BridgeError } from './errors.ts'
import { bytesOfKey, type Message, type TopicShape } from './log.ts'
import type { Bundle, InboundRecord, Note } from './model.ts'
import { place, type Placement } from './placement.ts'

/** What Kafka's framing takes at most: of a batch, and of a record and a header in it. */
const BATCH_BYTES = 61
const RECORD_BYTES = 32
const HEADER_BYTES = 32

const NO_NOTES: readonly Note[] = []

export interface Making {
  readonly placement: Placement
  readonly nowMs: number
  /** Whether bundles of this stream are opened. */
  readonly opensBundles: boolean
  /** Takes from the memory budget; throws BridgeError `throttled`. */
  readonly charge: (bytes: number) => void
  readonly onBundle: (fate: 'opened' | 'kept') => void
  /** Kept beside every message. */
  readonly notes: readonly Note[] | undefined
}

/**
 * Adds the messages of a record to those of its call. Throws BridgeError for a record that cannot be
 * stored: `record-too-large`, `shard-not-found`, `throttled`.
 */
export function addMessages(record: InboundRecord, making: Making, to: Message[]): void {
  const { shape } = making.placement
  const message = toMessage(record, making)
  refuseTooLarge(message, shape)
  if (!record.bundle || !making.opensBundles) {
    to.push(message)
    return
  }
  const bytes = bytesOf(record.bundle, making)
  // What does not fit one batch could be stored in part.
  const fits = bytes <= shape.messageBytesMax
  making.onBundle(fits ? 'opened' : 'kept')
  if (!fits) to.push(message)
  else for (const each of openBundle(record.bundle, message.partition, making)) to.push(each)
}

function bytesOf({ bytes, count }: Bundle, { notes = NO_NOTES }: Making): number {
  let each = RECORD_BYTES + 2 * HEADER_BYTES
  for (const { value } of notes) each += HEADER_BYTES + value.length
  return BATCH_BYTES + bytes + count * each
}

function openBundle(bundle: Bundle, partition: number, making: Making): Message[] {
  const { charge, notes: all = NO_NOTES } = making
  charge(bytesOf(bundle, making))
  return bundle.open().map(({ data, key, notes }, i) => ({
    partition,
    key,
    value: data,
    timestampMs: undefined,
    headers: withAll(notes, all),
    joined: i > 0 ? true : undefined,
  }))
}

function toMessage(record: InboundRecord, making: Making): Message {
  const { data, key = null, timestampMs, notes = NO_NOTES } = record
  const { placement, nowMs, notes: all = NO_NOTES } = making
  const isKept = timestampMs !== undefined && isCredible(timestampMs, placement.shape, nowMs)
  return {
    partition: place(record, placement),
    key,
    value: data,
    timestampMs: isKept ? timestampMs : undefined,
    headers: withAll(notes, all),
    joined: undefined,
  }
}

/** A record's own notes and those of every record; nothing where there are none. */
function withAll(notes: readonly Note[], all: readonly Note[]): readonly Note[] | undefined {
  if (all.length > 0) return [...notes, ...all]
  return notes.length > 0 ? notes : undefined
}

/** Further ahead, and Kafka refuses a record by its own default. */
const AHEAD_MS_MAX = 3_600_000

/** A time that Kafka would refuse, or delete the record for at once, is not kept. */
function isCredible(timestampMs: number, { retentionMs }: TopicShape, nowMs: number): boolean {
  const oldestMs = retentionMs < 0 ? 0 : Math.max(0, nowMs - retentionMs)
  return timestampMs >= oldestMs && timestampMs <= nowMs + AHEAD_MS_MAX
}

function refuseTooLarge({ key, value, headers }: Message, shape: TopicShape): void {
  let bytes = BATCH_BYTES + RECORD_BYTES + (value?.length ?? 0) + bytesOfKey(key)
  if (headers) for (const header of headers) bytes += HEADER_BYTES + header.value.length
  if (bytes <= shape.messageBytesMax) return
  throw new BridgeError(
    'record-too-large',
    `A record of ${bytes} bytes exceeds the stream's limit of ${shape.messageBytesMax} bytes`,
  )
}
