// The reference: files that say of every key and every operation what the tables in the source say.
// `npm run reference` writes them, and a test fails when they are stale, so that they are no second
// list. The service itself reads none of them.

import { stringify } from 'yaml'
import { isKey, type Key, type Keys, type Schema } from '../config/key.ts'
import { entriesOf, loadConfig, type Entry } from '../config/load.ts'
import { KEYS } from '../config/schema.ts'
import { createDialects } from '../dialects/index.ts'
import { openApiOf } from '../http/openapi.ts'

export interface ReferenceOptions {
  readonly version: string
  /** docs/configuration.md as it is: what stands around its tables is written by hand. */
  readonly page: string
  /** helm/tributary/values.schema.json as it is: all but `properties.config` is written by hand. */
  readonly valuesSchema: string
}

const BEGIN = '<!-- begin: written by npm run reference -->'
const END = '<!-- end -->'

const YAML_HEAD = `# Every configuration key with its default, what it is for, what it may be, and its environment
# variable. A file given by TRIBUTARY_CONFIG or --config needs only the keys that differ.
#
# Written by \`npm run reference\` from src/config/schema.ts: change it there.
`

const OPENAPI_HEAD = `# Written by \`npm run reference\` from the dialect's tables, at the default limits: change it there.
`

/** The texts of the files, by path from the package's root. */
export function referenceFiles({
  version,
  page,
  valuesSchema,
}: ReferenceOptions): Readonly<Record<string, string>> {
  const dialects = createDialects(loadConfig({ environment: {} }).dialects)
  const documents = dialects.map((dialect): [string, string] => [
    `config/openapi/${dialect.name}.yaml`,
    OPENAPI_HEAD + stringify(openApiOf([dialect], version), { aliasDuplicateObjects: false }),
  ])
  return {
    'config/default.yaml': defaultsOf(entriesOf()),
    'docs/configuration.md': withTables(page, entriesOf()),
    'helm/tributary/values.schema.json': withConfig(valuesSchema),
    ...Object.fromEntries(documents),
  }
}

function defaultsOf(entries: readonly Entry[]): string {
  const lines = [YAML_HEAD]
  let open: readonly string[] = []
  for (const { path, key, env } of entries) {
    const parents = path.split('.').slice(0, -1)
    const kept = parents.findIndex((parent, depth) => open[depth] !== parent)
    for (const [depth, parent] of parents.entries()) {
      if (kept !== -1 && depth >= kept) lines.push(`${pad(depth)}${parent}:`)
    }
    open = parents
    lines.push(...keyLines(path, key, env).map((line) => pad(parents.length) + line), '')
  }
  return lines.join('\n')
}

function pad(depth: number): string {
  return '  '.repeat(depth)
}

function keyLines(path: string, key: Key<unknown>, env: string | undefined): string[] {
  const name = path.split('.').at(-1) ?? path
  return [
    `# ${key.about}`,
    `# ${kindOf(key)}${env === undefined ? 'In YAML only.' : variables(env, key)}`,
    stringify({ [name]: key.default }).trimEnd(),
  ]
}

function variables(env: string, { secret }: Key<unknown>): string {
  return secret ? `${env}, or a file by ${env}_FILE` : env
}

/** A sentence on what a value may be, with a space to follow; of any text there is nothing to say. */
function kindOf({ expected }: Key<unknown>): string {
  return expected === 'text' ? '' : `${expected.charAt(0).toUpperCase()}${expected.slice(1)}. `
}

/** The schema of the chart's values, whose \`config\` may hold what the service's file may, but no secret. */
function withConfig(valuesSchema: string): string {
  const schema = JSON.parse(valuesSchema) as { properties: Record<string, unknown> }
  const config = { ...schemaOf(KEYS), description: 'Any key of config/default.yaml.' }
  const properties = { ...schema.properties, config }
  return `${JSON.stringify({ ...schema, properties }, null, 2)}\n`
}

function schemaOf(keys: Keys): Schema {
  const properties = Object.entries(keys).flatMap(([name, entry]): [string, Schema][] => {
    if (!isKey(entry)) return [[name, schemaOf(entry)]]
    return entry.secret ? [] : [[name, { ...entry.schema, description: entry.about }]]
  })
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties),
  }
}

function withTables(page: string, entries: readonly Entry[]): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END, begin)
  if (begin === -1 || end === -1) throw new Error(`docs/configuration.md lacks ${BEGIN} or ${END}`)
  return `${page.slice(0, begin)}${BEGIN}\n\n${tablesOf(entries)}\n${page.slice(end)}`
}

/** A table per group of keys; the first holds the keys that are in none. */
function tablesOf(entries: readonly Entry[]): string {
  const groups = new Map<string, Entry[]>()
  for (const entry of entries) {
    const group = groupOf(entry.path)
    groups.set(group, [...(groups.get(group) ?? []), entry])
  }
  return [...groups].map(([group, rows]) => tableOf(group, rows)).join('\n')
}

/** Keys of a dialect are a group of their own. */
function groupOf(path: string): string {
  const elements = path.split('.')
  return elements
    .slice(0, elements[0] === 'dialects' ? 2 : Math.min(1, elements.length - 1))
    .join('.')
}

function tableOf(group: string, rows: readonly Entry[]): string {
  const lines = rows.map(({ path, key, env }) => {
    const variable = env === undefined ? 'YAML only' : `\`${env}\`${key.secret ? ', `…_FILE`' : ''}`
    const meaning = `${key.about} ${kindOf(key)}`.trimEnd().replaceAll('|', '\\|')
    return `| \`${path}\` | ${variable} | ${shown(key)} | ${meaning} |\n`
  })
  return `### ${group || 'The service'}\n\n| key | variable | default | meaning |\n|---|---|---|---|\n${lines.join('')}`
}

function shown({ default: value }: Key<unknown>): string {
  const isEmpty =
    value === '' || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
  return isEmpty ? '–' : `\`${String(value)}\``
}
