// What stops the start, and with which sentence. How a running service takes a changed file:
// test/clients/identity.test.ts.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { openIdentity } from '../../src/process/identity.ts'
import { createLog } from '../../src/telemetry/logger.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-identity-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function open(identity: 'open' | 'verify', credentials: string) {
  const log = createLog({ level: 'info', format: 'json', output: new PassThrough() })
  return openIdentity({ identity, credentials }, log)
}

test('open needs no file', () => {
  expect(open('open', '').identity).toBeUndefined()
})

test('no file is named', () => {
  expect(() => open('verify', '')).toThrow('TRIBUTARY_CREDENTIALS must name a file')
})

test('the file is not there', () => {
  const file = join(folder, 'none.yaml')
  expect(() => open('verify', file)).toThrow(`credentials: cannot read ${file}`)
})

test('the file is wrong: all that is, and no secret', () => {
  const file = join(folder, 'wrong.yaml')
  writeFileSync(file, 'principals: [{ name: a, dis: [{ ak: K, secret: hidden }] }]')
  expect(() => open('verify', file)).toThrow(
    `credentials: ${file} is wrong:\n  principals[0] (a).dis[0]: there is no key secret here\n  principals[0] (a).dis[0].sk: expected text`,
  )
})

test('a right one', () => {
  const file = join(folder, 'right.yaml')
  writeFileSync(file, 'principals: [{ name: a, tokens: [t] }]')
  const { identity, close } = open('verify', file)
  close()
  expect(identity?.bearerOf('token', 't')?.name).toBe('a')
})
