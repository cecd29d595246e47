// Options of connections to brokers: what files hold counts for every connection anew.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/load.ts'
import { connectionOf } from '../../src/process/connection.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary connection '))
})
afterEach(() => rmSync(folder, { recursive: true }))

function fileOf(name: string, content: string): string {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

test('files are read anew, and are as they were last where they cannot be', () => {
  const environment = {
    KAFKA_TLS: 'true',
    KAFKA_TLS_CA: fileOf('ca.crt', 'one'),
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAFKA_SASL_USERNAME: 'me',
    KAFKA_SASL_PASSWORD_FILE: fileOf('password', 'first\n'),
  }
  const { ssl, sasl } = connectionOf(loadConfig({ environment }))
  // As a connection takes them when it is opened.
  const now = () => [{ ...(ssl as object) }, { ...sasl }]
  const login = { mechanism: 'scram-sha-512', username: 'me' }

  expect(now()).toEqual([{ ca: Buffer.from('one') }, { ...login, password: 'first' }])

  fileOf('ca.crt', 'two')
  fileOf('password', 'second')
  expect(now()).toEqual([{ ca: Buffer.from('two') }, { ...login, password: 'second' }])

  rmSync(join(folder, 'ca.crt'))
  rmSync(join(folder, 'password'))
  expect(now()).toEqual([{ ca: Buffer.from('two') }, { ...login, password: 'second' }])
})

test('a file that is not there at first is said', () => {
  const environment = { KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_PASSWORD_FILE: join(folder, 'x') }
  const config = loadConfig({ environment })

  expect(() => connectionOf(config)).toThrow(/^kafka\.sasl\.passwordFile: cannot read .*x: /)
})
