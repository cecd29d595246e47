// Helm 3 and 4 and kubeconform, built once from helm/tools/go.mod into the ignored cache, and the schemas
// of the kinds that the chart renders. A first run takes minutes and downloads some 300 megabytes.
//
// Kubernetes' schema and the custom kinds come out of Go modules, since nothing else that holds them is
// checked against a public log of sums.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE, PACKAGE_ROOT } from '../support/kafka-jars.ts'
import { CUSTOM_KINDS, KUBERNETES, writeCustomKinds, writeKinds } from './schemas.ts'

export interface Tools {
  readonly helm3: string
  readonly helm4: string
  readonly kubeconform: string
  readonly schemas: string
}

const MODULE = join(PACKAGE_ROOT, 'helm/tools')

/** Helm 3 believes in a Kubernetes of years ago unless its linker says otherwise. */
const HELM_3 = ['chartutil', 'lint/rules'].flatMap((name) => [
  `-X helm.sh/helm/v3/pkg/${name}.k8sVersionMajor=1`,
  `-X helm.sh/helm/v3/pkg/${name}.k8sVersionMinor=${KUBERNETES.version.split('.')[1]}`,
])

const PROGRAMS = {
  helm3: { path: 'helm.sh/helm/v3/cmd/helm', flags: HELM_3 },
  helm4: { path: 'helm.sh/helm/v4/cmd/helm', flags: [] },
  kubeconform: { path: 'github.com/yannh/kubeconform/cmd/kubeconform', flags: [] },
}

/** Why the chart cannot be tested here; nothing where it can. */
export function toolsAbsence(): string | undefined {
  const { status, stdout } = spawnSync('go', ['version'], { encoding: 'utf8' })
  if (status !== 0) return 'there is no go on PATH (1.21 or later fetches the one it needs)'
  return /go1\.(1\d|20)\b/.test(stdout) ? 'go is older than 1.21' : undefined
}

/** Jest's globalSetup of the project. */
export function setUp(): void {
  if (toolsAbsence() === undefined) provideTools()
}

/** Where they are; makes what is missing. */
export function provideTools(): Tools {
  const folder = join(CACHE, 'chart-tools', digest())
  if (!existsSync(folder)) {
    process.stderr.write('Building Helm and kubeconform, and the schemas: a few minutes, once\n')
    mkdirSync(join(CACHE, 'chart-tools'), { recursive: true })
    const making = mkdtempSync(join(CACHE, 'chart-tools/making-'))
    try {
      make(making)
      renameSync(making, folder)
    } finally {
      rmSync(making, { recursive: true, force: true })
    }
  }
  return {
    helm3: join(folder, 'helm3'),
    helm4: join(folder, 'helm4'),
    kubeconform: join(folder, 'kubeconform'),
    schemas: join(folder, 'schemas'),
  }
}

/** Of all that decides what is made. */
function digest(): string {
  const hash = createHash('sha256')
  for (const file of [
    join(MODULE, 'go.mod'),
    join(MODULE, 'go.sum'),
    __filename,
    join(__dirname, 'schemas.ts'),
  ]) {
    hash.update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 16)
}

function make(folder: string): void {
  for (const [name, { path, flags }] of Object.entries(PROGRAMS)) {
    const linker = ['-s', '-w', ...flags].join(' ')
    go(['build', '-trimpath', '-ldflags', linker, '-o', join(folder, name), path])
  }
  const schemas = join(folder, 'schemas')
  writeKinds(sourceOf(KUBERNETES.module), schemas)
  for (const { module, files } of CUSTOM_KINDS) {
    const source = sourceOf(module)
    for (const file of files) writeCustomKinds(join(source, file), join(schemas, 'crd'))
  }
}

/** The folder of a module, checked against Go's log of sums. */
function sourceOf(module: string): string {
  return (JSON.parse(go(['mod', 'download', '-json', module])) as { Dir: string }).Dir
}

function go(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('go', args, {
    cwd: MODULE,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    env: {
      ...process.env,
      CGO_ENABLED: '0',
      GOFLAGS: '-modcacherw -buildvcs=false',
      GOPATH: join(CACHE, 'go'),
      GOCACHE: join(CACHE, 'go-build'),
    },
  })
  if (status !== 0) throw new Error(`go ${args.join(' ')}:\n${stderr}`)
  return stdout
}
