// What a call has read, filled into its account as it goes on.

import type { Account } from './exchange.ts'
import type { Reader, ReadRecord } from './read.ts'

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
        account.bytes += contentBytes(reading.records)
      }
      return reading
    },
  }
}

/** Data and keys. */
export function contentBytes(records: readonly ReadRecord[]): number {
  let bytes = 0
  for (const { data, key = '' } of records) bytes += data.length + key.length
  return bytes
}
