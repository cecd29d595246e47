// The group protocol of the Kafka adapter: consumers as it makes them, and instances behind a load
// balancer that spreads their calls.

import type { Json } from '../../../src/core/state.ts'
import { consumer, MEMBER, type Consumer } from './consumer.ts'
import { startInstances, type Instances } from './instances.ts'

async function start(count: number, topics: Record<string, number> = { s1: 4 }) {
  const instances = startInstances(count, topics)
  await instances.send('POST /v2/{p}/apps/', { app_name: 'g' })
  return instances
}

/** Lets consumers poll, with time passing, until all are stable. */
async function untilStable({ pass }: Instances, consumers: readonly Consumer[]): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const states = []
    for (const each of consumers) states.push(await each.poll())
    if (states.every((state) => state === 'STABLE')) return
    pass(1000)
  }
  throw new Error('the group never becomes stable')
}

function held(consumers: readonly Consumer[], stream = 's1'): number[] {
  const all = consumers.flatMap((each) => {
    const assignment = each.assignment() as Record<string, number[]> | undefined
    return assignment?.[stream] ?? []
  })
  return all.sort((a, b) => a - b)
}

describe('one consumer', () => {
  test('no app, no group', async () => {
    using instances = startInstances(1, { s1: 1 })
    const one = consumer(instances.send, 'c1')
    expect(await one.beat()).toBe('GROUP_NOT_EXIST')
    expect(await one.join()).toEqual({ state: 'GROUP_NOT_EXIST' })
    expect(await one.sync()).toEqual({ state: 'GROUP_NOT_EXIST' })
    expect((await one.leave()).status).toBe(204)
  })

  test('the first one waits a moment, then has everything', async () => {
    using instances = await start(1)
    const one = consumer(instances.send, 'c1')
    expect(await one.beat()).toBe('JOINING')
    expect(await one.join()).toEqual({
      state: 'OK',
      subscription: ['s1'],
      syncDelayedTimeMs: 3000,
    })
    expect(await one.sync()).toEqual({ state: 'WAITING' })
    instances.pass(3000)
    expect(await one.sync()).toEqual({
      state: 'OK',
      generation: 1,
      assignment: { s1: [0, 1, 2, 3] },
    })
    expect(await one.beat()).toBe('STABLE')
  })

  test('or waits for nobody, where it says so', async () => {
    using instances = await start(1)
    const one = consumer(instances.send, 'c1')
    expect(await one.join({ accelerateAssignEnabled: true })).toMatchObject({
      syncDelayedTimeMs: 0,
    })
    expect(await one.sync()).toMatchObject({ state: 'OK', generation: 1 })
  })

  test('started again under its name it finds its partitions, and nothing changes', async () => {
    using instances = await start(1)
    const one = consumer(instances.send, 'c1')
    await untilStable(instances, [one])
    const again = consumer(instances.send, 'c1')
    expect(await again.beat()).toBe('JOINING')
    expect(await again.join()).toMatchObject({ state: 'OK', syncDelayedTimeMs: 0 })
    expect(await again.sync()).toMatchObject({ state: 'OK', generation: 1 })
    expect(await one.beat()).toBe('STABLE')
  })

  test.each(['__proto__', 'constructor', 'c/1 é#?', 'x'.repeat(200)])('named %j', async (name) => {
    using instances = await start(1)
    const one = consumer(instances.send, encodeURIComponent(name))
    expect(await one.beat()).toBe('JOINING')
    const body = { ...MEMBER, clientId: name, interestedStream: ['s1'] }
    await instances.send('POST /v2/{p}/apps/g/consumers', body)
    instances.pass(3000)
    expect(await one.sync()).toMatchObject({ assignment: { s1: [0, 1, 2, 3] } })
    expect(await one.beat()).toBe('STABLE')
  })

  test.each([
    ['a stream that there is not', { interestedStream: ['s1', 'none'] }],
    ['an id that there is not', { interestedStreamIdList: ['none'] }],
    ['nothing', {}],
    ['a pattern that no machine takes', { streamPattern: '(a)\\1' }],
  ])('that wants %s is told so', async (_, wants) => {
    using instances = await start(1)
    const one = consumer(instances.send, 'c1', wants)
    expect(await one.join()).toEqual({ state: 'ERR_SUBSCRIPTION' })
  })

  test('streams by id are assigned under their ids', async () => {
    using instances = await start(1, { s1: 2, s2: 1 })
    const { json } = await instances.send('GET /v2/{p}/streams/s2')
    const id = json['stream_id'] as string
    const wants = { interestedStream: ['s1'], interestedStreamIdList: [id] }
    const one = consumer(instances.send, 'c1', wants)
    await untilStable(instances, [one])
    expect(one.assignment()).toEqual({ s1: [0, 1], [id]: [0] })
    const twice = consumer(instances.send, 'c2', { ...wants, interestedStream: ['s2'] })
    expect(await twice.join()).toEqual({ state: 'ERR_SUBSCRIPTION' })
  })

  test('streams by pattern, also one that comes later', async () => {
    using instances = await start(1, { 'logs-1': 1, 'logs-2': 2, other: 1 })
    const one = consumer(instances.send, 'c1', { streamPattern: 'logs-.*' })
    expect(await one.join()).toMatchObject({ subscription: ['logs-1', 'logs-2'] })
    await untilStable(instances, [one])
    expect(one.assignment()).toEqual({ 'logs-1': [0], 'logs-2': [0, 1] })
    await instances.send('POST /v2/{p}/streams', { stream_name: 'logs-3', partition_count: 1 })
    for (let i = 0; i < 3; i++) {
      instances.pass(10_000)
      await one.beat()
    }
    await untilStable(instances, [one])
    expect(one.assignment()).toMatchObject({ 'logs-3': [0] })
  })

  test('a stream that grows is assigned anew', async () => {
    using instances = await start(1)
    const one = consumer(instances.send, 'c1')
    await untilStable(instances, [one])
    await instances.log.grow('s1', 6)
    expect(await one.beat()).toBe('JOINING')
    await untilStable(instances, [one])
    expect(held([one])).toEqual([0, 1, 2, 3, 4, 5])
  })
})

