// Amazon Resource Names: what a stream's is made of, and a consumer's, and what one says.
//
// * The region is that of the caller's signature: an endpoint has none of its own.
// * Account and region of an ARN are parts of the stream's name: ignored, unless they are pinned.

import type { Head } from '../../core/dialect.ts'
import type { StreamRef } from '../../core/model.ts'
import { readCredential } from './authenticate.ts'
import type { Facts } from './facts.ts'

export interface Arn {
  readonly region: string
  readonly account: string
  /** What follows `stream/`: for a consumer, more than the stream's name. */
  readonly stream: string
}

const STREAM_ARN = /^arn:aws[^:]*:kinesis:([^:]*):(\d{12}):stream\/(\S+)$/

/** Nothing for the ARN of anything but a stream. */
export function readArn(text: string): Arn | undefined {
  const [, region, account, stream] = STREAM_ARN.exec(text) ?? []
  if (region === undefined || account === undefined || stream === undefined) return undefined
  return { region, account, stream }
}

/** The ARN of a stream as its caller sees it. */
export function arnOf({ name }: StreamRef, facts: Facts, head: Head): string {
  const region = readCredential(head)?.region ?? facts.region
  return `arn:aws:kinesis:${region}:${facts.accountId}:stream/${name}`
}

/** A consumer as its ARN names it. */
export interface ConsumerName {
  /** The ARN of its stream. */
  readonly stream: string
  readonly name: string
  /** When it was registered, in seconds since 1970. */
  readonly createdS: number
}

export function consumerArn({ stream, name, createdS }: ConsumerName): string {
  return `${stream}/consumer/${name}:${createdS}`
}

/** Nothing for what is no consumer's ARN. */
export function readConsumerArn(arn: string): ConsumerName | undefined {
  const parts = /^(.+:stream\/[^/]+)\/consumer\/([^/:]+):(\d{1,15})$/.exec(arn)
  const [, stream, name, createdS] = parts ?? []
  if (stream === undefined || name === undefined) return undefined
  return { stream, name, createdS: Number(createdS) }
}
