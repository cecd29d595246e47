// CreateTag, BatchTags, DeleteTag, ListStreamTags, ListTags and FilterStreams (docs: "Tag Management").
//
// * Setting a tag that is there replaces its value; deleting several that are not there succeeds.
// * Filters: the values of a key are alternatives, none means any, and one that begins with `*` is
//   found anywhere in a value. A name of `matches` is found anywhere in a stream's name.

import type { Ask, Input, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import { encodeEmpty, encodeReply, REFINED } from '../encode.ts'
import { DIALECT } from '../facts.ts'
import { looseTextOf, onStream, textOf } from '../names.ts'
import { deleteTags, isSystemTag, readTags, setTags, tagsIn, type Tag } from '../settings.ts'

type Perform = Operation['perform']

const PAGE_DEFAULT = 1000

export function createCreateTag(): Perform {
  return async function createTag(ask) {
    const tags = tagsIn({ tag: [ask.input['tag']] }, 'tag')
    await onStream(ask, (stream) => setTags(ask, stream, tags))
    return encodeEmpty(204)
  }
}

export function createBatchTags(): Perform {
  return async function batchTags(ask) {
    const { input } = ask
    await onStream(ask, async (stream) => {
      if (input['action'] === 'create') await setTags(ask, stream, tagsIn(input, 'tags'))
      else
        await deleteTags(
          ask,
          stream,
          (input['tags'] as Tag[]).map(({ key }) => key),
        )
    })
    return encodeEmpty(204)
  }
}

export function createDeleteTag(): Perform {
  return async function deleteTag(ask) {
    const key = textOf(ask.input, 'key') ?? ''
    const isGone = await onStream(ask, (stream) => deleteTags(ask, stream, [key]))
    if (isGone) return encodeEmpty(204)
    throw new BridgeError('invalid-argument', `[${key}]`, { as: REFINED.tagMissing })
  }
}

export function createListStreamTags(): Perform {
  return async function listStreamTags(ask) {
    const tags = await onStream(ask, (stream) => readTags(ask, stream))
    return encodeReply({ tags: tags.filter((tag) => !isSystemTag(tag)) })
  }
}

interface Tagged {
  readonly name: string
  readonly id: string
  readonly tags: readonly Tag[]
}

/** All streams of the project that the caller sees, with their tags. */
async function allTagged(ask: Ask): Promise<readonly Tagged[]> {
  const { input, streams } = ask
  const refs = await streams.list(DIALECT, { project: textOf(input, 'project_id') ?? '' })
  const all = refs.map(async (ref): Promise<Tagged[]> => {
    try {
      const [{ id }, tags] = await Promise.all([streams.summarise(ref), readTags(ask, ref)])
      return [{ name: ref.name, id, tags: tags.filter((tag) => !isSystemTag(tag)) }]
    } catch (error) {
      if (error instanceof BridgeError && error.code === 'stream-not-found') return []
      throw error
    }
  })
  return (await Promise.all(all)).flat()
}

export function createListTags(): Perform {
  return async function listTags(ask) {
    const values = new Map<string, Set<string>>()
    for (const { tags } of await allTagged(ask)) {
      for (const { key, value } of tags) {
        values.set(key, (values.get(key) ?? new Set<string>()).add(value))
      }
    }
    return encodeReply({ tags: [...values].map(([key, all]) => ({ key, values: [...all] })) })
  }
}

interface Wanted {
  readonly key: string
  readonly values?: readonly string[] | null
}

export function createFilterStreams(): Perform {
  return async function filterStreams(ask) {
    const { input } = ask
    const [limit, offset] = [wholeOf(input, 'limit', PAGE_DEFAULT), wholeOf(input, 'offset', 0)]
    if (limit < 1 || limit > PAGE_DEFAULT) {
      throw new BridgeError('constraint', `limit must be from 1 to ${PAGE_DEFAULT}.`)
    }
    const found = (await allTagged(ask)).filter((stream) => isWanted(stream, input))
    if (input['action'] === 'count') return encodeReply({ total_count: found.length })
    const resources = found.slice(offset, offset + limit).map(({ id, name, tags }) => ({
      resource_id: id,
      resource_name: name,
      resource_detail: null,
      tags,
    }))
    return encodeReply({ resources, total_count: found.length })
  }
}

/** Clients send these as texts. */
function wholeOf(input: Input, member: string, otherwise: number): number {
  const text = looseTextOf(input, member)
  if (text === undefined) return otherwise
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new BridgeError('constraint', `${member} must be a whole number.`)
}

function isWanted({ name, tags }: Tagged, input: Input): boolean {
  const listOf = (member: string) => (input[member] ?? []) as readonly Wanted[]
  const has = (wanted: Wanted): boolean => tags.some((tag) => fits(tag, wanted))
  const [any, none, notAll] = [listOf('tags_any'), listOf('not_tags_any'), listOf('not_tags')]
  const names = (input['matches'] ?? []) as readonly { value?: string | null }[]
  return (
    listOf('tags').every(has) &&
    (any.length === 0 || any.some(has)) &&
    !none.some(has) &&
    (notAll.length === 0 || !notAll.every(has)) &&
    names.every(({ value }) => name.includes(value ?? ''))
  )
}

function fits(tag: Tag, { key, values }: Wanted): boolean {
  if (tag.key !== key) return false
  if (!values || values.length === 0) return true
  return values.some((value) =>
    value.startsWith('*') ? tag.value.includes(value.slice(1)) : tag.value === value,
  )
}
