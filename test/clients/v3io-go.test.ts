// Iguazio's client for Go, which nuclio reads by: calls, consumer groups over two services and their
// restart, and the tests that the vendor has for it.

import { expectStored, readTopic, type Acknowledged } from '../support/reader.ts'
import { notRun } from '../support/not-run.ts'
import {
  goAbsence,
  goEnvironment,
  GO_WITHIN_MS,
  linesOf,
  provideGo,
  startGoClient,
  type GoClient,
} from '../support/go.ts'
import { failureOf } from '../support/failure.ts'
import { runProgram, startProgram, type Program } from '../support/program.ts'
import { startRoundRobin } from '../support/round-robin.ts'
import { serviceOfFile, startService } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { uniqueName } from '../support/unique.ts'
import { until } from '../support/until.ts'
import { placeInV3io } from './places.ts'

const CONTAINER = 'bigdata'
const START = 'AQAAAAAAAAAAAAAAAAAAAA=='

interface PutOutput {
  readonly FailedRecordCount: number
  readonly Records: readonly {
    readonly SequenceNumber: number
    readonly ShardId: number
    readonly ErrorCode: number
  }[]
}

interface GetOutput {
  readonly NextLocation: string
  readonly RecordsBehindLatest: number
  readonly Records: readonly {
    readonly SequenceNumber: number
    readonly ClientInfo: string | null
    readonly PartitionKey: string
    readonly Data: string
  }[]
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** A stream by its path, with the last slash that v3io-go wants, and its topic. */
function uniqueStream(): { path: string; topic: string } {
  const name = uniqueName('stream')
  return { path: `/go/my dir/${name}/`, topic: `${CONTAINER}.go.my_x20dir.${name}` }
}

let program = ''

function connect(url: string): GoClient {
  return startGoClient([program, url, CONTAINER, 'calls'], { V3IO_ACCESS_KEY: 'any' })
}

function suite(): void {
  beforeAll(async () => {
    program = await provideGo('v3io-go')
  }, GO_WITHIN_MS)
  const service = serviceOfFile()

  test('what was put lies in Kafka where the answers say, and is read from there', async () => {
    await using v3io = connect(service().url)
    const { path, topic } = uniqueStream()
    await v3io.call('create', { path, shards: 3, hours: 48 })
    expect(await v3io.call('describe', { path })).toMatchObject({
      ShardCount: 3,
      RetentionPeriodHours: 48,
    })
    const records = [
      { data: base64('to 1'), shard: 1 },
      { data: base64('keyed'), key: 'hello', clientInfo: base64('info') },
      { data: base64('nowhere'), shard: 9 },
      { data: base64('any') },
    ]

    const { FailedRecordCount: failed, Records: results } = await v3io.call<PutOutput>('put', {
      path,
      records,
    })

    expect([failed, results[2]?.ErrorCode]).toEqual([1, -201_326_594])
    const stored = records.flatMap(({ data, key, clientInfo }, i): Acknowledged[] => {
      const { ShardId, SequenceNumber, ErrorCode } = results[i]!
      if (ErrorCode !== 0) return []
      return [
        {
          ...placeInV3io({ shard_id: ShardId, sequence_number: SequenceNumber }),
          key: key ?? null,
          value: Buffer.from(data, 'base64'),
          headers: clientInfo ? { 'tributary-client-info': 'info' } : {},
        },
      ]
    })
    expectStored(stored, await readTopic(service().brokers, topic))
    const shard = `${path}${results[1]!.ShardId}`
    const { Location: location } = await v3io.call<{ Location: string }>('seek', {
      path: shard,
      type: 'SEQUENCE',
      number: results[1]!.SequenceNumber,
    })
    const read = await v3io.call<GetOutput>('get', { path: shard, location, limit: 10 })
    expect(read.Records[0]).toMatchObject({
      SequenceNumber: results[1]!.SequenceNumber,
      ClientInfo: base64('info'),
      PartitionKey: 'hello',
      Data: base64('keyed'),
    })
    await v3io.call('delete', { path })
    expect(await failureOf(v3io.call('describe', { path }))).toMatchObject({ status: 404 })
  })

  test('a shard is read to its end, which is there from its first record on', async () => {
    await using v3io = connect(service().url)
    const { path } = uniqueStream()
    await v3io.call('create', { path, shards: 1 })
    const shard = `${path}0`
    const early = await failureOf(v3io.call('seek', { path: shard, type: 'EARLIEST' }))
    expect(early).toMatchObject({ status: 404 })
    expect(await failureOf(v3io.call('item', { path: shard, names: ['x'] }))).toMatchObject({
      status: 404,
    })
    const records = Array.from({ length: 25 }, (_, i) => ({ data: base64(`${i}`) }))
    await v3io.call('put', { path, records })

    const seen: string[] = []
    for (let location = START, behind = 1; behind > 0;) {
      const page = await v3io.call<GetOutput>('get', { path: shard, location, limit: 10 })
      seen.push(...page.Records.map(({ Data: data }) => data))
      behind = page.RecordsBehindLatest
      location = page.NextLocation
    }
    expect(seen).toEqual(records.map(({ data }) => data))
    for (const at of [{ type: 'LATEST' }, { type: 'SEQUENCE', number: 26 }, TOMORROW]) {
      const { Location: location } = await v3io.call<{ Location: string }>('seek', {
        path: shard,
        ...at,
      })
      const end = await v3io.call<GetOutput>('get', { path: shard, location })
      expect([end.Records, end.NextLocation]).toEqual([[], location])
    }
    const item = await v3io.call<{ Item: object }>('item', {
      path: shard,
      names: ['__last_sequence_num'],
    })
    expect(item.Item).toEqual({ __last_sequence_num: 25 })
  })

  test('nuclio’s way: the path is there, and its shards are listed', async () => {
    await using v3io = connect(service().url)
    const { path } = uniqueStream()
    expect(await failureOf(v3io.call('exists', { path }))).toMatchObject({ status: 404 })
    await v3io.call('create', { path, shards: 2 })
    await v3io.call('exists', { path })
    await v3io.call('put', { path, records: [{ data: base64('x'), shard: 1 }] })
    const listed = await v3io.call<{ Contents: readonly { Key: string }[] }>('list', { path })
    expect(listed.Contents).toMatchObject([{ Key: `${path.slice(1)}1`, LastSequenceID: 1 }])
  })

  test.each([
    ['puts, reads and listings', 'TestSyncSuite', 'TestGetContainerContentsStreamDirsWithAllAttrs'],
    ['consumer groups', 'TestStreamConsumerGroupTestSuite', 'TestLocationHandling'],
    ['members that lose their shards', 'TestStreamConsumerGroupTestSuite', 'TestStateHandlerAbort'],
  ])(
    'the vendor’s own tests: %s',
    async (_case, suiteName, testName) => {
      const args = ['-count=1', '-run', suiteName, '-testify.m', `^${testName}$`]
      const { status, stdout } = await runProgram(
        ['go', 'test', '-v', 'github.com/v3io/v3io-go/pkg/dataplane/test', ...args],
        {
          environment: {
            ...goEnvironment(),
            V3IO_DATAPLANE_URL: service().url,
            V3IO_DATAPLANE_ACCESS_KEY: 'any',
          },
          directory: 'test/clients/v3io-go',
          withinMs: 300_000,
        },
      )
      if (status !== 0) throw new Error(stdout)
      expect(stdout).toContain(`--- PASS: ${suiteName}/${testName}`)
    },
    310_000,
  )
}

const TOMORROW = { type: 'TIME', seconds: Math.floor(Date.now() / 1000) + 86_400 }

interface Consumed {
  readonly shard: number
  readonly sequence: number
  readonly data: string
}

interface Membership extends AsyncDisposable {
  readonly program: Program
  readonly claims: () => readonly number[] | undefined
  readonly records: () => readonly Consumed[]
}

/** Disposing kills it; SIGTERM lets it leave. */
function join(url: string, path: string, group: string): Membership {
  const member = startProgram([program, url, CONTAINER, 'member', path, group, '2'], {
    environment: { V3IO_ACCESS_KEY: 'any' },
  })
  const said = () => linesOf(member).map((line) => JSON.parse(line) as Record<string, unknown>)
  return {
    program: member,
    claims: () =>
      said().find((each) => each['claims'] !== undefined)?.['claims'] as number[] | undefined,
    records: () => said().filter((each) => 'data' in each) as unknown as Consumed[],
    [Symbol.asyncDispose]: () => member[Symbol.asyncDispose](),
  }
}

const GROUP_WITHIN_MS = 30_000

function groups(): void {
  beforeAll(async () => {
    program = await provideGo('v3io-go')
  }, GO_WITHIN_MS)

  const state = uniqueName('_state')
  const start = () =>
    startService({
      environment: { KAFKA_BROKERS: sharedBrokers().join(), TRIBUTARY_STATE_TOPIC: state },
    })

  test('two members share the shards, one dies, and all services are restarted: nothing is missing', async () => {
    const services = [await start(), await start()]
    await using balancer = await startRoundRobin(services.map(({ url }) => url))
    const { path } = uniqueStream()
    const [group, shards] = [uniqueName('cg'), 4]
    await using v3io = connect(balancer.url)
    await v3io.call('create', { path, shards })
    let sent = 0
    const put = async () => {
      const records = Array.from({ length: 40 }, (_, i) => ({
        data: base64(`${sent + i}`),
        shard: i % shards,
      }))
      const { FailedRecordCount: failed } = await v3io.call<PutOutput>('put', { path, records })
      expect(failed).toBe(0)
      sent += records.length
    }
    const seenBy = (...members: Membership[]) =>
      new Set(members.flatMap((member) => member.records().map(({ data }) => data)))

    await put()
    await using first = join(balancer.url, path, group)
    await using second = join(balancer.url, path, group)
    await until(
      () => first.claims() !== undefined && second.claims() !== undefined,
      GROUP_WITHIN_MS,
    )
    expect([...first.claims()!, ...second.claims()!].sort()).toEqual([0, 1, 2, 3])
    await until(() => seenBy(first, second).size === sent, GROUP_WITHIN_MS)
    await committed(v3io, path, group, shards)

    await second[Symbol.asyncDispose]()
    await put()
    await using third = join(balancer.url, path, group)
    await until(() => seenBy(first, second, third).size === sent, GROUP_WITHIN_MS)
    expect(third.claims()).toEqual(second.claims())
    for (const { sequence } of third.records()) expect(sequence).toBeGreaterThan(10)
    await committed(v3io, path, group, shards)

    for (const member of [first, third]) member.program.signal('SIGTERM')
    await until(() => [first, third].every((each) => each.program.status() === 0), GROUP_WITHIN_MS)
    for (const service of services.splice(0)) await service[Symbol.asyncDispose]()
    services.push(await start(), await start())
    balancer.targets.splice(0, 2, ...services.map(({ url }) => url))
    await put()
    await using fourth = join(balancer.url, path, group)
    await using fifth = join(balancer.url, path, group)
    await until(() => seenBy(first, second, third, fourth, fifth).size === sent, GROUP_WITHIN_MS)
    const again = [...fourth.records(), ...fifth.records()]
    expect(again).toHaveLength(40)
    for (const { sequence } of again) expect(sequence).toBeGreaterThan(20)

    for (const member of [fourth, fifth]) await member[Symbol.asyncDispose]()
    for (const service of services) await service[Symbol.asyncDispose]()
  }, 180_000)

  async function committed(v3io: GoClient, path: string, group: string, shards: number) {
    const name = `__${group}_committed_sequence_number`
    const names = [name, '__last_sequence_num']
    await until(async () => {
      const items: Record<string, number>[] = []
      for (let shard = 0; shard < shards; shard++) {
        const args = { path: `${path}${shard}`, names }
        items.push((await v3io.call<{ Item: Record<string, number> }>('item', args)).Item)
      }
      return items.every((item) => item[name] === item['__last_sequence_num'])
    }, GROUP_WITHIN_MS)
  }
}

const absence = goAbsence()
if (absence === undefined) {
  describe('calls', suite)
  describe('consumer groups', groups)
} else notRun('v3io-go', absence)
