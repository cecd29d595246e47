// Who says to be asking (docs: "Securing your web-API calls"). Identity is open here: the forms are
// read and nothing is verified.
//
// * X-v3io-session-key wins over Authorization: v3ctl sends both, the latter with nothing in it.
// * An access key is a secret, and nothing else is known of its owner: it never names a caller. It
//   is also what the two `AWS` forms of Authorization carry as their key id.

import type { Head } from '../../core/dialect.ts'
import { decodeBase64 } from '../shared/base64.ts'

/** The user of Basic credentials; nothing where there are none, or none that can be read. */
export function readUser({ headers }: Head): string | undefined {
  if (headers['x-v3io-session-key']) return undefined
  const encoded = /^basic +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? ''
  const text = decodeBase64(encoded)?.toString('utf8') ?? ''
  const colon = text.indexOf(':')
  return colon > 0 ? text.slice(0, colon) : undefined
}
