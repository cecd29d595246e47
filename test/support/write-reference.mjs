// npm run reference: writes the files that test/docs/reference.test.ts holds to the source's tables.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { referenceFiles } from '../../dist/process/reference.js'
import { PACKAGE_ROOT, readVersion } from '../../dist/process/version.js'

const read = (path) => readFileSync(new URL(path, PACKAGE_ROOT), 'utf8')
const files = referenceFiles({
  version: readVersion(),
  page: read('docs/configuration.md'),
  valuesSchema: read('helm/tributary/values.schema.json'),
})
for (const [path, text] of Object.entries(files)) {
  const file = new URL(path, PACKAGE_ROOT)
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, text)
}
