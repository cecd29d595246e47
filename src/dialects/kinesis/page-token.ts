// Tokens of following pages: they carry all that a page needs, so that any instance can serve it, and
// live five minutes.

import { BridgeError } from '../../core/errors.ts'
import type { StreamRef } from '../../core/model.ts'

const TOKEN_LIVES_MS = 300_000

export interface PageToken<After> {
  readonly stream: StreamRef
  /** What the page begins after. */
  readonly after: After
  readonly givenAtMs: number
}

export function writePageToken<After>({ stream, after, givenAtMs }: PageToken<After>): string {
  const members = [stream.dialect, stream.name, stream.parts, after, givenAtMs]
  return Buffer.from(JSON.stringify(members)).toString('base64url')
}

/** Whose streams the token is about; nothing for what is no such token. */
export function dialectOfPage(text: string): string | undefined {
  const [owner] = membersOf(text) ?? []
  return typeof owner === 'string' ? owner : undefined
}

function membersOf(text: string): unknown[] | undefined {
  try {
    const members: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return Array.isArray(members) ? members : undefined
  } catch {
    return undefined
  }
}

export interface Reading<After> {
  readonly dialect: string
  readonly isAfter: (value: unknown) => value is After
  readonly nowMs: number
}

/** Throws BridgeError `invalid-position` or `expired-position`. */
export function readPageToken<After>(
  text: string,
  { dialect, isAfter, nowMs }: Reading<After>,
): PageToken<After> {
  const [owner, name, parts, after, givenAtMs] = membersOf(text) ?? []
  const isOurs = owner === dialect && typeof name === 'string' && isParts(parts)
  if (!isOurs || !isAfter(after) || !Number.isSafeInteger(givenAtMs)) {
    throw new BridgeError('invalid-position', 'Invalid NextToken.')
  }
  if (nowMs - Number(givenAtMs) > TOKEN_LIVES_MS) {
    throw new BridgeError('expired-position', 'The provided NextToken is expired.')
  }
  return { stream: { dialect, name, parts }, after, givenAtMs: Number(givenAtMs) }
}

function isParts(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((part) => typeof part === 'string')
  )
}
