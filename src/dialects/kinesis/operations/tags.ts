// Tags of streams: AddTagsToStream, RemoveTagsFromStream, ListTagsForStream, and the same by ARN,
// TagResource, UntagResource, ListTagsForResource (docs: API version 2013-12-02). They mean nothing
// to this service.
//
// * Characters and the number of tags are the service's; so is the sentence that tells of ten, where
//   fifty are allowed.
// * Only streams have tags here: queues and channels there are none, and consumers have none.

import type { Head, Input, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { StreamRef } from '../../../core/model.ts'
import type { Streams } from '../../../core/streams.ts'
import { readArn } from '../arns.ts'
import { encodeReply } from '../encode.ts'
import type { Facts } from '../facts.ts'
import { changeTags, tagsOf, type Tags } from '../settings.ts'

type Perform = Operation['perform']

const TAGS_MAX = 50
const STRANGE = /[^\u00C0-\u1FFF\u2C00-\uD7FF\w./\-=+_ @%]/

interface Subject {
  readonly ref: StreamRef
  readonly facts: Facts
}

/** Throws BridgeError for texts of tags that the service does not take. */
export function refuseTags(
  texts: readonly string[],
  deed: 'add tags to' | 'remove tags from',
  { ref: { name }, facts: { accountId } }: Subject,
): void {
  if (texts.some((text) => STRANGE.test(text))) {
    throw invalid(
      'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.',
    )
  }
  if (texts.some((text) => text.includes('%'))) {
    throw invalid(
      `Failed to ${deed} stream ${name} under account ${accountId} because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.`,
    )
  }
}

function invalid(sentence: string): BridgeError {
  return new BridgeError('invalid-argument', sentence)
}

/** Adds tags, or replaces those of the same keys. Rejects with BridgeError for too many. */
export async function addTags(
  streams: Streams,
  added: Tags,
  { ref, facts: { accountId } }: Subject,
): Promise<void> {
  await changeTags(streams, ref, (before) => {
    const tags = { ...before, ...added }
    if (Object.keys(tags).length <= TAGS_MAX) return tags
    throw invalid(
      `Failed to add tags to stream ${ref.name} under account ${accountId} because a given stream cannot have more than 10 tags associated with it.`,
    )
  })
}

/** The stream that a call about tags is about. */
type StreamOf = (input: Input, head: Head) => StreamRef

/** Of those that name a resource by its ARN. Throws BridgeError for any but a stream. */
export function streamOfResource(facts: Facts): StreamOf {
  return (input, head) => {
    const arn = String(input['ResourceARN'])
    const isStream = readArn(arn)?.stream.includes('/') === false
    if (isStream) return facts.streamOf({ StreamARN: arn }, head)
    throw new BridgeError('shard-not-found', `Resource ${arn} not found.`)
  }
}

function adding(facts: Facts, streamOf: StreamOf): Perform {
  return async ({ input, call, streams }) => {
    const subject = { ref: streamOf(input, call.head), facts }
    const tags = input['Tags'] as Tags
    await streams.summarise(subject.ref) // a missing stream comes first
    refuseTags(Object.entries(tags).flat(), 'add tags to', subject)
    await addTags(streams, tags, subject)
    return encodeReply(call.head)
  }
}

function removing(facts: Facts, streamOf: StreamOf): Perform {
  return async ({ input, call, streams }) => {
    const ref = streamOf(input, call.head)
    const keys = new Set(input['TagKeys'] as readonly string[])
    await streams.summarise(ref)
    refuseTags([...keys], 'remove tags from', { ref, facts })
    await changeTags(streams, ref, (before) =>
      Object.fromEntries(Object.entries(before).filter(([key]) => !keys.has(key))),
    )
    return encodeReply(call.head)
  }
}

interface Shown {
  readonly Key: string
  readonly Value: string
}

async function listed(streams: Streams, ref: StreamRef): Promise<readonly Shown[]> {
  const tags = Object.entries(await tagsOf(streams, ref))
  return tags
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ Key: key, Value: value }))
}

export function createAddTagsToStream(facts: Facts): Perform {
  return adding(facts, facts.streamOf)
}

export function createTagResource(facts: Facts): Perform {
  return adding(facts, streamOfResource(facts))
}

export function createRemoveTagsFromStream(facts: Facts): Perform {
  return removing(facts, facts.streamOf)
}

export function createUntagResource(facts: Facts): Perform {
  return removing(facts, streamOfResource(facts))
}

export function createListTagsForStream(facts: Facts): Perform {
  return async function listTagsForStream({ input, call, streams }) {
    const all = await listed(streams, facts.streamOf(input, call.head))
    const after = input['ExclusiveStartTagKey']
    const rest = all.filter(({ Key }) => typeof after !== 'string' || Key > after)
    const limit = Math.floor(Number(input['Limit'] ?? TAGS_MAX))
    return encodeReply(call.head, {
      Tags: rest.slice(0, limit),
      HasMoreTags: rest.length > limit,
    })
  }
}

export function createListTagsForResource(facts: Facts): Perform {
  return async function listTagsForResource({ input, call, streams }) {
    const stream = streamOfResource(facts)(input, call.head)
    return encodeReply(call.head, { Tags: await listed(streams, stream) })
  }
}
