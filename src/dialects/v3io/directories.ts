// Which directories there are. Kafka has none: a directory is what the paths of streams go through.
//
// * After its last stream is deleted a directory is still there on the platform, and v3io-go's
//   users list it then; so the directories of streams deleted here are remembered, in this process
//   and bounded, until they are deleted themselves. Elsewhere they are missing: nothing is lost.
// * A container's root is always there.

import type { Streams } from '../../core/streams.ts'
import { V3IO, type Place } from './names.ts'

/** What is at a place. */
interface Sight {
  readonly exists: boolean
  readonly isStream: boolean
  /** Names of what is right below: directories and streams. */
  readonly directories: readonly string[]
}

export interface Directories {
  readonly look: (streams: Streams, place: Place) => Promise<Sight>
  /** Remembers all directories above a stream that was deleted. */
  readonly keepAbove: (place: Place) => void
  /** Deletes an empty directory. */
  readonly forget: (place: Place) => void
}

const REMEMBERED_MAX = 10_000

export function createDirectories(): Directories {
  const remembered = new Set<string>()

  return {
    async look(streams, { container, path }) {
      const above = path === '' ? '' : `${path}/`
      const paths = (await streams.list(V3IO, { container })).map(
        ({ parts }) => parts['path'] ?? '',
      )
      const below = paths.filter((each) => each.startsWith(above))
      const directories = new Set(below.map((each) => each.slice(above.length).split('/')[0] ?? ''))
      const isStream = path !== '' && paths.includes(path)
      const isRemembered = remembered.has(`${container}/${path}`)
      const exists = path === '' || isStream || directories.size > 0 || isRemembered
      return { exists, isStream, directories: [...directories] }
    },

    keepAbove({ container, path }) {
      const elements = path.split('/')
      for (let depth = 1; depth < elements.length; depth++) {
        remembered.add(`${container}/${elements.slice(0, depth).join('/')}`)
      }
      for (const oldest of remembered) {
        if (remembered.size <= REMEMBERED_MAX) break
        remembered.delete(oldest)
      }
    },

    forget({ container, path }) {
      remembered.delete(`${container}/${path}`)
    },
  }
}
