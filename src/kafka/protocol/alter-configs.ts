// IncrementalAlterConfigs, version 0: sets single settings of a topic and leaves the others, which
// the older AlterConfigs would reset.

import { frame } from './request.ts'
import type { Api } from './request.ts'
import { Reader, Writer } from './wire.ts'

const API: Api = { key: 44, version: 0, flexible: false }
const TOPIC = 2
const SET = 0

export interface AlterConfigsReply {
  readonly code: number
  readonly message: string | null
}

export function encodeAlterConfigs(
  clientId: string,
  topic: string,
  settings: readonly (readonly [name: string, value: string])[],
): Buffer {
  const body = new Writer().count(1).int8(TOPIC).string(topic).count(settings.length)
  for (const [name, value] of settings) body.string(name).int8(SET).string(value)
  return frame(API, clientId, body.boolean(false))
}

/** Reads the answer for the one topic. Throws RangeError when it is cut short. */
export function decodeAlterConfigs(reply: Buffer): AlterConfigsReply {
  const reader = new Reader(reply)
  reader.int32() // throttle time
  const [answer] = reader.array(() => {
    const code = reader.int16()
    const message = reader.string()
    reader.int8()
    reader.string()
    return { code, message }
  })
  if (answer === undefined) throw new RangeError('The reply answers for no topic')
  return answer
}
