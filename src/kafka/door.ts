// The way to one broker's connection: opened when first needed, once however many ask, and opened
// anew when the last one broke or its login is about to end.

import type { Link } from './link.ts'

export interface Door {
  /** The open connection, if there is one to be used right now. */
  readonly peek: () => Link | undefined
  /** The open connection, or one that is being opened. Rejects with LinkError. */
  readonly open: () => Promise<Link>
  readonly close: (reason: string) => void
}

/** Creates a door over a way of opening connections. */
export function createDoor(openLink: () => Promise<Link>): Door {
  let link: Link | undefined
  let opening: Promise<Link> | undefined
  let closed: string | undefined

  function peek(): Link | undefined {
    if (link?.expired() === true) {
      link.retire()
      link = undefined
    }
    return link
  }

  async function openOne(): Promise<Link> {
    try {
      const opened = await openLink()
      if (closed === undefined) link = opened
      else opened.destroy(closed)
      return opened
    } finally {
      opening = undefined
    }
  }

  return {
    peek,
    open() {
      const open = peek()
      return open === undefined ? (opening ??= openOne()) : Promise.resolve(open)
    },
    close(reason) {
      closed = reason
      link?.destroy(reason)
      link = undefined
    },
  }
}
