// The package's version and where it lies, wherever the code is run from.

import { readFileSync } from 'node:fs'

/** The folder of package.json: two levels above this file, in `src` and in `dist`. */
export const PACKAGE_ROOT = new URL('../../', import.meta.url)

export function readVersion(): string {
  const text = readFileSync(new URL('package.json', PACKAGE_ROOT), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
