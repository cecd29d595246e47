// What is kept beside a stream: the state of each consumer group, an object `GROUP-state.json` in the
// stream's directory, and the attributes of each shard, among them how far each group has come
// (v3io-go pkg/dataplane/streamconsumergroup). Both are items, and there are no others here.
//
// * An item that is changed gets a time of modification that is later than its last, by a nanosecond
//   if need be: members of a group recognize by it whether another came first.
// * What a stream has is gone with it.

import type { Ask } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { StreamRef } from '../../core/model.ts'
import type { Json } from '../../core/state.ts'
import { encodeAttributes, recallAttributes, valueOf } from './attributes.ts'
import type { Attribute, Attributes } from './attributes.ts'
import type { Look } from './conditions.ts'
import { shardAt, streamAt, type Place } from './names.ts'
import { ITEM_TOO_LARGE } from './refinements.ts'

export interface Mtime {
  readonly secs: number
  readonly nsecs: number
}

/** What is kept under one name. */
export interface Item {
  readonly attributes: Attributes
  readonly mtime: Mtime
  /** Bytes of the object, in base64. */
  readonly body: string
}

export interface ItemPlace {
  readonly stream: StreamRef
  /** What the item is called in the stream's directory. */
  readonly name: string
  /** Absent: a group's state. */
  readonly shard?: number
  /** What it is kept under. */
  readonly part: string
}

/** Whether a name is a group's state's. */
export const STATE_NAME = /.-state\.json$/s
const STATES = 'v3io/states/'
const SHARDS = 'v3io/shards/'

/** The item that may be at a place; nothing where none can be. */
export function itemAt({ container, path }: Place): ItemPlace | undefined {
  const at = shardAt({ container, path })
  if (at) return { ...at, name: String(at.shard), part: `${SHARDS}${at.shard}` }
  const slash = path.lastIndexOf('/')
  const name = path.slice(slash + 1)
  const stream = streamAt({ container, path: path.slice(0, Math.max(0, slash)) })
  return stream && STATE_NAME.test(name) ? { stream, name, part: STATES + name } : undefined
}

/** An item that is there. */
export interface Found {
  readonly name: string
  readonly item: Item | undefined
  readonly system: Attributes
  /** The number of a shard's last record. */
  readonly last: number
}

export function lookIn({ item, system }: Pick<Found, 'item' | 'system'>): Look {
  return (name) => valueOf(system.get(name) ?? item?.attributes.get(name))
}

/** The item at a place: a shard is there from its first record on. */
export async function findItem(ask: Ask, at: ItemPlace): Promise<Found | undefined> {
  const last = at.shard === undefined ? 0 : await lastNumberOf(ask, at.stream, at.shard)
  if (at.shard !== undefined && last === 0) return undefined
  const item = recallItem(await ask.streams.kept(at.stream, at.part))
  if (at.shard === undefined && !item) return undefined
  return { name: at.name, item, system: systemOf(at, item, last), last }
}

/** The states of all groups of a stream, by name. */
export async function findStates(streams: Ask['streams'], stream: StreamRef): Promise<Found[]> {
  const kept = await streams.keptUnder(stream, STATES)
  return kept.flatMap(({ part, value }) => {
    const item = recallItem(value)
    const name = part.slice(STATES.length)
    return item ? [{ name, item, system: systemOf({ name }, item, 0), last: 0 }] : []
  })
}

/** The number of a shard's last record; 0 where it has none, or there is no such shard. */
async function lastNumberOf(ask: Ask, stream: StreamRef, shard: number): Promise<number> {
  try {
    const { latest } = await ask.reader.locate(
      { stream, shard },
      { by: 'latest' },
      ask.call.deadlineMs,
    )
    return latest
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'shard-not-found') return 0
    throw error
  }
}

/** The platform's number for shards, by which v3io-go knows them. */
const SHARD_TYPE = '3'

/** What is known of an item without its having been set. `last`: the number of a shard's last record. */
export function systemOf(
  { name, shard }: Pick<ItemPlace, 'name' | 'shard'>,
  item: Item | undefined,
  last: number,
): Attributes {
  const size = Buffer.byteLength(item?.body ?? '', 'base64')
  const system = new Map<string, Attribute>([
    ['__name', { S: name }],
    ['__size', { N: String(size) }],
  ])
  if (item) {
    system.set('__mtime_secs', { N: String(item.mtime.secs) })
    system.set('__mtime_nsecs', { N: String(item.mtime.nsecs) })
  }
  if (shard !== undefined) {
    system.set('__obj_type', { N: SHARD_TYPE })
    system.set('__last_sequence_num', { N: String(last) })
  }
  return system
}

function recallItem(kept: Json | undefined): Item | undefined {
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return undefined
  const { attributes, secs, nsecs, body } = kept as Readonly<Record<string, Json>>
  if (typeof secs !== 'number' || typeof nsecs !== 'number') return undefined
  return {
    attributes: recallAttributes(attributes),
    mtime: { secs, nsecs },
    body: typeof body === 'string' ? body : '',
  }
}

/** What becomes of an item; nothing: it is deleted. What it throws, the change rejects with. */
export type Edit = (item: Item | undefined) => Pick<Item, 'attributes' | 'body'> | undefined

/** Changes an item in one step. Resolves with what it is then. */
export async function editItem(ask: Ask, at: ItemPlace, edit: Edit): Promise<Item | undefined> {
  try {
    const kept = await ask.streams.keep(at.stream, at.part, (before) => {
      const item = recallItem(before)
      const next = edit(item)
      if (!next) return undefined
      const { secs, nsecs } = timeAfter(item?.mtime, ask.call.receivedAtMs)
      return { attributes: encodeAttributes(next.attributes), secs, nsecs, body: next.body }
    })
    return recallItem(kept)
  } catch (error) {
    if (!(error instanceof BridgeError) || error.code !== 'limit-exceeded') throw error
    throw new BridgeError('limit-exceeded', error.message, { as: ITEM_TOO_LARGE, cause: error })
  }
}

const NSECS = 1_000_000_000

function timeAfter(last: Mtime | undefined, nowMs: number): Mtime {
  const now = { secs: Math.floor(nowMs / 1000), nsecs: (nowMs % 1000) * 1_000_000 }
  if (!last || now.secs > last.secs) return now
  if (now.secs === last.secs && now.nsecs > last.nsecs) return now
  const nsecs = last.nsecs + 1
  return nsecs < NSECS ? { secs: last.secs, nsecs } : { secs: last.secs + 1, nsecs: 0 }
}