// 1: one instance; 2 and 3: calls in turn to so many.
describe.each([1, 2, 3])('several consumers, over %d instances', (count) => {
  test('share the partitions, and who comes gets a part', async () => {
    using instances = await start(count)
    const [one, two] = [consumer(instances.send, 'c1'), consumer(instances.send, 'c2')]
    await untilStable(instances, [one])
    expect(await two.join()).toMatchObject({ state: 'OK' })
    expect(await two.sync()).toEqual({ state: 'WAITING' })
    expect(await one.beat()).toBe('JOINING')
    await untilStable(instances, [one, two])
    expect(held([one])).toHaveLength(2)
    expect(held([one, two])).toEqual([0, 1, 2, 3])
    expect(two.generation()).toBe(2)
  })

  test('starting together they are assigned once', async () => {
    using instances = await start(count)
    const all = ['c1', 'c2', 'c3'].map((name) => consumer(instances.send, name))
    for (const each of all) await each.join()
    await untilStable(instances, all)
    expect(held(all)).toEqual([0, 1, 2, 3])
    expect(all.map((each) => each.generation())).toEqual([1, 1, 1])
  })

  test('one dies: the others take over, and it comes back as a stranger', async () => {
    using instances = await start(count)
    const [one, two] = [consumer(instances.send, 'c1'), consumer(instances.send, 'c2')]
    await untilStable(instances, [one, two])
    const untilTakenOver = async (): Promise<number> => {
      const startedMs = instances.nowMs()
      while (held([one]).length < 4) {
        instances.pass(10_000)
        await one.poll()
      }
      return instances.nowMs() - startedMs
    }
    expect(await untilTakenOver()).toBeLessThanOrEqual(40_000)
    const refused = await two.commit('5')
    expect([refused.status, refused.json['errorCode']]).toEqual([400, 'DIS.4702'])
    expect(await two.beat()).toBe('JOINING')
    await untilStable(instances, [one, two])
    expect(held([one, two])).toEqual([0, 1, 2, 3])
  })

  test('nobody who beats is taken for dead, and few beats are written', async () => {
    using instances = await start(count)
    const all = ['c1', 'c2', 'c3'].map((name) => consumer(instances.send, name))
    await untilStable(instances, all)
    const before = instances.written()
    const rounds = 60
    for (let i = 0; i < rounds; i++) {
      instances.pass(10_000)
      for (const each of all) expect(await each.beat()).toBe('STABLE')
    }
    // every other beat, and the removal of the one before
    expect(instances.written() - before).toBeLessThanOrEqual(rounds * all.length + 2)
    expect(all.map((each) => each.generation())).toEqual([1, 1, 1])
  })

  test('one leaves: the others take over at once', async () => {
    using instances = await start(count)
    const [one, two] = [consumer(instances.send, 'c1'), consumer(instances.send, 'c2')]
    await untilStable(instances, [one, two])
    const reply = await two.leave()
    expect(reply).toMatchObject({ status: 204, headers: {}, text: '' })
    await untilStable(instances, [one])
    expect(held([one])).toEqual([0, 1, 2, 3])
  })

  test('one that does not come back in time is left out', async () => {
    using instances = await start(count)
    const [one, two] = [consumer(instances.send, 'c1'), consumer(instances.send, 'c2')]
    await untilStable(instances, [one])
    await two.join({ rebalanceTimeoutMs: 20_000 })
    for (let i = 0; i < 20; i++) {
      expect(await two.sync()).toEqual({ state: 'WAITING' })
      instances.pass(1000)
    }
    expect(await two.sync()).toMatchObject({ state: 'OK', assignment: { s1: [0, 1, 2, 3] } })
    const refused = await one.commit('5')
    expect(refused.json['errorCode']).toBe('DIS.4702')
    await untilStable(instances, [one, two])
    expect(held([one, two])).toEqual([0, 1, 2, 3])
  })

  test('commits are those of who holds the partitions', async () => {
    using instances = await start(count)
    const [one, two] = [consumer(instances.send, 'c1'), consumer(instances.send, 'c2')]
    await untilStable(instances, [one])
    expect((await one.commit('5')).status).toBe(201)
    await two.join()
    expect((await two.commit('1')).json['errorCode']).toBe('DIS.4701')
    expect((await one.commit('6')).status).toBe(201)
    await one.join()
    await two.sync()
    const late = await one.commit('7')
    expect([late.status, late.json['errorCode']]).toEqual([400, 'DIS.4703'])
    const query = 'stream_name=s1&app_name=g&partition_id=0'
    expect((await instances.send(`GET /v2/{p}/checkpoints?${query}`)).json).toMatchObject({
      sequence_number: '6',
    })
  })

  test('an app whose consumers live is not deleted', async () => {
    using instances = await start(count)
    const one = consumer(instances.send, 'c1')
    await untilStable(instances, [one])
    const used = await instances.send('DELETE /v2/{p}/apps/g')
    expect([used.status, used.json['errorCode']]).toEqual([400, 'DIS.4331'])
    instances.pass(31_000)
    expect((await instances.send('DELETE /v2/{p}/apps/g')).status).toBe(204)
    expect(await one.beat()).toBe('GROUP_NOT_EXIST')
  })
})

