// The second id of a reply, `x-amz-id-2`: 72 random bytes in base64, as the service sends them. They are
// drawn in bulk, since each draw is a call of the system.

import { randomFillSync } from 'node:crypto'

const ID_BYTES = 72
const DRAWN = 256

/** A function that gives another id each time. */
export function createExtendedIds(): () => string {
  const pool = Buffer.alloc(ID_BYTES * DRAWN)
  let at = pool.length
  return () => {
    if (at === pool.length) {
      randomFillSync(pool)
      at = 0
    }
    return pool.toString('base64', at, (at += ID_BYTES))
  }
}
