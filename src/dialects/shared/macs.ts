// HMAC-SHA-256 (RFC 2104) as signatures are verified with it: many short texts under few keys.
//
// * Two one-shot hashes over keys that are padded once take a third of the time of `createHmac`.
// * Derived keys are kept as long as the credential they belong to, a few for each: what they are
//   derived for is anybody's to invent.

import type { SigningKey } from '../../core/principals.ts'
import { createMemo } from '../../core/memo.ts'
import { sha256Hex } from './canonical.ts'

/** The HMAC of a text, in lower-case hexadecimal. */
export type Mac = (text: string) => string

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32

export function createMac(key: string | Buffer): Mac {
  const whole = Buffer.from(key)
  const bytes = whole.length > BLOCK_BYTES ? Buffer.from(sha256Hex(whole), 'hex') : whole
  const inner = Buffer.alloc(BLOCK_BYTES, 0x36)
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, 0x5c)
  bytes.forEach((byte, i) => {
    inner[i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  })
  return (text) => {
    outer.write(sha256Hex(Buffer.concat([inner, Buffer.from(text)])), BLOCK_BYTES, 'hex')
    return sha256Hex(outer)
  }
}

const PURPOSES_MAX = 16

/** `derive`: the key that a credential has for a purpose, such as a day and a region. */
export function createMacs(derive: (key: SigningKey, purpose: string) => string | Buffer) {
  const known = new WeakMap<SigningKey, (purpose: string) => Mac>()

  return function macOf(key: SigningKey, purpose: string): Mac {
    let own = known.get(key)
    if (!own) {
      own = createMemo((name) => createMac(derive(key, name)), PURPOSES_MAX)
      known.set(key, own)
    }
    return own(purpose)
  }
}
