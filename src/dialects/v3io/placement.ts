// Placement of v3io's partition keys: murmur3 x86_32 (seed 0) of the UTF-8 bytes, modulo the number
// of shards.
//
// * The platform's own hash is not public, and no client predicts a shard from a key. What counts
//   is that one key stays in one shard while the number of shards stays.
// * The library checks every byte it is given. Switching that off is a global of its module, which
//   is not ours alone to change, and would save some 20 ns a key: it stays on.

import murmurhash3 from 'murmurhash3js-revisited'
import type { PlaceKey, Target } from '../../core/model.ts'

export const placeByMurmur3: PlaceKey = (key, shards) =>
  murmurhash3.x86.hash32(Buffer.from(key, 'utf8')) % shards

/** Where a record goes that says nothing but its key. */
export const BY_KEY: Target = { by: 'key', place: placeByMurmur3 }
