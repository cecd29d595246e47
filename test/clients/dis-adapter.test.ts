// Huawei's Kafka adapter 1.2.2 as producer and as consumer: partitions shared by a group, a consumer
// that dies, offsets that outlive the service.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  provideAdapter,
  startAdapter,
  type AdapterProcess,
  type Properties,
} from '../support/dis-adapter.ts'
import { JAVA_WITHIN_MS, javaAbsence } from '../support/java.ts'
import { notRun } from '../support/not-run.ts'
import { readTopic } from '../support/reader.ts'
import { startService, type Service } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { uniqueName } from '../support/unique.ts'

const PARTITIONS = 4
const PROJECT = '0123456789abcdef0123456789abcdef'
/** A consumer's start, with what it waits for others. */
const START_WITHIN_MS = 40_000
/** A beat each ten seconds; who is not heard of for thirty is dead. */
const TAKEOVER_WITHIN_MS = 75_000

function start(environment: Readonly<Record<string, string>> = {}): Promise<Service> {
  return startService({
    environment: { KAFKA_BROKERS: sharedBrokers().join(), ...environment },
  })
}

function propertiesOf({ url }: Pick<Service, 'url'>, more: Properties = {}): Properties {
  return { endpoint: url, region: 'any', ak: 'ak', sk: 'sk', projectId: PROJECT, ...more }
}

function consumerOf(service: Pick<Service, 'url'>, stream: string, more: Properties = {}) {
  const properties = { 'group.id': `group-${stream}`, 'auto.offset.reset': 'earliest', ...more }
  return startAdapter(['consume', stream], propertiesOf(service, properties))
}

async function createStream({ url }: Pick<Service, 'url'>): Promise<string> {
  const stream = uniqueName('adapter')
  const reply = await fetch(`${url}/v2/${PROJECT}/streams`, {
    method: 'POST',
    body: JSON.stringify({ stream_name: stream, partition_count: PARTITIONS }),
  })
  expect(reply.status).toBe(201)
  return stream
}

interface Sent {
  readonly partition?: number
  readonly key?: string
  readonly value: string
}

/** Sends with a producer of its own; resolves with what it was told of each. */
async function produce(
  service: Service,
  stream: string,
  { records, properties = {} }: { records: readonly Sent[]; properties?: Properties },
): Promise<readonly (readonly string[])[]> {
  await using producer = await startAdapter(['produce'], propertiesOf(service, properties))
  const lines = records.map(({ partition = '-', key = '-', value }) =>
    [stream, partition, key, value].join('\t'),
  )
  producer.write(lines.join('\f'))
  return await producer.until((said) => (said.length === records.length ? said : undefined), 60_000)
}

function toEach(prefix: string): Sent[] {
  return Array.from({ length: PARTITIONS }, (_, i) => ({ partition: i, value: `${prefix}${i}` }))
}

/** The partitions that a consumer was assigned last. */
function held({ lines }: Pick<AdapterProcess, 'lines'>): readonly string[] {
  const last = lines().findLast(([what]) => what === 'assigned' || what === 'revoked')
  return last?.[0] === 'assigned' ? (last[1] ?? '').split(' ').filter((each) => each !== '') : []
}

function valuesOf(lines: readonly (readonly string[])[]): string[] {
  return lines.flatMap(([what, , , , value]) => (what === 'record' ? [value!] : []))
}

async function untilHolds(consumer: AdapterProcess, count: number, withinMs: number) {
  await consumer.until(() => (held(consumer).length === count ? true : undefined), withinMs)
}

async function untilRead(consumer: AdapterProcess, values: readonly string[]): Promise<void> {
  await consumer.until((lines) => {
    const read = valuesOf(lines)
    return values.every((value) => read.includes(value)) ? true : undefined
  }, 30_000)
}

async function commit(consumer: AdapterProcess): Promise<void> {
  consumer.write('commit')
  await consumer.until((lines) => lines.find(([what]) => what === 'committed'), 30_000)
}

