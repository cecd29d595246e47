// Permissions, held against every touch of a stream: an operation reaches streams through what is made
// here, so that none can forget to ask. It comes before the stream is looked for, so that a caller
// learns nothing of what it may not see.

import { BridgeError } from './errors.ts'
import type { StreamRef } from './model.ts'
import type { Need, Principal } from './principals.ts'
import type { Streams } from './streams.ts'

/** Throws BridgeError `not-permitted`. Without a `need`: what the operation itself needs. */
export type Permit = (stream: StreamRef, need?: Need) => void

const DEEDS: Record<Need, string> = {
  put: 'put records into',
  read: 'read',
  manage: 'manage',
  see: 'see',
}

/** Without a principal everybody may do everything. */
export function createPermit(principal: Principal | undefined, action: Need): Permit {
  return (stream, need = action) => {
    if (!principal || principal.may(need, stream.name)) return
    throw new BridgeError(
      'not-permitted',
      `${principal.name} may not ${DEEDS[need]} the stream ${stream.name}`,
      { subject: stream.name, principal: principal.name },
    )
  }
}

/** Streams as the principal may see and change them. */
export function guardStreams(
  streams: Streams,
  permit: Permit,
  principal: Principal | undefined,
): Streams {
  if (!principal) return streams
  const sees = ({ name }: StreamRef): boolean => principal.may('see', name)

  /** The same function, for those who may. */
  function asking<Rest extends unknown[], Result>(
    work: (ref: StreamRef, ...rest: Rest) => Promise<Result>,
    need?: Need,
  ) {
    return async (ref: StreamRef, ...rest: Rest): Promise<Result> => {
      permit(ref, need)
      return work(ref, ...rest)
    }
  }

  return {
    routeOf(ref) {
      permit(ref)
      return streams.routeOf(ref)
    },
    shapeNow(ref) {
      permit(ref, 'put')
      return streams.shapeNow(ref)
    },
    shapeForPut: asking(streams.shapeForPut, 'put'),
    list: async (...which) => (await streams.list(...which)).filter(sees),
    async findById(dialect, id) {
      const ref = await streams.findById(dialect, id)
      if (sees(ref)) return ref
      throw new BridgeError('stream-not-found', `There is no stream with id ${id}`, { subject: id })
    },
    describe: asking(streams.describe),
    summarise: asking(streams.summarise),
    kept: asking(streams.kept),
    keptUnder: asking(streams.keptUnder),
    keep: asking(streams.keep),
    create: asking(streams.create, 'manage'),
    createIfMissing: asking(streams.createIfMissing, 'manage'),
    grow: asking(streams.grow, 'manage'),
    retain: asking(streams.retain, 'manage'),
    limitRecords: asking(streams.limitRecords, 'manage'),
    remove: asking(streams.remove, 'manage'),
  }
}
