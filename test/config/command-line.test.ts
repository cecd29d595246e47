// The command line as it ships: what it prints where, and its exit status. What it does once it has
// a Kafka is tested with one.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli } from '../support/service.ts'
import { ROOT } from '../support/source-files.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary cli '))
})
afterEach(() => rmSync(folder, { recursive: true }))

function fileOf(content: string): string {
  const file = join(folder, 'config.yaml')
  writeFileSync(file, content)
  return file
}

describe('status 0', () => {
  test('--version', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      version: string
    }
    expect(await runCli(['--version'], {})).toEqual({
      status: 0,
      stdout: `${version}\n`,
      stderr: '',
    })
  })

  test.each(['--help', '-h'])('%s, whatever the configuration is', async (flag) => {
    const { status, stdout, stderr } = await runCli([flag], { TRIBUTARY_PROT: '1' })

    expect([status, stderr]).toEqual([0, ''])
    for (const word of ['serve', 'tail STREAM', '--config', '--check-config', '--version']) {
      expect(stdout).toContain(word)
    }
  })

  test('--check-config, by --config, by TRIBUTARY_CONFIG, and with neither', async () => {
    const file = fileOf('port: 1')

    const results = await Promise.all([
      runCli(['--check-config'], {}),
      runCli(['--check-config', '--config', file], {}),
      runCli(['serve', `--config=${file}`, '--check-config'], {}),
      runCli(['--check-config'], { TRIBUTARY_CONFIG: file }),
    ])

    for (const result of results) {
      expect(result).toEqual({ status: 0, stdout: 'The configuration is right.\n', stderr: '' })
    }
  })
})

describe('status 2', () => {
  test.each([
    ['an unknown flag', ['--prot']],
    ['an unknown command', ['sevre']],
    ['serve with more words', ['serve', 'it']],
    ['tail without a stream', ['tail']],
    ['tail with two streams', ['tail', 'a', 'b']],
    ['--config without a file', ['--config']],
  ])('%s is answered with the usage', async (_, args) => {
    const { status, stdout, stderr } = await runCli(args, {})

    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^tributary: .*\n\nUsage: tributary /)
  })

  test.each([[['--check-config']], [[]], [['tail', 'orders']]])(
    'a wrong configuration is told whole, a line each: %j',
    async (args) => {
      const file = fileOf('prot: 1\nlog: { level: loud }')
      const { status, stdout, stderr } = await runCli(args, {
        TRIBUTARY_CONFIG: file,
        TRIBUTARY_X: '1',
      })

      expect([status, stdout]).toEqual([2, ''])
      expect(stderr.split('\n')).toEqual([
        'tributary: The configuration is wrong:',
        `  prot: there is no such key (in ${file})`,
        `  log.level: expected one of info, debug, warn, error, got "loud" (from ${file})`,
        '  TRIBUTARY_X: there is no such setting',
        '',
      ])
    },
  )

  test('--check-config opens the files that are named', async () => {
    const credentials = fileOf('principals: [{ name: someone, aws: [{}] }]')
    const absent = join(folder, 'absent.pem')

    const { status, stderr } = await runCli(['--check-config'], {
      TRIBUTARY_TLS_PORT: '8443',
      TRIBUTARY_TLS_CERT: absent,
      TRIBUTARY_TLS_KEY: absent,
      TRIBUTARY_IDENTITY: 'verify',
      TRIBUTARY_CREDENTIALS: credentials,
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA: absent,
    })

    expect(status).toBe(2)
    for (const found of [
      `tls.cert: cannot read ${absent}`,
      `credentials: ${credentials} is wrong`,
      'principals[0] (someone).aws[0].accessKeyId: expected text',
      `kafka.tls.ca: cannot read ${absent}`,
    ]) {
      expect(stderr).toContain(found)
    }
  })

  test('no secret is shown', async () => {
    const file = fileOf('kafka: { sasl: { password: [hunter2] } }')
    const { status, stdout, stderr } = await runCli(['--check-config', '--config', file], {
      KAFKA_SASL_PASSWORD: 'hunter3',
      TRIBUTARY_PORT: 'wrong',
    })

    expect(status).toBe(2)
    expect(stdout + stderr).not.toMatch(/hunter/)
  })
})

describe('status 1', () => {
  test.each(['TRIBUTARY_PORT', 'TRIBUTARY_ADMIN_PORT'])(
    'a port of %s that is taken is one sentence that names the setting',
    async (setting) => {
      const taken = createServer()
      await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
      const { port } = taken.address() as AddressInfo

      const { status, stdout, stderr } = await runCli([], {
        TRIBUTARY_PORT: '0',
        TRIBUTARY_ADMIN_PORT: '0',
        [setting]: String(port),
      })
      taken.close()

      expect([status, stdout]).toEqual([1, ''])
      expect(stderr).toBe(
        `tributary: Port ${port} is taken by another program. Set ${setting} to another port, or to 0 for any free one.\n`,
      )
    },
  )

  test('brokers that do not answer are one sentence', async () => {
    const { status, stderr } = await runCli([], {
      KAFKA_BROKERS: '127.0.0.1:1',
      TRIBUTARY_KAFKA_CONNECT_TIMEOUT_MS: '1000',
      TRIBUTARY_PORT: '0',
      TRIBUTARY_ADMIN_PORT: '0',
    })

    expect(status).toBe(1)
    expect(stderr).toMatch(/^tributary: Cannot reach Kafka at 127\.0\.0\.1:1: .*\n$/)
  })
})
