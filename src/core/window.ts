// What is remembered for a while, within bounds of time and bytes: the oldest goes first. Members leave
// from anywhere, so they are linked: a Map that loses its first entries is slow to find the next one.

/** A member, and its place among the others. */
export interface Member<Self> {
  readonly key: string
  readonly startedMs: number
  bytes: number
  older?: Self | undefined
  newer?: Self | undefined
}

export interface Window<Self> {
  /** A member that is not too old. */
  readonly find: (key: string) => Self | undefined
  /** In place of the one with the same key; forgets the oldest ones that are too many. */
  readonly add: (member: Self) => void
  /** Counts a member anew, and forgets the oldest ones that are too many. */
  readonly resize: (member: Self, bytes: number) => void
  readonly forget: (member: Self) => void
  readonly bytesHeld: () => number
}

export interface WindowOptions {
  readonly windowMs: number
  readonly bytesMax: number
  readonly now: () => number
}

export function createWindow<Self extends Member<Self>>(options: WindowOptions): Window<Self> {
  const { windowMs, bytesMax, now } = options
  const members = new Map<string, Self>()
  let oldest: Self | undefined
  let newest: Self | undefined
  let held = 0

  function forget(member: Self): void {
    if (members.get(member.key) !== member) return
    members.delete(member.key)
    held -= member.bytes
    const { older, newer } = member
    if (older) older.newer = newer
    else oldest = newer
    if (newer) newer.older = older
    else newest = older
    member.older = member.newer = undefined
  }

  function trim(): void {
    const sinceMs = now() - windowMs
    while (oldest && (held > bytesMax || oldest.startedMs < sinceMs)) forget(oldest)
  }

  return {
    bytesHeld: () => held,
    forget,
    find(key) {
      const member = members.get(key)
      return member && member.startedMs >= now() - windowMs ? member : undefined
    },
    add(member) {
      const before = members.get(member.key)
      if (before) forget(before)
      members.set(member.key, member)
      held += member.bytes
      if (newest) newest.newer = member
      else oldest = member
      member.older = newest
      newest = member
      trim()
    },
    resize(member, bytes) {
      if (members.get(member.key) !== member) return
      held += bytes - member.bytes
      member.bytes = bytes
      trim()
    },
  }
}
