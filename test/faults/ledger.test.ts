// The judge sees every kind of wrong, and blames nobody for what is excused.

import { createLedger, sumUp, violations, type Lane, type Ledger, type Place } from './ledger.ts'

const TOPIC = 'topic'
let ledger: Ledger
let lane: Lane

beforeEach(() => {
  ledger = createLedger()
  lane = ledger.openLane('kinesis', TOPIC)
})

/** Records 0 to `count` - 1 of one key, each acknowledged at its own number as the offset. */
function acknowledge(count: number): void {
  lane.submit(0, count)
  for (let i = 0; i < count; i++) {
    lane.sent(i, { order: i, instance: 1 })
    lane.stored(i, { partition: 0, offset: i })
  }
}

function see(record: number, place: Partial<Place> = {}, intact = true): void {
  ledger.see({ topic: TOPIC, lane: 0, record, partition: 0, offset: record, intact, ...place })
}

const account = () => ledger.accounts().get('kinesis')!

test('all is well', () => {
  acknowledge(3)
  for (const record of [0, 1, 2]) see(record)
  expect(violations(account())).toEqual([])
  expect(account()).toMatchObject({ submitted: 3, acknowledged: 3 })
})

test('a record that was acknowledged and is not there is lost', () => {
  acknowledge(3)
  for (const record of [0, 2]) see(record)
  expect(violations(account())).toEqual(['lost: 1'])
})

test('a record that is there twice is doubled', () => {
  acknowledge(2)
  for (const record of [0, 1]) see(record)
  see(1, { offset: 2 })
  expect(violations(account())).toEqual(['doubled: 1'])
})

test('a record elsewhere than answered is misplaced', () => {
  acknowledge(2)
  see(0)
  see(1, { offset: 7 })
  expect(violations(account())).toEqual(['misplaced: 1'])
})

test('two records that were given one place: the one that is not there is misplaced', () => {
  acknowledge(2)
  lane.stored(1, { partition: 0, offset: 0 })
  see(0)
  see(1)
  expect(violations(account())).toEqual(['misplaced: 1'])
})

test('a record in another partition than answered is misplaced', () => {
  acknowledge(1)
  see(0, { partition: 1 })
  expect(violations(account())).toEqual(['misplaced: 1'])
})

test('a record behind a later one of its key is inverted', () => {
  acknowledge(3)
  lane.stored(0, { partition: 0, offset: 2 })
  lane.stored(1, { partition: 0, offset: 0 })
  lane.stored(2, { partition: 0, offset: 1 })
  see(1, { offset: 0 })
  see(2, { offset: 1 })
  see(0, { offset: 2 })
  expect(violations(account())).toEqual(['inverted: 1'])
})

test('keys, and partitions, have orders of their own', () => {
  acknowledge(1)
  const other = lane.submit(1, 1)
  lane.sent(other, { order: 1, instance: 1 })
  lane.stored(other, { partition: 0, offset: 0 })
  lane.stored(0, { partition: 0, offset: 1 })
  see(other, { offset: 0 })
  see(0, { offset: 1 })
  expect(violations(account())).toEqual([])
})

test('a record said to be not written that is there is belied', () => {
  lane.submit(0, 1)
  lane.sent(0, { order: 0, instance: 1 })
  lane.denied(0)
  see(0)
  expect(violations(account())).toEqual(['belied: 1'])
})

test('a record of another content is damaged', () => {
  acknowledge(1)
  see(0, {}, false)
  expect(violations(account())).toEqual(['damaged: 1'])
})

test('records that nobody submitted are strangers', () => {
  acknowledge(1)
  see(0)
  see(1)
  ledger.see({ topic: 'other', lane: 0, record: 0, partition: 0, offset: 0, intact: true })
  ledger.see({ topic: TOPIC, lane: 9, record: 0, partition: 0, offset: 0, intact: true })
  expect(ledger.strangers()).toBe(3)
})

test('a record that was refused and then stored is judged by its last call', () => {
  acknowledge(2)
  lane.sent(0, { order: 2, instance: 1 })
  lane.stored(0, { partition: 0, offset: 2 })
  see(1)
  see(0, { offset: 2 })
  expect(violations(account())).toEqual([])
})

test.each(['unknown', 'unread', 'instance'] as const)(
  'doubles and order after %s have columns of their own, losses have not',
  (doubt) => {
    acknowledge(3)
    lane.doubted(0, doubt)
    lane.doubted(2, doubt)
    lane.stored(0, { partition: 0, offset: 2 })
    see(0, { offset: 0 })
    see(1, { offset: 1 })
    see(0, { offset: 2 })
    expect(violations(account())).toEqual(['lost: 1'])
    expect(account().resent[doubt]).toEqual({ records: 2, doubled: 1, inverted: 1 })
  },
)

test('the gravest doubt stays', () => {
  acknowledge(1)
  lane.doubted(0, 'instance')
  lane.doubted(0, 'unknown')
  see(0)
  expect(account().resent.instance.records).toBe(1)
})

test('what is left open may be there or not, but once', () => {
  lane.submit(0, 3)
  for (const record of [0, 1, 2]) {
    lane.sent(record, { order: record, instance: 1 })
    lane.leftOpen(record)
  }
  see(0)
  see(1)
  see(1, { offset: 2 })
  expect(account()).toMatchObject({ openStored: 2, openAbsent: 1, acknowledged: 0 })
  expect(violations(account())).toEqual(['doubled: 1'])
})

test('only what an ended instance left open may come late', () => {
  lane.submit(0, 2)
  lane.sent(0, { order: 0, instance: 1 })
  lane.leftOpen(0)
  lane.sent(1, { order: 1, instance: 2 })
  lane.stored(1, { partition: 0, offset: 0 })
  see(1, { offset: 0 })
  see(0, { offset: 1 })
  expect(account()).toMatchObject({ openLate: 1, inverted: 0 })
})

test('accounts of dialects are apart, and add up', () => {
  acknowledge(2)
  see(0)
  const other = ledger.openLane('dis', TOPIC)
  other.submit(0, 1)
  other.leftOpen(0)
  expect([...ledger.accounts().keys()]).toEqual(['kinesis', 'dis'])
  expect(sumUp([...ledger.accounts().values()])).toMatchObject({
    ...{ submitted: 3, acknowledged: 2, lost: 1, openAbsent: 1 },
  })
})
