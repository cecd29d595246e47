// Hadolint out of its wheel, which a lock file names by its hash, in the ignored cache.

import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE } from '../support/kafka-jars.ts'
import { must } from './engine.ts'

const HOME = join(CACHE, 'image/hadolint')

/** The program; installs it where it is missing. */
export function provideHadolint(): string {
  const program = join(HOME, 'bin/hadolint')
  if (existsSync(program)) return program
  rmSync(HOME, { recursive: true, force: true })
  must('python3', ['-m', 'venv', HOME])
  must(join(HOME, 'bin/pip'), [
    ...['install', '--quiet', '--require-hashes', '--only-binary', ':all:'],
    ...['--requirement', join(import.meta.dirname, 'requirements.txt')],
  ])
  return program
}
