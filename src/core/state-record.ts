// How a change of state is written, and how the topic is read: whatever lies there may have been
// written by anybody, and what has not exactly this form is nobody's state.
//
// * The message's key is `{key}#{unique}`: the key of the state that it changes, and 22 base64url
//   digits that no other change has.
// * The value is JSON, {"expected": version, "value": …}; without "value" the change deletes.
// * A version is the offset of the change that made it, plus one; 0 is the version of what was never
//   there. So `expected` is never larger than the change's own offset.

import { randomBytes } from 'node:crypto'
import { BridgeError } from './errors.ts'
import type { StateMessage, StateRecord } from './state-log.ts'

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** A change that lies in the topic. */
export interface Change {
  readonly key: string
  readonly unique: string
  /** What the state's version had to be. */
  readonly expected: number
  /** What the state's version is if this change won. */
  readonly version: number
  /** Absent: the change deletes. */
  readonly value: Json | undefined
  readonly atMs: number
  /** What it takes in memory, roughly. */
  readonly bytes: number
}

/** The name that one change has in the topic. */
export interface ChangeName {
  readonly key: string
  readonly unique: string
}

export type Parsed =
  | { readonly is: 'change'; readonly change: Change }
  | { readonly is: 'tombstone'; readonly name: ChangeName }
  | { readonly is: 'foreign' }

const KEY_BYTES_MAX = 1024
const VALUE_BYTES_MAX = 64 * 1024
const OVERHEAD_BYTES = 256
/** Of `{"expected":…,"value":…}` around the value. */
const FRAME_BYTES_MAX = 64
const NAME = /^(.+)#([A-Za-z0-9_-]{22})$/s
const FOREIGN: Parsed = { is: 'foreign' }

/** A name that no other change has. */
export function nameChange(key: string): ChangeName {
  return { key, unique: randomBytes(16).toString('base64url') }
}

/** Throws BridgeError `limit-exceeded` for what is too large to be kept. */
export function encodeChange(
  name: ChangeName,
  expected: number,
  value: Json | undefined,
): StateMessage {
  const text = value === undefined ? undefined : JSON.stringify(value)
  const [keyBytes, valueBytes] = [Buffer.byteLength(name.key), Buffer.byteLength(text ?? '')]
  if (name.key === '' || keyBytes > KEY_BYTES_MAX) {
    throw new BridgeError('limit-exceeded', `A name in state has 1 to ${KEY_BYTES_MAX} bytes`)
  }
  if (valueBytes > VALUE_BYTES_MAX) {
    const sentence = `What is kept under one name may have ${VALUE_BYTES_MAX} bytes, not ${valueBytes}`
    throw new BridgeError('limit-exceeded', sentence)
  }
  const rest = text === undefined ? '' : `,"value":${text}`
  return { key: messageKey(name), value: `{"expected":${expected}${rest}}` }
}

/** What removes a change from the topic. */
export function encodeTombstone(name: ChangeName): StateMessage {
  return { key: messageKey(name), value: null }
}

/** What a change takes in memory, roughly. */
export function bytesOf({ key, value }: StateMessage): number {
  return OVERHEAD_BYTES + key.length + (value?.length ?? 0)
}

function messageKey({ key, unique }: ChangeName): string {
  return `${key}#${unique}`
}

/** Never throws: what is not ours is `foreign`. */
export function parseRecord({ offset, timestampMs, key: name, value }: StateRecord): Parsed {
  const [, key, unique] = NAME.exec(name ?? '') ?? []
  if (name === null || key === undefined || unique === undefined) return FOREIGN
  if (Buffer.byteLength(key) > KEY_BYTES_MAX) return FOREIGN
  if (value === null) return { is: 'tombstone', name: { key, unique } }
  const content = parseContent(value)
  if (content === undefined || content.expected > offset) return FOREIGN
  const bytes = bytesOf({ key: name, value })
  const version = offset + 1
  return { is: 'change', change: { key, unique, ...content, version, atMs: timestampMs, bytes } }
}

function parseContent(text: string): Pick<Change, 'expected' | 'value'> | undefined {
  if (Buffer.byteLength(text) > VALUE_BYTES_MAX + FRAME_BYTES_MAX) return undefined
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    return undefined // not JSON, so not ours
  }
  if (!isObject(content)) return undefined
  const { expected, value } = content
  if (typeof expected !== 'number' || !Number.isSafeInteger(expected) || expected < 0) {
    return undefined
  }
  return { expected, value }
}

/** What JSON.parse made is made of JSON throughout. */
function isObject(value: unknown): value is Readonly<Record<string, Json | undefined>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
