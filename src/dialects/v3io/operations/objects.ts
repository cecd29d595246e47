// What clients do to streams, and to the states of consumer groups beside them, through the calls on
// objects: DELETE, HEAD to see whether something is there, PUT and GET of a state (docs: "Simple-Object
// Web API"; v3io-py dataplane/stream.py `delete`, v3io-go `DeleteStreamSync`, nuclio's v3io trigger).
//
// * DELETE of a stream's path deletes the stream and what is kept beside it. DELETE of one of its
//   shards, the first half of what clients call deleting a stream, succeeds and changes nothing:
//   records go with the stream.
// * A directory is deleted when it is empty.
// * There are no other objects.

import type { Ask, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { Streams } from '../../../core/streams.ts'
import type { Directories } from '../directories.ts'
import { encodeEmpty } from '../encode.ts'
import { editItem, findItem, itemAt, type ItemPlace } from '../items.ts'
import { elementsOf, placeOf, shardAt, streamAt, type Place } from '../names.ts'

type Perform = Operation['perform']

function nothingAt({ container, path }: Place): BridgeError {
  return new BridgeError('stream-not-found', `There is nothing at ${container}/${path}`)
}

function placeIn({ call }: Ask): Place {
  return placeOf(elementsOf(call.head.path))
}

export function createHeadObject(directories: Directories): Perform {
  return async function headObject(ask) {
    const place = placeIn(ask)
    const { exists } = await directories.look(ask.streams, place)
    if (!exists && !(await isItem(ask, place))) throw nothingAt(place)
    return encodeEmpty(200)
  }
}

async function isItem(ask: Ask, place: Place): Promise<boolean> {
  const at = itemAt(place)
  return at !== undefined && found(findItem(ask, at), (item) => item !== undefined)
}

export function createGetObject(): Perform {
  return async function getObject(ask) {
    const at = itemAt(placeIn(ask))
    const item = at && (await findItem(ask, at))?.item
    if (!item) throw nothingAt(placeIn(ask))
    const body = Buffer.from(item.body, 'base64')
    return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body }
  }
}

export function createPutObject(): Perform {
  return async function putObject(ask) {
    const place = placeIn(ask)
    const at = itemAt(place)
    if (!at) throw nothingAt(place)
    const sent = ask.input['Body'] as string | Buffer
    const body = typeof sent === 'string' ? sent : sent.toString('base64')
    await editItem(ask, at, (item) => ({ attributes: item?.attributes ?? new Map(), body }))
    return encodeEmpty(200)
  }
}

export function createDeleteObject(directories: Directories): Perform {
  return async function deleteObject(ask) {
    const place = placeIn(ask)
    if (await removeStream(place, ask.streams)) directories.keepAbove(place)
    else if (!(await removeBeside(ask, place))) await removeDirectory(place, ask.streams)
    return encodeEmpty(204)
  }

  /** v3io-go deletes the directory of a stream whose path lacks its last slash: never with streams. */
  async function removeDirectory(place: Place, streams: Streams): Promise<void> {
    const sight = await directories.look(streams, place)
    if (!sight.exists) throw nothingAt(place)
    if (sight.directories.length > 0) {
      throw new BridgeError('invalid-argument', `The directory ${place.path} is not empty`)
    }
    directories.forget(place)
  }
}

/** Whether there was a stream; it is gone now. */
async function removeStream(place: Place, streams: Streams): Promise<boolean> {
  const stream = streamAt(place)
  return stream !== undefined && found(streams.remove(stream))
}

/** Whether there was a shard, or the state of a group; the state is gone now. */
async function removeBeside(ask: Ask, place: Place): Promise<boolean> {
  const at = itemAt(place)
  if (!at) return false
  return at.shard === undefined ? removeState(ask, at) : isShard(place, ask.streams)
}

async function removeState(ask: Ask, at: ItemPlace): Promise<boolean> {
  if (!(await found(findItem(ask, at), (item) => item !== undefined))) return false
  await editItem(ask, at, () => undefined)
  return true
}

/** Whether a place is a shard of a stream. */
async function isShard(place: Place, streams: Streams): Promise<boolean> {
  const at = shardAt(place)
  if (!at) return false
  return found(streams.describe(at.stream), ({ shards }) => at.shard < shards.length)
}

/** What `tell` says of the result; false where the stream is missing. */
async function found<T>(work: Promise<T>, tell: (result: T) => boolean = () => true) {
  try {
    return tell(await work)
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'stream-not-found') return false
    throw error
  }
}
