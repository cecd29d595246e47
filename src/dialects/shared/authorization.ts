// Authorization headers of the form `ALGORITHM name=value, …`, the vendors' signatures.

import { createMemo } from '../../core/memo.ts'

/** The header taken apart. */
export interface Parts {
  /** What comes first, whatever it is. */
  readonly algorithm: string
  /** The first of the others that is no pair. */
  readonly broken: string | undefined
  /** Absent: not there. The last of a name counts. */
  readonly credential: string | undefined
  readonly access: string | undefined
  readonly signedHeaders: string | undefined
  /** Those headers, in lower case, in the order signed. */
  readonly names: readonly string[]
}

export interface Authorization {
  readonly parts: Parts
  readonly signature: string | undefined
}

const HEX_LENGTH = 64
const HEX = /^[0-9a-f]{64}$/
const CLIENTS_MAX = 256

/**
 * Takes what comes before the signature apart once for each client, as all its headers have it alike.
 * `pair`: what tells a pair from a broken one.
 */
export function createAuthorizationReader(pair: RegExp): (header: string) => Authorization {
  const before = createMemo((text) => takeApart(text, pair).parts, CLIENTS_MAX)
  return function readAuthorization(header) {
    const end = header.length - HEX_LENGTH
    const isLast = header.endsWith(' Signature=', end) || header.endsWith(',Signature=', end)
    const signature = header.slice(end)
    if (!isLast || !HEX.test(signature)) return takeApart(header, pair)
    return { parts: before(header.slice(0, end)), signature }
  }
}

function takeApart(header: string, pair: RegExp): Authorization {
  const [algorithm = '', ...tokens] = header.split(/[\s,]+/).filter((token) => token !== '')
  const pairs = new Map(
    tokens.map((token): [string, string] => {
      const equals = token.indexOf('=')
      return [token.slice(0, equals), token.slice(equals + 1)]
    }),
  )
  const signedHeaders = pairs.get('SignedHeaders')
  const parts = {
    algorithm,
    broken: tokens.find((token) => !pair.test(token)),
    credential: pairs.get('Credential'),
    access: pairs.get('Access'),
    signedHeaders,
    names: namesOf(signedHeaders),
  }
  return { parts, signature: pairs.get('Signature') }
}

/** The names of a list of signed headers. */
export function namesOf(list = ''): string[] {
  return list.toLowerCase().split(';')
}
