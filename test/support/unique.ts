// Names that no other test uses: topics outlive the test that made them.

import { randomUUID } from 'node:crypto'

/** `prefix` and some letters and digits. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`
}
