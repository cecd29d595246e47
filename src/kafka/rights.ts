// What Kafka lets us do with one topic, and whether the topic is compacted: for the topic that we keep
// state in, so that what is wrong with it can be said at once and in a sentence.
//
// Brokers before 2.3 do not tell of rights, and some do not tell of settings: then nothing is wrong.

import type { Brokers } from './brokers.ts'
import { TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC } from './errors.ts'
import type { Link } from './link.ts'
import { METADATA_KEY, decodeMetadata, encodeMetadata, metadataApi } from './protocol/metadata.ts'
import { readConfigs } from './settings.ts'

export interface TopicRights {
  /** False also where a broker does not know of the topic yet. */
  readonly exists: boolean
  readonly mayRead: boolean
  readonly mayWrite: boolean
  readonly isCompacted: boolean
}

export interface RightsOptions {
  readonly brokers: Brokers
  readonly clientId: string
}

/** Bits of authorised operations. */
const READ = 1 << 3
const WRITE = 1 << 4
const ALL = -1
const POLICY = 'cleanup.policy'

/** Asks any broker. Rejects when none answers. */
export async function readRights(
  topic: string,
  { brokers, clientId }: RightsOptions,
): Promise<TopicRights> {
  const { reply } = await brokers.ask(async (link) => {
    const api = metadataApi(link.versionMax(METADATA_KEY))
    const answer = decodeMetadata(
      api,
      await link.request(encodeMetadata(api, clientId, { topics: [topic], rights: true })),
    )
    const [told] = answer.topics
    if (told === undefined) throw new RangeError('The reply answers for no topic')
    const exists = told.code !== UNKNOWN_TOPIC
    const isDenied = told.code === TOPIC_AUTHORIZATION_FAILED
    const operations = isDenied ? 0 : (told.operations ?? ALL)
    const isCompacted = isDenied || !exists || (await readCompaction(link, clientId, topic))
    return { exists, operations, isCompacted }
  })
  const { exists, isCompacted } = reply
  const may = (right: number): boolean => !exists || (reply.operations & right) !== 0
  return { exists, isCompacted, mayRead: may(READ), mayWrite: may(WRITE) }
}

async function readCompaction(link: Link, clientId: string, topic: string): Promise<boolean> {
  const configs = await readConfigs(link, clientId, { topics: [topic], names: [POLICY] })
  return configs.get(topic)?.get(POLICY)?.split(',').includes('compact') ?? true
}
