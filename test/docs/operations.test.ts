// docs/operations.md and docs/configuration.md against what they describe.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { entriesOf } from '../../src/config/load.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { ROOT } from '../support/source-files.ts'

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

/** Labels are told by the samples, so every metric is given one. */
async function registered(): Promise<Metric[]> {
  const { registry, kafka, finished } = createMetrics({
    bytesHeld: () => 0,
    connections: () => 0,
    state: () => ({ known: true, trouble: undefined, bytes: 0, foreign: 0 }),
    kafka: () => ({ connected: true, lastWrittenMs: undefined }),
  })
  kafka({
    ...{ type: 'batch-failed', topic: 't', partition: 0, records: 1 },
    ...{ error: 'CONNECTION', then: 'repeat' },
  })
  finished({
    account: {
      ...{ dialect: 'd', operation: 'o', stream: 's', records: 2, bytes: 1, decided: true },
      failures: new Map([['throttled', 1]]),
    },
    ...{ status: 200, code: 'throttled', ms: 1 },
  })
  const metrics = await registry.getMetricsAsJSON()
  return metrics
    .filter(({ name }) => name.startsWith('tributary_'))
    .map(({ name, values }) => {
      const labels = new Set(values.flatMap((value) => Object.keys(value.labels)))
      labels.delete('le')
      return { name, labels: [...labels] }
    })
}

const byName = (one: Metric, other: Metric) => one.name.localeCompare(other.name)

test('the page has every metric with its labels, and no other', async () => {
  expect(documented().sort(byName)).toEqual((await registered()).sort(byName))
})

test.each(['README.md', 'docs/operations.md', 'docs/migration.md', 'SECURITY.md'])(
  '%s names keys and variables that exist',
  (path) => {
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
  },
)

/** Read by the command line, not by the table of keys. */
const OTHER_VARIABLES = ['TRIBUTARY_CONFIG']

/** `dialects.*.limits.recordsMax` is a key of each dialect; `kafka.tls` a group. */
function covers(name: string, key: string): boolean {
  const wanted = name.split('.')
  const elements = key.split('.')
  return wanted.every((element, depth) => element === '*' || element === elements[depth])
}