const absence = javaAbsence()
if (absence === undefined) {
  beforeAll(provideAdapter, JAVA_WITHIN_MS)

  test.each([
    ['JSON', {}],
    ['protobuf', { 'body.serialize.type': 'protobuf' }],
  ])('a producer in %s: what it is told is where the records lie', async (_, properties) => {
    await using service = await start()
    const stream = await createStream(service)
    const records: Sent[] = [
      ...toEach('to '),
      { key: 'user-1', value: 'with a key' },
      { partition: 3, key: '鍵', value: 'with both' },
      ...Array.from({ length: 500 }, (_, i) => ({ partition: i % 4, value: `record ${i}` })),
    ]
    const told = await produce(service, stream, { records, properties })
    const stored = await readTopic(service.brokers, stream)
    const lying = new Map(
      stored.map(({ partition, offset, key, value }) => [
        `${partition} ${offset}`,
        `${key ?? '-'} ${value!.toString()}`,
      ]),
    )
    for (const [i, { key = '-', value }] of records.entries()) {
      const [what, partition, offset] = told[i]!
      expect([what, lying.get(`${partition} ${offset}`)]).toEqual(['sent', `${key} ${value}`])
    }
  })

  test('two consumers share the partitions, one dies, the other takes over; offsets outlive the service', async () => {
    await using first = await start()
    await using second = await start()
    const stream = await createStream(first)
    await produce(first, stream, { records: toEach('early ') })

    await using one = await consumerOf(second, stream, { 'enable.auto.commit': 'false' })
    await untilHolds(one, PARTITIONS, START_WITHIN_MS)
    await untilRead(
      one,
      toEach('early ').map(({ value }) => value),
    )
    await commit(one)

    await using two = await consumerOf(first, stream)
    await untilHolds(two, 2, START_WITHIN_MS)
    await untilHolds(one, 2, START_WITHIN_MS)
    expect([...held(one), ...held(two)].sort()).toEqual(
      Array.from({ length: PARTITIONS }, (_, i) => `${stream}-${i}`),
    )
    await produce(first, stream, { records: toEach('shared ') })
    const shared = toEach('shared ').map(({ value }) => value)
    const ofTwo = held(two).map((each) => `shared ${each.at(-1)!}`)
    await untilRead(two, ofTwo)
    await untilRead(
      one,
      shared.filter((value) => !ofTwo.includes(value)),
    )
    // nothing was read twice: what was committed is where the next owner went on
    expect(valuesOf(two.lines()).sort()).toEqual(ofTwo.sort())

    await two.kill()
    await first[Symbol.asyncDispose]()
    await untilHolds(one, PARTITIONS, TAKEOVER_WITHIN_MS)
    await produce(second, stream, { records: toEach('late ') })
    await untilRead(
      one,
      toEach('late ').map(({ value }) => value),
    )
    await one[Symbol.asyncDispose]()

    await using service = await start()
    const line = `${service.url}/v2/${PROJECT}/apps/group-${stream}/streams/${stream}`
    const state = (await (await fetch(line)).json()) as {
      partition_consuming_states: { sequence_number: string }[]
    }
    const kept = state.partition_consuming_states.map((each) => Number(each.sequence_number))
    expect(kept.every((sequence) => sequence >= 1 && sequence <= 3)).toBe(true)
  }, 240_000)

  test('a pattern is subscribed to', async () => {
    await using service = await start()
    const stream = await createStream(service)
    await produce(service, stream, { records: toEach('x ') })
    await using one = await startAdapter(
      ['consume', `/${stream.slice(0, -1)}.*`],
      propertiesOf(service, { 'group.id': `group-${stream}`, 'auto.offset.reset': 'earliest' }),
    )
    await untilRead(
      one,
      toEach('x ').map(({ value }) => value),
    )
  }, 90_000)

  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tributary-adapter-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('credentials are verified; the wrong secret is told apart', async () => {
    const credentials = join(folder, 'credentials.json')
    const allow = [{ actions: ['put', 'read', 'manage'], streams: ['*'] }]
    const principal = { name: 'adapter', dis: [{ ak: 'AK', sk: 'right' }], allow }
    writeFileSync(credentials, JSON.stringify({ principals: [principal] }))
    await using open = await start()
    const stream = await createStream(open)
    await using service = await start({
      TRIBUTARY_IDENTITY: 'verify',
      TRIBUTARY_CREDENTIALS: credentials,
    })
    const [right, wrong] = [
      { ak: 'AK', sk: 'right' },
      { ak: 'AK', sk: 'wrong', 'poll.exception.auto.retry': 'false' },
    ]
    const records = toEach('x ')
    const told = await produce(service, stream, { records, properties: right })
    expect(told.map(([what]) => what)).toEqual(records.map(() => 'sent'))
    const [refused] = await produce(service, stream, {
      records: records.slice(0, 1),
      properties: wrong,
    })
    expect(refused![0]).toBe('failed')

    await using reader = await consumerOf(service, stream, right)
    await untilRead(
      reader,
      records.map(({ value }) => value),
    )
    await using stranger = await consumerOf(service, stream, wrong)
    const [, why] = await stranger.until(
      (lines) => lines.find(([what]) => what === 'failed'),
      START_WITHIN_MS,
    )
    expect(why).toContain('DIS.4112')
  }, 120_000)
} else notRun('huaweicloud-dis-kafka-adapter', absence)
