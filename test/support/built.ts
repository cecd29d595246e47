// The command line as it ships: dist/, compiled. `npm test` compiles it first.

import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, sourceFiles } from './source-files.ts'

export interface Finished {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Where the command line is. Throws where it is older than what it was compiled from. */
export function builtCli(): string {
  const builtMs = statSync(join(ROOT, 'dist/.tsbuildinfo')).mtimeMs
  const newer = sourceFiles().filter((path) => statSync(join(ROOT, 'src', path)).mtimeMs > builtMs)
  if (newer.length > 0) throw new Error(`dist is older than src/${newer[0]}: npm run build`)
  return join(ROOT, 'dist/cli.js')
}

/** Runs `tributary …` to its end, with no environment but this. */
export function runCli(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Finished {
  const { status, stdout, stderr } = spawnSync(process.execPath, [builtCli(), ...args], {
    env: environment,
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { status, stdout, stderr }
}
