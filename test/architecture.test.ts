// The architecture as a test: who may import what, who may touch the process, and that nobody but a
// dialect knows a dialect.

import { readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { Linter } from 'eslint'
import ts from 'typescript'
import tseslint from 'typescript-eslint'
import { importsOf, nodesOf, readSource, ROOT, sourceFiles } from './support/source-files.ts'

// What the files of a folder may import besides each other: folders or files under src, packages,
// `node:` for any of Node's modules, and `type X` where X may be imported for its types only. A folder
// that is not named belongs to the one that holds it.
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: ['core/chain.ts', 'node:crypto', 'node:zlib'],
  'core/chain.ts': [],
  'dialects/shared': ['core', 'node:buffer', 'node:crypto'],
  'dialects/kinesis': ['core', 'dialects/shared', 'node:crypto', 'node:zlib'],
  'dialects/yandex': ['core', 'dialects/kinesis', 'dialects/shared', 'node:zlib'],
  'dialects/dis': ['core', 'compression', 'dialects/shared', 'node:crypto'],
  'dialects/v3io': ['core', 'dialects/shared', 'murmurhash3js-revisited', 'node:buffer'],
  'dialects/index.ts': [
    ...['type config', 'type core'],
    ...['dialects/kinesis', 'dialects/yandex', 'dialects/dis', 'dialects/v3io'],
  ],
  compression: ['fzstd', 'node:zlib'],
  kafka: [
    ...['core', 'compression', 'kafkajs', '@node-rs/crc32', 'node:'],
    ...['snappy', 'lz4-napi', '@toondepauw/node-zstd'],
  ],
  embedded: ['node:'],
  http: [
    ...['core', 'core/chain.ts', 'dialects/shared', 'type telemetry'],
    ...['express', 'express-openapi-validator', 'yaml', 'type prom-client', 'node:'],
  ],
  telemetry: [
    ...['type core', 'type kafka', 'winston', 'prom-client'],
    ...[
      '@opentelemetry/api',
      '@opentelemetry/core',
      '@opentelemetry/sdk-trace-base',
      '@opentelemetry/resources',
    ],
    '@opentelemetry/exporter-trace-otlp-proto',
  ],
  config: ['type core', 'yaml', 'node:'],
  console: ['type core', 'type telemetry', 'express', 'node:'],
  process: ['type core', 'type config', 'http', 'kafka', 'embedded', 'type telemetry', 'node:'],
  'process/identity.ts': ['core', 'config', 'process', 'type telemetry', 'node:'],
  'process/check-files.ts': ['type config', 'process', 'process/identity.ts'],
  'process/reference.ts': ['config', 'dialects/index.ts', 'http', 'yaml'],
  'main.ts': [
    ...['assembly.ts', 'core', 'type config', 'dialects/index.ts', 'http', 'telemetry'],
    ...['process', 'process/identity.ts', 'node:'],
  ],
  'assembly.ts': ['console', 'core', 'type config', 'http', 'telemetry', 'process'],
  doctor: ['core', 'config', 'dialects/index.ts', 'kafka', 'process', 'node:'],
  'cli.ts': ['config', 'doctor', 'main.ts', 'process', 'process/check-files.ts', 'node:'],
}

// The process and the console belong to the command line; it passes on what others need.
const MAY_TOUCH_PROCESS = ['cli.ts']

// The environment is read by the configuration, which is handed it.
const MAY_READ_ENVIRONMENT: Readonly<Record<string, string>> = {
  'cli.ts': 'hands it to the configuration',
  'main.ts': 'OpenTelemetry has variables of its own, which all its users know',
  'process/open-kafka.ts': 'Java and Maven are looked for where whoever started us would find them',
}

