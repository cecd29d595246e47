// ARNs of streams and of their consumers.

import type { Ask } from '../../core/dialect.ts'
import type { StreamRef } from '../../core/model.ts'
import { readCredential } from './authenticate.ts'
import type { Facts } from './facts.ts'

/** In the region that the call was signed for. */
export function streamArn({ name }: StreamRef, facts: Facts, { call }: Ask): string {
  const region = readCredential(call.head)?.region ?? facts.region
  return `arn:aws:kinesis:${region}:${facts.accountId}:stream/${name}`
}

export interface ConsumerName {
  /** The ARN of its stream. */
  readonly streamArn: string
  readonly name: string
  /** When it was registered, in seconds since 1970. */
  readonly createdS: number
}

export function consumerArn({ streamArn: stream, name, createdS }: ConsumerName): string {
  return `${stream}/consumer/${name}:${createdS}`
}

/** Nothing for what is no consumer's ARN. */
export function parseConsumerArn(arn: string): ConsumerName | undefined {
  const parts = /^(.+:stream\/[^/]+)\/consumer\/([^/:]+):(\d{1,15})$/.exec(arn)
  const [, stream, name, createdS] = parts ?? []
  if (stream === undefined || name === undefined) return undefined
  return { streamArn: stream, name, createdS: Number(createdS) }
}
