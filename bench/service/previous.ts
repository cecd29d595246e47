// The service as the previous commit had it, compiled in a folder of its own.

import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Where its dist/ is; nothing where there is no commit before this one. */
export function buildPrevious(root: string, cache: string): string | undefined {
  const folder = join(cache, 'before')
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root }).toString()
  try {
    git('rev-parse', '--verify', '--quiet', 'HEAD^')
  } catch {
    return undefined
  }
  rmSync(folder, { recursive: true, force: true })
  git('worktree', 'prune')
  git('worktree', 'add', '--force', '--detach', folder, commitBefore(git))
  if (!existsSync(join(folder, 'node_modules'))) {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  }
  execFileSync(
    process.execPath,
    [join(root, 'node_modules', '.bin', 'tsc'), '-p', 'tsconfig.build.json'],
    {
      cwd: folder,
      stdio: 'inherit',
    },
  )
  return join(folder, 'dist')
}

/** That which what lies in the folder is a change of. */
function commitBefore(git: (...args: string[]) => string): string {
  return git('status', '--porcelain', '--untracked-files=no', 'src').trim() === ''
    ? 'HEAD^'
    : 'HEAD'
}
