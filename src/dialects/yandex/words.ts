// What the service says in words of its own where Amazon's would be others (the open source of the
// service behind Yandex Data Streams, ydb: put_records_actor.h, datastreams_proxy.cpp, http_req.cpp).
// All else is said as Amazon says it.

import { BridgeError } from '../../core/errors.ts'
import { SENTENCES, type Sentences } from '../kinesis/sentences.ts'
import { sayBroken as sayAsAmazon } from '../kinesis/words.ts'
import type { Finding } from '../shared/check.ts'
import { blobBytes } from '../shared/size.ts'

const HOUR_S = 3600

export const OWN_SENTENCES: Sentences = {
  ...SENTENCES,
  unknownOperation: (name) => `Missing method name ${name}`.trimEnd(),
  streamExists: (name) => `Stream with name ${name} already exists`,
  hashKey: (text) => `${text} is not a valid 128 bit decimal`,
  requestTooLarge: (bytes, bytesMax) =>
    `Total size of PutRecords request of ${bytes} bytes exceed limit of ${bytesMax} bytes`,
  cannotShrink: (_, from, to) =>
    `Shard count must be non-decreasing, old value is ${from} new value is ${to}`,
  notLonger: (_, wanted, existing) =>
    `Retention period is not greater than provided: ${existing * HOUR_S} <= ${wanted * HOUR_S}`,
  notShorter: (_, wanted, existing) =>
    `Retention period is not less than provided: ${existing * HOUR_S} <= ${wanted * HOUR_S}`,
}

/** The sentence for a finding, in the order in which the service looks for them. */
const CHECKS: readonly ((finding: Finding) => string | undefined)[] = [
  ({ path, rule }) =>
    path[0] === 'StreamName' && rule === 'required' ? 'Stream name is empty' : undefined,
  ({ path, rule, value, shape }) =>
    path[0] === 'Records' && path.length === 1 && rule === 'max' && shape.type === 'list'
      ? `Too many records in a single PutRecords request: ${(value as unknown[]).length} > ${shape.lengthMax ?? 0}`
      : undefined,
  sayOfRecord,
]

function sayOfRecord({ path, rule, value, shape }: Finding): string | undefined {
  const member = path.at(-1)
  if (member === 'PartitionKey') {
    return rule === 'max' ? `Partition key is too long: ${String(value)}` : 'Empty partition key'
  }
  if (member === 'Data' && rule === 'max' && shape.type === 'blob') {
    return `Data of size of ${blobBytes(value)} bytes exceed limit of ${shape.bytesMax ?? 0} bytes`
  }
  return member === 'ExplicitHashKey' ? OWN_SENTENCES.hashKey(String(value)) : undefined
}

/** The first thing that the service would find; what it does not look for is said as Amazon says it. */
export function sayBroken(findings: readonly Finding[]): BridgeError {
  for (const say of CHECKS) {
    for (const finding of findings) {
      const sentence = say(finding)
      if (sentence !== undefined) return new BridgeError('constraint', sentence)
    }
  }
  return sayAsAmazon(findings)
}
