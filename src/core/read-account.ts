// What a call has read, filled into its account as it goes on.

import type { Account } from './account.ts'
import type { Reader } from './read.ts'
import { contentBytesOf } from './sizes.ts'

export function countReads(account: Account, reader: Reader): Reader {
  return {
    locate(shard, ...rest) {
      account.stream = shard.stream.name
      return reader.locate(shard, ...rest)
    },
    async read(from, limits) {
      account.stream = from.stream.name
      const reading = await reader.read(from, limits)
      if (reading.state === 'read') {
        account.records += reading.records.length
        account.bytes += contentBytesOf(reading.records)
      }
      return reading
    },
  }
}
