// The chart's README, from its head and the comments of values.yaml: `npm run reference` writes it, and with
// --check the exit status says whether it is up to date.
//
// A script of our own: the usual tool would be one more program to build, and cannot show that a whole map is one
// value. A comment that begins with `--` is what the value below it means; `@section` begins a table. A value that has none,
// and is no map of such, is an error.

import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { isMap, isScalar, parseDocument } from 'yaml'

const file = (name) => new URL(`tributary/${name}`, import.meta.url)
const read = (name) => readFileSync(file(name), 'utf8')

/** Sections, each with rows of path, default and words. */
function sectionsOf(text) {
  const { contents } = parseDocument(text)
  const sections = []
  for (const pair of contents.items) {
    const comment = commentOf(pair, contents)
    const title = /^ ?@section (.*)$/m.exec(comment)?.[1]
    if (title) sections.push({ title, rows: [] })
    sections.at(-1).rows.push(...rowsOf(pair, contents, ''))
  }
  return sections
}

/** The first key's comment is its map's. */
function commentOf(pair, map) {
  const isFirst = map.items[0] === pair
  return [isFirst ? map.commentBefore : undefined, pair.key.commentBefore]
    .filter(Boolean)
    .join('\n')
}

function rowsOf(pair, map, parent) {
  const path = `${parent}${pair.key.value}`
  const words = /^ ?-- (.*)$/m.exec(commentOf(pair, map))?.[1]
  const inner = isMap(pair.value) ? pair.value.items : []
  // A map whose members have no words of their own is one value.
  const parts = inner.flatMap((each) => rowsOf(each, pair.value, `${path}.`))
  const isWhole = words !== undefined && !parts.some(({ words: own }) => own)
  if (parts.length > 0 && !isWhole) return [...(words ? [{ path, words }] : []), ...parts]
  return [{ path, words, value: shown(pair.value) }]
}

function shown(value) {
  if (isScalar(value) && value.value === '') return ''
  const text = JSON.stringify(value.toJSON())
  return text === '{}' || text === '[]' ? '' : `\`${text.replaceAll('|', '\\|')}\``
}

function readmeOf(head, values) {
  const tables = sectionsOf(values).map(({ title, rows }) => {
    const lines = rows.map(({ path, words, value = '' }) => {
      if (words === undefined) throw new Error(`values.yaml: say what ${path} means`)
      return `| \`${path}\` | ${value || '–'} | ${words.replaceAll('|', '\\|')} |`
    })
    return `## ${title}\n\n| value | default | meaning |\n| --- | --- | --- |\n${lines.join('\n')}\n`
  })
  return `<!-- Written by npm run reference from README.head.md and values.yaml. -->\n\n${head}\n${tables.join('\n')}`
}

const text = readmeOf(read('README.head.md'), read('values.yaml'))
if (!process.argv.includes('--check')) writeFileSync(file('README.md'), text)
else if (text !== read('README.md')) {
  process.stderr.write('helm/tributary/README.md is stale: npm run reference\n')
  process.exit(1)
}
