// Links and names of files in the pages.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '../support/source-files.ts'

const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap(([, found]) => found ?? [])
}

test.each(PAGES)('%s: links lead to files, and files that it names are there', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const links = matches(text, /\]\((?!https?:)([^)#]+)/g).map((path) => join(dirname(page), path))
  const files = matches(text, /`((?:[\w.-]+\/)*[\w-]+\.(?:ts|mjs|yaml))`/g)
  // Inside the source, files are named from there, or by their own names within a folder's row.
  const names = new Set(
    readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).flatMap((path) => [
      path,
      path.slice(path.lastIndexOf('/') + 1),
    ]),
  )

  expect(links.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  expect(files.filter((path) => !existsSync(join(ROOT, path)) && !names.has(path))).toEqual([])
})

test('every page under docs/ is linked from the README', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

  expect(PAGES.filter((page) => page !== 'README.md' && !readme.includes(`(${page})`))).toEqual([])
})
