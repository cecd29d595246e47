// Whose call it is (docs: "Securing your web-API calls"): an access key in one of three places, or a user
// and a password.
//
// * X-v3io-session-key wins over Authorization: v3ctl sends both, the latter with nothing in it.
// * An access key is a secret, and nothing else is known of its owner: it never names a caller. It
//   is also what the two `AWS` forms of Authorization carry as their key id, whose signatures do not
//   count. Keys that sign elsewhere are no access keys: their ids are no secrets.
// * Without an identity any or no credentials will do: they are read for a user's name.

import type { Head } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Identity, Principal } from '../../core/principals.ts'
import { decodeBase64 } from '../shared/base64.ts'
import { V3IO } from './names.ts'

interface User {
  readonly name: string
  readonly password: string
}

/** The user of Basic credentials; nothing where there are none, or none that can be read. */
export function readUser(head: Head): string | undefined {
  return head.headers['x-v3io-session-key'] ? undefined : readBasic(head)?.name
}

function readBasic({ headers }: Head): User | undefined {
  const encoded = /^basic +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? ''
  const text = decodeBase64(encoded)?.toString('utf8') ?? ''
  const colon = text.indexOf(':')
  return colon > 0 ? { name: text.slice(0, colon), password: text.slice(colon + 1) } : undefined
}

function readAccessKey({ headers }: Head): string | undefined {
  const session = headers['x-v3io-session-key']
  if (session) return session
  const header = headers['authorization'] ?? ''
  return (
    /^AWS4-HMAC-SHA256\s.*?Credential=([^/,\s]+)/.exec(header)?.[1] ??
    /^AWS ([^:\s]+):/.exec(header)?.[1]
  )
}

/** Throws BridgeError `not-authenticated`. */
export function authenticate(head: Head, identity: Identity): Principal {
  const principal = principalOf(head, identity)
  if (principal) return principal
  throw new BridgeError('not-authenticated', 'The credentials are missing, or nobody has them')
}

function principalOf(head: Head, identity: Identity): Principal | undefined {
  const accessKey = readAccessKey(head)
  if (accessKey !== undefined) return identity.bearerOf(V3IO, accessKey)
  const user = readBasic(head)
  return user && identity.userOf(V3IO, user.name, user.password)
}
