// A consumer group as a value, and how it changes: pure steps, so that any instance may take them by
// conditional change and come to the same.
//
// * A group is stable or being joined. Whatever changes who reads what (a member comes, goes or wants
//   other streams; a stream grows) begins a joining. Then every member joins anew, and keeps reading
//   until it hears of it: with its next heartbeat.
// * A joining ends with the first question for the assignment once all members that live have joined,
//   or the deadline has passed; who has not joined by then is out. Each ended joining is a generation.
// * An empty group waits a moment for others who start at the same time, unless told not to.
// * A member that joins again as it was changes nothing: a consumer that was started again under its
//   old name finds its partitions where they were.

/** Streams by name, and the name or id under which the member asked for each. */
export type Wants = Readonly<Record<string, string>>

export interface Member {
  readonly wants: Wants
  /** Wants whatever streams match this. */
  readonly pattern?: string
  /** The generation that the member has joined for. */
  readonly joined: number
  /** Milliseconds since 1970. */
  readonly joinedMs: number
  /** How long it would have others waited for. */
  readonly windowMs: number
}

export interface Group {
  /** The last one that was assigned; it only grows. */
  readonly generation: number
  readonly phase: 'joining' | 'stable'
  /** Of a joining: not before and not after, milliseconds since 1970. */
  readonly settledMs: number
  readonly deadlineMs: number
  /** How many shards each stream had when it was assigned. */
  readonly shards: Readonly<Record<string, number>>
  readonly members: Readonly<Record<string, Member>>
}

export type Answer = 'ok' | 'waiting' | 'rejoin'
export type IsLive = (client: string, member: Member) => boolean

/** How long an empty group waits for others who start at the same time. */
const SETTLE_MS = 3000

/** A member by its name, which is whatever its client calls itself. */
export function memberOf({ members }: Pick<Group, 'members'>, client: string): Member | undefined {
  return Object.hasOwn(members, client) ? members[client] : undefined
}

function isEmpty({ members }: Group): boolean {
  return Object.keys(members).length === 0
}

/** Begins a joining, where none is under way. */
export function rejoin(group: Group, nowMs: number): Group {
  if (group.phase === 'joining' || isEmpty(group)) return group
  const windows = Object.values(group.members).map(({ windowMs }) => windowMs)
  const deadlineMs = nowMs + Math.max(...windows)
  return { ...group, phase: 'joining', settledMs: nowMs, deadlineMs }
}

export interface Joining {
  readonly client: string
  readonly wants: Wants
  readonly pattern: string | undefined
  readonly windowMs: number
  readonly nowMs: number
  /** Waits for nobody where the group is empty. */
  readonly alone: boolean
}

export function join(group: Group, joining: Joining): Group {
  const { client, wants, pattern, windowMs, nowMs, alone } = joining
  const known = memberOf(group, client)
  const joined = group.generation + 1
  const isKnown = known !== undefined && isSame(known.wants, wants)
  if (isKnown && (group.phase === 'stable' || known.joined === joined)) return group
  const member = { wants, joined, joinedMs: nowMs, windowMs, ...(pattern && { pattern }) }
  const members = { ...group.members, [client]: member }
  if (!isEmpty(group)) return rejoin({ ...group, members }, nowMs)
  const settledMs = nowMs + (alone ? 0 : SETTLE_MS)
  return { ...group, members, phase: 'joining', settledMs, deadlineMs: nowMs + windowMs }
}

export function isSame(one: Readonly<Record<string, unknown>>, other: typeof one): boolean {
  const names = Object.keys(one)
  if (names.length !== Object.keys(other).length) return false
  return names.every((name) => Object.hasOwn(other, name) && one[name] === other[name])
}

/** Without the members that a test fails. */
export function keepMembers(group: Group, nowMs: number, isKept: IsLive): Group {
  const entries = Object.entries(group.members)
  const kept = entries.filter(([client, member]) => isKept(client, member))
  if (kept.length === entries.length) return group
  const members = Object.fromEntries(kept)
  if (kept.length === 0) return { ...group, members, phase: 'stable', shards: {} }
  return rejoin({ ...group, members }, nowMs)
}

export interface Settling {
  readonly nowMs: number
  /** How many shards each stream has; a stream that is missing was not looked at. */
  readonly shards: Readonly<Record<string, number>>
}

/** Ends a joining that may end. */
export function settle(group: Group, { nowMs, shards }: Settling): Group {
  if (group.phase === 'stable' || nowMs < group.settledMs) return group
  const generation = group.generation + 1
  const all = Object.entries(group.members)
  const joined = all.filter(([, member]) => member.joined === generation)
  if (joined.length === 0) return group
  if (joined.length < all.length && nowMs < group.deadlineMs) return group
  const members = Object.fromEntries(joined)
  const streams = streamsOf({ members })
  if (!streams.every((stream) => Object.hasOwn(shards, stream))) return group
  const counted = streams.map((stream) => [stream, shards[stream] ?? 0] as const)
  return { ...group, generation, phase: 'stable', members, shards: Object.fromEntries(counted) }
}

/** All streams that members want. */
export function streamsOf({ members }: Pick<Group, 'members'>): readonly string[] {
  return [...new Set(Object.values(members).flatMap(({ wants }) => Object.keys(wants)))].sort()
}

/** What a member that asks for its assignment is told. */
export function answerOf(group: Group, client: string): Answer {
  const member = memberOf(group, client)
  if (!member) return 'rejoin'
  if (group.phase === 'stable') return 'ok'
  return member.joined === group.generation + 1 ? 'waiting' : 'rejoin'
}

/** What a member that says to be there is told to do. */
export function dutyOf(
  group: Group,
  client: string,
  generation: number,
): 'JOINING' | 'SYNCING' | 'STABLE' {
  const member = memberOf(group, client)
  if (!member || generation < 0) return 'JOINING'
  if (group.phase === 'joining') {
    return member.joined === group.generation + 1 ? 'SYNCING' : 'JOINING'
  }
  return generation === group.generation ? 'STABLE' : 'SYNCING'
}
