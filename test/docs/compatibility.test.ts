// docs/compatibility.md: every operation has a row, every proof exists, and nothing is said to be
// missing that is there.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/load.ts'
import { createDialects } from '../../src/dialects/index.ts'
import { ROOT } from '../support/source-files.ts'

interface Row {
  readonly section: string
  readonly what: string
  readonly proof: string
}

const DIALECTS = createDialects(loadConfig({ environment: {} }).dialects)
const ROWS = rowsOf(readFileSync(join(ROOT, 'docs/compatibility.md'), 'utf8'))

function rowsOf(page: string): Row[] {
  const [, ...sections] = page.split(/^## /m)
  return sections.flatMap((section) => {
    const [title = '', ...lines] = section.split('\n')
    return lines.flatMap((line) => {
      const [, what = '', proof = ''] = /^\| (.+?) *\| (.+?) *\|$/.exec(line) ?? []
      return what === '' || what === 'what' || /^-+$/.test(what)
        ? []
        : [{ section: title, what, proof }]
    })
  })
}

/** `A`, `B` of a row; only words that can be an operation's name. */
function namesIn(what: string): string[] {
  return [...what.matchAll(/`([A-Z][A-Za-z]+)`/g)].flatMap(([, name]) => name ?? [])
}

test('the page has a section for all, and one for each dialect', () => {
  const sections = [...new Set(ROWS.map(({ section }) => section))]

  expect(sections).toEqual(['All dialects', ...DIALECTS.map(({ name }) => name)])
})

test.each(DIALECTS)('$name: every operation has a row', ({ name, operations }) => {
  const named = ROWS.filter(({ section }) => section === name).flatMap(({ what }) => namesIn(what))

  expect(Object.keys(operations).filter((operation) => !named.includes(operation))).toEqual([])
})

test.each(DIALECTS)('$name: what is said to be missing is not served', ({ name, operations }) => {
  const missing = ROWS.filter(
    ({ section, proof }) => section === name && proof.startsWith('not supported: '),
  ).flatMap(({ what }) => namesIn(what))

  const served = missing.filter(
    (operation) => !(operations[operation]?.about ?? 'Refused.').startsWith('Refused.'),
  )
  expect(served).toEqual([])
})

test.each(ROWS)('$section: $what', ({ proof }) => {
  if (/^(not supported: .*\d{3}|stored as)/.test(proof)) return
  const [, file = '', title = ''] = /^`(test\/[^`]+)`: (.+)$/.exec(proof) ?? []

  expect([proof, existsSync(join(ROOT, file))]).toEqual([proof, file !== ''])
  const source = readFileSync(join(ROOT, file), 'utf8')
  expect([title, source.includes(title)]).toEqual([title, true])
})
