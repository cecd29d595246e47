// What differs between the dialects that speak the Kinesis wire: facts as fields.

import type { Head, Input } from '../../core/dialect.ts'
import type { Position, StreamRef } from '../../core/model.ts'
import type { NameRules } from '../../core/naming.ts'
import type { TextShape } from '../../core/shape.ts'
import type { Rules } from './authenticate.ts'

/** What a principal may not do. */
export interface Denial {
  readonly principal: string
  readonly operation: string
  readonly stream: string
  /** The region that the call was signed for. */
  readonly region: string | undefined
}

export interface Limits {
  readonly bodyBytesMax: number
  /** Data of one record, decoded. */
  readonly recordBytesMax: number
  readonly recordsMax: number
  /** Data and partition keys of one PutRecords, decoded. */
  readonly requestBytesMax: number
}

/** A sequence number that is to be read from. */
export interface SequenceRead {
  /** Absent: it tells none. */
  readonly shard?: number
  readonly ordinal: number
  /** It lies before its ordinal, and is no record's: what follows it begins there. */
  readonly isBetween: boolean
  /** It was not given here. */
  readonly isForeign: boolean
}

export interface Facts extends Rules {
  readonly name: string
  readonly parent?: string
  readonly limits: Limits
  readonly names: NameRules
  readonly streamName: TextShape
  /** The stream that a call names in StreamName, StreamARN or its URL. */
  readonly streamOf: (input: Input, head: Head) => StreamRef
  /** A stream's name as a reply shows it to the caller of this input. */
  readonly nameOf: (ref: StreamRef, input: Input) => string
  readonly operations: readonly string[]
  /** Takes `application/json` for what it is; Amazon knows no operation in it. */
  readonly acceptsPlainJson: boolean
  readonly shardId: (shard: number) => string
  readonly sequenceNumber: (position: Position) => string
  /** The sequence number that begins a shard. */
  readonly startOfShard: (shard: number) => string
  /** What a sequence number says; nothing for what is none. */
  readonly readSequence: (text: string) => SequenceRead | undefined
  /** A stream as iterators carry it, and the other way; nothing for what no stream is called. */
  readonly pathOf: (ref: StreamRef) => string
  readonly streamAt: (path: string) => StreamRef | undefined
  readonly iteratorCharsMax: number
  readonly mayOrder: (sequenceNumber: string, nowMs: number) => boolean
  /** Shown in the replies to puts even when nothing is encrypted. */
  readonly showsEncryption: boolean
  readonly adopts?: (head: Head, input?: Input) => boolean
  readonly answerWithinMs: (head: Head) => number
  /** The sentence for it. */
  readonly deny: (denial: Denial) => string
  /** Used in ARNs and messages. */
  readonly accountId: string
  readonly region: string
}
