// Buildah and Podman with a store of their own in the ignored cache, and a stand-in for the base image, which
// no registry is asked for: Debian's packages and Node's own binary from npm, under the name in the Dockerfile.
// A first run takes two minutes more.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CACHE, PACKAGE_ROOT } from '../support/kafka-jars.ts'
import { startProgram, type Program } from '../support/program.ts'

/** The newest of the line in the Dockerfile that npm has a binary of. */
const NODE = `node-linux-${process.arch}@24.21.0`
export const BASE = 'docker.io/library/node:24-bookworm-slim'
export const IMAGE = 'localhost/tributary:test'

const HOME = join(CACHE, 'image')
const STORE = join(HOME, 'store')
/** Podman wants a short path here, and the same one for the same store. */
const RUN = join(
  tmpdir(),
  `tributary-${createHash('sha256').update(STORE).digest('hex').slice(0, 8)}`,
)
const PLACE = ['--root', STORE, '--runroot', RUN]
const RUNTIME = join(import.meta.dirname, 'runtime.sh')
const AUTHORITIES = process.env['SSL_CERT_FILE'] ?? '/etc/ssl/certs/ca-certificates.crt'

const NEEDED = {
  buildah: 'buildah',
  podman: 'podman',
  runc: 'runc',
  mmdebstrap: 'mmdebstrap',
} as const

/** Why no image can be built here; nothing where one can. */
export function engineAbsence(): string | undefined {
  for (const [program, debian] of Object.entries(NEEDED)) {
    if (spawnSync(program, ['--version']).error) {
      return `there is no ${program} on PATH (Debian: ${debian})`
    }
  }
  if (process.getuid?.() !== 0) return 'only root can make the base image'
  return undefined
}

/** Output of a program that must succeed. */
export function must(program: string, args: readonly string[], directory = PACKAGE_ROOT): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status === 0) return stdout
  throw error ?? new Error(`${program} ${args.join(' ')}:\n${stdout}\n${stderr}`)
}

export function podman(...args: string[]): string {
  return must('podman', [...PLACE, '--cgroup-manager=cgroupfs', `--runtime=${RUNTIME}`, ...args])
}

function buildah(...args: string[]): string {
  return must('buildah', [...PLACE, ...args])
}

/** The Dockerfile as it is, built. */
export function buildImage(): void {
  provideBase()
  buildah(
    ...['bud', '--isolation', 'chroot', '--pull-never', '--format', 'docker'],
    ...['--build-arg', 'REVISION=test', '-t', IMAGE, '.'],
  )
}

/** `command` in a new container, shut in as the chart shuts it in. Ends with the test. */
export function startContainer(
  name: string,
  environment: Readonly<Record<string, string>>,
  options: readonly string[] = [],
): Program {
  const variables = Object.entries(environment).flatMap(([key, value]) => [
    '--env',
    `${key}=${value}`,
  ])
  return startProgram([
    ...['podman', ...PLACE, '--cgroup-manager=cgroupfs', `--runtime=${RUNTIME}`],
    ...['run', '--rm', '--pull=never', '--name', name, '--network=host', '--read-only'],
    ...['--read-only-tmpfs=false', '--cap-drop=ALL', '--security-opt=no-new-privileges'],
    ...['--memory=256m', ...variables, ...options, IMAGE],
  ])
}

/** What a command in the image prints, without a network. */
export function runIn(...command: string[]): string {
  return podman(
    ...['run', '--rm', '--pull=never', '--network=none', '--read-only', '--cap-drop=ALL'],
    ...['--security-opt=no-new-privileges', IMAGE, ...command],
  )
}

export function removeContainer(name: string): void {
  podman('rm', '--force', '--ignore', '--time', '0', name)
}

function provideBase(): void {
  const mark = join(HOME, `base-${NODE}`)
  if (existsSync(mark)) return
  process.stderr.write(`Making a stand-in for ${BASE}: two minutes, once\n`)
  mkdirSync(HOME, { recursive: true })
  const folder = mkdtempSync(join(HOME, 'making-'))
  try {
    const system = systemOf()
    const layer = layerIn(folder)
    const container = buildah('from', 'scratch').trim()
    buildah('add', container, system, '/')
    buildah('add', container, layer, '/')
    const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    buildah('config', '--env', `PATH=${path}`, container)
    buildah('commit', '--rm', container, BASE)
    writeFileSync(mark, '')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A root file system of Debian, from where this machine has its packages. */
function systemOf(): string {
  const file = join(HOME, 'bookworm.tar')
  if (!existsSync(file)) {
    const sources = '/etc/apt/sources.list.d/debian.sources'
    const from = existsSync(sources) ? [sources] : []
    const making = join(HOME, 'making.tar')
    must('mmdebstrap', [
      ...['--variant=apt', '--include=ca-certificates,libstdc++6', 'bookworm', making],
      ...from,
    ])
    renameSync(making, file)
  }
  return file
}

/** Node, npm, and the authorities that this machine trusts. */
function layerIn(folder: string): string {
  must('npm', ['pack', '--silent', NODE], folder)
  must('bash', ['-c', 'tar -xzf node-linux-*.tgz'], folder)
  const layer = join(folder, 'layer')
  const local = join(layer, 'usr/local')
  mkdirSync(join(local, 'bin'), { recursive: true })
  mkdirSync(join(local, 'etc'))
  cpSync(join(folder, 'package/bin/node'), join(local, 'bin/node'))
  cpSync(
    join(must('npm', ['root', '--global']).trim(), 'npm'),
    join(local, 'lib/node_modules/npm'),
    { recursive: true, dereference: true },
  )
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
  const authorities = '/etc/ssl/certs/ca-certificates.crt'
  mkdirSync(join(layer, 'etc/ssl/certs'), { recursive: true })
  if (existsSync(AUTHORITIES)) writeFileSync(join(layer, authorities), readFileSync(AUTHORITIES))
  writeFileSync(join(local, 'etc/npmrc'), `cafile=${authorities}\n`)
  return layer
}
