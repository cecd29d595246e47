// One frozen value from defaults ← YAML file ← environment. Everything unknown or wrong is
// reported at once, with the key, the value and what was expected.
//
// * The environment variable of a key is TRIBUTARY_ and its path in capitals, words apart by
//   underscores, unless the key names another. A secret may be given as a file by NAME_FILE.
// * Kubernetes puts variables of its own for a Service named tributary beside ours; they are told by
//   their form and ignored.

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { isKey, type Key, type Keys } from './key.ts'
import { KEYS, type Config } from './schema.ts'

/** All that is wrong with the configuration, a line each. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

export type Environment = Readonly<Record<string, string | undefined>>

/** A leaf of the table with its place. */
export interface Entry {
  readonly path: string
  readonly env: string | undefined
  readonly key: Key<unknown>
}

const PREFIX = 'TRIBUTARY_'

/** Variables of the command line's own, and of others that share the prefix. */
const NOT_KEYS = new Set(['TRIBUTARY_CONFIG'])

function envOf(path: string): string {
  const words = path.replaceAll('.', '_').replace(/([a-z0-9])([A-Z])/g, '$1_$2')
  return PREFIX + words.toUpperCase()
}

/** The table's leaves in order. */
export function entriesOf(keys: Keys = KEYS, parent = ''): Entry[] {
  return Object.entries(keys).flatMap(([name, entry]) => {
    const path = parent ? `${parent}.${name}` : name
    if (!isKey(entry)) return entriesOf(entry, path)
    return [{ path, key: entry, env: entry.yamlOnly ? undefined : (entry.env ?? envOf(path)) }]
  })
}

/** What Kubernetes sets for a Service called `tributary` or `tributary-…`. */
function isServiceLink(name: string, value: string): boolean {
  return (
    /^(tcp|udp|sctp):\/\//.test(value) ||
    /_SERVICE_HOST$|_SERVICE_PORT(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(name)
  )
}

export interface Sources {
  readonly environment: Environment
  /** Path of a YAML file; instead of TRIBUTARY_CONFIG. */
  readonly file?: string | undefined
}

/** Throws ConfigError. */
export function loadConfig({
  environment,
  file = environment['TRIBUTARY_CONFIG'],
}: Sources): Config {
  const problems: string[] = []
  const values = new Map<string, unknown>()
  const entries = entriesOf()
  if (file) readFile(file, { entries, values, problems })
  readEnvironment(environment, { entries, values, problems })
  if (problems.length > 0) throw new ConfigError(problems)
  return build(KEYS, '', values) as Config
}

interface Reading {
  readonly entries: readonly Entry[]
  readonly values: Map<string, unknown>
  readonly problems: string[]
}

function readFile(file: string, reading: Reading): void {
  let content: unknown
  try {
    content = parse(readFileSync(file, 'utf8'))
  } catch (error) {
    reading.problems.push(`${file}: ${(error as Error).message}`)
    return
  }
  if (content === null || content === undefined) return
  walk(content, '', { ...reading, file })
}

function walk(content: unknown, path: string, reading: Reading & { file: string }): void {
  const { entries, problems, file } = reading
  const entry = entries.find((each) => each.path === path)
  if (entry) take(entry, content, { ...reading, from: file })
  else if (path !== '' && !entries.some((each) => each.path.startsWith(`${path}.`))) {
    problems.push(`${path}: there is no such key (in ${file})${suggest(path, entries)}`)
  } else if (isMap(content)) {
    for (const [name, value] of Object.entries(content)) {
      walk(value, path ? `${path}.${name}` : name, reading)
    }
  } else if (content !== null) problems.push(`${path || file}: expected keys, got ${show(content)}`)
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readEnvironment(environment: Environment, reading: Reading): void {
  const known = new Map(reading.entries.flatMap((entry) => (entry.env ? [[entry.env, entry]] : [])))
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || isServiceLink(name, value)) continue
    const entry = known.get(name)
    const ofFile = name.endsWith('_FILE') ? known.get(name.slice(0, -'_FILE'.length)) : undefined
    if (entry) take(entry, value, { ...reading, from: name })
    else if (ofFile?.key.secret) takeFile(ofFile, value, { ...reading, from: name })
    else if (name.startsWith(PREFIX) && !NOT_KEYS.has(name)) {
      reading.problems.push(`${name}: there is no such setting`)
    }
  }
}

interface Taking extends Reading {
  readonly from: string
}

function takeFile(entry: Entry, file: string, taking: Taking): void {
  try {
    take(entry, readFileSync(file, 'utf8').replace(/\r?\n$/, ''), taking)
  } catch (error) {
    taking.problems.push(
      `${entry.path}: cannot read ${file} (from ${taking.from}): ${(error as Error).message}`,
    )
  }
}

function take({ path, key }: Entry, raw: unknown, { values, problems, from }: Taking): void {
  const value = key.read(raw)
  if (value !== undefined) values.set(path, value)
  else {
    const got = key.secret ? 'a value that is not shown' : show(raw)
    problems.push(`${path}: expected ${key.expected}, got ${got} (from ${from})`)
  }
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

function suggest(path: string, entries: readonly Entry[]): string {
  const last = path.split('.').at(-1)?.toLowerCase()
  const near = entries.find((entry) => entry.path.split('.').at(-1)?.toLowerCase() === last)
  return near ? `; did you mean ${near.path}?` : ''
}

function build(keys: Keys, parent: string, values: ReadonlyMap<string, unknown>): unknown {
  const built = Object.entries(keys).map(([name, entry]) => {
    const path = parent ? `${parent}.${name}` : name
    if (!isKey(entry)) return [name, build(entry, path, values)]
    return [name, Object.freeze(values.has(path) ? values.get(path) : entry.default)]
  })
  return Object.freeze(Object.fromEntries(built))
}
