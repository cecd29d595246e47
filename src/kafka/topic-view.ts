// What is known of one topic: a topic made again under its name is another view.

import type { TopicShape } from '../core/log.ts'
import type { TopicSettings } from './settings.ts'
import type { PartitionMetadata, TopicMetadata } from './protocol/metadata.ts'

export interface TopicView {
  readonly name: string
  /** 16 bytes; null where brokers give none. */
  readonly id: Buffer | null
  /** The same as 32 hexadecimal digits, made once; null where there is none. */
  readonly idHex: string | null
  /** By partition; leader -1: none at present. */
  readonly partitions: PartitionMetadata[]
  messageBytesMax: number
  retentionMs: number
  /** As the port shows it; made when first asked for after a change. */
  shape: TopicShape | undefined
  /** When the settings were read. */
  configuredMs: number
  /** When the metadata were read. */
  seenMs: number
  /** When somebody last asked or wrote. */
  usedMs: number
  /** Deleted, or made again: this view is of the past. */
  gone: boolean
}

/** A view of a topic that was not known before. */
export function viewTopic(topic: TopicMetadata, settings: TopicSettings, nowMs: number): TopicView {
  const view: TopicView = {
    name: topic.name,
    id: topic.id,
    idHex: topic.id?.toString('hex') ?? null,
    partitions: [],
    ...settings,
    shape: undefined,
    configuredMs: nowMs,
    seenMs: nowMs,
    usedMs: nowMs,
    gone: false,
  }
  updateView(view, topic, nowMs)
  return view
}

/** Whether these are metadata of the very topic, not of one made again under its name. */
export function isSameTopic(view: TopicView, topic: TopicMetadata): boolean {
  if (view.id === null || topic.id === null) return view.id === topic.id
  return view.id.equals(topic.id)
}

/**
 * Takes newer metadata in. A broker that lags behind may tell of an older leader or of fewer
 * partitions: with topic ids this is seen, and ignored.
 */
export function updateView(view: TopicView, topic: TopicMetadata, nowMs: number): void {
  view.seenMs = nowMs
  view.shape = undefined
  if (topic.id === null) view.partitions.length = 0
  for (const told of topic.partitions) {
    const known = view.partitions[told.partition]
    if (known === undefined || told.leaderEpoch >= known.leaderEpoch) {
      view.partitions[told.partition] = told
    }
  }
  for (let partition = 0; partition < view.partitions.length; partition++) {
    view.partitions[partition] ??= { partition, leader: -1, leaderEpoch: -1 }
  }
}

/** The topic as the port shows it. */
export function shapeOf(view: TopicView): TopicShape {
  return (view.shape ??= shape(view))
}

function shape({ id, partitions, messageBytesMax, retentionMs }: TopicView): TopicShape {
  const leaderless: number[] = []
  for (const { partition, leader } of partitions) if (leader < 0) leaderless.push(partition)
  return {
    id: idText(id),
    partitions: partitions.length,
    leaderless,
    messageBytesMax,
    retentionMs,
  }
}

/** A topic id as Kafka's own tools print it. */
export function idText(id: Buffer | null): string {
  return id === null ? '' : id.toString('base64url')
}
