// The replies to puts whose records are all stored, in JSON: written by hand, since they are nearly all
// the replies there are. Anything else is encoded from members, to the same bytes.

import type { Position } from '../../core/model.ts'
import type { Facts } from './facts.ts'

export interface PutReplies {
  readonly one: (position: Position) => string
  readonly many: (positions: readonly Position[]) => string
}

export function createPutReplies({ shardId, sequenceNumber, showsEncryption }: Facts): PutReplies {
  const ids: string[] = []
  const idOf = (shard: number): string => (ids[shard] ??= shardId(shard))
  const encryption = showsEncryption ? ',"EncryptionType":"NONE"' : ''
  return {
    one: (position) =>
      `{"ShardId":"${idOf(position.shard)}","SequenceNumber":"${sequenceNumber(position)}"${encryption}}`,
    many(positions) {
      let records = ''
      for (const position of positions) {
        const comma = records === '' ? '' : ','
        records += `${comma}{"SequenceNumber":"${sequenceNumber(position)}","ShardId":"${idOf(position.shard)}"}`
      }
      return `{"FailedRecordCount":0,"Records":[${records}]${encryption}}`
    },
  }
}
