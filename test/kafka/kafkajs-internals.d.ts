// kafkajs's reader of record batches: an implementation that is not ours, to read what we write.

/* eslint-disable no-restricted-exports -- these are the exports that the package has */

declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(bytes: Buffer)
    readInt32(): number
  }
}

declare module 'kafkajs/src/protocol/recordBatch/v0/decoder.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js'

  export default function decode(decoder: Decoder): Promise<{
    readonly producerId: string
    readonly producerEpoch: number
    readonly maxTimestamp: string
    readonly lastOffsetDelta: number
    readonly records: readonly {
      readonly key: Buffer | null
      readonly value: Buffer | null
      readonly timestamp: string
      readonly offset: string
      readonly headers: Record<string, Buffer | Buffer[]>
    }[]
  }>
}
