// The reference that is written from the source's tables: up to date, and sound.

import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import { createDialects } from '../../src/dialects/index.ts'
import { openApiOf } from '../../src/http/openapi.ts'
import { referenceFiles } from '../../src/process/reference.ts'
import { readVersion } from '../../src/process/version.ts'
import { ROOT } from '../support/source-files.ts'

/** A module that Jest cannot load, so it runs by itself. */
const VALIDATOR = require.resolve('@seriousme/openapi-schema-validator/bin/validate-api-cli.js')

const version = readVersion()
const DEFAULTS = loadConfig({ environment: {} })
const DIALECTS = createDialects(DEFAULTS.dialects)
const FILES = referenceFiles({
  version,
  page: read('docs/configuration.md'),
  valuesSchema: read('helm/tributary/values.schema.json'),
})

function read(path: string): string {
  const file = join(ROOT, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

test.each(Object.keys(FILES))('%s is as npm run reference writes it', (path) => {
  expect(read(path)).toBe(FILES[path])
})

test('config/default.yaml is a configuration, and that of the defaults', () => {
  const file = join(ROOT, 'config/default.yaml')

  expect(loadConfig({ environment: {}, file })).toEqual(DEFAULTS)
})

describe('config/openapi', () => {
  test('has a document for each dialect and no other', () => {
    expect(readdirSync(join(ROOT, 'config/openapi')).sort()).toEqual(
      DIALECTS.map(({ name }) => `${name}.yaml`).sort(),
    )
  })

  test.each(DIALECTS)('$name.yaml says what the service validates with', (dialect) => {
    const document: unknown = parse(read(`config/openapi/${dialect.name}.yaml`))

    expect(document).toEqual(JSON.parse(JSON.stringify(openApiOf([dialect], version))))
  })

  test.each(DIALECTS)('$name.yaml keeps to the schema of OpenAPI 3.1', async ({ name }) => {
    const args = [VALIDATOR, join(ROOT, `config/openapi/${name}.yaml`)]
    const { stdout } = await promisify(execFile)(process.execPath, args)

    expect(JSON.parse(stdout)).toEqual({ valid: true })
  })
})
