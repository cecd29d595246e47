// npm kinesalite has no types of its own.

declare module 'kinesalite' {
  import type { Server } from 'node:http'

  /** Times after which streams change their state, in milliseconds. */
  // eslint-disable-next-line no-restricted-exports -- it is what the package exports
  export default function kinesalite(options: {
    createStreamMs?: number
    deleteStreamMs?: number
    updateStreamMs?: number
    shardLimit?: number
  }): Server
}
