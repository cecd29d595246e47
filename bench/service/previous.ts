// The service as the previous commit had it, compiled in a folder of its own.

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Where its dist/ is; nothing where there is no commit before this one. */
export function buildPrevious(root: string, cache: string): string | undefined {
  const folder = join(cache, 'before')
  const git = (...args: string[]): Buffer =>
    execFileSync('git', args, { cwd: root, maxBuffer: 2 ** 28 })
  try {
    git('rev-parse', '--verify', '--quiet', 'HEAD^')
  } catch {
    return undefined
  }
  // Where the source is changed and not committed, the last commit is the one before.
  const changed = git('status', '--porcelain', '--untracked-files=no', 'src').length > 0
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['-x', '-C', folder], { input: git('archive', changed ? 'HEAD' : 'HEAD^') })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: 'inherit' })
  return join(folder, 'dist')
}
