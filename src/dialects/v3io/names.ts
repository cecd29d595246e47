// v3io's names: a stream is a path within a container, `/container/path/to/stream/`; with or without
// the last slash, and with any number of slashes for one (docs: "Container names", "Software
// specifications").
//
// * A target is split by hand: to a URL parser, `//container/stream` (the aio client's form) names
//   a host.
// * Elements are decoded one by one; a slash inside one (%2F), `.` and `..` are no names.
// * Containers: 1–128 of [a-z0-9_-], alphanumeric at both ends, a letter among them, no `--` or
//   `__`; or a number, as the deprecated ids are. Any such container exists.

import type { Head, Input } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { StreamRef } from '../../core/model.ts'
import type { NameRules } from '../../core/naming.ts'
import type { ShardRef } from '../../core/read.ts'
import { CONTAINER } from './refinements.ts'

export const V3IO = 'v3io'

const CONTAINER_NAME = /^(?!.*(?:--|__))(?=.*[a-z])[a-z0-9](?:[a-z0-9_-]{0,126}[a-z0-9])?$/
const CONTAINER_ID = /^\d{1,128}$/
const ELEMENT_CHARS_MAX = 255

/** A place in a container; its root has the empty path. */
export interface Place {
  readonly container: string
  /** Elements joined by single slashes, none at either end. */
  readonly path: string
}

function isContainer(name: string): boolean {
  return CONTAINER_NAME.test(name) || CONTAINER_ID.test(name)
}

function isElement(name: string): boolean {
  const isReserved = name === '' || name === '.' || name === '..'
  return (
    !isReserved && !/[/\0\p{Surrogate}]/u.test(name) && Array.from(name).length <= ELEMENT_CHARS_MAX
  )
}

function isPath(path: string): boolean {
  return path.split('/').every(isElement)
}

function refOf(container: string, path: string): StreamRef | undefined {
  if (!isContainer(container) || !isPath(path)) return undefined
  return { dialect: V3IO, name: `${container}/${path}`, parts: { container, path } }
}

export const V3IO_NAMES: NameRules = {
  pathParts: ['path'],
  refOf: ({ container = '', path = '' }) => refOf(container, path),
  parse(name) {
    const slash = name.indexOf('/')
    return slash < 0 ? undefined : refOf(name.slice(0, slash), name.slice(slash + 1))
  },
}

/** The elements of a target's path, decoded. Throws BridgeError for a bad percent-escape. */
export function elementsOf(path: string): string[] {
  const local = path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  try {
    return local.split('/').filter(Boolean).map(decodeURIComponent)
  } catch {
    throw new BridgeError('invalid-name', 'The path holds a bad percent-escape')
  }
}

/** The place that elements name. Throws BridgeError where they name none. */
export function placeOf([container, ...elements]: readonly string[]): Place {
  if (container === undefined) {
    throw new BridgeError('invalid-argument', 'The request names no container')
  }
  if (!isContainer(container)) {
    throw new BridgeError('stream-not-found', 'Container not found', { as: CONTAINER })
  }
  if (!elements.every(isElement)) {
    throw new BridgeError('invalid-name', 'The path holds an element that is no name')
  }
  return { container, path: elements.join('/') }
}

/** The stream at a place, or nothing at a container's root. */
export function streamAt({ container, path }: Place): StreamRef | undefined {
  return refOf(container, path)
}

/** The stream that a call names: in its URL, or as StreamName below its URL. */
export function streamOf(input: Input, { path }: Head): StreamRef {
  return streamNamed([...elementsOf(path), ...nameIn(input)])
}

function nameIn({ StreamName: name }: Input): string[] {
  return typeof name === 'string' && name !== '' ? [name] : []
}

function streamNamed(elements: readonly string[]): StreamRef {
  const stream = streamAt(placeOf(elements))
  if (stream) return stream
  throw new BridgeError('invalid-argument', 'The request names no stream')
}

/** No stream has it; with a missing stream it is the stream that is missing. */
const NO_SHARD = 2 ** 31 - 1

/** The shard that a call names: as ShardId, or in its URL below the stream. */
export function shardOf(input: Input, { path }: Head): ShardRef {
  const { ShardId: id } = input
  const elements = elementsOf(path)
  const named = typeof id === 'number' ? id : toShard(elements.pop())
  const shard = Number.isInteger(named) && named >= 0 ? Math.min(named, NO_SHARD) : NO_SHARD
  return { stream: streamNamed([...elements, ...nameIn(input)]), shard }
}

function toShard(element = ''): number {
  if (/^-?\d+$/.test(element)) return Number(element)
  throw new BridgeError('invalid-argument', 'The request names no shard')
}

/** The stream and shard at a place, if its last element is a number. */
export function shardAt({ container, path }: Place): ShardRef | undefined {
  const [, above, shard] = /^(.+)\/(\d{1,9})$/s.exec(path) ?? []
  const stream = above === undefined ? undefined : streamAt({ container, path: above })
  return stream && { stream, shard: Number(shard) }
}
