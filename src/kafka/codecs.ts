// kafkajs's codecs of the administrative requests, over our links: what they encode and decode is
// used, their judgement (which throws for the whole reply when one entry failed) is not. All
// versions here are below the flexible ones.

import { requests } from 'kafkajs/src/protocol/requests/index.js'
import type { Link } from './link.ts'
import { headBytes, writeHead } from './protocol/request.ts'

/** A request with the decoder of its reply, as kafkajs makes them. */
interface Pair<Reply> {
  readonly request: {
    readonly apiKey: number
    readonly apiVersion: number
    encode(): Promise<{ readonly buffer: Buffer }>
  }
  readonly response: { decode(reply: Buffer): Promise<Reply> }
}

export const createTopics = requests.CreateTopics.protocol({ version: 3 })
export const createPartitions = requests.CreatePartitions.protocol({ version: 1 })
export const deleteTopics = requests.DeleteTopics.protocol({ version: 1 })
export const describeConfigs = requests.DescribeConfigs.protocol({ version: 2 })
export const listOffsets = requests.ListOffsets.protocol({ version: 3 })

export interface ExchangeTerms {
  readonly clientId: string
  /** Absent: the connection's own. */
  readonly timeoutMs?: number
}

/** Sends a request of kafkajs's and resolves with the reply, errors in their places. */
export async function exchangeWith<Reply>(
  link: Link,
  { clientId, timeoutMs }: ExchangeTerms,
  { request, response }: Pair<Reply>,
): Promise<Reply> {
  const api = { key: request.apiKey, version: request.apiVersion, flexible: false }
  const { buffer: body } = await request.encode()
  const head = headBytes(api, clientId)
  const target = Buffer.allocUnsafe(head + body.length)
  body.copy(target, writeHead(target, api, clientId))
  return response.decode(await link.request(target, timeoutMs))
}
