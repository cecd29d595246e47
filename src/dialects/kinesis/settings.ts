// What is kept beside a stream for this dialect and its child: settings that Kafka has no place for,
// which are remembered and shown; and tags.
//
// * Where state cannot be read, descriptions show the defaults; what changes something says why not.

import { BridgeError } from '../../core/errors.ts'
import type { StreamRef } from '../../core/model.ts'
import type { Json } from '../../core/state.ts'
import type { Streams } from '../../core/streams.ts'

export type Mode = 'PROVISIONED' | 'ON_DEMAND'

export interface Settings {
  readonly mode: Mode
  /** Names of metrics, in their order. */
  readonly metrics: readonly string[]
  /** Of one shard, in kilobytes a second. */
  readonly writeQuota: number
}

export type Tags = Readonly<Record<string, string>>

const SETTINGS = 'kinesis/settings'
const TAGS = 'kinesis/tags'

const DEFAULTS: Settings = { mode: 'PROVISIONED', metrics: [], writeQuota: 1024 }

function isMap(kept: Json | undefined): kept is Readonly<Record<string, Json>> {
  return typeof kept === 'object' && kept !== null && !Array.isArray(kept)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function readSettings(kept: Json | undefined): Settings {
  const { mode, metrics, writeQuota } = isMap(kept) ? kept : {}
  return {
    mode: mode === 'ON_DEMAND' ? mode : DEFAULTS.mode,
    metrics: Array.isArray(metrics) ? metrics.filter(isText) : DEFAULTS.metrics,
    writeQuota: typeof writeQuota === 'number' ? writeQuota : DEFAULTS.writeQuota,
  }
}

/** The tags of a stream, by key. */
function readTags(kept: Json | undefined): Tags {
  const entries = Object.entries(isMap(kept) ? kept : {})
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => isText(entry[1])))
}

/** A stream's settings as far as they are known. Rejects with `stream-not-found`. */
export async function settingsOf(streams: Streams, ref: StreamRef): Promise<Settings> {
  try {
    return readSettings(await streams.kept(ref, SETTINGS))
  } catch (error) {
    if (isTrouble(error)) return DEFAULTS
    throw error
  }
}

function isTrouble(error: unknown): boolean {
  if (!(error instanceof BridgeError) || error.principal !== undefined) return false
  return error.code === 'unavailable' || error.code === 'not-permitted'
}

/** Resolves with the settings as they are then. Rejects as State does. */
export async function changeSettings(
  streams: Streams,
  ref: StreamRef,
  change: (before: Settings) => Partial<Settings>,
): Promise<Settings> {
  const kept = await streams.keep(ref, SETTINGS, (before) => {
    const settings = readSettings(before)
    return { ...settings, ...change(settings) }
  })
  return readSettings(kept)
}

/** Rejects with `stream-not-found`, and as State does. */
export async function tagsOf(streams: Streams, ref: StreamRef): Promise<Tags> {
  return readTags(await streams.kept(ref, TAGS))
}

/** Rejects with what `change` throws, and as State does. */
export async function changeTags(
  streams: Streams,
  ref: StreamRef,
  change: (before: Tags) => Tags,
): Promise<void> {
  await streams.keep(ref, TAGS, (before) => {
    const tags = change(readTags(before))
    return Object.keys(tags).length === 0 ? undefined : tags
  })
}
