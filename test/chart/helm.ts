// The chart as Helm renders it.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { PACKAGE_ROOT } from '../support/kafka-jars.ts'
import { provideTools } from './tools.ts'

export const CHART = join(PACKAGE_ROOT, 'helm/tributary')

/** Names of the files under ci/, each a whole installation. */
export const PROFILES = readdirSync(join(CHART, 'ci')).sort()

export type Values = Readonly<Record<string, unknown>>

/** What tests look into, by the kind that they asked for. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- there are many kinds
export type Loose = Readonly<Record<string, any>>

/** An object as it would be installed. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: Loose
  readonly data?: Readonly<Record<string, string>>
}

export interface Rendered {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface Choice {
  readonly release?: string
  readonly helm?: 'helm3' | 'helm4'
  /** Files of values, before `values`. */
  readonly files?: readonly string[]
  readonly words?: readonly string[]
  /** Folder of a changed chart. */
  readonly chart?: string
}

/** What has to be said. */
export const MINIMAL: Values = { kafka: { brokers: ['kafka:9092'] } }

/** `helm COMMAND` with the chart and these values. */
export function helm(
  command: readonly string[],
  values: Values,
  { helm: program = 'helm4', files = [], words = [], chart = CHART }: Choice = {},
): Rendered {
  const folder = mkdtempSync(join(tmpdir(), 'tributary chart '))
  try {
    const file = join(folder, 'values.yaml')
    writeFileSync(file, stringify(values))
    const all = [...files.map((name) => join(CHART, 'ci', name)), file]
    const { status, stdout, stderr } = spawnSync(
      provideTools()[program],
      [
        ...command,
        chart,
        '--namespace',
        'ingest',
        ...all.flatMap((each) => ['-f', each]),
        ...words,
      ],
      { encoding: 'utf8', maxBuffer: 2 ** 26, env: { ...process.env, HOME: folder } },
    )
    return { status: status ?? 1, stdout, stderr }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export function template(values: Values, choice: Choice = {}): Rendered {
  const { release = 'tributary' } = choice
  return helm(['template', release], values, choice)
}

/** The objects that these values make, beside what has to be said. */
export function render(values: Values = {}, choice: Choice = {}): readonly KubernetesObject[] {
  const { status, stdout, stderr } = template({ ...MINIMAL, ...values }, choice)
  if (status !== 0) throw new Error(stderr)
  return objectsIn(stdout)
}

export function objectsIn(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((each) => each !== null)
}

/** The one object of a kind, or of a kind and a name's end. */
export function only(
  objects: readonly KubernetesObject[],
  kind: string,
  suffix = '',
): KubernetesObject {
  const found = objects.filter((each) => each.kind === kind && each.metadata.name.endsWith(suffix))
  const [object] = found.sort((a, b) => a.metadata.name.length - b.metadata.name.length)
  if (!object) throw new Error(`there is no ${kind} ${suffix}`)
  return object
}

export interface Container {
  readonly image: string
  readonly env: readonly { readonly name: string; readonly value?: string }[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly volumeMounts: readonly { readonly mountPath: string; readonly subPath?: string }[]
  readonly securityContext: Readonly<Record<string, unknown>>
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
  readonly periodSeconds: number
  readonly failureThreshold: number
}

interface Pod {
  readonly containers: readonly Container[]
  readonly volumes: readonly { readonly name: string; readonly secret?: { secretName: string } }[]
  readonly terminationGracePeriodSeconds: number
  readonly [name: string]: unknown
}

/** Of the Deployment. */
export function podOf(objects: readonly KubernetesObject[]): Pod {
  const { template } = only(objects, 'Deployment').spec as { template: { spec: Pod } }
  return template.spec
}

export function containerOf(objects: readonly KubernetesObject[]): Container {
  return podOf(objects).containers.find((each) => 'startupProbe' in each)!
}

/** The service's configuration, as text. */
export function configTextOf(objects: readonly KubernetesObject[]): string {
  return only(objects, 'ConfigMap', '-config').data!['tributary.yaml']!
}

export function configOf(objects: readonly KubernetesObject[]): Loose {
  return parse(configTextOf(objects)) as Loose
}
