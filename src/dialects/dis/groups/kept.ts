// How a group is kept in state, where another version of this service or a stranger may have written.
//
// * What is no group is read as if nothing were there, and a member or a stream of it that is none is
//   left out: members find out with their next beat, and join anew.
// * Members that are not known here are ignored, and gone with the next change.

import type { Json } from '../../../core/state.ts'
import { membersOf } from '../apps.ts'
import type { Group, Member } from './group.ts'

const NO_GROUP: Group = {
  generation: 0,
  phase: 'stable',
  settledMs: 0,
  deadlineMs: 0,
  shards: {},
  members: {},
}

/** More than a topic of Kafka's can have. */
const SHARDS_MAX = 100_000

export function fromJson(kept: Json | undefined): Group {
  const { generation, phase, settledMs, deadlineMs, shards, members } = membersOf(kept)
  if (phase !== 'joining' && phase !== 'stable') return NO_GROUP
  if (!isCount(generation) || !isTime(settledMs) || !isTime(deadlineMs)) return NO_GROUP
  return {
    generation,
    phase,
    settledMs,
    deadlineMs,
    shards: eachOf(shards, (count) => (isCount(count) && count <= SHARDS_MAX ? count : undefined)),
    members: eachOf(members, toMember),
  }
}

/** Nothing is kept of a group that never was. */
export function toJson(group: Group): Json | undefined {
  return group === NO_GROUP ? undefined : (group as unknown as Json)
}

function toMember(kept: Json): Member | undefined {
  const { wants, pattern, joined, joinedMs, windowMs } = membersOf(kept)
  if (!isCount(joined) || !isTime(joinedMs) || !isTime(windowMs)) return undefined
  return {
    wants: eachOf(wants, (asked) => (typeof asked === 'string' ? asked : undefined)),
    ...(typeof pattern === 'string' && { pattern }),
    joined,
    joinedMs,
    windowMs,
  }
}

function isTime(kept: Json | undefined): kept is number {
  return typeof kept === 'number' && Number.isFinite(kept) && kept >= 0
}

function isCount(kept: Json | undefined): kept is number {
  return isTime(kept) && Number.isSafeInteger(kept)
}

/** The members that can be read. */
function eachOf<Read>(
  kept: Json | undefined,
  read: (value: Json) => Read | undefined,
): Readonly<Record<string, Read>> {
  const entries = Object.entries(membersOf(kept)).flatMap(([name, value]) => {
    const known = read(value)
    return known === undefined ? [] : [[name, known] as const]
  })
  return Object.fromEntries(entries)
}
