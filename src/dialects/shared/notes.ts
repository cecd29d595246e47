// Headers on Kafka that keep what would be lost otherwise.

import type { Note } from '../../core/model.ts'

/** The hash that placed a record in place of its key's. */
export function explicitHashNote(hash: string): Note {
  return { name: 'tributary-explicit-hash-key', value: Buffer.from(hash) }
}
