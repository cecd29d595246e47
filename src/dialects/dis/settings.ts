// What is kept beside a stream because a topic has no place for it: the vendor's types and schema, which
// are shown again and mean nothing here, and tags.
//
// Kept beside the stream: `dis/settings` and `dis/tags`.

import type { Ask, Input } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { StreamRef } from '../../core/model.ts'
import type { Json } from '../../core/state.ts'
import { membersOf } from './apps.ts'
import { REFINED } from './encode.ts'

export interface Tag {
  readonly key: string
  readonly value: string
}

const SETTINGS = 'dis/settings'
const TAGS = 'dis/tags'
const TAGS_MAX = 20
const KEPT = ['stream_type', 'data_type', 'data_schema', 'csv_properties', 'compression_format']

export type Settings = Readonly<Record<string, Json>>

/** What streams have that were given nothing. */
export const DEFAULT_SETTINGS: Settings = { stream_type: 'COMMON', data_type: 'BLOB' }

/** The settings that an input has and that are not what everybody has. */
export function settingsIn(input: Input): Settings {
  const given = KEPT.map((name) => [name, input[name]] as const)
  return Object.fromEntries(
    given.filter(
      ([name, value]) =>
        value !== undefined && value !== null && value !== '' && value !== DEFAULT_SETTINGS[name],
    ),
  ) as Settings
}

export async function readSettings({ streams }: Ask, stream: StreamRef): Promise<Settings> {
  return { ...DEFAULT_SETTINGS, ...membersOf(await streams.kept(stream, SETTINGS)) }
}

export async function changeSettings(ask: Ask, stream: StreamRef, change: Settings): Promise<void> {
  await ask.streams.keep(stream, SETTINGS, (before) => ({ ...membersOf(before), ...change }))
}

/** What is kept, system tags apart. */
export async function readTags(
  { streams }: Pick<Ask, 'streams'>,
  stream: StreamRef,
): Promise<readonly Tag[]> {
  return toTags(membersOf(await streams.kept(stream, TAGS)))
}

function toTags(kept: Readonly<Record<string, Json>>): readonly Tag[] {
  return Object.entries(kept).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? value : '',
  }))
}

/** Those that begin so belong to the vendor's own services. */
export function isSystemTag({ key }: Tag): boolean {
  return key.startsWith('_sys_')
}

/** The tags in a member of an input, as they are to be set. Throws BridgeError. */
export function tagsIn(input: Input, member: string): readonly Tag[] {
  const list = (input[member] ?? []) as readonly { key: string; value?: string | null }[]
  const tags = list.map(({ key, value }) => ({ key, value: value ?? '' }))
  const keys = new Set(tags.map(({ key }) => key))
  if (keys.size < tags.length) throw new BridgeError('constraint', `${member} has a key twice.`)
  for (const { key, value } of tags) {
    if (/^[\w\u4E00-\u9FFF-]+$/.test(key) && /^[\w.\u4E00-\u9FFF-]*$/.test(value)) continue
    const sentence = `${member} may have letters, digits, - and _ only, values dots too.`
    throw new BridgeError('constraint', sentence)
  }
  return tags
}

export async function setTags(ask: Ask, stream: StreamRef, tags: readonly Tag[]): Promise<void> {
  if (tags.length === 0) return
  await ask.streams.keep(stream, TAGS, (before) => {
    const all = {
      ...membersOf(before),
      ...Object.fromEntries(tags.map((tag) => [tag.key, tag.value])),
    }
    if (Object.keys(all).length <= TAGS_MAX) return all
    throw new BridgeError('limit-exceeded', '', { as: REFINED.tagsMax })
  })
}

/** Resolves with whether one of them was there. */
export async function deleteTags(
  ask: Ask,
  stream: StreamRef,
  keys: readonly string[],
): Promise<boolean> {
  let found = false
  await ask.streams.keep(stream, TAGS, (before) => {
    const all = Object.entries(membersOf(before))
    const rest = all.filter(([key]) => !keys.includes(key))
    found = rest.length < all.length
    if (!found) return before
    return rest.length === 0 ? undefined : Object.fromEntries(rest)
  })
  return found
}
