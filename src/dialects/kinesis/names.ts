// Kinesis stream names: StreamName, StreamARN, or both when they agree.
//
// * The region and the account of an ARN are parts of the name. They are ignored unless they are
//   pinned; then a stream of another account or region is a missing one.

import type { Input } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { StreamRef } from '../../core/model.ts'
import type { NameRules } from '../../core/naming.ts'
import { readArn } from './arns.ts'

const NAME = /^[a-zA-Z0-9_.-]{1,128}$/

function refOf(name: string): StreamRef | undefined {
  return NAME.test(name) ? { dialect: 'kinesis', name, parts: { stream: name } } : undefined
}

export const KINESIS_NAMES: NameRules = {
  refOf: ({ stream = '' }) => refOf(stream),
  parse: refOf,
}

/** The name a call gives in either member. Throws BridgeError where the two disagree. */
export function namedStream(input: Input): string {
  const { StreamName: name, StreamARN: arn } = input
  const inArn = typeof arn === 'string' ? (readArn(arn)?.stream ?? arn) : undefined
  if (typeof name !== 'string') return inArn ?? ''
  if (inArn === undefined || inArn === name) return name
  throw new BridgeError(
    'invalid-argument',
    `StreamARN and StreamName name different streams: ${inArn} and ${name}`,
  )
}

export function kinesisStream(input: Input): StreamRef {
  const name = namedStream(input)
  const { StreamARN: text } = input
  const { region, account } = (typeof text === 'string' ? readArn(text) : undefined) ?? {}
  return {
    dialect: 'kinesis',
    name,
    parts: {
      stream: name,
      ...(region !== undefined && { region }),
      ...(account !== undefined && { account }),
    },
  }
}
