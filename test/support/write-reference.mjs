// npm run reference: writes the files that test/docs/reference.test.ts holds to the source's tables.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { referenceFiles } from '../../dist/process/reference.js'
import { PACKAGE_ROOT, readVersion } from '../../dist/process/version.js'

const page = readFileSync(new URL('docs/configuration.md', PACKAGE_ROOT), 'utf8')
for (const [path, text] of Object.entries(referenceFiles({ version: readVersion(), page }))) {
  const file = new URL(path, PACKAGE_ROOT)
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, text)
}