const AREAS = Object.keys(MAY_IMPORT)
const FILES = sourceFiles()
const DIALECTS = readdirSync(join(ROOT, 'src/dialects'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
  .map(({ name }) => name)

/** The narrowest area that a path under src belongs to. */
function areaOf(path: string): string | undefined {
  return AREAS.filter((area) => path === area || path.startsWith(`${area}/`)).sort(
    (a, b) => b.length - a.length,
  )[0]
}

interface Use {
  readonly file: string
  /** An area, a package or a module of Node's. */
  readonly target: string
  readonly typeOnly: boolean
}

function usesOf(file: string): Use[] {
  return importsOf(file, readSource(file)).map(({ from, typeOnly }) => ({
    file,
    typeOnly,
    target: from.startsWith('.') ? targetOf(file, from) : packageOf(from),
  }))
}

function targetOf(file: string, from: string): string {
  const path = posix.join(posix.dirname(file), from)
  return areaOf(path) ?? path
}

function packageOf(from: string): string {
  const elements = from.split('/')
  return elements.slice(0, from.startsWith('@') ? 2 : 1).join('/')
}

/** The entries of the table that allow a use. */
function allowing(use: Use): string[] {
  const entries = MAY_IMPORT[areaOf(use.file) ?? ''] ?? []
  return entries.filter((entry) => {
    const [, types, wanted] = /^(type )?(.+)$/.exec(entry) ?? []
    if (types !== undefined && !use.typeOnly) return false
    return wanted === use.target || (wanted === 'node:' && use.target.startsWith('node:'))
  })
}

const USES = FILES.flatMap(usesOf).filter(({ file, target }) => areaOf(file) !== target)

describe('imports', () => {
  test('every file belongs to an area of the table', () => {
    expect(FILES.filter((file) => areaOf(file) === undefined)).toEqual([])
  })

  test('every area of the table has a file', () => {
    const seen = new Set(FILES.map(areaOf))
    expect(AREAS.filter((area) => !seen.has(area))).toEqual([])
  })

  test.each(AREAS)('%s imports what the table allows', (area) => {
    const strangers = USES.filter(
      (use) => areaOf(use.file) === area && allowing(use).length === 0,
    ).map(({ file, target, typeOnly }) => `${file}: ${typeOnly ? 'type ' : ''}${target}`)
    expect(strangers).toEqual([])
  })

  test('every entry of the table is needed', () => {
    const needed = new Set(
      USES.flatMap((use) => allowing(use).map((entry) => `${areaOf(use.file)}: ${entry}`)),
    )
    const entries = AREAS.flatMap((area) =>
      (MAY_IMPORT[area] ?? []).map((entry) => `${area}: ${entry}`),
    )
    expect(entries.filter((entry) => !needed.has(entry))).toEqual([])
  })

  test('all forms of importing are seen', () => {
    const text = `
      import 'a'
      import b from 'b'
      import type { C } from 'c'
      import { type D } from 'd'
      import { type E, e } from 'e'
      export * from 'f'
      export type { G } from 'g'
      const h = await import('h')
      let i: import('i').I
      const j = require('j')
      const k = await import(\`\${h}k\`)
    `
    expect(new Map(importsOf('x.ts', text).map((each) => [each.from, each.typeOnly]))).toEqual(
      new Map([
        ...['a', 'b', 'e', 'f', 'h', 'j', '(computed)'].map((name) => [name, false] as const),
        ...['c', 'd', 'g', 'i'].map((name) => [name, true] as const),
      ]),
    )
  })
})

describe('the process', () => {
  /** Uses of the globals, whatever comments allow. A parameter of the same name is no global. */
  function globalsIn(file: string): string[] {
    const messages = new Linter().verify(
      readSource(file),
      {
        files: ['**/*.ts'],
        languageOptions: { parser: tseslint.parser },
        linterOptions: { noInlineConfig: true },
        rules: {
          'no-restricted-globals': [
            'error',
            { globals: ['process', 'console'], checkGlobalObject: true },
          ],
        },
      },
      file,
    )
    return messages.flatMap(({ ruleId, message }) => (ruleId === null ? [] : [message]))
  }

  function touches(file: string): boolean {
    const modules = importsOf(file, readSource(file)).map(({ from }) => from)
    return (
      modules.some((from) => /^(node:)?(process|console)$/.test(from)) || globalsIn(file).length > 0
    )
  }

  test('is touched by the command line alone', () => {
    expect(FILES.filter(touches)).toEqual(MAY_TOUCH_PROCESS)
  })

  test('has its environment read by those who say why', () => {
    const readers = FILES.filter((file) =>
      [...nodesOf(file, readSource(file))].some(
        (node) => ts.isPropertyAccessExpression(node) && node.name.text === 'env',
      ),
    )
    // The table of keys has a member of this name, too: the variable of a key.
    expect(readers.filter((file) => !file.startsWith('config/'))).toEqual(
      Object.keys(MAY_READ_ENVIRONMENT),
    )
  })
})

describe('a dialect', () => {
  const OTHERS = ['core', 'http', 'kafka', 'embedded', 'telemetry', 'dialects/shared']

  test('is named by no one but dialects, their list, their keys and the wiring', () => {
    const names = FILES.filter((file) => OTHERS.includes(areaOf(file) ?? '')).flatMap((file) =>
      [...nodesOf(file, readSource(file))]
        .filter((node) => ts.isStringLiteralLike(node) && DIALECTS.includes(node.text))
        .map((node) => `${file}: ${node.parent.getText()}`),
    )
    expect(names).toEqual([])
  })

  test('is never asked who it is', () => {
    const asked = FILES.filter((file) => areaOf(file) === 'core').flatMap((file) =>
      [...nodesOf(file, readSource(file))]
        .filter(asksWho)
        .map((node) => `${file}: ${node.getText()}`),
    )
    expect(asked).toEqual([])
  })

  /** dialect.name === 'x', ref.dialect !== 'x', switch (dialect.name). */
  function asksWho(node: ts.Node): boolean {
    if (ts.isSwitchStatement(node)) return isIdentity(node.expression)
    if (!ts.isBinaryExpression(node) || !/^[!=]==?$/.test(node.operatorToken.getText()))
      return false
    const sides = [node.left, node.right]
    return sides.some(isIdentity) && sides.some((side) => ts.isStringLiteralLike(side))
  }

  function isIdentity(node: ts.Expression): boolean {
    return /(^|\.)dialect(\.name)?$/i.test(node.getText())
  }

  test.each(DIALECTS)('%s has the files that every dialect has', (name) => {
    expect(FILES).toContain(`dialects/${name}/index.ts`)
  })
})
