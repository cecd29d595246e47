// GET of a directory, with `?prefix=` or by its path (docs: "GET Service / GET Bucket"): directories and
// streams, and in a stream its shards and the states of its consumer groups.
//
// * Shards are listed from their first record on.
// * A page ends after `max-keys`, 1,000 at the most, and the next begins after `marker`.
// * `prefix-info=1` tells more of each, of streams their shards and retention; `prefix-only=1` leaves
//   all but directories out.

import type { Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { StreamSummary, Streams } from '../../../core/streams.ts'
import type { Directories } from '../directories.ts'
import { findStates, type Found } from '../items.ts'
import { encodeListing, type Entry } from '../listing.ts'
import { elementsOf, placeOf, streamAt, type Place } from '../names.ts'
import { shownHours } from './streams.ts'

const KEYS_MAX = 1000
/** Streams that are described at once. */
const AT_ONCE = 8

export function createGetContainerContents(directories: Directories): Operation['perform'] {
  return async function getContainerContents({ input, call, streams }) {
    const below = textOf(input['prefix']).split('/').filter(Boolean)
    const place = placeOf([...elementsOf(call.head.path), ...below])
    const sight = await directories.look(streams, place)
    if (!sight.exists) {
      throw new BridgeError('stream-not-found', `There is nothing at ${place.path}`)
    }
    const files = sight.isStream && !isOn(input['prefix-only']) ? await filesIn(streams, place) : []
    const all = [...files, ...sight.directories.map(toDirectory)].sort(byName)
    const wanted = all.filter(after(textOf(input['marker']).split('/').filter(Boolean).at(-1)))
    const limit = limitOf(textOf(input['max-keys']))
    const entries = wanted.slice(0, limit)
    const isFull = isOn(input['prefix-info'])
    return encodeListing(place, {
      limit,
      isFull,
      isTruncated: wanted.length > entries.length,
      entries: isFull ? await describeAll(streams, place, entries) : entries,
    })
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isOn(value: unknown): boolean {
  return textOf(value) !== '' && value !== '0'
}

function limitOf(text: string): number {
  const limit = /^\d+$/.test(text) ? Number(text) : 0
  return limit > 0 ? Math.min(limit, KEYS_MAX) : KEYS_MAX
}

function toDirectory(name: string): Entry {
  return { kind: 'directory', name, atMs: 0 }
}

async function filesIn(streams: Streams, place: Place): Promise<Entry[]> {
  const stream = streamAt(place)
  if (!stream) return []
  const state = await streams.describe(stream)
  const states = await findStates(streams, stream).catch(noneWithoutRights)
  const atMs = state.createdAtMs ?? 0
  return [
    ...state.shards
      .filter(({ next }) => next > 0)
      .map(({ shard, next }): Entry => ({ kind: 'shard', name: String(shard), last: next, atMs })),
    ...states.map(toObject),
  ]
}

/** Where Kafka lets nothing be kept, streams are listed, and can be deleted, all the same. */
function noneWithoutRights(error: unknown): Found[] {
  if (error instanceof BridgeError && error.code === 'not-permitted') return []
  throw error
}

function toObject({ name, item }: Found): Entry {
  const size = Buffer.byteLength(item?.body ?? '', 'base64')
  return { kind: 'object', name, size, atMs: (item?.mtime.secs ?? 0) * 1000 }
}

/** Numbers, which shards are, before all other names. */
function compareNames(one: string, other: string): number {
  const [a, b] = [one, other].map((name) => (/^\d+$/.test(name) ? Number(name) : Infinity))
  if (a !== b) return (a ?? 0) < (b ?? 0) ? -1 : 1
  return one === other ? 0 : one < other ? -1 : 1
}

function byName(one: Entry, other: Entry): number {
  return compareNames(one.name, other.name)
}

function after(marker: string | undefined): (entry: Entry) => boolean {
  return ({ name }) => marker === undefined || compareNames(name, marker) > 0
}

async function describeAll(
  streams: Streams,
  place: Place,
  entries: readonly Entry[],
): Promise<Entry[]> {
  const described: Entry[] = []
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    const some = entries.slice(at, at + AT_ONCE)
    described.push(...(await Promise.all(some.map((entry) => describe(streams, place, entry)))))
  }
  return described
}

async function describe(streams: Streams, place: Place, entry: Entry): Promise<Entry> {
  const path = place.path === '' ? entry.name : `${place.path}/${entry.name}`
  const stream = entry.kind === 'directory' ? streamAt({ ...place, path }) : undefined
  if (!stream) return entry
  try {
    return { ...entry, ...factsOf(await streams.summarise(stream)) }
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'stream-not-found') return entry
    throw error
  }
}

function factsOf({ shards, retentionHours, createdAtMs = 0 }: StreamSummary) {
  return { shards, retentionHours: shownHours(retentionHours), atMs: createdAtMs }
}
