// DIS stream names, and the stream that a call means: `stream_name`, or `stream_id` where the name
// is empty or no stream has it (docs: "Uploading Data", stream_id).
//
// * The project in the path is the tenant: a part of the name that topic templates may use.
// * An id may name a stream of another project: that is what the vendor has ids for.
// * An empty text is a member left out: the Go and Python SDKs always send their members.

import type { Ask, Input } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { StreamRef } from '../../core/model.ts'
import type { NameRules } from '../../core/naming.ts'
import { DIALECT } from './facts.ts'

/** Letters, digits, `_` and `-`. */
export const NAME_PATTERN = '[a-zA-Z0-9_-]+'
export const NAME_CHARS_MAX = 64
const NAME = new RegExp(`^${NAME_PATTERN}$`)

function refOf(stream: string, project?: string): StreamRef | undefined {
  if (!NAME.test(stream) || stream.length > NAME_CHARS_MAX) return undefined
  return toRef(stream, project)
}

function toRef(stream: string, project?: string): StreamRef {
  return {
    dialect: DIALECT,
    name: stream,
    parts: { stream, ...(project !== undefined && { project }) },
  }
}

export const DIS_NAMES: NameRules = {
  refOf: ({ stream = '', project }) => refOf(stream, project),
  parse: (name) => refOf(name),
}

/** A text of the input; nothing where it is absent, null or empty. */
export function textOf(input: Input, member: string): string | undefined {
  const value = input[member]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A member that clients send as a text or a number; nothing where it is absent or empty. */
export function looseTextOf(input: Input, member: string): string | undefined {
  const value = input[member]
  return typeof value === 'number' ? String(value) : textOf(input, member)
}

/** The stream of this name in the caller's project; what is no name is a stream there is not. */
export function streamNamed(name: string, input: Input): StreamRef {
  return toRef(name, textOf(input, 'project_id'))
}

/** How a call says which stream it means. */
export interface Naming {
  readonly name: string | undefined
  readonly id: string | undefined
}

function namingOf(input: Input): Naming {
  return { name: textOf(input, 'stream_name'), id: textOf(input, 'stream_id') }
}

/**
 * Does work on the stream that a call names; once more on the stream of its id where none has the
 * name. The work must reject with `stream-not-found` before it has changed anything.
 */
export async function onStream<T>(
  { input, streams }: Pick<Ask, 'input' | 'streams'>,
  work: (stream: StreamRef) => Promise<T>,
  { name, id }: Naming = namingOf(input),
): Promise<T> {
  if (name === undefined) return work(await streams.findById(DIALECT, id ?? ''))
  try {
    return await work(streamNamed(name, input))
  } catch (error) {
    const found = id !== undefined && isMissing(error) && (await findById(streams, id))
    if (!found) throw error
    return work(found)
  }
}

async function findById(streams: Ask['streams'], id: string): Promise<StreamRef | undefined> {
  try {
    return await streams.findById(DIALECT, id)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof BridgeError && error.code === 'stream-not-found'
}
