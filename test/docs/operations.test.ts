// docs/operations.md and docs/configuration.md against what they describe.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { entriesOf } from '../../src/config/load.ts'
import { ROOT } from '../support/source-files.ts'
import { createIdleMetrics } from '../support/idle-metrics.ts'

const PAGE = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')

interface Metric {
  readonly name: string
  readonly labels: readonly string[]
}

function documented(): Metric[] {
  return [...PAGE.matchAll(/^\| `(tributary_\w+)` *\|([^|]*)\|/gm)].map(
    ([, name = '', labels]) => ({
      name,
      labels: (labels ?? '').split(',').flatMap((label) => label.trim() || []),
    }),
  )
}

function registered(): Metric[] {
  const { registry } = createIdleMetrics()
  return registry
    .getMetricsAsArray()
    .filter(({ name }) => name.startsWith('tributary_'))
    .map((metric) => ({ name: metric.name, labels: labelsOf(metric) }))
}

/** The library keeps them without saying so in its types. */
function labelsOf(metric: object): readonly string[] {
  return 'labelNames' in metric ? (metric.labelNames as string[]) : []
}

const byName = (one: Metric, other: Metric) => one.name.localeCompare(other.name)

test('the page has every metric with its labels, and no other', () => {
  expect(documented().sort(byName)).toEqual(registered().sort(byName))
})

test.each([
  'README.md',
  'docs/operations.md',
  'docs/migration.md',
  'docs/security.md',
  'SECURITY.md',
])('%s names keys and variables that exist', (path) => {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const keys = entriesOf().map((entry) => entry.path)
  const groups = new Set(keys.map((key) => key.split('.')[0]))
  const variables = entriesOf().flatMap(({ env }) => env ?? [])

  const namedKeys = [...text.matchAll(/`([a-z]+(?:\.(?:[a-zA-Z0-9]+|\*))+)(?:: \w+)?`/g)]
    .flatMap(([, name]) => name ?? [])
    .filter((name) => groups.has(name.split('.')[0]))
  const unknownKeys = namedKeys.filter((name) => !keys.some((key) => covers(name, key)))
  const unknownVariables = [...text.matchAll(/\b(?:KAFKA|TRIBUTARY)_[A-Z0-9_]*[A-Z0-9]\b/g)]
    .map(([name]) => name)
    .filter((name) => !OTHER_VARIABLES.includes(name))
    .filter((name) => !variables.includes(name))

  expect([unknownKeys, unknownVariables]).toEqual([[], []])
})

/** Read by the command line, not by the table of keys. */
const OTHER_VARIABLES = ['TRIBUTARY_CONFIG']

/** `dialects.*.limits.recordsMax` is a key of each dialect; `kafka.tls` a group. */
function covers(name: string, key: string): boolean {
  const wanted = name.split('.')
  const elements = key.split('.')
  return wanted.every((element, depth) => element === '*' || element === elements[depth])
}