test('while Kafka is away, who beats stays', async () => {
  using instances = await start(1)
  const one = consumer(instances.send, 'c1')
  await untilStable(instances, [one])
  instances.failState(true)
  for (let i = 0; i < 6; i++) {
    instances.pass(10_000)
    expect(await one.beat()).toBe('STABLE')
  }
  instances.failState(false)
  instances.pass(10_000)
  expect(await one.beat()).toBe('STABLE')
})

describe('what another has written under a group’s key', () => {
  const group = { generation: 3, phase: 'stable', settledMs: 0, deadlineMs: 0 }
  const member = { wants: { s1: 's1' }, joined: 3, joinedMs: 0, windowMs: 20_000 }
  test.each<[string, Json]>([
    ['a text', 'group'],
    ['nothing of a group', { members: { c1: member } }],
    ['a phase that is none', { ...group, phase: 'leaving', shards: {}, members: {} }],
    ['no counter', { ...group, generation: -1.5, shards: {}, members: {} }],
    ['no times', { ...group, phase: 'joining', settledMs: '0', shards: {}, members: {} }],
    ['no maps', { ...group, shards: 4, members: ['c1'] }],
    ['members that are none', { ...group, shards: { s1: null }, members: { c1: null, c2: {} } }],
    ['more shards than there can be', { ...group, shards: { s1: 1e15 }, members: { c1: member } }],
    ['wants that are none', { ...group, shards: {}, members: { c1: { ...member, wants: [[]] } } }],
    [
      'a member that has joined for no generation',
      { ...group, phase: 'joining', shards: {}, members: { c2: { ...member, joined: 'all' } } },
    ],
  ])('%s: the members join anew', async (_, value) => {
    using instances = await start(2)
    const both = ['c1', 'c2'].map((name) => consumer(instances.send, name))
    await untilStable(instances, both)
    await instances.spoil('dis/groups/', () => value)
    await untilStable(instances, both)
    expect(held(both)).toEqual([0, 1, 2, 3])
  })

  test('a member of another form is left out, and members of a later version are ignored', async () => {
    using instances = await start(1)
    const one = consumer(instances.send, 'c1')
    await untilStable(instances, [one])
    await instances.spoil('dis/groups/', (kept) => {
      const { members, ...rest } = kept as { members: Record<string, Json> }
      const c1 = members['c1'] as Record<string, Json>
      return {
        ...rest,
        later: 1,
        members: { c1: { ...c1, later: [] }, c2: { ...c1, joinedMs: '' } },
      }
    })
    expect(await one.beat()).toBe('STABLE')
    expect(await consumer(instances.send, 'c2').sync()).toEqual({ state: 'REJOIN' })
  })
})
