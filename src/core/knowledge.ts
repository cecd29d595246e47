// What is known of a stream: its topic as Kafka has it, and what is kept beside it.

import { about } from './about.ts'
import { toStreamState, toStreamSummary } from './catalogue.ts'
import type { Catalogue } from './catalogue.ts'
import type { TopicName } from './ledger.ts'
import type { TopicShape } from './log.ts'
import type { StreamRef } from './model.ts'
import { KEPT_WITHIN_MS } from './stewardship.ts'
import type { Means } from './stewardship.ts'
import type { Streams } from './streams.ts'

type Knowledge = Pick<Streams, 'describe' | 'summarise' | 'kept' | 'keptUnder' | 'keep'>

/** What Kafka and the ledger know of streams. */
export function createKnowledge(
  { topicOf, idOf }: Pick<Catalogue, 'topicOf' | 'idOf'>,
  means: Means,
): Knowledge {
  const { log, topics, growth } = means
  const { ledger, now } = means.options

  async function shapeOf(topic: string): Promise<TopicShape> {
    return log.shape(topic, now() + KEPT_WITHIN_MS)
  }

  function knownOf(name: TopicName) {
    return {
      id: idOf(name.topic),
      createdAtMs: ledger.madeAtMs(name),
      growing: growth.isUnderWay(name),
    }
  }

  /** The topic as it is at present. */
  async function nameOf(ref: StreamRef): Promise<TopicName> {
    const topic = topicOf(ref)
    return { topic, id: (await shapeOf(topic)).id }
  }

  return {
    describe: (ref) =>
      about(ref, async () => {
        const topic = topicOf(ref)
        const state = await topics.describe(topic)
        return { ...toStreamState(ref, state), ...knownOf({ topic, id: state.id }) }
      }),
    summarise: (ref) =>
      about(ref, async () => {
        const topic = topicOf(ref)
        const shape = await shapeOf(topic)
        return { ...toStreamSummary(ref, shape), ...knownOf({ topic, id: shape.id }) }
      }),
    kept: (ref, part) => about(ref, async () => ledger.get(await nameOf(ref), part)),
    keptUnder: (ref, prefix) => about(ref, async () => ledger.list(await nameOf(ref), prefix)),
    keep: (ref, part, step) => about(ref, async () => ledger.update(await nameOf(ref), part, step)),
  }
}
