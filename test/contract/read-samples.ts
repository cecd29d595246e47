// One sample per dialect that reads: how its consumers begin at a shard's oldest record and go on.

import type { Request } from './samples.ts'

/** A record as it was read, in the vendor's own forms read back to plain ones. */
export interface ReadBack {
  readonly ordinal: number
  readonly data: Buffer
  readonly key: string | undefined
}

export interface Page {
  readonly records: readonly ReadBack[]
  /** Where reading goes on. */
  readonly next: string
  /** Whether there is more to be had now. */
  readonly isBehind: boolean
}

export interface ReadSample {
  /** That of the sample in samples.ts. */
  readonly name: string
  /** Asks for a position at the oldest record. */
  readonly begin: (stream: string, shard: number) => Request
  readonly readPosition: (body: string) => string
  readonly read: (stream: string, shard: number, position: string, limit: number) => Request
  readonly readPage: (body: string) => Page
  /** What a position of a stream that was made again is answered with. */
  readonly otherStream: { readonly status: number; readonly says: string }
}

interface V3ioRecords {
  readonly NextLocation: string
  readonly RecordsBehindLatest: number
  readonly Records: readonly {
    readonly SequenceNumber: number
    readonly Data: string
    readonly PartitionKey?: string
  }[]
}

function v3ioRequest(path: string, name: string, body: object): Request {
  const headers = { 'x-v3io-function': name }
  return { method: 'PUT', path, headers, body: Buffer.from(JSON.stringify(body)) }
}

const v3io: ReadSample = {
  name: 'v3io',
  begin: (stream, shard) => v3ioRequest(`/${stream}/${shard}`, 'SeekShard', { Type: 'EARLIEST' }),
  readPosition: (body) => (JSON.parse(body) as { Location: string }).Location,
  read: (stream, shard, position, limit) =>
    v3ioRequest(`/${stream}/${shard}`, 'GetRecords', { Location: position, Limit: limit }),
  readPage(body) {
    const { NextLocation, RecordsBehindLatest, Records } = JSON.parse(body) as V3ioRecords
    return {
      next: NextLocation,
      isBehind: RecordsBehindLatest > 0,
      records: Records.map(({ SequenceNumber, Data, PartitionKey }) => ({
        ordinal: SequenceNumber - 1,
        data: Buffer.from(Data, 'base64'),
        key: PartitionKey,
      })),
    }
  },
  otherStream: { status: 400, says: 'IllegalLocationException' },
}

export const READ_SAMPLES: readonly ReadSample[] = [v3io]
