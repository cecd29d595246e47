// What clients do to streams through the calls on objects: GET with `?prefix=` before a deletion,
// DELETE, and HEAD to see whether a stream is there (docs: "Simple-Object Web API"; v3io-py
// dataplane/stream.py `delete`, v3io-go `DeleteStreamSync`, nuclio's v3io trigger).
//
// * DELETE of a stream's path deletes the stream. DELETE of one of its shards, the first half of
//   what clients call deleting a stream, succeeds and changes nothing: records go with the stream.
// * A directory is deleted when it is empty.
// * There are no other objects.

import type { Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { Streams } from '../../../core/streams.ts'
import type { Directories } from '../directories.ts'
import { encodeEmpty } from '../encode.ts'
import { encodeListing } from '../listing.ts'
import { elementsOf, placeOf, streamAt, type Place } from '../names.ts'

type Perform = Operation['perform']

function nothingAt({ container, path }: Place): BridgeError {
  return new BridgeError('stream-not-found', `There is nothing at ${container}/${path}`)
}

export function createGetContainerContents(directories: Directories): Perform {
  return async function getContainerContents({ input, call, streams }) {
    const { prefix } = input
    const below = typeof prefix === 'string' ? prefix.split('/').filter(Boolean) : []
    const place = placeOf([...elementsOf(call.head.path), ...below])
    const sight = await directories.look(streams, place)
    if (!sight.exists) throw nothingAt(place)
    return encodeListing(place, sight.directories)
  }
}

export function createHeadObject(directories: Directories): Perform {
  return async function headObject({ call, streams }) {
    const place = placeOf(elementsOf(call.head.path))
    const { exists } = await directories.look(streams, place)
    if (!exists) throw nothingAt(place)
    return encodeEmpty(200)
  }
}

export function createDeleteObject(directories: Directories): Perform {
  return async function deleteObject({ call, streams }) {
    const place = placeOf(elementsOf(call.head.path))
    if (await removeStream(place, streams)) directories.keepAbove(place)
    else if (!(await isShard(place, streams))) await removeDirectory(place, streams)
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

/** Whether a place is a shard of a stream. */
async function isShard({ container, path }: Place, streams: Streams): Promise<boolean> {
  const [, above, shard] = /^(.+)\/(\d{1,9})$/.exec(path) ?? []
  const stream = above === undefined ? undefined : streamAt({ container, path: above })
  if (!stream) return false
  return found(streams.describe(stream), ({ shards }) => Number(shard) < shards.length)
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
