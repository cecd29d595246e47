// Whose signature a call carries. Identity is open here: of the four signature forms only the
// access key is read (`Credential=AK/…` of the DIS SDKs and the derived form, `Access=AK` of the
// version 3 SDKs), and nothing is verified. A token (X-Auth-Token) is a secret and names nobody.

import type { Head } from '../../core/dialect.ts'

/** The access key of a call, where one is named. */
export function readAccessKey({ headers }: Head): string | undefined {
  return /\b(?:Credential|Access)=([^/,\s]+)/.exec(headers['authorization'] ?? '')?.[1]
}
