// What else is in the chart: its README, the words after an installation, and the script of `helm test`, run
// against the service with its log in memory.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBridge, type Bridge } from '../support/bridge.ts'
import { notRun } from '../support/not-run.ts'
import { runProgram } from '../support/program.ts'
import { ROOT } from '../support/source-files.ts'
import { CHART, objectsIn, only, PROFILES, template } from './helm.ts'
import { toolsAbsence } from './tools.ts'

const absence = toolsAbsence()

test('README.md is as npm run reference writes it', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'helm/write-readme.mjs'), '--check'],
    { encoding: 'utf8' },
  )
  expect([status, stderr]).toEqual([0, ''])
})

describe('the script of helm test', () => {
  const CREDENTIALS = `
principals:
  - name: helm-test
    aws: [{ accessKeyId: AK, secretAccessKey: SK }]
    allow: [{ actions: [put, manage], streams: ['*'] }]
`

  function run(bridge: Bridge, environment: Readonly<Record<string, string>> = {}) {
    const script = join(ROOT, 'helm/tributary/files/put-record.mjs')
    return runProgram([process.execPath, script], {
      environment: { ENDPOINT: bridge.url, STREAM: 'tests', ...environment },
    })
  }

  test('puts a record into a stream that is there, and leaves it', async () => {
    await using bridge = await startBridge({ topics: { tests: 1 } })

    const { status, stdout } = await run(bridge)

    expect([status, stdout]).toEqual([0, expect.stringContaining('The record was acknowledged.')])
    expect(stdout).not.toContain('DeleteStream')
  })

  test('makes a stream that is not there, and deletes it again', async () => {
    await using bridge = await startBridge()

    const { status, stdout } = await run(bridge)

    expect([status, stdout]).toEqual([0, expect.stringContaining('DeleteStream: 200')])
  })

  test('signs where credentials are verified', async () => {
    await using bridge = await startBridge({ topics: { tests: 1 }, credentials: CREDENTIALS })

    const { status } = await run(bridge, { AWS_ACCESS_KEY_ID: 'AK', AWS_SECRET_ACCESS_KEY: 'SK' })

    expect(status).toBe(0)
  })

  test('fails where they are refused', async () => {
    await using bridge = await startBridge({ topics: { tests: 1 }, credentials: CREDENTIALS })

    const { status, stdout } = await run(bridge, {
      AWS_ACCESS_KEY_ID: 'AK',
      AWS_SECRET_ACCESS_KEY: 'wrong',
    })

    expect([status, stdout]).toEqual([1, expect.stringContaining('not acknowledged')])
  })
})

if (absence) notRun('Helm', absence)
else {
  describe('after an installation', () => {
    let chart: string

    /** Helm shows the words only where there is a cluster, so they are made an object's here. */
    beforeAll(() => {
      chart = mkdtempSync(join(tmpdir(), 'tributary notes '))
      cpSync(CHART, chart, { recursive: true })
      const notes = readFileSync(join(CHART, 'templates/NOTES.txt'), 'utf8')
      writeFileSync(
        join(chart, 'templates/notes.yaml'),
        `{{- define "notes" -}}${notes}{{- end -}}
kind: Notes
metadata: { name: notes }
spec: |
  {{- include "notes" . | nindent 2 }}
`,
      )
    })
    afterAll(() => rmSync(chart, { recursive: true }))

    test.each(PROFILES)('of %s there are words for all dialects', (profile) => {
      const { stdout, stderr } = template({}, { files: [profile], chart })
      expect(stderr).toBe('')
      const notes = only(objectsIn(stdout), 'Notes').spec as unknown as string
      for (const name of ['Amazon Kinesis', 'Yandex Data Streams', 'Huawei DIS', 'Iguazio v3io']) {
        expect(notes).toContain(`# ${name}`)
      }
      expect(notes).not.toMatch(/<no value>|%!/)
      expect(notes).toContain(profile.startsWith('locked') ? 'https://127.0.0.1:8443' : 'http://')
    })
  })
}
