// Kinesis sequence numbers: 56 decimal digits, 47 hexadecimal ones in the layout that the service
// has used since 2013 ("version 2"; the layout is that of kinesalite's db/index.js):
//
//   digit   0 · 2        1–9 · shard's creation, s     10 · low nibble of the shard
//          11–26 · ordinal          27–28 · 00         29–37 · record's time, s
//          38–45 · shard            46 · version, 2
//
// The creation time is one constant on all instances for ever: a number made yesterday by another
// instance must mean the same record. Numbers of one shard compare as their records do.

import type { Position } from '../../core/model.ts'
import type { SequenceRead } from './facts.ts'

/** 2020-01-01T00:00:00Z. Times before it are written as it. */
const SHARD_CREATED_S = 1_577_836_800
export const SHARD_CREATED_MS = SHARD_CREATED_S * 1000

/** Ahead of our clock by more than this, SequenceNumberForOrdering is refused. */
const FUTURE_TOLERATED_MS = 15 * 60_000
const HEX_DIGITS = 47
const DIGITS_MAX = 129
const VERSION_1_MIN = 2n ** 124n
const CREATED_S_MAX = 16_025_175_000

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

/** All but the ordinal. */
function baseOf(shard: number, timeS: number): bigint {
  const text = [
    '2',
    hex(SHARD_CREATED_S, 9),
    hex(shard & 0xf, 1),
    hex(0, 16),
    '00',
    hex(timeS, 9),
    hex(shard, 8),
    '2',
  ].join('')
  return BigInt(`0x${text}`)
}

/** What one more record of a shard adds: its ordinal stands 20 hexadecimal digits from the end. */
const STEP = 2n ** 80n
const DIGITS = 56
/** Four decimal digits a part: what four ordinal parts times one of STEP add up to has 32 bits. */
const PART = 1e4
const PART_DIGITS = 4
const PARTS = DIGITS / PART_DIGITS
const STEP_PARTS = partsOf(STEP)

/** A number in parts, the least first. */
function partsOf(number: bigint): Int32Array {
  const parts = new Int32Array(PARTS)
  let rest = number
  for (let i = 0; i < PARTS; i++) {
    parts[i] = Number(rest % BigInt(PART))
    rest /= BigInt(PART)
  }
  return parts
}

interface Base {
  readonly timeS: number
  readonly parts: Int32Array
}

/** The last one of each shard: the records of one answer nearly always share it. */
const bases = new Map<number, Base>()
const BASES_MAX = 4096
const SUM = new Int32Array(PARTS)
const ZERO = 48
const TEXT = new Uint16Array(DIGITS / 2)
const TEXT_BYTES = Buffer.from(TEXT.buffer)
/** Two digits in the memory of one number. */
const PAIRS = Uint16Array.from({ length: 100 }, (_, i) => {
  const digits = Uint8Array.of(ZERO + Math.floor(i / 10), ZERO + (i % 10))
  return new Uint16Array(digits.buffer)[0] ?? 0
})

function basePartsOf(shard: number, timeS: number): Int32Array {
  const known = bases.get(shard)
  if (known?.timeS === timeS) return known.parts
  const parts = partsOf(baseOf(shard, timeS))
  if (bases.size >= BASES_MAX) bases.clear()
  bases.set(shard, { timeS, parts })
  return parts
}

export function formatSequence(position: Position): string {
  return compose(position, Math.max(SHARD_CREATED_S, Math.floor(position.timestampMs / 1000)))
}

