// The settings of topics that matter to us: how large a batch may be, how long it is kept.

import { describeConfigs, exchangeWith } from './codecs.ts'
import { NONE } from './errors.ts'
import type { Link } from './link.ts'

export interface TopicSettings {
  readonly messageBytesMax: number
  readonly retentionMs: number
}

const TOPIC = 2
/** Kafka's own values, for topics whose settings we may not read. */
export const DEFAULT_SETTINGS: TopicSettings = {
  messageBytesMax: 1_048_588,
  retentionMs: 604_800_000,
}
const NAMES = ['max.message.bytes', 'retention.ms']

/** Reads the settings of topics. A topic that is missing in the result could not be read. */
export async function readSettings(
  link: Link,
  clientId: string,
  topics: readonly string[],
): Promise<ReadonlyMap<string, TopicSettings>> {
  const configs = await readConfigs(link, clientId, { topics, names: NAMES })
  return new Map(Array.from(configs, ([topic, values]) => [topic, toSettings(values)]))
}

function toSettings(values: ReadonlyMap<string, string | null>): TopicSettings {
  return {
    messageBytesMax: Number(values.get('max.message.bytes') ?? DEFAULT_SETTINGS.messageBytesMax),
    retentionMs: Number(values.get('retention.ms') ?? DEFAULT_SETTINGS.retentionMs),
  }
}

interface WantedConfigs {
  readonly topics: readonly string[]
  readonly names: readonly string[]
}

/** Settings of topics by name. A topic that is missing in the result could not be read. */
export async function readConfigs(
  link: Link,
  clientId: string,
  { topics, names }: WantedConfigs,
): Promise<ReadonlyMap<string, ReadonlyMap<string, string | null>>> {
  const resources = topics.map((name) => ({ type: TOPIC, name, configNames: names }))
  const reply = await exchangeWith(link, { clientId }, describeConfigs({ resources }))
  const readable = reply.resources.filter(({ errorCode }) => errorCode === NONE)
  return new Map(
    readable.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map((entry) => [entry.configName, entry.configValue])),
    ]),
  )
}
