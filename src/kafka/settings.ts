// The settings of topics that matter to us: how large a batch may be, how long it is kept.

import { describeConfigs, exchangeWith } from './codecs.ts'
import { NONE, UNKNOWN_TOPIC } from './errors.ts'
import type { Link } from './link.ts'

export interface TopicSettings {
  readonly messageBytesMax: number
  readonly retentionMs: number
}

const TOPIC = 2
/** Kafka's own values, for topics whose settings we may not read. */
const DEFAULT_SETTINGS: TopicSettings = {
  messageBytesMax: 1_048_588,
  retentionMs: 604_800_000,
}
const NAMES = ['max.message.bytes', 'retention.ms']

/**
 * Reads the settings of topics; Kafka's own values stand for those that we may not read. A topic that
 * is missing in the result is not known to this broker.
 */
export async function readSettings(
  link: Link,
  clientId: string,
  topics: readonly string[],
): Promise<ReadonlyMap<string, TopicSettings>> {
  const resources = await describe(link, clientId, { topics, names: NAMES })
  const known = resources.filter(({ errorCode }) => errorCode !== UNKNOWN_TOPIC)
  return new Map(known.map((told) => [told.resourceName, toSettings(valuesOf(told))]))
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
  wanted: WantedConfigs,
): Promise<ReadonlyMap<string, ReadonlyMap<string, string | null>>> {
  const resources = await describe(link, clientId, wanted)
  const readable = resources.filter(({ errorCode }) => errorCode === NONE)
  return new Map(readable.map((told) => [told.resourceName, valuesOf(told)]))
}

async function describe(link: Link, clientId: string, { topics, names }: WantedConfigs) {
  const resources = topics.map((name) => ({ type: TOPIC, name, configNames: names }))
  return (await exchangeWith(link, { clientId }, describeConfigs({ resources }))).resources
}

interface ToldConfigs {
  readonly configEntries: readonly { configName: string; configValue: string | null }[]
}

function valuesOf({ configEntries }: ToldConfigs): ReadonlyMap<string, string | null> {
  return new Map(configEntries.map((entry) => [entry.configName, entry.configValue]))
}
