// JoinGroup, SyncGroup, Heartbeat and LeaveGroup: the group protocol of the Kafka adapter, which no
// page documents (huaweicloud-dis-kafka-adapter, Coordinator and InnerDisClient).
//
// * A consumer beats; told JOINING it joins, waits as long as it is told, asks for its partitions until
//   it gets some, and beats again: STABLE lets it read. It takes GROUP_NOT_EXIST for its end.
// * Version 1.2.2 asks again every five seconds, later ones every half: who need not wait is not told
//   to.
// * Java's defaults: a beat every ten seconds, twenty to wait for the others.
// * Streams wanted by id are assigned under their ids.

import type { Ask, Input, Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import { seekApp } from '../apps.ts'
import { encodeEmpty, encodeReply } from '../encode.ts'
import { DIALECT } from '../facts.ts'
import { isSame, type Member, type Wants } from '../groups/group.ts'
import type { Groups } from '../groups/groups.ts'
import { compilePattern } from '../groups/pattern.ts'
import { streamNamed, textOf } from '../names.ts'

type Perform = Operation['perform']

const WINDOW_MS = 20_000
/** A member hears of a joining with its next beat. */
const WINDOW_MS_MIN = 15_000
const WINDOW_MS_MAX = 300_000

const NO_GROUP = encodeReply({ state: 'GROUP_NOT_EXIST' })

export function createJoinGroup(groups: Groups): Perform {
  return async function joinGroup(ask) {
    const { input, call } = ask
    const app = seekApp(ask)
    if (!app) return NO_GROUP
    const wants = await wantsOf(ask)
    if (!wants) return encodeReply({ state: 'ERR_SUBSCRIPTION' })
    const delayMs = await groups.join(ask, app, {
      client: textOf(input, 'clientId') ?? '',
      wants,
      pattern: textOf(input, 'streamPattern'),
      windowMs: windowOf(input),
      nowMs: call.receivedAtMs,
      alone: input['accelerateAssignEnabled'] === true,
    })
    const subscription = Object.values(wants)
    return encodeReply({ state: 'OK', subscription, syncDelayedTimeMs: delayMs })
  }
}

function windowOf(input: Input): number {
  const windowMs = Number(input['rebalanceTimeoutMs'] ?? WINDOW_MS)
  return Math.min(WINDOW_MS_MAX, Math.max(WINDOW_MS_MIN, windowMs))
}

function textsOf(input: Input, member: string): readonly string[] {
  return ((input[member] ?? []) as readonly string[]).filter((text) => text !== '')
}

/** The streams that a consumer wants; nothing where one is missing, or wanted twice. */
async function wantsOf(ask: Ask): Promise<Wants | undefined> {
  const pattern = textOf(ask.input, 'streamPattern')
  if (pattern !== undefined) return matching(ask, pattern)
  const names = textsOf(ask.input, 'interestedStream')
  const ids = textsOf(ask.input, 'interestedStreamIdList')
  try {
    const byId = ids.map(async (id) => [(await ask.streams.findById(DIALECT, id)).name, id])
    const pairs = [...names.map((name) => [name, name]), ...(await Promise.all(byId))]
    const wants = Object.fromEntries(pairs as [string, string][])
    if (pairs.length === 0 || Object.keys(wants).length < pairs.length) return undefined
    await Promise.all(
      Object.keys(wants).map((name) => ask.streams.summarise(streamNamed(name, ask.input))),
    )
    return wants
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'stream-not-found') return undefined
    throw error
  }
}

/** The streams that match and that the caller may read. */
async function matching({ input, streams }: Ask, source: string): Promise<Wants | undefined> {
  const matches = compilePattern(source)
  if (!matches) return undefined
  const project = textOf(input, 'project_id') ?? ''
  const refs = await streams.list(DIALECT, { project })
  const names = refs.flatMap((ref) =>
    matches(ref.name) && mayRead(streams, ref) ? [ref.name] : [],
  )
  return Object.fromEntries(names.map((name) => [name, name]))
}

function mayRead(streams: Ask['streams'], ref: Parameters<Ask['streams']['routeOf']>[0]): boolean {
  try {
    streams.routeOf(ref)
    return true
  } catch (error) {
    if (error instanceof BridgeError) return false
    throw error
  }
}

/** Throws BridgeError `not-permitted` where the caller may not read what the member reads. */
function refuseStranger({ input, streams }: Ask, member: Member | undefined): void {
  for (const name of Object.keys(member?.wants ?? {})) streams.routeOf(streamNamed(name, input))
}

export function createSyncGroup(groups: Groups): Perform {
  return async function syncGroup(ask) {
    const app = seekApp(ask)
    if (!app) return NO_GROUP
    const client = textOf(ask.input, 'client_id') ?? ''
    refuseStranger(ask, groups.member(ask, app, client))
    const { answer, generation, shards } = await groups.sync(ask, app, client)
    if (answer !== 'ok') return encodeReply({ state: answer.toUpperCase() })
    return encodeReply({ state: 'OK', generation, assignment: shards })
  }
}

/** How often an instance looks for streams that match a member's pattern by now. */
const LOOK_MS = 30_000
const LOOKS_MAX = 10_000

/** Whether other streams match a member's pattern than did when it joined; often not looked at. */
function createLookout() {
  const lookedMs = new Map<string, number>()

  return async (ask: Ask, client: string, member: Member | undefined): Promise<boolean> => {
    if (member?.pattern === undefined) return false
    const key = `${ask.call.head.path} ${client}`
    const nowMs = ask.call.receivedAtMs
    if (nowMs - Math.max(member.joinedMs, lookedMs.get(key) ?? 0) < LOOK_MS) return false
    lookedMs.delete(key)
    lookedMs.set(key, nowMs)
    const [oldest] = lookedMs.keys()
    if (lookedMs.size > LOOKS_MAX && oldest !== undefined) lookedMs.delete(oldest)
    const wants = await matching(ask, member.pattern)
    return wants !== undefined && !isSame(wants, member.wants)
  }
}

export function createHeartbeat(groups: Groups): Perform {
  const isOutdated = createLookout()
  return async function heartbeat(ask) {
    const app = seekApp(ask)
    if (!app) return NO_GROUP
    const client = textOf(ask.input, 'client_id') ?? ''
    const generation = Number(ask.input['generation'] ?? -1)
    const member = groups.member(ask, app, client)
    refuseStranger(ask, member)
    const isStale = await isOutdated(ask, client, member)
    return encodeReply({ state: await groups.beat(ask, app, { client, generation, isStale }) })
  }
}

export function createLeaveGroup(groups: Groups): Perform {
  return async function leaveGroup(ask) {
    const app = seekApp(ask)
    const client = textOf(ask.input, 'client_id') ?? ''
    if (!app) return encodeEmpty(204)
    refuseStranger(ask, groups.member(ask, app, client))
    await groups.leave(ask, app, client)
    return encodeEmpty(204)
  }
}
