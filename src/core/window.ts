// What is remembered for a while, within bounds of time and bytes: the oldest goes first.

import { Chain, type Link } from './chain.ts'

export interface Member<Self> extends Link<Self> {
  readonly key: string
  readonly startedMs: number
  bytes: number
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
  const chain = new Chain<Self>()
  let held = 0

  function forget(member: Self): void {
    if (members.get(member.key) !== member) return
    members.delete(member.key)
    chain.remove(member)
    held -= member.bytes
  }

  function trim(): void {
    const sinceMs = now() - windowMs
    for (let { oldest } = chain; oldest; { oldest } = chain) {
      if (held <= bytesMax && oldest.startedMs >= sinceMs) return
      forget(oldest)
    }
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
      chain.add(member)
      held += member.bytes
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
