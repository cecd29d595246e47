// Consumer groups, kept in state and changed by whichever instance is asked: steps of group.ts by
// conditional change. Nobody watches a group; each question brings it up to date first.
//
// * An instance may not have read yet what another has just written, and its member may come here next:
//   who names a later generation than is known makes the instance write something, since that is
//   answered only when all before it has been read.
// * To assign a stream's shards takes the right to read it: members of one group need it for all of
//   the group's streams.

import type { Ask } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { Step } from '../../../core/state.ts'
import { keyOf, type App } from '../apps.ts'
import { REFINED } from '../encode.ts'
import { streamNamed } from '../names.ts'
import { assign } from './assign.ts'
import {
  answerOf,
  dutyOf,
  join,
  keepMembers,
  memberOf,
  rejoin,
  settle,
  streamsOf,
  type Answer,
  type Group,
  type Joining,
  type Member,
} from './group.ts'
import { fromJson, toJson } from './kept.ts'
import { createPulse, type Pulse } from './pulse.ts'

export interface Assigned {
  readonly answer: Answer
  readonly generation: number
  /** Shards by the names under which the member asked for their streams. */
  readonly shards: Readonly<Record<string, readonly number[]>>
}

export interface Groups {
  /** The member as it is known. */
  readonly member: (ask: Ask, app: App, client: string) => Member | undefined
  /** Makes a consumer a member; resolves with how long to wait before asking for an assignment. */
  readonly join: (ask: Ask, app: App, joining: Joining) => Promise<number>
  readonly sync: (ask: Ask, app: App, client: string) => Promise<Assigned>
  readonly beat: (ask: Ask, app: App, beat: Beat) => Promise<ReturnType<typeof dutyOf>>
  readonly leave: (ask: Ask, app: App, client: string) => Promise<void>
  /** Rejects with BridgeError for a commit of who does not hold the partitions. */
  readonly fence: (ask: Ask, app: App, commit: Fenced) => Promise<void>
  /** Whether the group has a member that lives. */
  readonly isUsed: (ask: Ask, app: App) => boolean
  readonly forget: (ask: Ask, app: App) => Promise<void>
}

export interface Beat {
  readonly client: string
  /** -1: it has none. */
  readonly generation: number
  /** The streams that the member wants are others by now. */
  readonly isStale: boolean
}

export interface Fenced {
  readonly client: string
  readonly generation: unknown
}

export function createGroups(): Groups {
  const pulse = createPulse()
  const { change, refresh } = createUpkeep(pulse)

  return {
    member: (ask, app, client) => memberOf(read(ask, app), client),

    async join(ask, app, joining) {
      const { client, nowMs } = joining
      await refresh(ask, app)
      const group = await change(ask, app, (before) => join(before, joining))
      await beatOf(pulse, { ask, app, client, group })
      return group.phase === 'joining' ? Math.max(0, group.settledMs - nowMs) : 0
    },

    async sync(ask, app, client) {
      await beatOf(pulse, { ask, app, client, group: read(ask, app) })
      const group = await refresh(ask, app)
      const answer = answerOf(group, client)
      const shards = answer === 'ok' ? shardsOf(group, client) : {}
      return { answer, generation: group.generation, shards }
    },

    async beat(ask, app, { client, generation, isStale }) {
      await beatOf(pulse, { ask, app, client, group: read(ask, app) })
      await catchUp(pulse, { ask, app, client, generation })
      const group = await refresh(ask, app)
      const { receivedAtMs: nowMs } = ask.call
      const isOther = isStale || (await hasGrown(ask, group, client))
      const now = isOther ? await change(ask, app, (before) => rejoin(before, nowMs)) : group
      return dutyOf(now, client, generation)
    },

    async leave(ask, app, client) {
      const { receivedAtMs: nowMs } = ask.call
      await change(ask, app, (group) => keepMembers(group, nowMs, (name) => name !== client))
      await pulse.forget(ask.shelf, { app: app.id, client })
    },

    ...createOversight(pulse),
  }
}

type Oversight = Pick<Groups, 'fence' | 'isUsed' | 'forget'>

/** What apps ask of their groups. */
function createOversight(pulse: Pulse): Oversight {
  return {
    async fence(ask, app, { client, generation }) {
      await catchUp(pulse, { ask, app, client, generation })
      const group = read(ask, app)
      if (!memberOf(group, client)) throw fenced(client, REFINED.memberMissing)
      if (typeof generation !== 'number' || generation === group.generation) return
      const isJoining = group.phase === 'joining'
      throw fenced(client, isJoining ? REFINED.rebalancing : REFINED.generation)
    },

    isUsed(ask, app) {
      const { shelf, call } = ask
      return Object.entries(read(ask, app).members).some(([client, { joinedMs }]) =>
        pulse.isLive(shelf, { app: app.id, client }, { joinedMs, nowMs: call.receivedAtMs }),
      )
    },

    async forget(ask, app) {
      for (const client of Object.keys(read(ask, app).members)) {
        await pulse.forget(ask.shelf, { app: app.id, client })
      }
      await ask.shelf.update(groupKey(app), () => undefined)
    },
  }
}

