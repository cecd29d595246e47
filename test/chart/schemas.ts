// JSON Schemas of Kubernetes' kinds, as kubeconform looks for them, strict: a member that is not known is
// wrong. From the API's own description, and from definitions of custom kinds.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseAllDocuments } from 'yaml'

export const KUBERNETES = { version: '1.34.4', module: 'k8s.io/kubernetes@v1.34.4' }

const OPERATOR = 'example/prometheus-operator-crd/monitoring.coreos.com'

export const CUSTOM_KINDS = [
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    files: ['servicemonitors', 'podmonitors', 'prometheusrules'].map(
      (n) => `${OPERATOR}_${n}.yaml`,
    ),
  },
  {
    module: 'sigs.k8s.io/gateway-api@v1.6.3',
    files: ['config/crd/standard/gateway.networking.k8s.io_httproutes.yaml'],
  },
  {
    module: 'github.com/cert-manager/cert-manager@v1.21.2',
    files: ['deploy/crds/cert-manager.io_certificates.yaml'],
  },
]

type Schema = Readonly<Record<string, unknown>>

interface Definition extends Schema {
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string
    readonly version: string
    readonly kind: string
  }[]
}

/** What the API's description calls text, and takes as a number, too. */
const LOOSE: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
}

/** A file for each kind of Kubernetes' own. `source` is its repository. */
export function writeKinds(source: string, folder: string): void {
  const { definitions } = JSON.parse(
    readFileSync(join(source, 'api/openapi-spec/swagger.json'), 'utf8'),
  ) as { definitions: Readonly<Record<string, Definition>> }
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      const suffix = [...(group ? [group.split('.')[0]] : []), version].join('-')
      const file = `v${KUBERNETES.version}/${kind}-${suffix}.json`.toLowerCase()
      write(join(folder, file), {
        $ref: `#/definitions/${name}`,
        definitions: needed(name, definitions),
      })
    }
  }
}

/** The definition and all that it refers to. */
function needed(
  name: string,
  definitions: Readonly<Record<string, Definition>>,
  found: Record<string, unknown> = {},
): Record<string, unknown> {
  if (Object.hasOwn(found, name)) return found
  const definition = LOOSE[name] ?? definitions[name] ?? {}
  found[name] = strict(definition)
  for (const [, other = ''] of JSON.stringify(definition).matchAll(/"#\/definitions\/([^"]+)"/g)) {
    needed(other, definitions, found)
  }
  return found
}

/** A file for each version of the custom kinds that `file` defines. */
export function writeCustomKinds(file: string, folder: string): void {
  for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
    const { spec } = document.toJS({ maxAliasCount: -1 }) as {
      spec: {
        group: string
        names: { kind: string }
        versions: { name: string; schema: { openAPIV3Schema: Schema } }[]
      }
    }
    for (const { name, schema } of spec.versions) {
      const path = `${spec.group}/${spec.names.kind}_${name}.json`.toLowerCase()
      write(join(folder, path), strict(schema.openAPIV3Schema))
    }
  }
}

/** Closes every object that says which members it has; `metadata` of custom kinds says nothing. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict)
  if (typeof schema !== 'object' || schema === null) return schema
  const members = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, strict(value)]),
  )
  const { properties, additionalProperties } = members
  const open = members['x-kubernetes-preserve-unknown-fields'] === true
  return typeof properties === 'object' && additionalProperties === undefined && !open
    ? { ...members, additionalProperties: false }
    : members
}

function write(file: string, content: unknown): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(content))
}
