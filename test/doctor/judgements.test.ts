// What the doctor makes of facts: one sentence each, and nothing where nothing is wrong.

import { judgeClock } from '../../src/doctor/clock.ts'
import { judgeReach } from '../../src/doctor/reach.ts'
import { judgeTopics } from '../../src/doctor/topics.ts'
import type { Cluster, Reach, TopicFacts } from '../../src/kafka/survey.ts'

const NOW_MS = Date.UTC(2026, 10, 24)
const DAY_MS = 86_400_000
const ALL = 0xfff8
const SOUND = {
  'max.message.bytes': '1053696',
  'min.insync.replicas': '2',
  'cleanup.policy': 'delete',
  'unclean.leader.election.enable': 'false',
}

function reach(parts: Partial<Reach> = {}): Reach {
  return { host: 'kafka-1', port: 9092, ...parts }
}

interface Made {
  readonly name?: string
  readonly settings?: Readonly<Record<string, string>>
  readonly operations?: number
  readonly isDenied?: boolean
  readonly leader?: number
  readonly replicas?: number
  readonly inSync?: number
}

function topic(made: Made = {}): TopicFacts {
  const { name = 'orders', operations = ALL, isDenied = false, leader = 1, replicas = 3 } = made
  const { inSync = replicas, settings = {} } = made
  return {
    name,
    operations,
    isDenied,
    settings: new Map(Object.entries({ ...SOUND, ...settings })),
    partitions: [{ partition: 0, leader, leaderEpoch: 1, replicas, inSync }],
  }
}

function cluster(parts: Partial<Cluster> = {}): Cluster {
  const brokers = [1, 2, 3].map((nodeId) => ({ nodeId, ...reach({ host: `kafka-${nodeId}` }) }))
  return { brokers, topics: [topic()], operations: ALL, clock: undefined, ...parts }
}

const needs = {
  stateTopic: '_tributary',
  messageBytesOf: (name: string) =>
    name.startsWith('_') ? [] : [{ dialect: 'kinesis', bytes: 1_053_696 }],
}

const said = (findings: readonly { level: string; text: string }[]): string[] =>
  findings.filter(({ level }) => level !== 'good').map(({ level, text }) => `${level}: ${text}`)

describe('topics', () => {
  const about = (made: Made, parts: Partial<Cluster> = {}): string[] =>
    said(judgeTopics(cluster({ topics: [topic(made)], ...parts }), needs))

  test('sound ones are only counted', () => {
    expect(about({})).toEqual([])
  })

  test.each<[string, Made, RegExp]>([
    ['one copy', { replicas: 1 }, /^warning: 1 topic \(orders\) keep one copy.*factor of 3/],
    ['one in sync is enough', { settings: { 'min.insync.replicas': '1' } }, /^warning: .* 1: rec/],
    ['all must be in sync', { settings: { 'min.insync.replicas': '3' } }, /no broker may be away/],
    ['unclean', { settings: { 'unclean.leader.election.enable': 'true' } }, /^warning: .*unclean/],
    ['no leader', { leader: -1 }, /^problem: .*without a leader/],
    ['behind', { inSync: 2 }, /^warning: .*not in sync/],
    [
      'small messages',
      { settings: { 'max.message.bytes': '1048588' } },
      /message.bytes to 1053696/,
    ],
    ['no right to write', { operations: ALL & ~(1 << 4) }, /^problem: .*grant Write/],
    ['denied', { isDenied: true }, /^problem: .*grant Write/],
    ['no right to read', { operations: ALL & ~(1 << 3) }, /^warning: .*may not be read/],
    ['settings hidden', { operations: ALL & ~(1 << 10) }, /grant DescribeConfigs/],
  ])('%s', (_, made, sentence) => {
    expect(about(made).join('\n')).toMatch(sentence)
  })

  test('many are counted, and the first named', () => {
    const topics = Array.from({ length: 7 }, (_, i) => topic({ name: `t${i}`, leader: -1 }))
    expect(about({}, { topics })).toEqual([
      expect.stringContaining('7 topics (t0, t1, t2, t3, t4 and 2 more)'),
    ])
  })

  test('the topic of state must be usable and compacted', () => {
    const state = (made: Made) =>
      about({}, { topics: [topic(), topic({ name: '_tributary', ...made })] })
    expect(state({ settings: { 'cleanup.policy': 'compact' } })).toEqual([])
    expect(state({}).join()).toMatch(/not compacted/)
    expect(state({ settings: { 'cleanup.policy': 'compact' }, operations: 0 }).join()).toMatch(
      /grant Read and Write/,
    )
  })

  test('without the right to create, streams cannot be created, nor the topic of state', () => {
    expect(about({}, { operations: 0 }).map((line) => line.split(':')[0])).toEqual([
      'warning',
      'problem',
    ])
  })
})

describe('reach', () => {
  const about = (configured: Reach[], parts?: Partial<Cluster>): string[] =>
    said(judgeReach(parts ? { configured, cluster: cluster(parts) } : { configured }, NOW_MS))

  test('brokers that answer, under two addresses', () => {
    expect(about([reach(), reach({ host: 'kafka-2' })], {})).toEqual([])
  })

  test.each([
    ['getaddrinfo ENOTFOUND kafka-1', /spelling/],
    ['connect ECONNREFUSED 10.0.0.1:9092', /whether Kafka runs/],
    ['self-signed certificate in certificate chain', /KAFKA_TLS_CA/],
    ['SASL PLAIN authentication failed', /KAFKA_SASL/],
    ['No connection within 3000 ms', /firewalls/],
  ])('%s', (failure, hint) => {
    const lines = about([reach({ failure })])
    expect(lines).toEqual([expect.stringMatching(hint)])
    expect(lines[0]).toMatch(/^problem: Kafka at kafka-1:9092/)
  })

  test('one address of several may fail', () => {
    const lines = about([reach(), reach({ host: 'kafka-2', failure: 'ECONNREFUSED' })], {})
    expect(lines).toEqual([expect.stringMatching(/^warning: Kafka at kafka-2:9092/)])
  })

  test('a broker that advertises its own loopback', () => {
    const brokers = [{ nodeId: 7, ...reach({ host: 'localhost', failure: 'ECONNREFUSED' }) }]
    expect(about([reach(), reach()], { brokers })).toEqual([
      expect.stringMatching(/^problem: Broker 7 .*its own machine.*advertised\.listeners/),
    ])
  })

  test('certificates that end soon, or ended', () => {
    const soon = about([reach({ certificateEndsMs: NOW_MS + 3 * DAY_MS }), reach()], {})
    expect(soon).toEqual([expect.stringMatching(/^warning: .*2026-11-27, in 3 days/)])
    const late = about([reach({ certificateEndsMs: NOW_MS - DAY_MS }), reach()], {})
    expect(late).toEqual([expect.stringMatching(/^problem: .*ended on 2026-11-23/)])
  })
})

test.each([
  [1000, undefined],
  [-20_000, /^warning: The clock here is 20 s behind/],
  [600_000, /^problem: The clock here is 600 s ahead of/],
])('a clock that is %d ms ahead', (aheadMs, sentence) => {
  const lines = said(judgeClock(cluster({ clock: { aheadMs, errorMs: 10 } })))
  if (sentence === undefined) expect(lines).toEqual([])
  else expect(lines.join()).toMatch(sentence)
})
