// What differs between the dialects that speak the Kinesis wire: facts as fields.

import type { Head, Input, Operation, Reply } from '../../core/dialect.ts'
import type { BridgeError } from '../../core/errors.ts'
import type { Position, StreamRef } from '../../core/model.ts'
import type { NameRules } from '../../core/naming.ts'
import type { TextShape } from '../../core/shape.ts'
import type { Finding } from '../shared/check.ts'
import type { Rules } from './authenticate.ts'
import type { OperationShapes } from './shapes.ts'
import type { Sentences } from './sentences.ts'

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
  /** Data of one record, decoded, on a stream that was not made for larger ones. */
  readonly recordBytesMax: number
  /** Data of one record, decoded, where the stream was made for it. */
  readonly largeRecordBytesMax: number
  readonly recordsMax: number
  /** Data and partition keys of one PutRecords, decoded. */
  readonly requestBytesMax: number
  /** The shortest retention that a stream may be given. */
  readonly retentionHoursMin: number
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
  readonly streamArn: TextShape
  /** The stream that a call names in StreamName, StreamARN or its URL. */
  readonly streamOf: (input: Input, head: Head) => StreamRef
  /** A stream's name as a reply shows it to the caller of this input. */
  readonly nameOf: (ref: StreamRef, input: Input) => string
  readonly operations: readonly string[]
  /** Operations of a child that only the body tells from this dialect's. */
  readonly alsoOpens?: readonly string[]
  /** What a child has beside the operations of its parent. */
  readonly ownOperations?: (facts: Facts) => Readonly<Record<string, Operation>>
  /** A child's own way of creating streams. */
  readonly createStream?: (facts: Facts) => Operation['perform']
  /** The retention that CreateStream names, where it may name one. */
  readonly retentionHoursOf?: (input: Input) => number | undefined
  /** A child's limits and members of its parent's operations. */
  readonly adapt?: (schema: Record<string, OperationShapes>) => Record<string, OperationShapes>
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
  /** What a shard may be written, shown of a stream. */
  readonly showsWriteQuota: boolean
  readonly adopts?: (head: Head, input?: Input) => boolean
  readonly answerWithinMs: (head: Head) => number
  /** The sentence for it. */
  readonly deny: (denial: Denial) => string
  readonly sentences: Sentences
  /** As many as the service looks for. */
  readonly findingsMax: number
  /** Broken constraints, all of them. */
  readonly sayBroken: (findings: readonly Finding[]) => BridgeError
  readonly unknownOperation: (name: string) => BridgeError
  readonly emptyBody: () => BridgeError
  /** Replies have members that the vendor has added of late. */
  readonly newerMembers: boolean
  /** The id of a reply. Default: ours. */
  readonly idOf?: (head: Head, id: string) => string
  /** Headers of the reply that depend on its body. */
  readonly seal?: (reply: Reply) => Reply
  /** Used in ARNs and messages. */
  readonly accountId: string
  readonly region: string
}

/** Members that the vendor has added of late; none where they are not wanted. */
export function newer<Members>({ newerMembers }: Facts, members: Members): Partial<Members> {
  return newerMembers ? members : {}
}
