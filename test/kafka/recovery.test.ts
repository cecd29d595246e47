import { meaningOf } from '../../src/kafka/errors.ts'
import type { ProduceAnswer } from '../../src/kafka/protocol/produce.ts'
import { decide } from '../../src/kafka/recovery.ts'
import type { Outcome } from '../../src/kafka/recovery.ts'

const answered = (code: number, more: Partial<ProduceAnswer> = {}): Outcome => ({
  kind: 'answered',
  answer: {
    topic: 't',
    partition: 0,
    code,
    baseOffset: -1,
    logAppendTimeMs: -1,
    recordErrors: [],
    message: null,
    ...more,
  },
})
const lost = (written: boolean): Outcome => ({ kind: 'lost', written, reason: 'reset' })
const fresh = { records: 4, perhapsStored: false }
const doubtful = { records: 4, perhapsStored: true }

describe('what is done about a batch', () => {
  test.each([
    // outcome, at the first attempt, after one that may have stored it
    ['stored', answered(0, { baseOffset: 7 }), 'done', 'done'],
    ['never written to the network', lost(false), 'rebuild', 'repeat'],
    ['no answer', lost(true), 'repeat', 'repeat'],
    ['UNKNOWN_SERVER_ERROR', answered(-1), 'repeat', 'repeat'],
    ['CORRUPT_MESSAGE', answered(2), 'rebuild', 'repeat'],
    ['UNKNOWN_TOPIC_OR_PARTITION', answered(3), 'repeat', 'repeat'],
    ['LEADER_NOT_AVAILABLE', answered(5), 'rebuild', 'repeat'],
    ['NOT_LEADER_OR_FOLLOWER', answered(6), 'repeat', 'repeat'],
    ['REQUEST_TIMED_OUT', answered(7), 'repeat', 'repeat'],
    ['MESSAGE_TOO_LARGE', answered(10), 'rebuild', 'give-up'],
    ['NOT_ENOUGH_REPLICAS', answered(19), 'rebuild', 'repeat'],
    ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', answered(20), 'repeat', 'repeat'],
    ['TOPIC_AUTHORIZATION_FAILED', answered(29), 'rebuild', 'repeat'],
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', answered(45), 'rebuild', 'give-up'],
    ['DUPLICATE_SEQUENCE_NUMBER', answered(46), 'give-up', 'give-up'],
    ['INVALID_PRODUCER_EPOCH', answered(47), 'rebuild', 'give-up'],
    ['KAFKA_STORAGE_ERROR', answered(56), 'repeat', 'repeat'],
    ['UNKNOWN_PRODUCER_ID', answered(59), 'rebuild', 'give-up'],
    ['INVALID_RECORD', answered(87), 'rebuild', 'give-up'],
    ['UNKNOWN_TOPIC_ID', answered(100), 'repeat', 'repeat'],
    ['a code of the future', answered(999), 'repeat', 'repeat'],
  ])('%s', (_, outcome, first, later) => {
    expect(decide(outcome, fresh).then).toBe(first)
    expect(decide(outcome, doubtful).then).toBe(later)
  })

  test.each([
    [45, true],
    [47, true],
    [59, true],
    [19, false],
    [87, false],
  ])('%i raises the epoch: %s', (code, fence) => {
    expect(decide(answered(code), fresh)).toMatchObject({ then: 'rebuild', fence })
  })

  test('records that Kafka names are refused, the others go on', () => {
    const recordErrors = [
      { index: 1, message: 'no key' },
      { index: 3, message: null },
      { index: 9, message: 'nonsense' },
    ]

    expect(decide(answered(87, { recordErrors, message: 'bad batch' }), fresh)).toMatchObject({
      recordsMax: Infinity,
      refused: new Map([
        [1, { reason: 'malformed', detail: 'no key' }],
        [3, { reason: 'malformed', detail: 'bad batch' }],
      ]),
    })
  })

  test('where none is named, the batch is halved until one is alone', () => {
    expect(decide(answered(10), fresh)).toMatchObject({ recordsMax: 2, refused: new Map() })
    expect(decide(answered(10), { records: 1, perhapsStored: false })).toMatchObject({
      recordsMax: Infinity,
      refused: new Map([[0, { reason: 'too-large', detail: 'MESSAGE_TOO_LARGE' }]]),
    })
  })
})

test('a code that nobody knows has a name', () => {
  expect(meaningOf(1234).name).toBe('error 1234')
})
