// One instance per folder. Kafka locks its data itself, but only after it has touched them: a second
// one started on the same folder can spoil the metadata of the first. So the folder is taken before
// Java starts.
//
// * The file `lock` names who holds the folder, a line each: the process that starts Kafka, and the
//   Java process, which may outlive it for the seconds that its watcher needs to end it.
// * A process is told by its id and the time of its start, since ids are used again. A lock of
//   processes that are gone is nobody's.

import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { DataInUseError } from './kafka-log.ts'

export interface FolderLock {
  /** Names the Java process as a holder, too. */
  readonly share: (pid: number) => Promise<void>
  readonly release: () => Promise<void>
}

/** A watcher gives Kafka eight seconds, and then kills it. */
const ORPHAN_ENDS_WITHIN_MS = 12_000
const POLL_MS = 100
/** Two that find the same lock of nobody: the one that wrote last has it. */
const SETTLE_MS = 50

/** Takes the folder for the process `starter`. Rejects with DataInUseError while it is held. */
export async function lockFolder(directory: string, starter: number): Promise<FolderLock> {
  const file = join(directory, 'lock')
  await untilFree(file, directory)
  const own = await describe(starter)
  await writeFile(file, `${own}\n`)
  await sleep(SETTLE_MS)
  if ((await holdersOf(file))[0] !== own) throw new DataInUseError(directory)
  return {
    share: async (pid) => writeFile(file, `${own}\n${await describe(pid)}\n`),
    release: () => rm(file, { force: true }),
  }
}

async function untilFree(file: string, directory: string): Promise<void> {
  const deadlineMs = Date.now() + ORPHAN_ENDS_WITHIN_MS
  for (;;) {
    const [starter, java] = await Promise.all((await holdersOf(file)).map(isAlive))
    if (!starter && !java) return
    // Kafka without the one that started it is being ended.
    if (starter || Date.now() > deadlineMs) throw new DataInUseError(directory)
    await sleep(POLL_MS)
  }
}

async function holdersOf(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
  } catch {
    return []
  }
}

async function isAlive(holder: string): Promise<boolean> {
  const pid = Number(holder.split(' ')[0])
  const start = Number.isSafeInteger(pid) && pid > 0 ? await startOf(pid) : undefined
  return start !== undefined && holder === `${pid} ${start}`
}

/** Id and start of a process. */
async function describe(pid: number): Promise<string> {
  return `${pid} ${(await startOf(pid)) ?? '-'}`
}

async function startOf(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)])
    return stdout.trim() || undefined
  } catch {
    // Not there; or there is no ps, and then locks are never anybody's.
    return undefined
  }
}
