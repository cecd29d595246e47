// Every file under ci/ as a whole: linted, rendered by Helm 3 and 4 alike and as kept in golden/, valid by
// Kubernetes' own schemas, with a configuration that the service takes.
//
// UPDATE_GOLDEN=1 writes golden/ anew: look at the difference.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority } from '../../src/process/dev-certificate.ts'
import { notRun } from '../support/not-run.ts'
import { runCli } from '../support/service.ts'
import { configTextOf, containerOf, helm, objectsIn, PROFILES, template } from './helm.ts'
import { KUBERNETES } from './schemas.ts'
import { provideTools, toolsAbsence } from './tools.ts'

const absence = toolsAbsence()

if (absence) notRun('Helm', absence)
else {
  test('what is wrong is found, in kinds of all sources', () => {
    const text = template({}, { files: ['everything-values.yaml'] }).stdout
    const { resources } = validate(
      text
        .replace('minReadySeconds:', 'minReadySecond:')
        .replace('metricRelabelings:', 'metricRelabeling:'),
    )
    expect(resources.map(({ kind }) => kind).sort()).toEqual(['Deployment', 'ServiceMonitor'])
  })

  describe.each(PROFILES)('%s', (profile) => {
    const rendered = (program: 'helm3' | 'helm4') => {
      const { status, stdout, stderr } = template({}, { files: [profile], helm: program })
      expect([status, stderr]).toEqual([0, ''])
      return stdout
    }

    test.each(['helm3', 'helm4'] as const)('%s finds nothing to complain of', (program) => {
      const { status, stdout } = helm(['lint', '--strict'], {}, { files: [profile], helm: program })
      expect([status, stdout]).toEqual([0, expect.stringContaining('0 chart(s) failed')])
    })

    test('Helm 3 and 4 render the same', () => {
      expect(objectsIn(rendered('helm4'))).toEqual(objectsIn(rendered('helm3')))
    })

    test('it is as in golden/', () => {
      const file = join(__dirname, 'golden', profile.replace('-values', ''))
      const text = withoutFiles(rendered('helm4'))
      if (process.env['UPDATE_GOLDEN']) writeFileSync(file, text)
      expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : '')
    })

    test('every object is valid', () => {
      const { resources, summary } = validate(rendered('helm4'))
      expect(resources).toEqual([])
      expect(summary).toEqual({
        valid: objectsIn(rendered('helm4')).length,
        ...{ invalid: 0, errors: 0, skipped: 0 },
      })
    })

    test('the service takes the configuration, beside the links of a Service named tributary', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tributary config '))
      try {
        const objects = objectsIn(rendered('helm4'))
        const text = withFilesIn(folder, configTextOf(objects))
        const file = join(folder, 'tributary.yaml')
        writeFileSync(file, text)
        const result = await runCli(['--check-config'], { ...LINKS, TRIBUTARY_CONFIG: file })
        expect(result).toEqual({ status: 0, stdout: 'The configuration is right.\n', stderr: '' })
        const own = containerOf(objects).env.map(({ name }) => name)
        expect(own.filter((name) => name in LINKS)).toEqual([])
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  })
}

interface Verdict {
  readonly resources: readonly { readonly kind: string; readonly msg: string }[]
  readonly summary: Readonly<Record<'valid' | 'invalid' | 'errors' | 'skipped', number>>
}

/** What is wrong with objects, and how many were looked at. */
function validate(text: string): Verdict {
  const { kubeconform, schemas } = provideTools()
  const { stdout } = spawnSync(
    kubeconform,
    [
      ...['-strict', '-output', 'json', '-summary', '-kubernetes-version', KUBERNETES.version],
      '-schema-location',
      `${schemas}/{{.NormalizedKubernetesVersion}}/{{.ResourceKind}}{{.KindSuffix}}.json`,
      '-schema-location',
      `${schemas}/crd/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json`,
    ],
    { input: text, encoding: 'utf8' },
  )
  return JSON.parse(stdout) as Verdict
}

/** The dashboard and the script of the test are files of their own. */
function withoutFiles(text: string): string {
  return text.replace(/^( {2}[\w-]+\.(?:json|mjs): \|-?\n)(?: {4}.*\n|\n)+/gm, '$1    …\n')
}

/** As Kubernetes sets them for Services tributary and tributary-admin. */
const LINKS = {
  TRIBUTARY_PORT: 'tcp://10.0.0.1:8080',
  TRIBUTARY_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
  TRIBUTARY_PORT_8080_TCP_ADDR: '10.0.0.1',
  TRIBUTARY_SERVICE_HOST: '10.0.0.1',
  TRIBUTARY_SERVICE_PORT: '8080',
  TRIBUTARY_SERVICE_PORT_HTTP: '8080',
  TRIBUTARY_ADMIN_PORT: 'tcp://10.0.0.2:8081',
  TRIBUTARY_ADMIN_SERVICE_HOST: '10.0.0.2',
  TRIBUTARY_ADMIN_SERVICE_PORT_ADMIN: '8081',
}

/** The configuration with files that are there in place of those that Secrets hold in a pod. */
function withFilesIn(folder: string, text: string): string {
  const authority = createAuthority()
  const { cert, key } = authority.issue('localhost')
  const credentials = 'principals: [{ name: someone, tokens: [secret] }]'
  const contents: Readonly<Record<string, string>> = {
    'tls.crt': cert,
    'tls.key': key,
    'user.crt': cert,
    'user.key': key,
    'ca.crt': authority.ca,
    password: 'secret',
    'credentials.yaml': credentials,
  }
  return text.replace(/\/etc\/tributary\/\S+\/(\S+)/g, (_whole, name: string) => {
    const file = join(folder, name)
    writeFileSync(file, contents[name]!)
    return file
  })
}
