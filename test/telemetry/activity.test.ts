// What the console and the metrics by stream are told: sums, bounded.

import { Registry } from 'prom-client'
import { countFailures, createAccount } from '../../src/core/account.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import { createActivity } from '../../src/telemetry/activity.ts'
import { createFamilyOf } from '../../src/telemetry/client-family.ts'
import { finished, type Finished } from '../../src/telemetry/finished.ts'
import { countClients, countStreams, REST } from '../../src/telemetry/stream-metrics.ts'

interface Put {
  readonly stream?: string
  readonly records?: number
  readonly failures?: Partial<Record<ErrorCode, number>>
  readonly code?: string
  readonly principal?: string
  readonly family?: string
}

function put({ stream = 's', records = 1, failures = {}, code = '', ...rest }: Put = {}): Finished {
  const account = createAccount('kinesis')
  Object.assign(account, { operation: 'PutRecords', stream, records, bytes: 10 * records })
  account.decided = code === ''
  for (const [each, count] of Object.entries(failures)) {
    countFailures(account, new Array<ErrorCode>(count).fill(each as ErrorCode))
  }
  const ending = { status: 200, code, ms: 3, family: 'boto3', caller: 'AK', principal: '' }
  return finished(account, { ...ending, ...rest })
}

test('sums by stream, writer and reason', () => {
  const { finished: tell, snapshot } = createActivity(() => 7)
  tell(put({ records: 3, failures: { unavailable: 1 } }))
  tell(put({ records: 2 }))
  tell(put({ records: 0, stream: '', code: 'not-authenticated' }))

  const { streams, writers, failures, ...sums } = snapshot()
  expect(sums).toMatchObject({ requests: 3, records: 4, failed: 2 })
  expect(sums.durations.reduce((a, b) => a + b)).toBe(3)
  expect(streams).toEqual([
    { dialect: 'kinesis', stream: 's', records: 4, bytes: 50, failed: 1, lastAtMs: 7 },
  ])
  expect(writers).toEqual([
    expect.objectContaining({ family: 'boto3', caller: 'AK', requests: 2, records: 4, failed: 1 }),
  ])
  expect(failures.map(({ code, count }) => [code, count])).toEqual([
    ['unavailable', 1],
    ['not-authenticated', 1],
  ])
})

test('however many streams there are, memory has a bound, and the idle make room', () => {
  let nowMs = 0
  const { finished: tell, snapshot } = createActivity(() => nowMs)
  const names = () => snapshot().streams.map(({ stream }) => stream)
  for (let i = 0; i < 2000; i++) tell(put({ stream: `s${i}` }))
  expect(names()).toHaveLength(500)
  expect(names()).toContain('s499')

  nowMs = 100_000
  tell(put({ stream: 's0' }))
  tell(put({ stream: 's2000' }))
  expect(names()).toEqual(['s0', 's2000'])
})

test('streams beyond the bound are counted together', async () => {
  const registry = new Registry()
  const count = countStreams(registry, 2)
  for (const stream of ['a', 'b', 'c', 'd', 'a']) count(put({ stream }))
  const [records] = await registry.getMetricsAsJSON()
  expect(records?.values.map(({ labels, value }) => [labels['stream'], value])).toEqual([
    ['a', 2],
    ['b', 1],
    [REST, 2],
  ])
})

test('a stream that nobody has is not counted', async () => {
  const registry = new Registry()
  countStreams(registry, 2)(put({ code: 'stream-not-found' }))
  const [records] = await registry.getMetricsAsJSON()
  expect(records?.values).toEqual([])
})

test('throttled calls are counted by principal', async () => {
  const registry = new Registry()
  const count = countClients(registry)
  count(put({ code: 'throttled', principal: 'orders' }))
  count(put())
  const [clients, throttled] = await registry.getMetricsAsJSON()
  expect(clients?.values.map(({ value }) => value)).toEqual([2])
  expect(throttled?.values.map(({ labels }) => labels['principal'])).toEqual(['orders'])
})

test.each([
  [undefined, 'none'],
  ['Boto3/1.40.1 md/Botocore#1.40.1', 'boto3'],
  ['aws-cli/2.1 md/Botocore', 'aws-cli'],
  ['aws-sdk-js/3.1143.0 ua/2.1 os/linux', 'aws-sdk-js'],
  ['aws-sdk-java/2.29.1 Linux', 'aws-sdk-java'],
  ['KinesisProducerLibrary/1.0 | aws-sdk-cpp/1.11', 'kpl'],
  ['dis-python-sdk-v-2.0.0', 'dis-sdk-python'],
  ['Apache-HttpClient/4.5.14 (Java/17)', 'apache-http'],
  ['aws-fluent-bit-plugin', 'fluent-bit'],
  ['something new', 'other'],
])('%s is of the family %s', (agent, family) => {
  expect(createFamilyOf()(agent)).toBe(family)
})
