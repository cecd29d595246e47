// Are the topics such that an acknowledgement is worth something, and every record fits?

import type { Cluster, TopicFacts } from '../kafka/survey.ts'
import { affecting, count, good, problem, warning } from './finding.ts'
import type { Finding } from './finding.ts'

/** What the configuration means for topics. */
export interface TopicNeeds {
  /** The dialects that have a topic as a stream, and the bytes that a message of each may have. */
  readonly messageBytesOf: (
    topic: string,
  ) => readonly { readonly dialect: string; readonly bytes: number }[]
  readonly stateTopic: string
}

/** Bits of authorised operations. */
const READ = 1 << 3
const WRITE = 1 << 4
const CREATE = 1 << 5
const DESCRIBE_CONFIGS = 1 << 10
const ALTER_CONFIGS = 1 << 11

export function judgeTopics(cluster: Cluster, needs: TopicNeeds): readonly Finding[] {
  const { topics } = cluster
  const streams = topics.filter(({ name }) => needs.messageBytesOf(name).length > 0)
  return [
    judgeCount(streams),
    ...judgeSafety(streams, cluster.brokers.length),
    ...judgeSizes(streams, needs),
    ...judgeRights(streams),
    ...judgeMaking(cluster),
    ...judgeState(cluster, needs.stateTopic),
  ]
}

function judgeCount(streams: readonly TopicFacts[]): Finding {
  if (streams.length > 0) return good(`${count(streams.length, 'topic')} can be streams.`)
  return warning('No topic can be a stream yet: make one, or let producers create theirs.')
}

const settingOf = ({ settings }: TopicFacts, name: string): string => settings?.get(name) ?? ''
const namesOf = (topics: readonly TopicFacts[]): string[] => topics.map(({ name }) => name)
const copiesOf = ({ partitions }: TopicFacts): number =>
  Math.min(...partitions.map(({ replicas }) => replicas))

function judgeSafety(streams: readonly TopicFacts[], brokers: number): readonly Finding[] {
  const replicated = streams.filter((topic) => copiesOf(topic) > 1)
  const needed = (topic: TopicFacts): number => Number(settingOf(topic, 'min.insync.replicas'))
  const told = replicated.filter((topic) => settingOf(topic, 'min.insync.replicas') !== '')
  const unclean = replicated.filter(
    (topic) => settingOf(topic, 'unclean.leader.election.enable') === 'true',
  )
  const leaderless = streams.filter(({ partitions }) => partitions.some(({ leader }) => leader < 0))
  const behind = streams.filter(({ partitions }) =>
    partitions.some(({ inSync, replicas }) => inSync < replicas),
  )
  return [
    ...(brokers === 1
      ? [warning('There is one broker: what it acknowledges is lost with its disk.')]
      : affecting(namesOf(streams.filter((topic) => copiesOf(topic) === 1)), (which) =>
          warning(
            `${which} keep one copy of each record: an acknowledgement is worth one disk. Use a replication factor of 3.`,
          ),
        )),
    ...affecting(namesOf(told.filter((topic) => needed(topic) < 2)), (which) =>
      warning(
        `${which} have min.insync.replicas 1: records may be acknowledged that only one broker has. Set it to 2.`,
      ),
    ),
    ...affecting(namesOf(told.filter((topic) => needed(topic) >= copiesOf(topic))), (which) =>
      warning(
        `${which} have min.insync.replicas as high as their number of copies: no broker may be away. Lower it by one.`,
      ),
    ),
    ...affecting(namesOf(unclean), (which) =>
      warning(
        `${which} have unclean.leader.election.enable: what was acknowledged may be lost when a broker fails.`,
      ),
    ),
    ...affecting(namesOf(leaderless), (which) =>
      problem(`${which} have partitions without a leader: records for them cannot be stored now.`),
    ),
    ...affecting(namesOf(behind), (which) =>
      warning(`${which} have replicas that are not in sync at the moment.`),
    ),
  ]
}

function judgeSizes(streams: readonly TopicFacts[], needs: TopicNeeds): readonly Finding[] {
  const short = new Map<string, string[]>()
  for (const topic of streams) {
    const limit = settingOf(topic, 'max.message.bytes')
    if (limit === '') continue
    for (const { dialect, bytes } of needs.messageBytesOf(topic.name)) {
      if (Number(limit) >= bytes) continue
      const key = `${dialect} ${bytes}`
      short.set(key, [...(short.get(key) ?? []), topic.name])
    }
  }
  return [...short].flatMap(([key, topics]) => {
    const [dialect, bytes] = key.split(' ')
    return affecting(topics, (which) =>
      warning(
        `${which} take smaller records than ${dialect} allows: larger ones are refused for good. Set max.message.bytes to ${bytes}, or lower dialects.${dialect}.limits.recordBytesMax.`,
      ),
    )
  })
}

function judgeRights(streams: readonly TopicFacts[]): readonly Finding[] {
  const lacks = (bit: number) =>
    streams.filter(({ operations, isDenied }) => {
      return isDenied || (operations !== undefined && (operations & bit) === 0)
    })
  const unwritable = namesOf(lacks(WRITE))
  return [
    ...(streams.length > 0 && unwritable.length === 0 ? [good('All of them may be written.')] : []),
    ...affecting(unwritable, (which) =>
      problem(`${which} may not be written: grant Write and Describe on them.`),
    ),
    ...affecting(namesOf(lacks(READ)), (which) =>
      warning(`${which} may not be read: calls that read them fail. Grant Read if clients do.`),
    ),
    ...affecting(namesOf(lacks(DESCRIBE_CONFIGS)), (which) =>
      warning(
        `The settings of ${which} may not be read, so that Kafka's own are assumed: grant DescribeConfigs.`,
      ),
    ),
    ...affecting(namesOf(lacks(ALTER_CONFIGS)), (which) =>
      good(`${which} may not be changed: calls that change retention or sizes will fail there.`),
    ),
  ]
}

function judgeMaking({ operations }: Cluster): readonly Finding[] {
  if (operations === undefined || (operations & CREATE) !== 0) return []
  return [
    warning(
      'Topics may not be created: CreateStream fails. Grant Create on the cluster, or on topics by prefix, if clients create streams.',
    ),
  ]
}

function judgeState({ topics, operations }: Cluster, name: string): readonly Finding[] {
  const topic = topics.find((each) => each.name === name)
  if (!topic) {
    const mayMake = operations === undefined || (operations & CREATE) !== 0
    return mayMake
      ? []
      : [problem(`The topic ${name} is missing and may not be created: create it, compacted.`)]
  }
  const rights = topic.operations ?? READ | WRITE
  const mayUse = !topic.isDenied && (rights & READ) !== 0 && (rights & WRITE) !== 0
  const isCompacted = /compact|^$/.test(settingOf(topic, 'cleanup.policy'))
  return [
    ...(mayUse
      ? []
      : [problem(`${name}, which keeps tags and checkpoints: grant Read and Write on it.`)]),
    ...(isCompacted
      ? []
      : [problem(`${name} is not compacted and would forget: set cleanup.policy to compact.`)]),
  ]
}
