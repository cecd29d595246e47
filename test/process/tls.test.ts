// The certificate from files: read anew when it changes, the last good one kept.

import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { connect } from 'node:tls'
import { loadConfig } from '../../src/config/load.ts'
import { listen, type Listener } from '../../src/http/listener.ts'
import { createAuthority, type Certificate } from '../../src/process/dev-certificate.ts'
import { openTls, type Tls } from '../../src/process/tls.ts'
import { createLog } from '../../src/telemetry/logger.ts'
import { until } from '../support/until.ts'

let folder: string
let output: PassThrough
let lines: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary tls '))
  output = new PassThrough()
  lines = ''
  output.on('data', (chunk: Buffer) => (lines += chunk.toString()))
})
afterEach(() => rmSync(folder, { recursive: true }))

const path = (name: string): string => join(folder, name)

function write({ cert, key }: Certificate): void {
  writeFileSync(path('cert.pem'), cert)
  writeFileSync(path('key.pem'), key)
}

function open(environment: Record<string, string> = {}, throwAway = false): Tls | undefined {
  const config = loadConfig({
    environment: {
      TRIBUTARY_TLS_PORT: '0',
      TRIBUTARY_TLS_CERT: path('cert.pem'),
      TRIBUTARY_TLS_KEY: path('key.pem'),
      TRIBUTARY_EMBEDDED_DIRECTORY: path('embedded'),
      ...environment,
    },
  })
  const log = createLog({ level: 'info', format: 'json', output })
  return openTls({ config, throwAway, log })
}

function serve(tls: Tls): Promise<Listener> {
  const { http } = loadConfig({ environment: {} })
  const { certificates } = tls
  const ignore = (): void => undefined
  return listen({
    ...http,
    ...{ port: 0, host: '127.0.0.1', certificates, http1: ignore, http2: ignore },
  })
}

/** The name in the certificate that a new connection is shown. */
function shownName(port: number, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ca }, () => {
      const { CN } = socket.getPeerCertificate().subject
      socket.destroy()
      resolve(String(CN))
    })
    socket.on('error', reject)
  })
}

test('a changed pair is used by new connections; a broken one is not, and the log says so', async () => {
  const authority = createAuthority()
  write(authority.issue('first'))
  const tls = open()!
  const listener = await serve(tls)
  const shown = (): Promise<string> => shownName(listener.port, authority.ca)
  expect(await shown()).toBe('first')

  // As Kubernetes and most tools do it: other files take the places of these.
  const second = authority.issue('second')
  writeFileSync(path('new-cert'), second.cert)
  writeFileSync(path('new-key'), second.key)
  renameSync(path('new-cert'), path('cert.pem'))
  renameSync(path('new-key'), path('key.pem'))
  await until(async () => (await shown()) === 'second')

  writeFileSync(path('cert.pem'), 'no certificate')
  await until(() => lines.includes('cannot be used'))
  expect(await shown()).toBe('second')

  const third = authority.issue('third')
  writeFileSync(path('cert.pem'), third.cert)
  await until(() => lines.split('cannot be used').length > 2)
  expect(await shown()).toBe('second')
  writeFileSync(path('key.pem'), third.key)
  await until(async () => (await shown()) === 'third')

  expect(lines).not.toContain('PRIVATE')
  tls.close()
  await listener.stopAccepting()
  await listener.close(0)
})

describe('at the start', () => {
  test('a missing file is named', () => {
    expect(() => open()).toThrow(`tls.cert: cannot read ${path('cert.pem')}`)
  })

  test('files that are not set', () => {
    const neither = { TRIBUTARY_TLS_CERT: '', TRIBUTARY_TLS_KEY: '' }
    expect(() => open(neither)).toThrow('TRIBUTARY_TLS_CERT and TRIBUTARY_TLS_KEY must name')
  })

  test('a key of another certificate', () => {
    const authority = createAuthority()
    const { cert } = authority.issue('a')
    const { key } = authority.issue('b')
    write({ cert, key })
    expect(() => open()).toThrow('tls.cert and tls.key are no certificate with its key')
  })

  test('off', () => {
    expect(open({ TRIBUTARY_TLS_PORT: 'off' })).toBeUndefined()
  })
})

test('a throw-away certificate is trusted by those who trust its authority, and by no others', async () => {
  const tls = open({ TRIBUTARY_TLS_PORT: 'off' }, true)!
  expect(tls.port).toBe(8443)
  const ca = readFileSync(tls.caFile!, 'utf8')
  const listener = await serve(tls)
  expect(await shownName(listener.port, ca)).toBe('localhost')
  await expect(shownName(listener.port, createAuthority().ca)).rejects.toThrow()
  await listener.stopAccepting()
  await listener.close(0)
})
