// Who asks, what they may do, and how much of it. Identities come as plans (from a file, in any words)
// and are replaced whole when those change.
//
// * Credentials belong to families, and one of a family is never taken for one of another.
// * Secrets that are shown whole (tokens, access keys) are found by their digest and passwords compared
//   by it, so that no comparison tells how much of a guess was right.
// * A quota is a bucket that refills all the time and holds one second's worth. A call is let in while
//   there is anything in it, and may overdraw it: a batch of more than a second's worth would else
//   never get in, and the mean over time is the same.

import { hash, timingSafeEqual } from 'node:crypto'
import { BridgeError } from './errors.ts'
import { matchesAny } from './patterns.ts'

export type Action = 'put' | 'read' | 'manage'

/** What an operation needs: an action, or to see a stream, which any action on it includes. */
export type Need = Action | 'see'

export interface Grant {
  readonly actions: readonly Action[]
  /** Patterns of stream names as their dialect writes them. */
  readonly streams: readonly string[]
}

export interface Quotas {
  readonly recordsPerSecond?: number
  /** Data and keys. */
  readonly bytesPerSecond?: number
}

/** A key that signs, and is never sent. */
export interface KeyPlan {
  readonly family: string
  readonly id: string
  readonly secret: string
  readonly sessionToken?: string
}

export interface PrincipalPlan {
  readonly name: string
  readonly keys: readonly KeyPlan[]
  /** Secrets that are sent as they are. */
  readonly bearers: readonly { readonly family: string; readonly secret: string }[]
  readonly users: readonly {
    readonly family: string
    readonly username: string
    readonly password: string
  }[]
  readonly allow: readonly Grant[]
  readonly quotas: Quotas
}

export interface Principal {
  readonly name: string
  /** `stream`: its name as its dialect writes it. */
  readonly may: (need: Need, stream: string) => boolean
  /** Throws BridgeError `throttled` where the quota is used up. */
  readonly charge: (records: number, bytes: number) => void
}

/** A key as a signature is verified with it. */
export interface SigningKey {
  readonly principal: Principal
  readonly id: string
  readonly secret: string
  readonly sessionToken: string | undefined
}

/** What dialects ask about credentials. */
export interface Identity {
  readonly keyOf: (family: string, id: string) => SigningKey | undefined
  readonly bearerOf: (family: string, secret: string) => Principal | undefined
  readonly userOf: (family: string, username: string, password: string) => Principal | undefined
}

export interface Principals extends Identity {
  /** Takes effect at once. A principal's quotas go on where its name stays. */
  readonly replace: (plans: readonly PrincipalPlan[]) => void
}

interface Table {
  readonly keys: ReadonlyMap<string, SigningKey>
  readonly bearers: ReadonlyMap<string, Principal>
  readonly users: ReadonlyMap<string, User>
}

interface User {
  readonly principal: Principal
  readonly passwordDigest: string
}

/** `now`: milliseconds since 1970. */
export function createPrincipals(plans: readonly PrincipalPlan[], now: () => number): Principals {
  let meters = new Map<string, Meter>()
  let table = read(plans)

  function read(next: readonly PrincipalPlan[]): Table {
    const old = meters
    meters = new Map(next.map(({ name }) => [name, old.get(name) ?? createMeter(now)]))
    return tableOf(next, (plan) => toPrincipal(plan, meters.get(plan.name) ?? createMeter(now)))
  }

  return {
    replace(next) {
      table = read(next)
    },
    keyOf: (family, id) => table.keys.get(indexOf(family, id)),
    bearerOf: (family, secret) => table.bearers.get(indexOf(family, digest(secret))),
    userOf(family, username, password) {
      const user = table.users.get(indexOf(family, username))
      const wanted = user?.passwordDigest ?? digest('')
      const same = timingSafeEqual(Buffer.from(digest(password)), Buffer.from(wanted))
      return user && same ? user.principal : undefined
    },
  }
}

function indexOf(family: string, name: string): string {
  return `${family} ${name}`
}

function digest(secret: string): string {
  return hash('sha256', secret, 'hex')
}

function tableOf(
  plans: readonly PrincipalPlan[],
  principalOf: (plan: PrincipalPlan) => Principal,
): Table {
  const keys = new Map<string, SigningKey>()
  const bearers = new Map<string, Principal>()
  const users = new Map<string, User>()
  for (const plan of plans) {
    const principal = principalOf(plan)
    for (const { family, id, secret, sessionToken } of plan.keys) {
      keys.set(indexOf(family, id), { principal, id, secret, sessionToken })
    }
    for (const { family, secret } of plan.bearers) {
      bearers.set(indexOf(family, digest(secret)), principal)
    }
    for (const { family, username, password } of plan.users) {
      users.set(indexOf(family, username), { principal, passwordDigest: digest(password) })
    }
  }
  return { keys, bearers, users }
}

function toPrincipal({ name, allow, quotas }: PrincipalPlan, meter: Meter): Principal {
  return {
    name,
    may: (need, stream) =>
      allow.some(
        ({ actions, streams }) =>
          (need === 'see' ? actions.length > 0 : actions.includes(need)) &&
          matchesAny(stream, streams),
      ),
    charge: (records, bytes) => meter.charge(quotas, { records, bytes }),
  }
}

interface Load {
  readonly records: number
  readonly bytes: number
}

interface Meter {
  readonly charge: (quotas: Quotas, load: Load) => void
}

function createMeter(now: () => number): Meter {
  const records = createBucket(now)
  const bytes = createBucket(now)
  return {
    charge({ recordsPerSecond = Infinity, bytesPerSecond = Infinity }, load) {
      const hasRecords = records.hasAny(recordsPerSecond)
      const hasBytes = bytes.hasAny(bytesPerSecond)
      if (!hasRecords || !hasBytes) throw new BridgeError('throttled', 'The quota is used up')
      records.take(load.records)
      bytes.take(load.bytes)
    },
  }
}

interface Bucket {
  /** Refills what has come in since the last time. */
  readonly hasAny: (perSecond: number) => boolean
  readonly take: (amount: number) => void
}

function createBucket(now: () => number): Bucket {
  let level = Infinity
  let filledMs = now()
  return {
    hasAny(perSecond) {
      if (perSecond === Infinity) return true
      const nowMs = now()
      const elapsedMs = Math.max(0, nowMs - filledMs)
      filledMs = nowMs
      level = Math.min(perSecond, level + (perSecond * elapsedMs) / 1000)
      return level > 0
    },
    take(amount) {
      if (level !== Infinity) level -= amount
    },
  }
}
