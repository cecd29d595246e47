// What vendors' clients run on, fetched by their own tools into the ignored .cache/: once for each
// content of the files that say what is wanted.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runProgram } from './program.ts'

export const ROOT = join(import.meta.dirname, '../..')
export const CACHE = join(ROOT, '.cache')

/** A folder of .cache/ that is made once for the files' contents; of two that make it the slower one loses. */
export async function provideOnce(
  name: string,
  files: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file))
  const folder = join(CACHE, `${name}-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(folder)) return folder
  mkdirSync(dirname(folder), { recursive: true })
  const part = mkdtempSync(`${folder}.part-`)
  try {
    await make(part)
    if (!existsSync(folder)) renameSync(part, folder)
  } finally {
    rmSync(part, { recursive: true, force: true })
  }
  return folder
}

/** How this machine reaches a registry is its owner's business: all of it is passed on. */
export function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
}

export interface Fetching {
  readonly withinMs: number
  readonly directory?: string
}

/** Runs a tool that may reach its registry; rejects with all it said where it fails. */
export async function runFetching(command: readonly string[], options: Fetching): Promise<void> {
  const { status, stdout, stderr } = await runProgram(command, {
    ...options,
    environment: inherited(),
  })
  if (status !== 0) throw new Error(`${command.join(' ')}:\n${stdout}\n${stderr}`)
}
