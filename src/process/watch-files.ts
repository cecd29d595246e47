// Noticing that files have changed: their places in the file system are looked at now and then. A
// change in place, a file put in another's place and Kubernetes' swapped links all show there, on
// every file system, which cannot be said of the system's own notifications.

import { stat } from 'node:fs/promises'

export interface WatchOptions {
  readonly everyMs: number
  /** Called once for each change that was seen. */
  readonly onChange: () => void
}

/** Starts to watch; the answer stops it. Keeps no process alive. */
export function watchFiles(
  paths: readonly string[],
  { everyMs, onChange }: WatchOptions,
): () => void {
  let seen: string | undefined
  let stopped = false
  let looking = false

  async function look(): Promise<void> {
    if (looking) return
    looking = true
    const marks = await Promise.all(paths.map(markOf))
    looking = false
    const mark = marks.join(' ')
    const changed = seen !== undefined && seen !== mark
    seen = mark
    if (changed && !stopped) onChange()
  }

  void look()
  const timer = setInterval(() => void look(), everyMs)
  timer.unref()
  return () => {
    stopped = true
    clearInterval(timer)
  }
}

/** Changes whenever the file does; of a missing file it is always the same. */
async function markOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true })
    return `${ino}:${size}:${mtimeNs}`
  } catch {
    return 'missing'
  }
}