/** The same as adding big integers and writing them, which takes several times as long. */
function compose({ shard, ordinal }: Omit<Position, 'timestampMs'>, timeS: number): string {
  SUM.set(basePartsOf(shard, timeS))
  let rest = ordinal
  for (let i = 0; rest > 0; i++) {
    const part = rest % PART
    rest = Math.floor(rest / PART)
    for (let j = 0; i + j < PARTS; j++) SUM[i + j] = (SUM[i + j] ?? 0) + part * (STEP_PARTS[j] ?? 0)
  }
  let carry = 0
  for (let i = 0; i < PARTS; i++) {
    const sum = (SUM[i] ?? 0) + carry
    carry = (sum / PART) | 0
    const part = sum - carry * PART
    const hundreds = (part / 100) | 0
    const end = 2 * (PARTS - i)
    TEXT[end - 2] = PAIRS[hundreds] ?? 0
    TEXT[end - 1] = PAIRS[part - hundreds * 100] ?? 0
  }
  return TEXT_BYTES.toString('latin1')
}

/** The number that begins a shard. */
export function startOfShard(shard: number): string {
  return formatSequence({ shard, ordinal: 0, timestampMs: SHARD_CREATED_MS })
}

/**
 * A number between the record before an ordinal and the one at it. Clients go on at such a number, or
 * after it, as they like: either way nothing is lost, and nothing comes twice.
 */
export function continuationSequence(shard: number, ordinal: number): string {
  return compose({ shard, ordinal }, SHARD_CREATED_S - 1)
}

export interface ParsedSequence extends Position {
  readonly createdS: number
}

/** Reads a number of the version-2 layout, whoever made it; nothing for any other text. */
export function parseSequence(text: string): ParsedSequence | undefined {
  if (!/^\d+$/.test(text) || text.length > DIGITS_MAX) return undefined
  const digits = BigInt(text).toString(16)
  if (digits.length !== HEX_DIGITS || !digits.startsWith('2') || !digits.endsWith('2')) {
    return undefined
  }
  const createdS = Number.parseInt(digits.slice(1, 10), 16)
  const ordinal = BigInt(`0x${digits.slice(11, 27)}`)
  const shard = Number.parseInt(digits.slice(38, 46), 16)
  if (createdS >= CREATED_S_MAX || ordinal > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
  const timeS = Number.parseInt(digits.slice(29, 38), 16)
  return { createdS, shard, ordinal: Number(ordinal), timestampMs: timeS * 1000 }
}

/**
 * What a number says to a reader. Those of older layouts tell their shard, and are nobody's here.
 */
export function readSequence(text: string): SequenceRead | undefined {
  const parsed = parseSequence(text)
  if (!parsed) return readOldSequence(text)
  const { shard, ordinal, timestampMs, createdS } = parsed
  const isStart = ordinal === 0 && timestampMs === SHARD_CREATED_MS
  return {
    shard,
    ordinal,
    isBetween: isStart || timestampMs < SHARD_CREATED_MS,
    isForeign: createdS !== SHARD_CREATED_S,
  }
}

function readOldSequence(text: string): SequenceRead | undefined {
  if (!/^\d+$/.test(text) || text.length > DIGITS_MAX) return undefined
  const number = BigInt(text)
  const foreign = { ordinal: 0, isBetween: false, isForeign: true }
  if (number < VERSION_1_MIN) return { ...foreign, shard: shardIn(number + VERSION_1_MIN, 28, 32) }
  const digits = number.toString(16)
  const isVersion1 = digits.length === HEX_DIGITS && digits.startsWith('2') && digits.endsWith('1')
  return isVersion1 ? { ...foreign, shard: shardIn(number, 38, 46) } : undefined
}

function shardIn(number: bigint, from: number, to: number): number {
  return Number.parseInt(number.toString(16).slice(from, to), 16)
}

/**
 * Whether a SequenceNumberForOrdering is acceptable: it must be a sequence number, and not of the
 * future. Small numbers (below 2^124) are the oldest layout's and carry no time.
 */
export function mayOrder(text: string, nowMs: number): boolean {
  if (text.length > DIGITS_MAX) return false
  const parsed = parseSequence(text)
  if (!parsed) return BigInt(text) < VERSION_1_MIN
  return parsed.timestampMs <= nowMs + FUTURE_TOLERATED_MS
}
