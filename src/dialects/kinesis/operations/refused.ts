// Calls of the vendor's that are known and refused: each with a sentence for its caller, in an error
// that its SDKs know. A missing stream is said to be missing first.

import type { Operation } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import { encodeReply } from '../encode.ts'
import type { Facts } from '../facts.ts'
import { streamOfResource } from './tags.ts'

type Perform = Operation['perform']

export const WHY = {
  encryption:
    'Streams are not encrypted by this service: records lie in Kafka as they came. Encrypt the brokers’ disks, or data before it is put.',
  policies:
    'There are no resource policies here: who may do what is said in the service’s credentials file.',
  throughput: 'There is no throughput to be kept warm here: Kafka takes what its brokers can.',
  commitment: 'There is nothing to be committed to here: the account has no bill.',
  channels: 'There are no channels here: let a connector on Kafka move the records.',
  queues: 'There are no queues here: read the stream, or its topic on Kafka.',
} as const

function refusal(sentence: string): BridgeError {
  return new BridgeError('not-supported', sentence)
}

/** Of a call that names a stream. */
export function refuseForStream(sentence: string): (facts: Facts) => Perform {
  return (facts) =>
    async ({ input, call, streams }) => {
      await streams.summarise(facts.streamOf(input, call.head))
      throw refusal(sentence)
    }
}

/** Of a call that names a resource. */
export function refuseForResource(sentence: string): (facts: Facts) => Perform {
  return (facts) =>
    async ({ input, call, streams }) => {
      await streams.summarise(streamOfResource(facts)(input, call.head))
      throw refusal(sentence)
    }
}

/** Of a call that names nothing of ours. */
export function refuse(sentence: string): () => Perform {
  return () => () => Promise.reject(refusal(sentence))
}

/** Of several such calls. */
export function refuseAll(
  names: readonly string[],
  sentence: string,
): Record<string, () => Perform> {
  return Object.fromEntries(names.map((name) => [name, refuse(sentence)]))
}

/** No policy is an empty one. */
export function createGetResourcePolicy(facts: Facts): Perform {
  return async function getResourcePolicy({ input, call, streams }) {
    await streams.summarise(streamOfResource(facts)(input, call.head))
    return encodeReply(call.head, { Policy: '{}' })
  }
}