function groupKey({ id }: App): string {
  return keyOf('groups', id)
}

function read({ shelf }: Ask, app: App): Group {
  return fromJson(shelf.get(groupKey(app))?.value)
}

function fenced(client: string, as: string): BridgeError {
  return new BridgeError('invalid-argument', `[${client}]`, { as })
}

interface Heard {
  readonly ask: Ask
  readonly app: App
  readonly client: string
  readonly group: Group
}

/** A member was heard of; who is none was not. */
async function beatOf(pulse: Pulse, { ask, app, client, group }: Heard): Promise<void> {
  const member = memberOf(group, client)
  if (!member) return
  const times = { joinedMs: member.joinedMs, nowMs: ask.call.receivedAtMs }
  await pulse.beat(ask.shelf, { app: app.id, client }, times)
}

interface Claimed extends Fenced {
  readonly ask: Ask
  readonly app: App
}

/** Reads what others have written, where a member knows of more than this instance. */
async function catchUp(pulse: Pulse, { ask, app, client, generation }: Claimed): Promise<void> {
  if (typeof generation !== 'number' || generation <= read(ask, app).generation) return
  await pulse.write(ask.shelf, { app: app.id, client }, ask.call.receivedAtMs)
}

interface Upkeep {
  /** Resolves with the group as it is then. */
  readonly change: (ask: Ask, app: App, step: (group: Group) => Group) => Promise<Group>
  /** Puts the dead out, and ends a joining that may end. */
  readonly refresh: (ask: Ask, app: App) => Promise<Group>
}

function createUpkeep(pulse: Pulse): Upkeep {
  const change: Upkeep['change'] = async ({ shelf, call }, app, step) => {
    const onJson: Step = (kept) => {
      const before = fromJson(kept)
      const after = step(before)
      return after === before ? kept : toJson(after)
    }
    return fromJson(await shelf.update(groupKey(app), onJson, call.deadlineMs))
  }

  return {
    change,
    async refresh(ask, app) {
      const { shelf, call } = ask
      const nowMs = call.receivedAtMs
      const group = read(ask, app)
      const shards = group.phase === 'joining' ? await countAll(ask, streamsOf(group)) : {}
      const step = (before: Group): Group => {
        const living = keepMembers(before, nowMs, (client, { joinedMs }) =>
          pulse.isLive(shelf, { app: app.id, client }, { joinedMs, nowMs }),
        )
        return settle(living, { nowMs, shards })
      }
      const next = step(group)
      if (next === group) return group
      const after = await change(ask, app, step)
      await forgetLost(pulse, ask, { app, from: group, to: after })
      return after
    },
  }
}

/** What is written of members that are no more goes, too. */
async function forgetLost(
  pulse: Pulse,
  { shelf }: Ask,
  { app, from, to }: { readonly app: App; readonly from: Group; readonly to: Group },
): Promise<void> {
  const lost = Object.keys(from.members).filter((client) => !memberOf(to, client))
  await Promise.all(lost.map((client) => pulse.forget(shelf, { app: app.id, client })))
}

/** How many shards streams have; those that this caller cannot count have none for it. */
async function countAll(ask: Ask, streams: readonly string[]): Promise<Record<string, number>> {
  const counts = streams.map(async (stream) => [stream, await count(ask, stream)] as const)
  return Object.fromEntries(await Promise.all(counts))
}

async function count({ input, streams }: Ask, stream: string): Promise<number> {
  try {
    return (await streams.summarise(streamNamed(stream, input))).shards
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'stream-not-found') return 0
    throw error
  }
}

/** Whether a stream of the member's has other shards by now. Throws for one that it may not read. */
async function hasGrown(ask: Ask, group: Group, client: string): Promise<boolean> {
  const wants = Object.keys(memberOf(group, client)?.wants ?? {})
  try {
    const counts = await countAll(ask, wants)
    if (group.phase === 'joining') return false
    return wants.some((stream) => counts[stream] !== (group.shards[stream] ?? 0))
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'unavailable') return false
    throw error
  }
}

function shardsOf(group: Group, client: string): Record<string, readonly number[]> {
  const wants = memberOf(group, client)?.wants ?? {}
  const assigned = assign(group).get(client) ?? new Map<string, readonly number[]>()
  return Object.fromEntries(
    [...assigned].map(([stream, shards]) => [wants[stream] ?? stream, shards]),
  )
}
